"""The drop box: a night's books taken back in one run, as of the evening. covers: RDR-DSK-BAS-02, RDR-CIR-OTH-05"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.reader.app import service
from services.reader.desk.dropbox import commands as dropbox
from services.reader.desk.dropbox import queries, rules
from services.reader.desk.dropbox.model import Went
from services.reader.desk.holds import commands as holds
from shared.refusals import Invalid, NotAllowed, NotFound
from tests.reader.desk.conftest import CLERK, COLLEAGUE, OUTSIDER
from tests.support.departments import client, opened


async def _finish(desk, number: str) -> int:
    rounds = 1
    while await desk.do(dropbox.go_on, number=number):
        rounds += 1
    return rounds


async def _lines(desk, number: str) -> dict[str, object]:
    async with desk.works.sessions() as session:
        return {one.barcode: one for one in await queries.lines_of(session, number)}


async def test_the_fine_counts_to_the_evening_and_not_to_the_morning(desk) -> None:
    card, book = await desk.patron(), await desk.item()
    lent = await desk.lend(card, book)
    desk.now += lent.loan.due_on - desk.today + timedelta(days=4)
    run = await desk.do(dropbox.open_run, on=desk.today - timedelta(days=1))
    line = await desk.do(dropbox.scan, number=run.number, barcode=book)
    assert (line.went, line.was_lent, line.fine_fen) == (Went.shelve, True, 30)
    assert (await desk.find_patron(card)).debt_fen == 30


async def test_every_book_goes_where_it_belongs_and_a_second_scan_changes_nothing(desk) -> None:
    card, other = await desk.patron(), await desk.patron()
    plain, wanted, broken, unlent = await desk.item(), await desk.item(instance="w"), await desk.item(), await desk.item()
    for book in (plain, wanted, broken):
        await desk.lend(card, book)
    await desk.do(holds.place, card=other, instance_id="w")
    from services.reader.desk.condition import commands as condition
    from services.reader.desk.condition.model import DamageKind, Grade

    await desk.do(condition.report, barcode=broken, kind=DamageKind.spine, grade=Grade.medium, note="")
    run = await desk.do(dropbox.open_run, on=desk.today)
    for book in (plain, wanted, broken, unlent, "NIX", plain, wanted):
        await desk.do(dropbox.scan, number=run.number, barcode=book)
    found = await _lines(desk, run.number)
    assert {b: one.went for b, one in found.items()} == {
        plain: Went.shelve, wanted: Went.hold_shelf, broken: Went.repair, unlent: Went.shelve, "NIX": Went.problem,
    }
    assert found[wanted].shelf
    assert found[unlent].was_lent is False
    assert found["NIX"].reasons[0]["code"] == "unknown-barcode"
    assert rules.summary(list(found.values()))[0] == (Went.problem, 1), "problems come first"
    assert len(await desk.said("reader.item.returned")) == 4


async def test_a_book_lent_after_the_evening_was_not_in_the_box(desk) -> None:
    card, book = await desk.patron(), await desk.item()
    await desk.lend(card, book)
    run = await desk.do(dropbox.open_run, on=desk.today - timedelta(days=1))
    line = await desk.do(dropbox.scan, number=run.number, barcode=book)
    assert (line.went, line.reasons[0]["code"]) == (Went.problem, "lent-since")
    assert (await desk.find_item(book)).circulation == "on_loan"
    await desk.take_back(book)
    assert (await desk.do(dropbox.scan, number=run.number, barcode=book)).went is Went.shelve


async def test_three_hundred_books_in_slices_and_the_list_handed_in_twice(desk) -> None:
    books = [await desk.item() for _ in range(20)]
    codes = rules.codes_in("\ufeff" + "\n".join(books).lower() + "\n" + ", ".join(f"X{n:04d}" for n in range(280)) + f";{books[0]}")
    assert len(codes) == 300
    on = desk.today
    opened_ = await asyncio.gather(*(desk.do(dropbox.open_run, who, on=on, codes=codes) for who in (CLERK, COLLEAGUE, CLERK)))
    assert len({run.number for run in opened_}) == 1
    number = opened_[0].number
    assert await _finish(desk, number) == 12
    found = await _lines(desk, number)
    assert sum(one.went is Went.shelve for one in found.values()) == 20
    assert sum(one.went is Went.problem for one in found.values()) == 280
    assert (await desk.do(dropbox.open_run, on=on, codes=codes[::-1])).number == number
    assert await desk.do(dropbox.go_on, number=number) == 0
    assert len(await desk.said("reader.item.returned")) == 20


async def test_two_hands_on_one_run_take_every_book_back_once(desk) -> None:
    card = await desk.patron()
    books = [await desk.item() for _ in range(6)]
    for book in books:
        await desk.lend(card, book)
    run = await desk.do(dropbox.open_run, on=desk.today, codes=books)
    await asyncio.gather(
        desk.do(dropbox.go_on, number=run.number), desk.do(dropbox.go_on, COLLEAGUE, number=run.number),
        *(desk.do(dropbox.scan, COLLEAGUE, number=run.number, barcode=book) for book in books),
    )
    assert len(await desk.said("reader.item.returned")) == 6
    assert (await desk.find_patron(card)).open_loans == 0


async def test_bad_days_and_strangers_are_refused(desk) -> None:
    for on in (desk.today + timedelta(days=1), desk.today - timedelta(days=15)):
        with pytest.raises(Invalid):
            await desk.do(dropbox.open_run, on=on)
    with pytest.raises(Invalid):
        await desk.do(dropbox.open_run, on=desk.today, codes=[f"X{n}" for n in range(2001)])
    with pytest.raises(NotAllowed):
        await desk.do(dropbox.open_run, OUTSIDER, on=desk.today)
    with pytest.raises(NotFound):
        await desk.do(dropbox.go_on, number="HX2026-9999")


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_screens_work_with_and_without_script(app, desk) -> None:
    card, book = await desk.patron(), await desk.item()
    await desk.lend(card, book)
    async with client(app, CLERK) as api, client(app, OUTSIDER) as outside:
        assert (await outside.get("/reader/drop-box")).status_code == 403
        bad = await api.post("/reader/drop-box", data={"on": "x", "codes": "A1 A2"})
        assert bad.status_code == 422
        assert "A1 A2" in bad.text, "what was pasted is not lost"
        today = desk.today.isoformat()
        made = await api.post("/reader/drop-box", data={"on": today, "codes": f"{book}\nNIX"}, files={"file": ("list.txt", b"NIX2\n")})
        assert made.status_code == 303
        place = made.headers["location"]
        assert "继续处理 3 册" in (await api.get(place)).text
        assert (await api.post(place + "/go-on")).status_code == 303
        page = (await api.get(place)).text
        assert page.index("有问题的书") < page.index("本批图书")
        row = await api.post(place + "/scan", data={"code": book}, headers={"hx-request": "true"})
        assert (row.headers["x-sound"], "上架" in row.text) == ("ok", True)
        assert "索书号" in (await api.get(place + "/list")).text
        number = place.rsplit("/", 1)[1]
        assert (await api.get(f"/api/reader/drop-runs/{number}")).json()["summary"] == {"problem": 2, "shelve": 1}
        assert number in (await api.get("/reader/drop-box")).text
