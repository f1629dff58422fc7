"""`python -m deploy.ship <verb>`: what the Makefile's habits call."""

import argparse
import sys
import time
from pathlib import Path

from deploy.rights import SERVICES
from deploy.ship import archive, bundle, rewind, rolling, running
from deploy.ship.place import DEPLOY, Place, Refused


def say(line: str) -> None:
    """One short line for the terminal and for a log alike."""
    print(f"{time.strftime('%H:%M:%S')}  {line}", flush=True)


def main() -> int:
    """Read the command line and do one thing."""
    parser = argparse.ArgumentParser(prog="python -m deploy.ship", description=__doc__)
    parser.add_argument("verb", choices=("up", "down", "status", "upgrade", "scale", "first", "backup", "restore", "drill", "base", "rewind", "bundle"))
    parser.add_argument("--env", type=Path, default=DEPLOY / ".env", help="settings of the installation")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change a setting first")
    parser.add_argument("--tag", help="version of our images")
    parser.add_argument("--service", choices=SERVICES)
    parser.add_argument("--number", type=int, default=1)
    parser.add_argument("--user", help="name of the first account")
    parser.add_argument("--to", default="", help="moment to go back to; none: the end of the log that was kept")
    parser.add_argument("--file", type=Path, help="archive to write or to restore from")
    asked = parser.parse_args()
    place = Place(asked.env.absolute(), say)
    try:
        return do(place, asked)
    except Refused as reason:
        say(str(reason))
        return 1


def do(place: Place, asked: argparse.Namespace) -> int:
    """One verb."""
    match asked.verb:
        case "up":
            return running.up(place, dict(pair.partition("=")[::2] for pair in asked.set))
        case "down":
            return running.down(place)
        case "status":
            found = running.look(place)
            rewind.look(place)
            return found
        case "upgrade":
            return rolling.upgrade(place, asked.tag or place.settings["TAG"])
        case "scale":
            return running.scale(place, _needed(asked.service, f"SERVICE={'|'.join(SERVICES)}"), asked.number)
        case "first":
            return running.first(place, _needed(asked.user, "USER=name"))
        case "backup":
            return archive.backup(place, asked.file)
        case "restore":
            return archive.restore(place, Path(_needed(asked.file, "FILE=…")))
        case "drill":
            return archive.drill(place, asked.file)
        case "base":
            return rewind.base(place)
        case "rewind":
            return rewind.rewind(place, asked.to)
        case _:
            return bundle.write(place, asked.file)


def _needed(given: object, how: str) -> str:
    if not given:
        raise Refused(f"Say which: {how}")
    return str(given)


if __name__ == "__main__":
    sys.exit(main())
