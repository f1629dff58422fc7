"""Ask whether what we lock has known holes; pip-audit does the asking from a throw-away environment, as `lock.py` does the solving.

Exit code 1 when a locked package has one. Where the advisories cannot be reached, that is said and nothing is claimed.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-ship.lock", "requirements-dev.lock")
# A version with holes everybody knows: a source that does not name them (a mirror of the index, say) knows nothing of ours either.
CANARY = "django==2.0.1"
SOURCES = ("pypi", "osv")
# A slow network must not hold up a build that has more to do.
PATIENCE = 180


def main() -> int:
    """Look every lock over and say what was found."""
    with tempfile.TemporaryDirectory() as scratch:
        python, why = _fetched(Path(scratch))
        if why:
            return _unknown(why)
        canary = Path(scratch) / "canary.txt"
        canary.write_text(CANARY)
        for source in SOURCES:
            packages, why = _ask(python, source, [*(ROOT / lock for lock in LOCKS), canary])
            if holes := found(packages):
                ours = [line for line in holes if not line.startswith(CANARY.partition("=")[0])]
                print("\n".join(ours) or f"no known holes in {len(packages) - 1} locked packages ({source})")
                return 1 if ours else 0
    return _unknown(why or "no source knew the holes of " + CANARY)


def _fetched(folder: Path) -> tuple[Path, str]:
    """A Python that has pip-audit, or why there is none."""
    venv.create(folder, with_pip=True)
    python = folder / "bin/python"
    got = subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pip-audit"], capture_output=True, text=True, check=False)
    return python, got.stderr if got.returncode else ""


def _ask(python: Path, source: str, files: list[Path]) -> tuple[list[dict[str, Any]], str]:
    """What a source knows of every package, or why it could not be asked."""
    words = [part for path in files for part in ("-r", str(path))]
    try:
        done = subprocess.run(
            [python, "-m", "pip_audit", "-s", source, "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off", *words],
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return json.loads(done.stdout)["dependencies"], ""
    except subprocess.TimeoutExpired:
        return [], f"no answer within {PATIENCE} s"
    except (ValueError, KeyError):
        return [], done.stderr


def found(packages: list[dict[str, Any]]) -> list[str]:
    """A line for each hole: package, version, its name, and the versions that mend it."""
    return sorted({
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in packages for hole in one.get("vulns", ())
    })


def _unknown(why: str) -> int:
    last = (why.strip().splitlines() or ["no reason given"])[-1]
    print(f"The advisories could not be asked, so nothing is known of the locked packages: {last[:300]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
