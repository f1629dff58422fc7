"""Reads of the till: figures come from the ledger, never from a second book."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.reader.desk.cash.model import Deposit, Shift, ShiftState
from services.reader.desk.cash.rules import Takings, UnknownShift
from services.reader.desk.charges.model import Entry, Kind, Method, Posting
from services.reader.desk.consortium.model import Deposit as UnionDeposit
from services.reader.desk.consortium.model import DepositPosting

COMPENSATION = (Kind.lost, Kind.damage, Kind.disc, Kind.barcode, Kind.processing)


async def takings(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Takings]:
    """Per shift: receipts, income by kind, what came without cash, what was given back later."""
    wanted = list(ids)

    def sum_of(*where: Any) -> Any:
        return func.coalesce(func.sum(case((where[0], -Entry.amount_fen), else_=0)), 0)

    rows = await session.execute(
        select(
            Entry.shift_id, func.min(Entry.receipt), func.max(Entry.receipt),
            func.count(Entry.receipt.distinct()), sum_of(Entry.kind == Kind.overdue),
            sum_of(Entry.kind.in_(COMPENSATION)), sum_of(Entry.kind == Kind.card),
            sum_of(Entry.method != Method.cash),
        ).where(Entry.shift_id.in_(wanted)).group_by(Entry.shift_id)
    )
    back = aliased(Entry)
    refunded: dict[UUID, int] = dict((await session.execute(
        select(Entry.shift_id, func.sum(back.amount_fen))
        .join(back, back.refunds_id == Entry.id)
        .where(Entry.shift_id.in_(wanted), back.posting.in_((Posting.refund, Posting.refund_undone))).group_by(Entry.shift_id)
    )).all())  # type: ignore[arg-type]
    held = await _deposits(session, wanted)
    found = {}
    for row in rows:
        receipts, fines, compensation, fees, cashless = (int(n) for n in row[3:])
        found[row[0]] = Takings(
            row[1], row[2], receipts, fines, compensation, fees, cashless, int(refunded.get(row[0], 0))
        )
    for one, (amount, cashless) in held.items():
        known = found.get(one, Takings())
        found[one] = replace(known, deposits=amount, cashless=known.cashless + cashless)
    return {one: found.get(one, Takings()) for one in wanted}


async def _deposits(session: AsyncSession, shifts: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Per shift: deposits of union cards, and how much of them came without cash."""
    amount = UnionDeposit.amount_fen
    rows = await session.execute(
        select(UnionDeposit.shift_id, func.sum(amount), func.sum(case((UnionDeposit.method != Method.cash, amount), else_=0)))
        .where(UnionDeposit.shift_id.in_(shifts), UnionDeposit.posting == DepositPosting.received)
        .group_by(UnionDeposit.shift_id)
    )
    return {shift: (int(all_), int(cashless)) for shift, all_, cashless in rows if shift is not None}


async def open_shift_of(session: AsyncSession, cashier: str, *, lock: bool = False) -> Shift | None:
    """The shift a cashier's money goes into now."""
    query = select(Shift).where(Shift.cashier == cashier, Shift.state == ShiftState.open)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return await session.scalar(query)


async def lock_shift(session: AsyncSession, no: str) -> Shift:
    """The shift, locked: nothing is received into it meanwhile."""
    found = await session.scalar(
        select(Shift).where(Shift.no == no).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise UnknownShift(no)
    return found


async def lock_counted(session: AsyncSession, nos: Sequence[str] = ()) -> Sequence[Shift]:
    """Counted shifts that wait for the bank; all of them when none is named."""
    query = select(Shift).where(Shift.state == ShiftState.counted)
    if nos:
        query = query.where(Shift.no.in_(nos))
    return (await session.scalars(query.order_by(Shift.no).with_for_update())).all()


async def in_the_drawer(session: AsyncSession) -> int:
    """Counted cash that is not banked yet."""
    return int(await session.scalar(
        select(func.coalesce(func.sum(Shift.counted_fen), 0)).where(Shift.state == ShiftState.counted)
    ) or 0)


async def shifts(
    session: AsyncSession, *, limit: int = 25, offset: int = 0
) -> tuple[list[tuple[Shift, Deposit | None, Takings]], int]:
    """The lines of 收入缴存表, newest first, and how many there are."""
    total = int(await session.scalar(select(func.count()).select_from(Shift)) or 0)
    rows = (await session.execute(
        select(Shift, Deposit).outerjoin(Deposit, Deposit.id == Shift.deposit_id)
        .order_by(Shift.opened_at.desc(), Shift.id.desc()).limit(limit).offset(offset)
    )).all()
    figures = await takings(session, [shift.id for shift, _deposit in rows])
    return [(shift, deposit, figures[shift.id]) for shift, deposit in rows], total


async def deposit_by_no(session: AsyncSession, no: str) -> Deposit | None:
    """One deposit."""
    return await session.scalar(select(Deposit).where(Deposit.no == no))


async def shifts_of(session: AsyncSession, deposit_id: UUID) -> Sequence[Shift]:
    """Which shifts a deposit carried."""
    return (await session.scalars(
        select(Shift).where(Shift.deposit_id == deposit_id).order_by(Shift.no)
    )).all()


def line_json(shift: Shift, deposit: Deposit | None, sums: Takings) -> dict[str, Any]:
    """A line of 收入缴存表 on the wire."""
    return {
        "shift": shift.no, "cashier": shift.cashier, "state": shift.state.value, "state_label": shift.state.text,
        "opened_at": shift.opened_at, "receipts_from": sums.first, "receipts_to": sums.last,
        "fines_cents": sums.fines, "compensation_cents": sums.compensation, "card_fees_cents": sums.fees,
        "deposits_cents": sums.deposits,
        "refunds_cents": sums.refunds, "cashless_cents": sums.cashless, "expected_cents": sums.expected,
        "counted_cents": shift.counted_fen, "counted_by": shift.counted_by,
        "difference_cents": shift.difference_fen, "reason": shift.reason,
        "deposit": deposit.no if deposit else "", "banked_on": deposit.banked_on if deposit else None,
        "slip_no": deposit.slip_no if deposit else "",
    }
