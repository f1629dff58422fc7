"""Which screens there are, found by walking: every room of every department, one record of each, its form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.people import People
from tests.support.screens import Screen

DEPARTMENTS = ("office", "resources", "tech", "institute", "reader")
# Who walks through a department where a room names no duty of a post.
USUAL = {"office": "off-adm", "resources": "res-mgt", "tech": "tec-sys", "reader": "rdr-dsk", "institute": "ins-nov"}
PATRON = "20231002"
# What a page leads to: its tabs, what stands outside of its lists, and the first row of each list.
_LEADS = """() => {
  const rows = 'tbody tr, .todo li, .hit, .cards > li, #list > ul > li, #list > ol > li';
  const seen = new Set(), found = [];
  for (const a of document.querySelectorAll('main a[href]')) {
    const href = a.getAttribute('href');
    if (a.hasAttribute('download') || href.startsWith('#') || href.startsWith('mailto:')) continue;
    const row = a.closest(rows), list = row && row.parentElement;
    if (row && list.querySelector(':scope > :is(tr, li, .hit)') !== row) continue;
    const url = new URL(href, location.href);
    if (url.origin !== location.origin) continue;
    found.push({ path: url.pathname + url.search, tab: !!a.closest('nav.tabs'), turn: !!a.closest('.pager, thead, .filters') });
  }
  return found;
}"""
_MENU = "() => [...document.querySelectorAll('#side nav a.nav-entry')].map((a) => a.getAttribute('href'))"
# Files, feeds, citations: asked for elsewhere, not looked at.
_NO_SCREEN = re.compile(r"/export|/template|/labels|/cite/|/original|\.(xlsx|csv|pdf|svg|png|jpg|atom|json|ris|bib|mrc|xml|txt)$|/photo$|/marc", re.ASCII)


@dataclass(order=True, frozen=True)
class Place:
    """A screen and whose eyes see it; `wrong` has a form sent empty first."""

    person: str
    path: str
    wrong: bool = False
    status: int = field(default=200, compare=False)
    tab: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """File name of its picture."""
        path = re.sub(r"[/?&=:%]+", "_", unquote(self.path).strip("/")) or "home"
        return f"{path[:90]}{'-mistakes' if self.wrong else ''}-{self.person or 'visitor'}"

    @property
    def shape(self) -> str:
        """The same for two records of one kind: numbers, cards and barcodes of the address are one."""
        parts = [part if re.fullmatch(r"[a-z][a-z-]*", part) else "·" for part in urlsplit(self.path).path.split("/")]
        return "/".join(parts)


async def rooms(people: People, department: str) -> list[Place]:
    """The rooms of a department, each with somebody who works there; the portal has none."""
    if department not in DEPARTMENTS:
        return []
    found: list[dict[str, Any]] = (await (await people("director")).get(f"/api/{department}/rooms")).json()["items"]
    return [Place(_who(room, department), room["url"]) for room in found]


def _who(room: dict[str, Any], department: str) -> str:
    if room["who"] == ["patron"]:
        return PATRON
    if room["who"] == ["*"]:
        return ""
    posts = {"-".join(duty.split("-")[:2]) for duty in room["serves"]}
    posts = {post for post in posts if any(post.startswith(who) or who in ("staff", "*") for who in room["who"])}
    return min(posts).lower() if posts else USUAL[department]


async def menu(screen: Screen, department: str) -> list[str]:
    """What the navigation of a department offers to whoever looks at this screen."""
    offered: list[str] = await screen.page.evaluate(_MENU)
    return [path for path in offered if owner(path) == department]


def owner(path: str) -> str:
    """Whose screen stands at an address."""
    first = path.split("/")[1]
    return first if first in DEPARTMENTS else "portal"


async def leads(screen: Screen, place: Place, department: str) -> tuple[list[Place], list[str]]:
    """Screens of the department this one leads to, tabs among them; and addresses of other departments."""
    inside: list[Place] = []
    outside: list[str] = []
    for link in await screen.page.evaluate(_LEADS):
        split = urlsplit(link["path"])
        if link["turn"] or _NO_SCREEN.search(split.path):
            continue
        if owner(split.path) != department:
            outside.append(link["path"])
        elif link["tab"] or split.path != urlsplit(place.path).path:
            inside.append(Place(place.person, link["path"], tab=link["tab"]))
    return inside, outside


def kind(place: Place) -> tuple[str, ...]:
    """What makes a screen another one: its shape, and which tab of it; not whose record it shows."""
    if not place.tab:
        return (place.shape,)
    query = parse_qsl(urlsplit(place.path).query)
    return (place.shape, *sorted(f"{key}={value}" for key, value in query if re.fullmatch(r"[a-z_]+", value)))
