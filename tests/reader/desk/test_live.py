"""Every list of the desk shows by itself what another desk did. covers: RDR-DSK-BAS-01, RDR-DSK-BAS-02, RDR-LED-FRD-01"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from html import unescape

import pytest

from services.reader.app import service
from services.reader.desk.dropbox import commands as dropbox
from services.reader.desk.selfcheck import commands as selfcheck
from services.reader.desk.selfcheck.model import Right
from shared.events import CATALOGUE, Event
from shared.identity import SYSTEM
from tests.reader.desk.conftest import CLERK, HEAD
from tests.support.departments import client, opened

PART = re.compile(r"<\w+[^>]*\bdata-live=\"[^>]*>")


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


def topic(name: str) -> str:
    """What the browser hears when a fact of this name is told; a link is filled with whatever."""
    cls = CATALOGUE[name, 1]
    return cls.model_construct(**dict.fromkeys(cls.model_fields, "X1")).topic


def parts(page: str) -> list[tuple[list[str], str, str]]:
    """(topics, where it fetches, its own id) of every live part."""
    found = []
    for tag in PART.findall(page):
        of = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        assert of["hx-trigger"] == "live"
        if of.get("hx-swap") != "none":
            assert of["hx-select"] == f"#{of['id']}"
        found.append((of["data-live"].split(), unescape(of["hx-get"]), of["id"]))
    return found


LISTS = {
    "/reader/holds?tab=ready": ("reader.hold.ready", "reader.hold.ended", "reader.item.returned"),
    "/reader/holds?tab=fetch": ("reader.errand.taken", "reader.errand.given-up", "reader.hold.placed"),
    "/reader/holds?tab=waiting&q=a": ("reader.hold.redirected", "reader.hold.retargeted", "reader.hold.moved"),
    "/reader/transit?state=on_way": ("reader.item.sent", "reader.item.arrived", "reader.item.lost-in-transit"),
    "/reader/drop-box": ("reader.item.returned",),
    "/reader/desk/day": ("reader.item.lent", "reader.hold.placed", "reader.charge.made", "reader.item.lost"),
    "/reader/desk/recent?of=all": ("reader.item.lent", "reader.renewal.undone"),
    "/reader/terminals": ("reader.terminal.changed", "reader.item.lent"),
    "/reader/charges?page=1": ("reader.charge.made", "reader.charge.settled"),
    "/reader/overdue?page=1": ("reader.item.returned", "reader.loan.renewed", "reader.item.lost"),
    "/reader/sign-offs?tab=open": ("reader.sign-off.asked", "reader.sign-off.answered", "reader.sign-off.closed"),
    "/reader/consents": ("reader.consent.given",),
    "/reader/union": ("reader.foreign-item.received", "reader.transit-box.sent"),
    "/reader/losses?state=open": ("reader.item.lost", "reader.refund.asked"),
    "/reader/damage?state=open": ("reader.item.damaged",),
    "/reader/in-house": ("reader.item.used",),
    "/reader/offline/batches": ("reader.offline.replayed",),
    "/reader/rules": ("reader.rules.activated",),
    "/reader/card-files": ("reader.card-file.applied",),
    "/reader/patrons": ("reader.patron.changed", "reader.card.state-changed"),
    "/reader/cash-ups": ("reader.cash.counted",),
    "/reader/notices": ("reader.loan.reminded", "reader.charge.made"),
}


@pytest.mark.parametrize("url", LISTS)
async def test_the_list_hears_of_it_and_fetches_itself_as_it_was(app, url: str) -> None:
    async with client(app, HEAD) as page:
        answer = await page.get(url, follow_redirects=True)
        assert answer.status_code == 200
        live = parts(answer.text)
        assert live, "nothing on this page is live"
        for name in LISTS[url]:
            heard = topic(name)
            assert any(heard.startswith(prefix) for topics, _url, _id in live for prefix in topics), (name, heard)
        for _topics, fetched, own in live:
            again = await page.get(fetched, headers={"hx-request": "true"})
            assert f'id="{own}"' in again.text, "what is fetched holds the part itself"
        if "?" in url:  # page, tab and filter stay
            assert any(fetched == url for _topics, fetched, _id in live)


async def test_the_counter_and_a_run_of_the_drop_box_show_the_other_desks(app, desk) -> None:
    async with desk.work() as work:
        run = await dropbox.open_run(work, on=work.today, codes=[])
        number = run.number
    async with client(app, CLERK) as page:
        counter = parts((await page.get("/reader/desk", follow_redirects=True)).text)
        assert {own for _t, _u, own in counter} >= {"desk-figures", "desk-day"}
        assert [own for _t, _u, own in parts((await page.get(f"/reader/drop-box/{number}")).text)] == ["run"]


async def test_a_patrons_page_is_live_until_the_history_is_looked_at(app, desk) -> None:
    card = await desk.patron()
    async with client(app, CLERK) as page:
        (topics, _url, own), = parts((await page.get(f"/reader/patrons/{card}")).text)
        assert own == "record"
        for name in ("reader.item.lent", "reader.charge.made", "reader.hold.placed", "reader.card.reissued"):
            assert any(topic(name).startswith(prefix) for prefix in topics)
        # Each look is written down; a page that looks by itself would fill the register.
        assert parts((await page.get(f"/reader/patrons/{card}?history=true")).text) == []


async def test_a_machine_that_comes_or_goes_is_stated_once(desk) -> None:
    async with desk.work(HEAD) as work:
        terminal, _password = await selfcheck.enlist(
            work, account="kiosk1", name="大厅自助机", location="L1", rights=[Right.lend.value],
        )
    for open_, messages in ((1, 0), (2, 5), (1, 3), (0, 0), (0, 0)):
        async with desk.works.open(SYSTEM, now=desk.now) as work:
            await selfcheck.count_up(work, {terminal.id: (open_, messages)})
    said = [p["how"] for _n, p, _c in await desk.said("reader.terminal.changed")]
    assert said == ["set", "on", "off"]


def test_every_topic_is_a_department_and_a_room() -> None:
    assert issubclass(CATALOGUE["reader.errand.taken", 1], Event)
    assert topic("reader.errand.taken") == "reader.holds"
