#!/bin/bash
# PostgreSQL's archive_command: one log segment (PATH NAME) into /wal, whole or not at all.
# One that is there already must be the same: two clusters must never write one history.
set -euo pipefail
kept=/wal/$2.gz
if [ -e "$kept" ]; then gunzip <"$kept" | cmp -s - "$1"; exit; fi
gzip -1 <"$1" >"/wal/.$2.gz"
sync "/wal/.$2.gz"
mv "/wal/.$2.gz" "$kept"
