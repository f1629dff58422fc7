"""Posting to the ledger, and what follows from a case that asks for money, gives it back or is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.office.money.budgets import queries, rules
from services.office.money.budgets.model import (
    Budget,
    BudgetChange,
    BudgetState,
    ChangeKind,
    Encumbrance,
    EntryKind,
    FundEntry,
    PaymentPart,
    Reservation,
    ReservationState,
    ShareState,
)
from shared.events.office import BudgetRefused, BudgetReserved, BudgetThresholdCrossed
from shared.events.resources import FundSum, PaymentShare
from shared.i18n import N_
from shared.identity import Actor
from shared.refusals import Invalid
from shared.work import Work

K = EntryKind


async def post(
    work: Work, budget: Budget, kind: EntryKind, amount: int, *, reference: str = "", voucher: str = "", note: str = ""
) -> None:
    """One row of the ledger; the database adds it up. The caller has locked the line.

    Whoever pushes a line over one of its limits makes the office hear of it.
    """
    if not amount:
        return
    before = rules.level(rules.sums(budget), warn=budget.warn_at, stop=budget.stop_at)
    work.session.add(FundEntry(
        no=await work.number(rules.ENTRIES), budget=budget.no, kind=kind, amount=amount, reference=reference, voucher=voucher,
        note=note, created_by=work.actor.id, created_at=work.now, correlation=work.correlation,
    ))
    await work.session.flush()
    await work.session.refresh(budget, ["approved", "adjusted", "encumbered", "pending", "spent"])
    now = rules.sums(budget)
    after = rules.level(now, warn=budget.warn_at, stop=budget.stop_at)
    if after > before and kind in (K.encumbrance, K.payment):
        work.emit(BudgetThresholdCrossed(
            budget=budget.no, fund_name=budget.fund_name, fund_name_en=budget.fund_name_en, year=budget.year, level=after,
            committed_cents=now.committed, total_cents=now.total,
        ), correlation=budget.correlation)


async def lock_running(work: Work, number: str) -> Budget:
    """A line that runs, locked."""
    found = (await queries.budgets_of(work.session, [number], lock=True)).get(number)
    if found is None or BudgetState(found.state) is not BudgetState.running:
        raise rules.NoSuchBudget(budget=number)
    return found


async def name_fund(work: Work, budget: Budget) -> None:
    """A line belongs to a fund that is in use; its name is kept with it."""
    rules.check_limits(budget.warn_at, budget.stop_at)
    fund = await queries.fund_named(work.session, budget.fund)
    if fund is None or not fund.active:
        raise Invalid({"fund": N_("没有这项经费，或已停用")})
    budget.fund, budget.fund_name, budget.fund_name_en, budget.kind = fund.no, fund.name, fund.name_en, fund.kind


async def approve(work: Work, budget: Budget) -> None:
    """The sum is agreed: the first row of the line."""
    budget.approved_by = work.actor.id
    await post(work, budget, K.allocation, budget.planned, reference=budget.no, note=budget.basis)


def start(work: Work, budget: Budget) -> None:
    """Departments may ask for its money from now on."""
    budget.state = BudgetState.running
    work.emit(rules.allocated(budget), correlation=budget.correlation)


def close(work: Work, budget: Budget) -> None:
    """Nothing more is taken from it; what is left lapses."""
    rules.check_closing(budget)
    budget.closed_by, budget.state = work.actor.id, BudgetState.closed
    work.emit(rules.allocated(budget), correlation=budget.correlation)


async def check_change(work: Work, change: BudgetChange) -> None:
    """The lines exist and run; a transfer has two of them."""
    change.budget, change.to_budget = change.budget.strip().upper(), change.to_budget.strip().upper()
    transfer = change.kind == ChangeKind.transfer
    if transfer and (not change.to_budget or change.to_budget == change.budget):
        raise Invalid({"to_budget": N_("请填写调入的另一项预算")})
    change.to_budget = change.to_budget if transfer else ""
    wanted = [one for one in (change.budget, change.to_budget) if one]
    found = await queries.budgets_of(work.session, wanted)
    for number in wanted:
        if number not in found or found[number].state != BudgetState.running:
            raise rules.NoSuchBudget(budget=number)


async def change(work: Work, asked: BudgetChange) -> None:
    """The change is agreed: its rows, and whoever waits for money hears of it."""
    asked.decided_by = work.actor.id
    numbers = [one for one in (asked.budget, asked.to_budget) if one]
    found = await queries.budgets_of(work.session, numbers, lock=True)
    await check_change(work, asked)
    giver = found[asked.budget]
    if asked.kind != ChangeKind.raised:
        rules.check_taking(giver, asked.amount)
    kind = K.transfer if asked.kind == ChangeKind.transfer else K.adjustment
    await post(work, giver, kind, asked.amount if asked.kind == ChangeKind.raised else -asked.amount, reference=asked.no, note=asked.reason)
    if asked.to_budget:
        await post(work, found[asked.to_budget], kind, asked.amount, reference=asked.no, note=asked.reason)
    for number in numbers:
        work.emit(rules.allocated(found[number]), correlation=found[number].correlation)


async def reserve(
    work: Work, case: Reservation, sums: Sequence[FundSum], *, override: bool = False, by: Actor | None = None
) -> bool:
    """Hold what the case needs in all; the answer is stated, whichever it is."""
    rows = {row.budget: row for row in await queries.held_for(work.session, case.no)}
    asked = await _by_budget(work, sums, rows)
    lines = await queries.budgets_of(work.session, sorted({*rows, *asked}), lock=True)
    rooms = {no: rules.room(b) for no, b in lines.items() if b.state == BudgetState.running}
    if override:
        rooms = dict.fromkeys(rooms, 10**15)
    held = {no: rules.Held(row.asked, row.needed, row.settled) for no, row in rows.items()}
    found = rules.answer(held, asked, rooms)
    case.amount = sum(asked.values())
    for number in {*rows, *asked}:
        if number not in rows:
            rows[number] = Encumbrance(case_no=case.no, budget=number)
            work.session.add(rows[number])
        rows[number].asked = asked.get(number, 0)
    if found.short:
        case.reason = "；".join(rules.why_short(lines[no]) if no in lines else no for no in found.short)
        case.state = ReservationState.refused
        work.emit(BudgetRefused(
            reference=case.no, revision=case.revision, amount_cents=case.amount, reason=case.reason, budgets=tuple(found.short),
        ), correlation=case.correlation)
        return False
    await _hold(work, case, rows, lines, found.deltas, asked)
    case.reason, case.state = "", ReservationState.reserved
    work.emit(BudgetReserved(
        reference=case.no, revision=case.revision, amount_cents=case.amount, overridden=override,
    ), correlation=case.correlation, by=by)
    return True


async def release(work: Work, case: Reservation, sums: Sequence[FundSum]) -> None:
    """The case needs less: what is no longer needed is free. Giving back never asks for room."""
    rows = {row.budget: row for row in await queries.held_for(work.session, case.no)}
    asked = await _by_budget(work, sums, rows)
    lines = await queries.budgets_of(work.session, sorted(rows), lock=True)
    held = {no: rules.Held(row.asked, row.needed, row.settled) for no, row in rows.items()}
    # What was never agreed to is not held now either.
    less = {no: min(asked.get(no, 0), row.needed) for no, row in rows.items()}
    found = rules.answer(held, less, {})
    await _hold(work, case, rows, lines, found.deltas, less)
    case.amount = sum(asked.values())
    case.state = ReservationState.released if not case.amount else case.state


async def _hold(
    work: Work, case: Reservation, rows: Mapping[str, Encumbrance], lines: Mapping[str, Budget], deltas: Mapping[str, int],
    needed: Mapping[str, int],
) -> None:
    for number, row in rows.items():
        row.needed = needed.get(number, 0)
    await work.session.flush()
    for number, delta in sorted(deltas.items()):
        await post(work, lines[number], K.encumbrance if delta > 0 else K.release, delta, reference=case.no, note=case.party)


async def override(work: Work, case: Reservation) -> None:
    """The director agrees although the limit is reached; the reason stays with the case."""
    case.override_by = work.actor.id
    rows = await queries.held_for(work.session, case.no)
    asked = [FundSum(budget=row.budget, amount_cents=row.asked) for row in rows if row.asked]
    if not await reserve(work, case, asked, override=True, by=work.actor):
        raise rules.NoSuchBudget(budget=case.reason)


async def expect(work: Work, invoice: str, attempt: int, shares: Sequence[PaymentShare]) -> bool:
    """An invoice lies here: its parts are pending. False when this attempt is known already."""
    known = await queries.parts_of(work.session, invoice)
    if known and known[-1].attempt >= attempt:
        return False
    # What a closed year had open is paid from the line that took over.
    after = await queries.successors(work.session, {share.budget for share in shares})
    shares = [share.model_copy(update={"budget": rules.last(share.budget, after)}) for share in shares]
    lines = await queries.budgets_of(work.session, sorted({share.budget for share in shares}), lock=True)
    for share in shares:
        if share.budget not in lines:
            raise rules.NoSuchBudget(budget=share.budget)
        work.session.add(PaymentPart(
            invoice=invoice, attempt=attempt, case_no=share.order, budget=share.budget, amount=share.amount_cents,
            release=share.release_cents,
        ))
        await post(work, lines[share.budget], K.pending, share.amount_cents, reference=invoice)
    await work.session.flush()
    return True


async def settle(work: Work, invoice: str, voucher: str) -> None:
    """The invoice is paid: what was held for its part of the order is free, what was paid is spent."""
    parts = [part for part in await queries.parts_of(work.session, invoice) if part.state is ShareState.pending]
    lines = await queries.budgets_of(work.session, sorted({part.budget for part in parts}), lock=True)
    for part in parts:
        part.state, part.settled_at = ShareState.paid, work.now
        row = await _encumbrance(work, part)
        before = rules.Held(row.asked, row.needed, row.settled).open
        row.settled += part.release
        after = rules.Held(row.asked, row.needed, row.settled).open
        await work.session.flush()
        line = lines[part.budget]
        await post(work, line, K.pending, -part.amount, reference=invoice, voucher=voucher)
        await post(work, line, K.release, after - before, reference=part.case_no, voucher=voucher)
        await post(work, line, K.payment, part.amount, reference=invoice, voucher=voucher)


async def _encumbrance(work: Work, part: PaymentPart) -> Encumbrance:
    row = await work.session.get(Encumbrance, (part.case_no, part.budget), populate_existing=True, with_for_update=True)
    if row is None:
        row = Encumbrance(case_no=part.case_no, budget=part.budget)
        work.session.add(row)
    return row


async def drop(work: Work, invoice: str) -> None:
    """The invoice went back: nothing of it is pending."""
    parts = [part for part in await queries.parts_of(work.session, invoice) if part.state is ShareState.pending]
    lines = await queries.budgets_of(work.session, sorted({part.budget for part in parts}), lock=True)
    for part in parts:
        part.state, part.settled_at = ShareState.returned, work.now
        await work.session.flush()
        await post(work, lines[part.budget], K.pending, -part.amount, reference=invoice)


async def paid_for(work: Work, invoice: str, attempt: int) -> bool:
    """Whether this asking of an invoice was paid from our lines."""
    return any(p.attempt == attempt and p.state is ShareState.paid for p in await queries.parts_of(work.session, invoice))


async def reverse(work: Work, invoice: str, attempt: int, *, first: str, voucher: str) -> None:
    """A payment is undone: what was spent comes back, and what the order still needs is held again."""
    posted = await queries.spent_by(work.session, first)
    lines = await queries.budgets_of(work.session, sorted({entry.budget for entry in posted}), lock=True)
    if closed := [line for line in lines.values() if line.state != BudgetState.running]:
        raise rules.YearClosed(budget="、".join(line.no for line in closed))
    for entry in posted:
        kind = K.credit if entry.amount > 0 else K.payment
        await post(work, lines[entry.budget], kind, -entry.amount, reference=entry.reference, voucher=voucher, note=first)
    for part in await queries.parts_of(work.session, invoice) if invoice else ():
        if part.attempt == attempt and part.state is ShareState.paid:
            part.state, part.settled_at = ShareState.reversed, work.now
            row = await _encumbrance(work, part)
            before = rules.Held(row.asked, row.needed, row.settled).open
            row.settled -= part.release
            after = rules.Held(row.asked, row.needed, row.settled).open
            await work.session.flush()
            await post(work, lines[part.budget], K.encumbrance, after - before, reference=part.case_no, voucher=voucher, note=first)


async def spend(work: Work, named: str, year: int, amount: int, *, voucher: str, note: str) -> None:
    """A voucher made by hand moves money of a line it names; `amount` below nought gives money back."""
    found = await queries.running_named(work.session, named, year) if named.strip() else None
    if found is not None:
        line = await lock_running(work, found.no)
        await post(work, line, K.payment if amount > 0 else K.credit, amount, reference=voucher, voucher=voucher, note=note)


async def check_room(work: Work, named: str, year: int, amount: int) -> None:
    """Before a hand-made payment is approved: beyond what is left only the director agrees."""
    line = await queries.running_named(work.session, named, year) if named.strip() else None
    if line is not None and line.available < amount and not work.actor.holds(("director",)):
        raise rules.BeyondFunds(fund_name=line.fund_name, available=rules.yuan(line.available))


async def _by_budget(work: Work, sums: Sequence[FundSum], rows: Mapping[str, Encumbrance]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in sums:
        found[one.budget] = found.get(one.budget, 0) + one.amount_cents
    after = await queries.successors(work.session, {*found, *rows})
    return {no: amount for no, amount in rules.follow(found, {no: row.settled for no, row in rows.items()}, after).items() if amount}
