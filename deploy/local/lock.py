"""Pin requirements*.in anew; uv does the solving from a throw-away environment, so nobody has to install it."""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Write all locks; words on the command line, such as --upgrade, are passed on."""
    with tempfile.TemporaryDirectory() as scratch:
        venv.create(scratch, with_pip=True)
        program = Path(scratch) / "bin"
        subprocess.run([program / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)
        for name in ("requirements", "requirements-dev", "requirements-ship"):
            # Hashes make an installation repeatable; addresses would tie it to one mirror.
            command: list[str | Path] = [
                program / "uv", "pip", "compile", f"{name}.in", "-o", f"{name}.lock", "--universal", "--python-version", "3.11",
                "--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header", "--quiet", *sys.argv[1:],
            ]  # fmt: skip
            subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, "UV_NO_CONFIG": "1"})
            print(f"wrote {name}.lock")


if __name__ == "__main__":
    main()
