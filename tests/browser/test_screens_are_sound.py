"""Every screen in both languages, both themes and two widths: nothing broken, nothing sticking out, nothing untranslated.

Sampling: a screen is loaded once a language; theme and width change on the loaded page. Width and
picture are taken in four (light at 1440 and dark at 390 in
Chinese, dark at 1440 and light at 390 in English), so that each theme meets each language and width; axe
looks at two of the four, by turns.
Of a register the list, one record, the form, and (once a department) the form sent empty are seen;
each room by one person who works there, each home by everybody.
"""

from __future__ import annotations

import asyncio
from collections import deque

import pytest

from tests.browser import rounds
from tests.browser.conftest import Open
from tests.browser.rounds import Place
from tests.support.people import People
from tests.support.screens import DESKTOP, PHONE, Screen

STAFF = (
    "director off-adm off-sec off-fin off-org res-acq res-dig res-mgt tec-dev tec-sys tec-log tec-eqp "
    "rdr-led rdr-del rdr-dsk rdr-dsk2 rdr-stk rdr-cir ins-tch ins-trm ins-eic ins-edr ins-nov ins-nom ins-itd"
).split()
LANES = 2


@pytest.mark.slow
@pytest.mark.timeout(420)
@pytest.mark.parametrize("department", rounds.DEPARTMENTS)
async def test_every_room_of(department: str, window: Open, people: People) -> None:
    places = await rounds.rooms(people, department)
    places += [Place(person, path) for person, path in rounds.ALSO.get(department, ())]
    complaints = await _walk(window, places, further=True)
    assert not complaints, "\n".join(complaints)


@pytest.mark.slow
@pytest.mark.timeout(420)
async def test_the_portal(window: Open) -> None:
    places = [Place("rdr-led", path) for path in rounds.PORTAL] + [Place(rounds.PATRON, path) for path in rounds.PORTAL if path not in {"/work", "/duties"}]
    places += [Place(who, path, status=404 if path == "/nowhere" else 200) for who, path in rounds.ALSO["portal"]]
    complaints = await _walk(window, places)
    assert not complaints, "\n".join(complaints)


@pytest.mark.slow
@pytest.mark.timeout(420)
async def test_everybody_has_a_sound_home(window: Open) -> None:
    complaints: list[str] = []
    for n, person in enumerate(STAFF):
        lang, theme = ("zh", "en")[n % 2], ("light", "dark")[n // 2 % 2]
        screen = await window(person, lang=lang, theme=theme)
        complaints += await _see(screen, Place(person, "/"), lang, turn=n // 4)
        await screen.context.close()
    assert not complaints, "\n".join(complaints)


async def _walk(window: Open, places: list[Place], *, further: bool = False) -> list[str]:
    """All places in both languages, two windows at a time."""
    waiting, seen, complaints = deque(dict.fromkeys(places)), set(places), list[str]()
    mistakes = further
    screens: dict[tuple[int, str, str], Screen] = {}

    async def lane(number: int) -> None:
        nonlocal mistakes
        while waiting:
            place = waiting.popleft()
            for lang in ("zh", "en"):
                key = (number, place.person, lang)
                if key not in screens:
                    screens[key] = await window(place.person, lang=lang)
                complaints.extend(await _see(screens[key], place, lang, turn=len(place.path) + (lang == "en")))
                if further and lang == "zh" and not place.wrong:
                    for new in await rounds.beyond(screens[key], place, mistakes=mistakes):
                        mistakes = mistakes and not new.wrong
                        if new not in seen:
                            seen.add(new)
                            waiting.append(new)

    await asyncio.gather(*(lane(n) for n in range(LANES)))
    assert len(seen) >= len(places)
    return complaints


async def _see(screen: Screen, place: Place, lang: str, *, turn: int) -> list[str]:
    """One screen in one language: what is wrong with it; axe looks at every other of its pictures."""
    page, where = screen.page, f"{place.path} as {place.person or 'visitor'} ({lang}{', sent empty' if place.wrong else ''})"
    screen.complaints.clear()
    await page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    answer = await screen.go(place.path)
    status = answer.status
    if place.wrong:
        status = await screen.send_empty()
    found = [] if status == place.status else [f"{where}: answered {status}"]
    if lang == "en":
        found += [f"{where}: not in English: {text[:60]}" for text in dict.fromkeys(await screen.foreign())]
    looks = (("light", DESKTOP), ("dark", PHONE)) if lang == "zh" else (("dark", DESKTOP), ("light", PHONE))
    for n, (theme, size) in enumerate(looks):
        await screen.look(theme, size)
        look = f"{where} {theme} {size[0]}"
        found += [f"{look}: too wide: {what}" for what in await screen.too_wide()]
        found += [f"{look}: {what}" for what in (await screen.axe() if n == turn % 2 else ())]
        await screen.shot(f"{place.name}-{lang}-{theme}-{size[0]}")
    return found + [f"{where}: {what}" for what in screen.complaints]
