"""A ticket is cleared, priced, agreed, made, looked at by another person, handed over; what may not be copied is not.

covers: RES-DIG-02
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from services.resources.demo import workshop
from services.resources.workshop.digitisation import rules
from services.resources.workshop.digitisation.model import JobKind, Purpose, Source, TicketState
from services.resources.workshop.digitisation.register import prices, tickets
from services.resources.workshop.production import queries as production
from shared.identity import Actor
from shared.refusals import Invalid, NotAllowed, SamePerson
from shared.states import final
from shared.testing.registers import han_in, keeps_its_promises
from tests.resources.conftest import BINDER, CLERK, RECORDS, House

COLLEAGUE = Actor("S004", "邓印制", posts=("RES-DIG",), dept="resources")
TICKET = {
    "kind": "scan", "source": "own", "purpose": "keep", "title": "活着", "work_pages": 200, "pages": 40, "asked_for": "特藏项目", "charged_to": "特藏部",
}
MADE = {"pages_done": 40, "master": "hz-0001.tif", "access": "hz-0001.pdf", "checksum": "ab" * 32, "minutes": 90}


def wanted(**more: Any) -> Any:
    facts = {
        "kind": JobKind.scan, "source": Source.own, "purpose": Purpose.keep, "pages": 10, "work_pages": 200, "chapters": 0, "copies": 1,
        "scarce": False, "licence": "", "permission": "", "died_year": None, "published_year": None,
    }
    return SimpleNamespace(**{**facts, **more})


@pytest.mark.parametrize(("more", "basis"), [
    ({}, "library"),
    ({"purpose": Purpose.display}, "library"),
    ({"purpose": Purpose.online, "scarce": True}, "premises"),
    ({"purpose": Purpose.publish, "died_year": 1975}, "public_domain"),
    ({"purpose": Purpose.publish, "published_year": 1975, "source": Source.brought, "copies": 9}, "public_domain"),
    ({"purpose": Purpose.publish, "permission": "函 12 号"}, "permission"),
    ({"purpose": Purpose.study, "pages": 20}, "study"),
    ({"purpose": Purpose.study, "pages": 60, "chapters": 1}, "study"),
    ({"purpose": Purpose.study, "source": Source.eresource, "licence": "HT2026-3"}, "study"),
])
def test_what_may_be_copied_and_on_what_ground(more: dict[str, Any], basis: str) -> None:
    found = rules.rights(wanted(**more), 2026)
    assert (found.basis, found.against) == (basis, ())


@pytest.mark.parametrize(("more", "codes"), [
    ({"copies": 2}, ["one-copy"]),
    ({"purpose": Purpose.online}, ["not-scarce"]),
    ({"purpose": Purpose.online, "copies": 2}, ["one-copy", "not-scarce"]),
    ({"source": Source.eresource}, ["not-ours"]),
    ({"source": Source.brought, "purpose": Purpose.display}, ["not-ours"]),
    ({"purpose": Purpose.publish}, ["not-outside"]),
    ({"purpose": Purpose.publish, "died_year": 1976}, ["not-outside"]),
    # The author died later than the book came out: the death counts.
    ({"purpose": Purpose.publish, "died_year": 1990, "published_year": 1930}, ["not-outside"]),
    ({"purpose": Purpose.study, "pages": 21}, ["too-much"]),
    ({"purpose": Purpose.study, "pages": 60, "chapters": 2, "copies": 3, "source": Source.eresource}, ["no-licence", "too-much", "one-for-study"]),
])
def test_what_may_not_be_copied_and_every_reason_why(more: dict[str, Any], codes: list[str]) -> None:
    found = rules.rights(wanted(**more), 2026)
    assert (found.basis, [reason.code.removeprefix("digitisation.") for reason in found.against]) == ("", codes)


def test_prices_samples_and_ends() -> None:
    assert rules.price(500, 30, 40, 2) == 2900
    assert [rules.sample(n) for n in (3, 40, 51, 1000)] == [3, 5, 6, 100]
    assert final(rules.LIFE) == {TicketState.closed, TicketState.refused, TicketState.cancelled}


async def step(house: House, no: str, verb: str, who: Actor = BINDER, **asked: Any) -> Any:
    async with house.work(who) as work:
        return await tickets.move(work, no, verb, **asked)


async def a_ticket(house: House, who: Actor = CLERK, **more: Any) -> str:
    async with house.work(who) as work:
        return str((await tickets.open(work, **{**TICKET, **more})).no)


async def agreed(house: House, **more: Any) -> str:
    no = await a_ticket(house, **more)
    for verb, asked in (("clear", {}), ("quote", {}), ("agree", {"agreed_how": "本人当面"})):
        await step(house, no, verb, **asked)
    return no


async def priced(house: House) -> None:
    async with house.work(BINDER) as work:
        for since, page in ((work.today - timedelta(days=400), "0.20"), (work.today, "0.30"), (work.today + timedelta(days=1), "9.00")):
            await prices.open(work, kind="scan", from_on=since, base_cents="5.00", page_cents=page)


@pytest.fixture
async def barcode(house: House) -> str:
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    return str((await house.rows("SELECT barcode FROM item ORDER BY barcode LIMIT 1"))[0][0])


async def test_a_scan_from_the_question_of_rights_to_the_reader(house: House, barcode: str) -> None:
    with pytest.raises(Invalid) as wrong:
        await a_ticket(house, pages=300, due_on=date(2020, 1, 1), died_year=9000)
    assert set(wrong.value.errors) == {"pages", "due_on", "died_year", "barcode"}
    no = await a_ticket(house, barcode=barcode.lower(), purpose="online")
    with pytest.raises(rules.NoRight):
        await step(house, no, "clear")
    await step(house, no, "refuse", reason="仍受保护，非珍稀")
    no = await a_ticket(house, barcode=barcode)
    await step(house, no, "clear")
    with pytest.raises(rules.NoPrice):
        await step(house, no, "quote")
    await priced(house)
    assert (await step(house, no, "quote")).price_cents == 500 + 30 * 40, "the newest price that has begun"
    await step(house, no, "agree", CLERK, agreed_how="本人")
    with pytest.raises(Invalid):
        await step(house, no, "start", machine="仰拍仪", dpi=200)
    await step(house, no, "start", machine="仰拍仪", dpi=400)
    assert [tuple(r) for r in await house.rows("SELECT custodian FROM item WHERE barcode = :b", b=barcode)] == [("resources",)]
    await step(house, no, "progress", pages_done=39)
    with pytest.raises(rules.NotDone):
        await step(house, no, "submit", **{**MADE, "pages_done": 39})
    with pytest.raises(Invalid) as wrong:
        await step(house, no, "submit", pages_done=40, checksum="xyz")
    assert set(wrong.value.errors) == {"master", "access", "checksum"}
    await step(house, no, "submit", **MADE)
    with pytest.raises(SamePerson):
        await step(house, no, "pass", sampled=10)
    with pytest.raises(rules.TooFewSampled):
        await step(house, no, "pass", COLLEAGUE, sampled=4)
    back = await step(house, no, "correct", COLLEAGUE, bad_pages=3, reason="12–14 页模糊")
    assert (back.state, back.round, back.pages_done) == ("working", 2, 37)
    await step(house, no, "submit", **MADE)
    await step(house, no, "pass", COLLEAGUE, sampled=5)
    assert [tuple(r) for r in await house.rows("SELECT custodian FROM item WHERE barcode = :b", b=barcode)] == [("reader",)]
    await step(house, no, "hand_over", handed_to="特藏项目组")
    assert (await step(house, no, "close", CLERK)).state == "closed"
    told = await house.said("resources.item.digitising", "resources.item.digitised")
    assert [(name.rsplit(".", 1)[1], fact["number"]) for name, fact in told] == [("digitising", no), ("digitised", no)]


async def test_an_item_lies_on_one_bench_and_comes_back_when_the_ticket_is_given_up(house: House, barcode: str) -> None:
    await priced(house)
    both = [await agreed(house, barcode=barcode) for _n in range(2)]
    done = await asyncio.gather(*(step(house, no, "start", machine="仰拍仪", dpi=300) for no in both), return_exceptions=True)
    assert sum(isinstance(one, Exception) for one in done) == 1, done
    ((begun,),) = await house.rows("SELECT no FROM digitisation_ticket WHERE state = 'working'")
    with pytest.raises(NotAllowed):
        await step(house, begun, "cancel", Actor("S077", "别人", posts=("RDR-CIR",), dept="reader"), reason="不做了")
    await step(house, begun, "cancel", CLERK, reason="不做了")
    assert [name.rsplit(".", 1)[1] for name, _f in await house.said("resources.item.digitising", "resources.item.digitised")] == ["digitising", "digitised"]
    await step(house, next(no for no in both if no != begun), "start", machine="仰拍仪", dpi=300)


async def test_the_registers_keep_their_promises(house: House) -> None:
    async with house.work(BINDER) as work:
        await prices.open(work, kind="print", from_on=work.today, page_cents=10)
    form = {**TICKET, "kind": "print", "title": "A book", "asked_for": "A reader", "charged_to": "", "work_pages": 40, "operator": "X", "pages_done": 0}
    await keeps_its_promises(tickets, house.app, lambda: dict(form), ask={
        "agree": {"agreed_how": "in person"}, "start": {"machine": "Printer"}, "progress": {"pages_done": 3}, "submit": {"pages_done": 40},
        "pass": {"sampled": 5}, "correct": {"bad_pages": 2, "reason": "smudged"}, "hand_over": {"handed_to": "A reader"},
        "refuse": {"reason": "no right"}, "cancel": {"reason": "not wanted"},
    })
    days = iter(range(1000))
    await keeps_its_promises(prices, house.app, lambda: {
        "kind": "scan", "from_on": (date(2026, 1, 1) + timedelta(days=next(days))).isoformat(), "page_cents": "0.30",
    })


async def test_the_month_counts_what_was_made_and_leads_to_it(house: House, barcode: str) -> None:
    await priced(house)
    async with house.work(BINDER) as work:
        today = work.today
        await prices.open(work, kind="print", from_on=today, page_cents="0.10")
    for kind, copies in (("scan", 1), ("print", 3)):
        no = await agreed(house, kind=kind, copies=copies, barcode=barcode if kind == "scan" else "", permission="函 1 号")
        await step(house, no, "start", machine="仰拍仪", dpi=300)
        await step(house, no, "submit", **MADE)
        await step(house, no, "pass", COLLEAGUE, sampled=5)
    async with house.kit.reading() as session:
        lines = {one.label: one for one in await production.month(session, today.replace(day=1))}
        past = await production.month(session, date(2020, 1, 1))
    assert [(lines[label].count, lines[label].amount, lines[label].minutes, lines[label].cents) for label in ("扫描数字化", "按需打印", "个性化成册", "期刊装订")] == [
        (1, 40, 90, 1700), (1, 120, 90, 1200), (0, 0, 0, 0), (0, 0, None, 0),
    ]
    assert {line.count for line in past} == {0}
    assert production.of_month("2026-13", today) == production.of_month("2999-01", today) == today.replace(day=1)
    async with house.client(BINDER, "en") as web:
        shown = await web.get("/resources/workshop-month")
        assert (shown.status_code, han_in(shown.text)) == (200, [])
        rows = await web.get(lines["扫描数字化"].url)
        assert rows.text.count("data-row") == 1
        assert (await web.get("/resources/workshop-month?month=2020-01")).status_code == 200
    async with house.client(CLERK) as outside:
        assert (await outside.get("/resources/workshop-month")).status_code == 403


async def test_the_demonstration_stands_at_every_turn(house: House, barcode: str) -> None:
    for _twice in range(2):
        await workshop.seed(house.kit)
    states = [tuple(r) for r in await house.rows("SELECT state, count(*) FROM digitisation_ticket GROUP BY 1 ORDER BY 1")]
    assert states == [("agreed", 1), ("asked", 1), ("checking", 1), ("closed", 1), ("quoted", 1)]
