"""A refund the office paid and reversed did not arrive: the ledger takes it back, the balance holds, the patron is told, it is asked anew.

covers: RDR-DSK-BAS-04, RDR-LED-FRD-03, RDR-LED-FRD-04, OFF-FIN-02
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from services.reader.desk.books.proof import verify
from services.reader.desk.charges import commands as charges
from services.reader.desk.circulation import losing
from services.reader.desk.consortium import handlers as union_handlers
from services.reader.desk.consortium import lending
from services.reader.desk.losses import handlers, refunds, rules
from services.reader.desk.losses.model import LossState
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import CardState
from services.reader.desk.violations import handlers as violation_handlers
from shared.events.office import PaymentPaid, PaymentReversed
from shared.refusals import NotAllowed
from tests.reader.desk.conftest import CLERK, HEAD
from tests.reader.desk.test_consortium import city
from tests.reader.desk.test_losses import case, paid
from tests.reader.desk.test_union_money import balance, issued
from tests.reader.desk.test_violations import OTHER_HEAD, act, decided
from tests.reader.desk.test_violations import case as violation
from tests.support.departments import client, opened


def said(number: str, voucher: str, attempt: int = 0, fen: int = 15200) -> PaymentPaid:
    return PaymentPaid(voucher=voucher, reference=number, amount_cents=fen, paid_on=date(2026, 12, 1), attempt=attempt)


def undone(number: str, reverses: str, attempt: int = 0, fen: int = 15200) -> PaymentReversed:
    return PaymentReversed(
        voucher=f"R-{reverses}", reverses=reverses, reference=number, attempt=attempt, amount_cents=fen, reversed_on=date(2026, 12, 2), reason="付错户",
    )


async def asked(desk: Any) -> tuple[str, str, str, str]:
    """A loss whose refund lies at the office: card, barcode, number, receipt."""
    card, barcode, loss, receipt = await paid(desk)
    await desk.take_back(barcode)
    await again(desk, loss.no, receipt)
    return card, barcode, loss.no, receipt


async def again(desk: Any, no: str, receipt: str) -> None:
    await desk.do(refunds.ask, no=no, receipt=receipt)
    await desk.do(refunds.approve, HEAD, no=no)


async def postings(desk: Any) -> list[tuple[Any, ...]]:
    return [tuple(r) for r in await desk.rows("SELECT posting, round, amount_fen FROM ledger WHERE refunds_id IS NOT NULL ORDER BY round, posting")]


async def proven(desk: Any) -> None:
    async with desk.works.sessions() as session:
        assert [(one.code, one.found) for one in await verify(session) if one.found] == []


async def told_patron(desk: Any, about: str) -> list[tuple[Any, ...]]:
    rows = await desk.rows("SELECT facts->>'what_label', (facts->>'amount_cents')::int FROM notice WHERE hook = 'refund_undone' AND about = :a", a=about)
    return [tuple(r) for r in rows]


async def test_a_reversed_refund_is_taken_back_told_and_paid_anew_however_often_it_is_said(desk) -> None:
    card, _barcode, no, receipt = await asked(desk)
    pair = [("credit", 0, -15200), ("credit_undone", 0, 15200), ("refund", 0, 15200), ("refund_undone", 0, -15200)]
    for _twice in range(2):
        await desk.heed(handlers.handlers, said(no, "PZ1"))
    for _twice in range(2):
        await desk.heed(handlers.handlers, undone(no, "PZ1"))
    await desk.heed(handlers.handlers, said(no, "PZ1"))  # after a restore, once more
    loss = await case(desk, no)
    assert (loss.state, loss.refused, loss.refund_round, await postings(desk)) == (LossState.unpaid, "付错户", 1, pair)
    assert (await desk.find_patron(card)).debt_fen == 0
    assert await told_patron(desk, no) == [("退还遗失赔偿款", 15200)]
    await proven(desk)
    await again(desk, no, receipt)
    assert [payload["attempt"] for _n, payload, _c in await desk.said("reader.refund.requested")] == [0, 1]
    for late in (said(no, "PZ1"), undone(no, "PZ1")):  # about the first asking
        await desk.heed(handlers.handlers, late)
    assert (await case(desk, no)).state is LossState.refund_due
    await desk.heed(handlers.handlers, said(no, "PZ2", 1))
    loss = await case(desk, no)
    assert (loss.state, loss.refund_voucher, await postings(desk)) == (LossState.refunded, "PZ2", [*pair, ("credit", 1, -15200), ("refund", 1, 15200)])
    assert (await desk.find_patron(card)).debt_fen == 0
    await proven(desk)


async def test_a_reversal_heard_before_its_payment_leaves_no_trace_in_the_ledger(desk) -> None:
    _card, _barcode, no, receipt = await asked(desk)
    await desk.heed(handlers.handlers, undone(no, "PZ1"))
    await desk.heed(handlers.handlers, said(no, "PZ1"))
    loss = await case(desk, no)
    assert (loss.state, loss.refused, await postings(desk)) == (LossState.refundable, "付错户", [])
    await again(desk, no, receipt)
    await desk.heed(handlers.handlers, said(no, "PZ1"))
    assert (await case(desk, no)).state is LossState.refund_due
    await desk.heed(handlers.handlers, said(no, "PZ2", 1))
    assert (await case(desk, no)).state is LossState.refunded


async def test_the_database_undoes_only_what_was_given_back_and_a_case_waits_for_the_items_other_one(desk, database, tmp_path) -> None:
    _card, barcode, no, receipt = await asked(desk)
    charge = (await case(desk, no)).charge_id
    assert await desk.do(charges.undo_refund, charge_id=charge, voucher="R", reason=no) is None
    await desk.heed(handlers.handlers, said(no, "PZ1"))
    await desk.lend(await desk.patron(), barcode)
    other = await desk.do(losing.declare_lost, barcode=barcode)
    await desk.heed(handlers.handlers, undone(no, "PZ1"))
    with pytest.raises(rules.OtherCaseRuns):
        await desk.do(refunds.ask, no=no, receipt=receipt)
    assert (await case(desk, other.no)).state is LossState.open
    forged = (
        "INSERT INTO ledger (id, patron_id, card, posting, kind, amount_fen, refunds_id, round, barcode, title, receipt, reason, explain, actor, at) "
        "SELECT gen_random_uuid(), patron_id, card, '{}', kind, {}, id, {}, '', '', 'X', '', '{{}}', 'x', at FROM ledger WHERE posting = 'payment' RETURNING 1"
    )
    for posting, fen, turn in (("refund_undone", -15200, 1), ("refund", 15200, 2), ("refund_undone", 15200, 0)):
        with pytest.raises(DBAPIError):
            await desk.rows(forged.format(posting, fen, turn))
    from services.reader.app import service
    async with opened(service, database("reader"), tmp_path) as app, client(app, CLERK) as api:
        seen = await api.get(f"/reader/losses/{no}")
        assert (seen.status_code, "退款未付到，办公室已冲销" in seen.text, "申请退款" in seen.text) == (200, True, True)
        assert no in (await api.get("/reader/losses?tab=refund")).text


async def test_a_reversed_deposit_is_held_again_and_goes_back_another_time(desk) -> None:
    await city(desk)
    await issued(desk)

    async def at_the_office() -> str:
        await desk.do(lending.ask_refund, card="U001")
        return str(await desk.do(lending.approve_refund, HEAD, card="U001"))

    number = await at_the_office()
    with pytest.raises(NotAllowed):
        await desk.do(patrons.change_card, card="U001", action="restore")
    for fact in (said(number, "PZ1", fen=10000), undone(number, "PZ1", fen=10000)) * 2:
        await desk.heed(union_handlers.handlers, fact)
    found = await desk.find_patron("U001")
    assert (found.state, found.deposit_fen) == (CardState.suspended, 10000)
    assert await told_patron(desk, number) == [("退还联合证押金", 10000)]
    await balance(desk)
    second = await at_the_office()
    assert second != number
    # Reversed before its payment was heard: nothing was posted, and the late word finds no case.
    for fact in (undone(second, "PZ2", fen=10000), said(second, "PZ2", fen=10000)):
        await desk.heed(union_handlers.handlers, fact)
    assert (await desk.find_patron("U001")).deposit_fen == 10000
    third = await at_the_office()
    await desk.heed(union_handlers.handlers, said(third, "PZ3", fen=10000))
    rows = await desk.rows("SELECT posting, round, amount_fen FROM union_deposit ORDER BY at, posting, round")
    assert sorted(tuple(r) for r in rows) == [("received", 0, 10000), ("refunded", 0, -10000), ("refunded", 1, -10000), ("restored", 0, 10000)]
    assert (await desk.find_patron("U001")).state is CardState.closed
    await balance(desk)
    await proven(desk)


async def test_a_revoked_violation_waits_once_more_for_its_refund(desk) -> None:
    card = await desk.patron()
    no = await decided(desk, "compensation", card=card, amount_fen="10.00")
    await desk.do(charges.pay, card=card)
    await act(desk, no, "appeal", CLERK, appeal="不是我撕的")
    await act(desk, no, "revoke", OTHER_HEAD, judgement="证据不足")
    for fact in (said(no, "PZ1", fen=1000), undone(no, "PZ1", fen=1000)) * 2:
        await desk.heed(violation_handlers.handlers, fact)
    assert ((await violation(desk, no)).state, await told_patron(desk, no)) == ("refund_due", [("退还违章赔偿款", 1000)])
    await act(desk, no, "refund_again", HEAD)
    assert [payload["attempt"] for _n, payload, _c in await desk.said("reader.refund.requested")] == [0, 1]
    await desk.heed(violation_handlers.handlers, said(no, "PZ2", 1, fen=1000))
    done = await violation(desk, no)
    assert (done.state, done.voucher, (await desk.find_patron(card)).debt_fen) == ("revoked", "PZ2", 0)
    await proven(desk)
