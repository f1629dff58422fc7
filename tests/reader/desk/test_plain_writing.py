"""What a scan changes leaves in one statement with its audit and its facts; everything else SQLAlchemy writes.

covers: RDR-DSK-BAS-02
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from services.reader.desk.attempts import attempt
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.holds.model import Hold
from services.reader.desk.items.model import Circulation, Item
from services.reader.desk.patrons.model import Patron
from shared.writing import Change, ctes, plain_changes, values


async def test_what_is_written_plainly_is_what_the_session_would_have_written(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    done = await desk.lend(card, barcode)
    assert done.loan.returned_at is None  # nothing of a written row has to be asked for
    [(state, explain, override, returned, fine)] = await desk.rows(
        "SELECT i.circulation, l.explain, l.override, l.returned_at, l.fine_explain FROM loan l JOIN item i ON i.id = l.item_id"
    )
    assert (state, override, returned, fine) == ("on_loan", [], None, None)
    assert explain == done.loan.explain
    await desk.take_back(barcode)
    [(state, by, at)] = await desk.rows(
        "SELECT i.circulation, l.returned_by, l.returned_at FROM loan l JOIN item i ON i.id = l.item_id"
    )
    assert (state, by, at) == ("available", "R0001", desk.now)
    trail = await desk.rows("SELECT action, changes FROM audit WHERE subject = 'loan' ORDER BY id")
    assert [action for action, _changes in trail] == ["create", "update"]
    assert trail[0][1]["barcode"] == barcode
    assert trail[1][1]["returned_by"] == ["", "R0001"]


async def test_a_command_may_go_on_with_rows_it_has_written(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    async with desk.work() as work:
        from services.reader.desk.circulation import commands

        done = await commands.lend(work, card=card, barcode=barcode)
        await work.finish()
        done.loan.due_on += timedelta(days=1)
        again = await work.session.scalar(select(Loan).where(Loan.id == done.loan.id))
        assert again is done.loan
    [(due,)] = await desk.rows("SELECT due_on FROM loan")
    assert due == done.loan.due_on
    assert [a for (a,) in await desk.rows("SELECT action FROM audit WHERE subject = 'loan' ORDER BY id")] == ["create", "update"]


async def test_the_last_word_of_the_database_is_the_refusal_the_command_named(desk, reasons) -> None:
    card, barcode = await desk.patron(), await desk.item()
    first = await desk.lend(card, barcode)
    before = await desk.rows("SELECT count(*) FROM outbox")
    twice = Loan(
        item_id=first.item.id, patron_id=first.patron.id, card=card, barcode=barcode, title="活着", instance_id="i",
        lent_at=desk.now, lent_by="x", due_on=desk.today,
    )

    async def lend_unseen() -> None:
        async with desk.work() as work:
            work.refuse_on("uq_loan_open", LoanRefused([]))
            work.session.add(twice)

    with pytest.raises(LoanRefused) as refusal:
        await lend_unseen()
    assert refusal.value.__cause__.diag.constraint_name == "uq_loan_open"
    assert await desk.rows("SELECT count(*) FROM loan") == [(1,)]
    assert await desk.rows("SELECT count(*) FROM outbox") == before


async def test_one_of_several_pieces_hears_the_last_word_too_and_the_others_stay(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    first = await desk.lend(card, barcode)
    async with desk.work() as work:
        work.refuse_on("uq_loan_open", LoanRefused([]))
        with pytest.raises(LoanRefused) as refusal:
            async with attempt(work):
                work.session.add(Loan(
                    item_id=first.item.id, patron_id=first.patron.id, card=card, barcode=barcode, title="活着", instance_id="i",
                    lent_at=desk.now, lent_by="x", due_on=desk.today,
                ))
        work.note("look", "loan", "rest")
    assert refusal.value.__cause__ is not None
    assert await desk.rows("SELECT count(*) FROM loan") == [(1,)]
    assert await desk.rows("SELECT count(*) FROM audit WHERE subject_id = 'rest'") == [(1,)]


async def test_two_desks_that_lend_one_book_at_once_leave_one_loan(desk) -> None:
    cards, barcode = [await desk.patron() for _ in range(6)], await desk.item()
    found: list[Any] = await asyncio.gather(*(desk.lend(card, barcode) for card in cards), return_exceptions=True)
    assert sum(isinstance(one, LoanRefused) for one in found) == 5
    assert await desk.rows("SELECT count(*) FROM loan") == [(1,)]


async def test_a_row_that_is_not_plain_leaves_all_of_it_to_the_session(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    async with desk.works.sessions() as session:
        item = (await session.scalars(select(Item).where(Item.barcode == barcode))).one()
        patron = (await session.scalars(select(Patron).where(Patron.card == card))).one()
        item.circulation = Circulation.available  # as it was: nothing to write
        assert plain_changes(session.sync_session) == []
        item.circulation = Circulation.missing
        assert [change.columns for change in plain_changes(session.sync_session) or []] == [("circulation",)]
        patron.name = "另一人"
        assert plain_changes(session.sync_session) is None


async def test_a_loan_and_a_return_take_one_statement_to_write(desk) -> None:
    card, barcode = await desk.patron(), await desk.item()
    sent: list[str] = []
    event.listen(desk.engine.sync_engine, "before_cursor_execute", lambda _c, _cur, sql, *_r: sent.append(sql))
    await desk.lend(card, barcode)
    await desk.take_back(barcode)
    assert not [sql for sql in sent if sql.lstrip().startswith(("INSERT", "UPDATE"))]


def test_the_statement_depends_on_the_shape_alone() -> None:
    loan = Loan(id=None, barcode="A1", explain={"a": 1}, override=[])
    assert 'UPDATE "loan" SET "barcode" = %(w0_barcode)s, "explain" = %(w0_explain)s WHERE id = %(w0_id)s' in ctes(
        (("loan", ("barcode", "explain"), False),)
    )
    sent = values([Change(loan, ("barcode", "explain", "fine_explain"), new=False)])
    assert (sent["w0_barcode"], sent["w0_explain"].obj, sent["w0_fine_explain"]) == ("A1", {"a": 1}, None)


def test_a_table_whose_values_the_database_makes_up_cannot_be_plain() -> None:
    from shared.writing import _columns

    with pytest.raises(TypeError, match="turn"):
        _columns(Hold)
