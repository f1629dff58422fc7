"""Recent transactions, undone in the right order, and the day in numbers. covers: RDR-DSK-BAS-01, RDR-DSK-BAS-02, RDR-LED-FRD-03"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from services.reader.app import service
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.rules import UndoRefused
from services.reader.desk.circulation.undo import undo_renewal
from services.reader.desk.counter import commands as counter
from services.reader.desk.counter import second
from services.reader.desk.counter.model import Mode, Outcome
from services.reader.desk.patrons.model import Category
from shared.database import uuid7
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD
from tests.support.departments import client, opened


async def _scan(desk, sitting, code: str, mode: Mode, actor=CLERK):
    async with desk.work(actor) as work:
        line = await counter.scan(work, await counter.open_sitting(work, sitting), code=code, mode=mode)
        await work.session.flush()
        return line


async def test_a_renewal_is_undone_to_the_day_and_the_count_it_had(desk) -> None:
    card, book = await desk.patron(Category.staff), await desk.item()
    lent = await desk.lend(card, book)
    first, sitting = lent.loan.due_on, uuid7()
    desk.days_later(3)
    one = await _scan(desk, sitting, book, Mode.renew)
    two = await _scan(desk, sitting, book, Mode.renew)
    with pytest.raises(UndoRefused):  # the later step first
        await desk.do(second.undo_line, line_id=one.id)
    _s, line = await desk.do(second.undo_line, line_id=two.id)
    assert line.outcome is Outcome.undone
    row = (await desk.rows("SELECT due_on, renewals FROM loan"))[0]
    assert tuple(row) == (one.due_on, 1)
    with pytest.raises(UndoRefused):  # one step back, not two
        await desk.do(undo_renewal, loan_id=lent.loan.id)
    assert first < one.due_on < two.due_on
    assert [n for n, _p, _c in await desk.said("reader.renewal.undone")] == ["reader.renewal.undone"]


async def test_an_old_line_does_not_undo_what_came_after_it(desk) -> None:
    card, book, sitting = await desk.patron(), await desk.item(), uuid7()
    await _scan(desk, sitting, card, Mode.lend)
    lent = await _scan(desk, sitting, book, Mode.lend)
    back = await _scan(desk, sitting, book, Mode.take_back)
    with pytest.raises(UndoRefused):
        await desk.do(second.undo_line, line_id=lent.id)
    await desk.do(second.undo_line, line_id=back.id)
    await desk.do(second.undo_line, line_id=lent.id)
    assert (await desk.find_item(book)).circulation == "available"


async def test_renewals_of_others_and_of_another_shift_are_for_the_head(desk) -> None:
    card, book = await desk.patron(), await desk.item()
    loan = (await desk.lend(card, book)).loan
    await desk.do(circulation.renew, barcode=book)
    with pytest.raises(UndoRefused):
        await desk.do(undo_renewal, COLLEAGUE, loan_id=loan.id)
    desk.days_later(1)
    with pytest.raises(UndoRefused):
        await desk.do(undo_renewal, loan_id=loan.id)
    assert (await desk.do(undo_renewal, HEAD, loan_id=loan.id)).renewals == 0


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    from datetime import UTC, datetime

    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


async def test_the_list_shows_finds_reprints_and_undoes(app, desk) -> None:
    card, book, other = await desk.patron(), await desk.item(), await desk.item(title="围城")
    sitting = str(uuid7())
    async with client(app, CLERK) as api, client(app, COLLEAGUE) as colleague, client(app, HEAD) as head:
        assert "第一次用" in (await api.get(f"/reader/desk?s={sitting}")).text
        for code in (card, book, other):
            await api.post("/reader/desk/scan", data={"sitting": sitting, "code": code, "mode": "lend"})
        assert "第一次用" not in (await api.get("/reader/desk", follow_redirects=True)).text
        page = (await api.get(f"/reader/desk/recent?of=desk&s={sitting}")).text
        assert (book in page, other in page) == (True, True)
        found = (await api.get("/reader/desk/recent", params={"q": "围城"})).text
        assert (book in found, other in found) == (False, True)
        assert book not in (await colleague.get("/reader/desk/recent")).text
        everybody = (await colleague.get("/reader/desk/recent?of=all")).text
        assert book in everybody
        assert not re.search(r'action="[^"]*/undo"', everybody), "another's line is not mine to undo"
        assert 'action="/sign-off"' in everybody, "but a head may sign for it"
        assert book in (await api.get(f"/reader/desk/slip?s={sitting}&round_=1")).text
        line = next(iter(await desk.rows("SELECT id FROM sitting_line WHERE code = :b", b=book)))[0]
        assert (await colleague.post(f"/reader/desk/recent/{line}/undo")).status_code == 403
        assert (await head.post(f"/reader/desk/recent/{line}/undo", data={"of": "all"})).status_code == 303
        day = (await api.get("/reader/desk/day")).text
        assert 'class="spark"' in day
        assert 'id="desk-day"' in day
