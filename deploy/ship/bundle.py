"""Everything a server without a way out needs: images, compose files and what drives them, with checksums."""

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from deploy.ship import running
from deploy.ship.engine import Engine
from deploy.ship.place import ROOT, Place, Refused

# What `make up` reads there; no sources, so nothing is built.
PARTS = (
    "Makefile", "requirements-ship.lock", "docs/deploying.md", "deploy/__init__.py", "deploy/rights.py", "deploy/env.example",
    "deploy/compose.yaml", "deploy/compose.dev.yaml", "deploy/compose.nats3.yaml", "deploy/compose.z3950.yaml",
    "deploy/caddy", "deploy/nats", "deploy/postgres",
    "deploy/ship", "deploy/watch", "deploy/local/__init__.py", "deploy/local/environment.py", "deploy/local/ports.py", "deploy/local/secrets.py",
)  # fmt: skip
PYTHONS = ("3.11", "3.12", "3.13")
SOURCES = ("nkeys",)
BUILDERS = ("setuptools", "wheel")


def write(place: Place, target: Path | None) -> int:
    """Build the images and pack them; the archive unpacks into one folder with SHA256SUMS in it."""
    place.begin({})
    Engine.at(place)
    running.build(place)
    name = f"guanwu-{place.settings['TAG']}"
    target = (target or ROOT / "dist" / f"{name}.tar").absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    images = sorted(set(place.compose("config", "--images", captured=True).split()))
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        folder = Path(scratch)
        place.say(f"saving {len(images)} images")
        _save(images, folder / "images.tar.gz")
        _wheels(folder / "wheels")
        parts = {part: ROOT / part for part in PARTS}
        parts |= {path.name: path for path in sorted(folder.iterdir())}
        _pack(target, name, parts)
    place.say(f"{target} ({target.stat().st_size / 1e6:.0f} MB)")
    place.say("there: tar xf, sha256sum -c SHA256SUMS, docker load -i images.tar.gz, make up")
    return 0


def _save(images: list[str], target: Path) -> None:
    with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saving, gzip.open(target, "wb", compresslevel=6) as out:
        assert saving.stdout
        shutil.copyfileobj(saving.stdout, out, 1 << 20)
    if saving.returncode:
        raise Refused("docker save failed; see above")


def _wheels(folder: Path) -> None:
    """The packages `make up` itself needs, for every Python a server may have."""
    ready, sources = _by_kind((ROOT / "requirements-ship.lock").read_text())
    for version in PYTHONS:
        _fetch(folder, ready, "--require-hashes", "--only-binary", ":all:", "--python-version", version)
    _fetch(folder, sources, "--require-hashes", "--no-binary", ":all:")
    # What a source is made into a package with; the server's pip finds it beside the others.
    _fetch(folder, "\n".join(BUILDERS), "--only-binary", ":all:")


def _by_kind(lock: str) -> tuple[str, str]:
    """The lock without and with those that are published as sources only."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    of_sources = [block for block in blocks if block.partition("==")[0] in SOURCES]
    return "".join(block for block in blocks if block not in of_sources), "".join(of_sources)


def _fetch(folder: Path, wanted: str, *how: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as names:
        names.write(wanted)
        names.flush()
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *how, "-d", str(folder), "-r", names.name]
        if subprocess.run(fetch, check=False).returncode:
            raise Refused("the packages of requirements-ship.lock could not be fetched; see above")


def _pack(target: Path, name: str, parts: dict[str, Path]) -> None:
    sums: list[str] = []
    draft = target.with_name(f".{target.name}")
    with tarfile.open(draft, "w") as archive:
        for part, source in parts.items():
            for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
                if path.is_dir() or "__pycache__" in path.parts:
                    continue
                inside = part if path == source else f"{part}/{path.relative_to(source)}"
                with path.open("rb") as file:
                    sums.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {inside}\n")
                archive.add(path, arcname=f"{name}/{inside}")
        listed = "".join(sums).encode()
        entry = tarfile.TarInfo(f"{name}/SHA256SUMS")
        entry.size = len(listed)
        archive.addfile(entry, BytesIO(listed))
    draft.replace(target)
