"""Which screens there are, found by walking: every room of every department, one record of each, its form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.support.people import People
from tests.support.screens import Screen

DEPARTMENTS = ("office", "resources", "tech", "reader", "institute")
# Who walks through a department where a room names no duty of a post.
USUAL = {"office": "off-adm", "resources": "res-mgt", "tech": "tec-sys", "reader": "rdr-dsk", "institute": "ins-nov"}
PATRON = "20231002"
PORTAL = ("/", "/work", "/duties", "/timeline", "/notices", "/account", "/account/keys", "/search?q=红楼")
# Screens no list leads to.
ALSO = {
    "reader": (("rdr-dsk", "/reader/catalogue?q=紅樓"), ("", "/reader/catalogue?q=nothing-of-the-kind")),
    "portal": (("director", "/accounts"), ("tec-sys", "/status"), ("director", "/nowhere"), ("", "/login")),
}
_LINKS = """(room) => [...document.querySelectorAll('main a[href]')].map((a) => a.getAttribute('href'))
  .filter((href) => href.startsWith(room + '/') && !/[/](export|import|new|original|marc|marcxml|refused)|[?#.]/.test(href.slice(room.length)))"""
_FORM = "(room) => document.querySelector(`main a[href='${room}/new']`) && room + '/new'"


@dataclass(order=True, frozen=True)
class Place:
    """A screen and whose eyes see it; `wrong` has a form sent empty first."""

    person: str
    path: str
    wrong: bool = False
    status: int = field(default=200, compare=False)

    @property
    def name(self) -> str:
        """File name of its picture."""
        path = self.path.strip("/").replace("/", "_").replace("?", "_").replace("=", "-") or "home"
        return f"{path}{'-mistakes' if self.wrong else ''}-{self.person or 'visitor'}"


async def rooms(people: People, department: str) -> list[Place]:
    """The rooms of a department, each with somebody who works there."""
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


async def beyond(screen: Screen, place: Place, *, mistakes: bool) -> list[Place]:
    """What this room leads to: the first record, the form for a new one, the same form sent empty."""
    room = urlsplit(place.path).path
    links: list[str] = await screen.page.evaluate(_LINKS, room)
    found = [Place(place.person, links[0])] if links else []
    form: str | None = await screen.page.evaluate(_FORM, room)
    if form:
        found.append(Place(place.person, form))
        if mistakes:
            found.append(Place(place.person, form, wrong=True, status=422))
    return found
