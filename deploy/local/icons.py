"""The icon sprite holds only the icons the sources name, so adding one is writing its name."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

# Names that scripts use, and a few any page may choose by data.
# fmt: off
ALWAYS = frozenset({
    "alert-circle", "alert-triangle", "arrow-back-up", "arrow-left", "arrow-right", "arrows-sort",
    "bell", "book", "books", "building-community", "calendar-event", "check", "checks",
    "chevron-down", "chevron-left", "chevron-right", "circle", "circle-check", "circle-dot",
    "circle-x", "clipboard-check", "clock", "download", "edit", "external-link", "eye",
    "file-spreadsheet", "file-text", "filter", "heart-broken", "help-circle", "history", "home",
    "info-circle", "inbox", "keyboard", "language", "list-check", "lock", "logout", "mail",
    "menu-2", "moon", "package", "paperclip", "plus", "printer", "refresh", "scan", "search",
    "send", "settings", "sort-ascending", "sort-descending", "sun", "tool", "trash",
    "trending-down", "trending-up", "upload", "user", "users", "x",
})
# fmt: on

NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
# icon("name"), icon=("name"), icon: str = "name", "icon": "name", data-icon="name"
USED = re.compile(
    rf"""\b(?:icon|svg)\(\s*["']({NAME})["']"""
    rf"""|\bicon["']?\s*(?::\s*(?:str(?:\s*\|\s*None)?\s*=\s*)?|=)\s*["']({NAME})["']"""
)
# … and what follows `if … else` behind it.
CHOSEN = re.compile(rf"""\s+if\s[^\n]{{1,120}}?\selse\s+\(?["']({NAME})["']""")
# The second argument of a macro: ui.button(_("…"), "name")
PLACED = re.compile(
    rf"""\b(?:button|icon_button)\(\s*_\((?:[^()]|\([^()]*\))*\),\s*["']({NAME})["']"""
)
# The third of an entry of the navigation: N_("…"), "/address", "name"
ENTERED = re.compile(rf"""N_\(["'][^"']*["']\),\s*["']/[^"']*["'],\s*["']({NAME})["']""")
# A module that picks icons from a table lists them in a comment: `icons: bell, book`.
LISTED = re.compile(rf"\bicons:\s*({NAME}(?:,\s*{NAME})*)")

SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
INVISIBLE = re.compile(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>\s*')


def used_icons(root: Path) -> dict[str, str]:
    """Each icon name the sources use, with the first file that does."""
    found = dict.fromkeys(ALWAYS, "deploy/local/icons.py")
    for part in ("shared", "services", "gateway"):
        for path in sorted((root / part).rglob("*")):
            if path.suffix not in {".html", ".py"}:
                continue
            text = path.read_text(encoding="utf-8")
            names = (PLACED if path.suffix == ".html" else ENTERED).findall(text)
            for match in USED.finditer(text):
                names.append(match[1] or match[2])
                while following := CHOSEN.match(text, match.end()):
                    names.append(following[1])
                    match = following
            for listing in LISTED.findall(text):
                names += re.split(r",\s*", listing)
            for name in names:
                found.setdefault(name, str(path.relative_to(root)))
    return found


def sprite(icons: dict[str, str], modules: Path) -> str:
    """One SVG with a symbol per icon; an unknown name stops the build and suggests near ones."""
    folder = modules / "@tabler" / "icons" / "icons"
    symbols, unknown = [], []
    for name, file in sorted(icons.items()):
        style, stem = ("filled", name[:-7]) if name.endswith("-filled") else ("outline", name)
        source = folder / style / f"{stem}.svg"
        if not source.is_file():
            unknown.append((name, file))
            continue
        match = SHAPES.search(source.read_text(encoding="utf-8"))
        shapes = INVISIBLE.sub("", match[1] if match else "").strip()
        solid = ' fill="currentColor" stroke="none"' if style == "filled" else ""
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24"{solid}>{shapes}</symbol>')
    if unknown:
        raise SystemExit(_complaint(unknown, folder))
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def _complaint(unknown: list[tuple[str, str]], folder: Path) -> str:
    names = [path.stem for path in (folder / "outline").iterdir()]
    lines = []
    for name, file in unknown:
        near = ", ".join(difflib.get_close_matches(name, names, 4)) or "none"
        lines.append(f'  "{name}" in {file} (near: {near})')
    return "these icons are not in Tabler Icons:\n" + "\n".join(lines)
