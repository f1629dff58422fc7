"""Every screen of the suite, found by walking from the menus: none empty, broken, too wide, or without a way on.

Starting at what the navigation offers, each new kind of screen is opened once: the rooms, their tabs, the first row of
every list, every form and side door, in Chinese on a desktop and in English on a phone, half of them light and half dark.
New rooms are found by themselves. Pictures lie in var/shots/every_screen/<department>.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

import pytest

from tests.browser import rounds
from tests.browser.conftest import Open
from tests.browser.rounds import PATRON, Place
from tests.support.people import People
from tests.support.screens import DESKTOP, PHONE, Screen


@dataclass(frozen=True)
class Tour:
    """How a department is walked."""

    start: str
    # Whose menus are walked with all eyes, after each room by somebody who works there; "" is a visitor.
    # A kind of screen is seen by whoever comes to it first.
    walkers: tuple[str, ...]
    # Whose menus are only opened.
    others: tuple[str, ...] = ()
    # What a room shows only when it is asked for something, and screens no menu leads to; with the status they answer.
    asked: tuple[tuple[str, str, int], ...] = ()


TOURS = {
    "resources": Tour(
        "/resources/published-evaluations", ("res-mgt", "res-acq", "res-dig", "head-resources", "tec-sys", PATRON),
        ("director", "rdr-dsk", "off-fin"), (("res-mgt", "/resources/records?q=红楼", 200), ("res-mgt", "/resources/records/0", 404)),
    ),
    "office": Tour("/office/obligations", ("off-adm", "off-fin", "off-org", "off-sec", "head-office", "tec-sys"), ("director", "res-acq", "rdr-dsk")),
    "tech": Tour("/tech/work-orders", ("tec-log", "tec-eqp", "tec-sys"), ("director", "rdr-dsk")),
    "institute": Tour("/institute/novelty", ("ins-nov", "ins-nom", "tec-sys"), ("director", "head-institute")),
    "portal": Tour(
        "/", ("tec-sys", "director", PATRON, ""), ("head-reader", "rdr-dsk"),
        (
            ("director", "/search?q=红楼", 200), (PATRON, "/search?q=红楼", 200), ("director", "/search?q=nothing-of-the-kind", 200),
            ("director", "/duty-rooms", 200), ("tec-sys", "/account/password", 200), ("tec-sys", "/account/keys", 200),
            ("director", "/nowhere", 404), ("", "/login", 200),
        ),
    ),
    "reader": Tour(
        "/reader/catalogue", ("rdr-led", PATRON, "", "tec-sys"),
        ("rdr-dsk", "rdr-cir", "rdr-del", "rdr-stk", "head-reader", "res-dig", "director"),
        (
            ("rdr-led", "/reader/patrons?q=2023", 200), ("", "/reader/catalogue?q=红楼", 200),
            ("", "/reader/catalogue?q=nothing-of-the-kind", 200),
        ),
    ),
}
# Tabs of one screen that are looked at; with more of them the others are much the same.
MOST_TABS = 3
SIZES = {"zh": DESKTOP, "en": PHONE}
# Rules of accessibility are checked in one of the two dresses of a screen: half of all in each.
AXE_BY_TURNS = {"zh": 0, "en": 1}
LANES = 2
# Everybody's home is another one.
STAFF = (
    "director off-adm off-sec off-fin off-org res-acq res-dig res-mgt tec-dev tec-sys tec-log tec-eqp "
    "rdr-led rdr-del rdr-dsk rdr-dsk2 rdr-stk rdr-cir ins-tch ins-trm ins-eic ins-edr ins-nov ins-nom ins-itd"
).split()


class Walk:
    """What is still to be seen, what was seen, what was wrong."""

    def __init__(self, window: Open, department: str) -> None:
        self.window = window
        self.department = department
        self.waiting: deque[Place] = deque()
        self.known: set[tuple[str, ...]] = set()
        self.seen: list[Place] = []
        self.complaints: list[str] = []
        self.doors: set[str] = set()
        self.tabs: dict[str, int] = {}
        self.looking = 0
        self._screens: dict[tuple[int, str, str], Screen] = {}

    def add(self, place: Place) -> None:
        """Unless one of the kind is known."""
        kind = rounds.kind(place)
        if kind in self.known or (place.tab and self.tabs.get(place.shape, 0) >= MOST_TABS):
            return
        self.known.add(kind)
        if place.tab:
            self.tabs[place.shape] = self.tabs.get(place.shape, 0) + 1
        self.waiting.append(place)

    async def lane(self, number: int) -> None:
        """One pair of eyes; it stays as long as the other may still find something."""
        while self.waiting or self.looking:
            if not self.waiting:
                await asyncio.sleep(0.05)
                continue
            place = self.waiting.popleft()
            self.seen.append(place)
            self.looking += 1
            try:
                await self.look_at(number, place)
            finally:
                self.looking -= 1

    async def look_at(self, number: int, place: Place) -> None:
        """A screen in both languages, and where it leads."""
        zh = await self.screen(number, place.person, "zh")
        self.complaints += await see(zh, place, "zh")
        inside, outside = await rounds.leads(zh, place, self.department)
        for found in inside:
            self.add(found)
        if place.path.endswith("/new") and not place.wrong and await zh.page.locator("main form[method=post]").count():
            self.waiting.append(Place(place.person, place.path, wrong=True, status=422))
        for path in outside:
            await self.opens(zh, place, path)
        self.complaints += await see(await self.screen(number, place.person, "en"), place, "en")

    async def screen(self, number: int, person: str, lang: str) -> Screen:
        """The window of a lane for a person and a language, opened once."""
        key = (number, person, lang)
        if key not in self._screens:
            self._screens[key] = await self.window(person, lang=lang, size=SIZES[lang])
            self._screens[key].folder /= self.department
            # Two hundred screens on a busy machine: a slow one is no finding.
            self._screens[key].page.set_default_timeout(60_000)
        return self._screens[key]

    async def start(self, tour: Tour, person: str) -> None:
        """What the navigation offers to a walker."""
        screen = await self.screen(0, person, "zh")
        await screen.go(tour.start)
        for path in await rounds.menu(screen, self.department):
            self.add(Place(person, path))

    async def opens(self, screen: Screen, place: Place, path: str) -> None:
        """A link to another department leads somewhere; each kind is tried once. A fact may be told whose case is not for all."""
        kind = Place("", path).shape
        if kind not in self.doors:
            self.doors.add(kind)
            answer = await screen.context.request.get(screen.base_url + path, max_redirects=3)
            if answer.status >= 400 and answer.status != 403:
                self.complaints.append(f"{place.path}: its link {path} answers {answer.status}")


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("department", TOURS)
async def test_every_screen_a_menu_leads_to_is_sound_and_none_is_empty(department: str, window: Open, people: People) -> None:
    tour, walk = TOURS[department], Walk(window, department)
    for place in await rounds.rooms(people, department):
        walk.add(place)
    for person in tour.walkers:
        await walk.start(tour, person)
    assert walk.waiting, "the menus offer nothing"
    walk.waiting.extend(Place(person, path, status=status) for person, path, status in tour.asked)
    await asyncio.gather(*(walk.lane(n) for n in range(LANES)))
    print(f"{department}: {len(walk.seen)} screens in two languages")
    assert not walk.complaints, "\n".join(walk.complaints)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("department", TOURS)
async def test_what_a_menu_offers_may_be_opened(department: str, window: Open) -> None:
    complaints: list[str] = []
    for person in TOURS[department].others:
        screen = await window(person)
        await screen.go(TOURS[department].start)
        for path in await rounds.menu(screen, department):
            answer = await screen.context.request.get(screen.base_url + path)
            complaints += [f"{person}: {path} answers {answer.status}"] if answer.status != 200 else []
        await screen.context.close()
    assert not complaints, "\n".join(complaints)


@pytest.mark.slow
@pytest.mark.timeout(420)
async def test_everybody_has_a_sound_home(window: Open) -> None:
    complaints: list[str] = []
    for n, person in enumerate(STAFF):
        lang = ("zh", "en")[n % 2]
        screen = await window(person, lang=lang, size=SIZES[lang])
        complaints += await see(screen, Place(person, "/"), lang)
        await screen.context.close()
    assert not complaints, "\n".join(complaints)


async def see(screen: Screen, place: Place, lang: str) -> list[str]:
    """One screen in one language: what is wrong with it."""
    where = f"{place.path} as {place.person or 'visitor'} ({lang}{', sent empty' if place.wrong else ''})"
    screen.complaints.clear()
    answer = await screen.go(place.path)
    status = answer.status if not place.wrong else await screen.send_empty()
    await screen.look(("light", "dark")[(len(place.path) // 2 + (lang == "en")) % 2], SIZES[lang])
    found = [] if status == place.status else [f"answered {status}"]
    if lang == "en":
        found += [f"not in English: {text[:60]}" for text in dict.fromkeys(await screen.foreign())]
    else:
        found += await screen.dead_ends() + await screen.machine_words() + await screen.cut_off()
    found += [f"too wide: {what}" for what in await screen.too_wide()]
    if AXE_BY_TURNS[lang] == len(place.path) % 2:
        found += await screen.axe()
    await screen.shot(f"{place.name}-{lang}", whole=True)
    return [f"{where}: {what}" for what in found + screen.complaints]
