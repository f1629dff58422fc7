"""Back to any moment: a copy of the whole PostgreSQL, and every segment of its log since then.

One cluster holds all departments, so its log knows one order of everything: at any moment of it nobody remembers an
event that its producer has forgotten. Files are only ever added, so those there now contain every file of that moment.
"""

import re
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from deploy.local.processes import wait_until
from deploy.ship import archive, running, state
from deploy.ship.engine import Engine
from deploy.ship.place import Place, Refused

# What somebody who types no zone means.
HERE = ZoneInfo("Asia/Shanghai")
BASES_KEPT = 2
STAMP = "%Y%m%d-%H%M%S"
# Replaying a week of a busy library takes minutes, not hours.
REPLAYED_WITHIN = 3600.0
# Beside the data, so that a rewind can be undone by hand; the next one removes it.
REFILL = """set -eu
rm -rf "$PGDATA".before-*
if [ -e "$PGDATA" ]; then mv "$PGDATA" "$PGDATA.before-{stamp}"; fi
mkdir -p -m 700 "$PGDATA"
tar --extract --directory "$PGDATA"
printf '%s\\n' "restore_command = 'gunzip < /wal/%f.gz > %p'" "recovery_target_action = 'promote'" {target}>>"$PGDATA/postgresql.auto.conf"
touch "$PGDATA/recovery.signal"
"""


def base(place: Place) -> int:
    """Copy the whole cluster while everybody works; older copies than the last two go, and the log before them."""
    engine = Engine.at(place)
    postgres = engine.one("postgres").id
    if _ask(postgres, "show archive_mode") != "on":
        raise Refused(f"PostgreSQL does not keep its log: write POSTGRES_ARCHIVE=on into {place.env}, make up, then make ship-base")
    folder = place.state / "bases"
    draft = folder / ".copying.tar"
    draft.touch(mode=0o600)
    place.say("copying the whole PostgreSQL")
    archive.into(["docker", "exec", postgres, *"pg_basebackup -U postgres -D - -F tar -X fetch --checkpoint=fast".split()], draft)
    first_needed(draft)
    # The moment it was finished: a copy serves every moment after that.
    target = draft.rename(folder / f"{place.project}-{datetime.now(UTC):{STAMP}}.tar")
    for one in bases(place)[:-BASES_KEPT]:
        one.unlink()
    archive.run(["docker", "exec", postgres, "pg_archivecleanup", "-b", "-x", ".gz", "/wal", first_needed(bases(place)[0])])
    place.say(f"copy in {target} ({target.stat().st_size / 1e6:.1f} MB); any moment since {_made(bases(place)[0]):%Y-%m-%d %H:%M:%S} can be had back")
    return 0


def rewind(place: Place, to: str) -> int:
    """Every database as it was at a moment; without one, the last that the log knows (the server's disk was lost)."""
    place.begin({})
    engine = Engine.at(place)
    moment = at(to) if to else None
    chosen = _base_for(place, moment)
    first_needed(chosen)
    _seal(engine)
    state.prepare(place.state)
    running.build(place)
    archive.quiet(engine)
    place.compose("stop", "postgres")
    target = f"\"recovery_target_time = '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f+00}'\" " if moment else ""
    place.say(f"going back to {moment.astimezone(HERE):%Y-%m-%d %H:%M:%S}" if moment else "going to the end of the log that was kept")
    script = REFILL.format(stamp=f"{datetime.now(UTC):{STAMP}}", target=target)
    archive.outof(place.command("run", "--rm", "--no-deps", "-T", "--entrypoint", "bash", "postgres", "-c", script), chosen, place)
    place.compose("up", "-d", "--no-build", "--no-deps", "--wait", "--wait-timeout", str(int(REPLAYED_WITHIN)), "postgres")
    postgres = engine.one("postgres").id
    if not wait_until(lambda: _ask(postgres, "select pg_is_in_recovery()") == "f", within=REPLAYED_WITHIN, pause=1):
        raise Refused("PostgreSQL is still replaying its log: docker compose logs postgres")
    for name in ("restore_command", "recovery_target_action", "recovery_target_time"):
        archive.sql(postgres, f"alter system reset {name}")
    archive.forget_the_bus(engine)
    place.say("there; starting")
    return running.up(place, {})


def at(text: str) -> datetime:
    """The moment somebody typed, in the library's time unless another zone stands there."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f'TO must be a moment such as "2026-11-27 18:30", not {text!r}') from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=HERE)
    if moment >= datetime.now(UTC):
        raise Refused(f"{text} has not come yet")
    return moment


def bases(place: Place) -> list[Path]:
    """Copies there are, the oldest first."""
    return sorted((place.state / "bases").glob("*-[0-9]*-[0-9]*.tar"))


def look(place: Place) -> None:
    """Say how far the log is kept; nothing where it is not."""
    found = Engine.at(place).containers("postgres")
    if not found or _ask(found[0].id, "show archive_mode") != "on":
        return
    failed, last = _ask(
        found[0].id,
        "select (last_failed_time > coalesce(last_archived_time, '-infinity'))::int, coalesce(last_archived_time::text, '') from pg_stat_archiver",
    ).split("|")
    since = f"since {_made(bases(place)[0]):%Y-%m-%d %H:%M}" if bases(place) else "of no use before the first make ship-base"
    trouble = ", CANNOT BE KEPT NOW: see docker compose logs postgres" if failed == "1" else ""
    print(f"  log of PostgreSQL: kept {since}, last segment {last[:19] or 'none yet'}{trouble}")


def first_needed(copy: Path) -> str:
    """First segment of the log a copy needs; a file that is no copy is refused."""
    try:
        with tarfile.open(copy) as packed:
            label = packed.extractfile("backup_label")
            found = re.search(rb"^START WAL LOCATION: .*\(file ([0-9A-F]{24})\)", label.read() if label else b"", re.MULTILINE)
    except (OSError, KeyError, tarfile.TarError) as reason:
        raise Refused(f"{copy} is not a copy of make ship-base: {reason}") from None
    if not found:
        raise Refused(f"{copy} is not a copy of make ship-base")
    return found[1].decode()


def _base_for(place: Place, moment: datetime | None) -> Path:
    found = [copy for copy in bases(place) if moment is None or _made(copy) <= moment]
    if not found:
        raise Refused("No copy is old enough for that moment" if bases(place) else "There is no copy yet; make ship-base makes one")
    return found[-1]


def _made(copy: Path) -> datetime:
    return datetime.strptime("-".join(copy.stem.rsplit("-", 2)[1:]), STAMP).replace(tzinfo=UTC).astimezone(HERE)


def _seal(engine: Engine) -> None:
    """Bring all that was written so far into the archive, with one commit after the moment for the replay to stop at."""
    if not engine.containers("postgres"):
        return
    postgres = engine.one("postgres").id
    # A transaction with a number of its own writes a commit, though it changes nothing.
    archive.sql(postgres, "do $$ begin perform pg_current_xact_id(); end $$")
    segment = _ask(postgres, "select pg_walfile_name(pg_switch_wal())")
    done = f"select coalesce(last_archived_wal, '') >= '{segment}' from pg_stat_archiver"
    if not wait_until(lambda: _ask(postgres, done) == "t", within=120, pause=0.5):
        raise Refused("PostgreSQL cannot put its log into the archive: docker compose logs postgres. Nothing was changed.")


def _ask(postgres: str, question: str) -> str:
    """The one value of an answer; empty while the server does not answer."""
    words = ["docker", "exec", postgres, "psql", "-XqAt", "-U", "postgres", "-c", question]
    return subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False).stdout.strip()
