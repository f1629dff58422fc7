#!/bin/bash
# Catches all databases at one moment for a backup: prints "service snapshot" lines and keeps the snapshots until its input ends.
# While every inbox cursor is locked, for milliseconds, no department can remember a new event of another: what the
# snapshots hold then fits together (no reader remembers an event that its producer has forgotten).
set -euo pipefail
services=(office resources tech reader institute gateway)
work=$(mktemp -d /tmp/hold.XXXXXX)
# Our sessions end before we do: an orphan would become the server's child, and one that ends by a signal looks to it like
# a crash of its own, for which it throws everybody out.
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
declare -A in out

begin() { # NAME DATABASE: a session that stays, spoken to through a pair of pipes
  mkfifo "$work/$1.in" "$work/$1.out"
  psql --no-psqlrc -qAt --set ON_ERROR_STOP=1 -U postgres -d "$2" <"$work/$1.in" >"$work/$1.out" &
  exec {in[$1]}>"$work/$1.in" {out[$1]}<"$work/$1.out"
}
ask() { # NAME SQL: the one line of its answer, left in $line
  echo "$2" >&"${in[$1]}"
  read -r -t 60 line <&"${out[$1]}"
}

for service in "${services[@]}"; do
  begin "lock-$service" "$service"
  ask "lock-$service" "begin; lock table inbox_cursor in exclusive mode; select 'held';"
done
for service in "${services[@]}"; do
  begin "read-$service" "$service"
  ask "read-$service" "begin isolation level repeatable read; select pg_export_snapshot();"
  echo "$service $line"
done
for service in "${services[@]}"; do echo "rollback;" >&"${in[lock-$service]}"; done
echo "held"
cat >/dev/null
