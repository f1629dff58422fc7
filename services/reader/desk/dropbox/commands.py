"""Opening a run, handing in barcodes, taking books back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk import DESK
from services.reader.desk.attempts import attempt
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.queries import lock_open_loan
from services.reader.desk.counter.rules import kept_reasons
from services.reader.desk.dropbox import rules
from services.reader.desk.dropbox.model import DropLine, DropRun, Went
from services.reader.desk.items.queries import lock_item, lock_items
from shared.database import uuid7
from shared.i18n import N_
from shared.refusals import Invalid, Refusal
from shared.settings import LOCAL
from shared.work import Work


async def open_run(work: Work, *, on: date, codes: Sequence[str] = ()) -> DropRun:
    """A run as of a day; a list handed in again finds the run it already made."""
    work.actor.require(*DESK)
    faults = rules.day_faults(on, work.today)
    if len(codes) > rules.LARGEST:
        faults["codes"] = N_("一次最多 2000 册，请分批")
    if faults:
        raise Invalid(faults)
    print_ = rules.fingerprint(on, codes) if codes else None
    if print_:
        # Whoever hands in the same list at the same moment waits here and then finds ours.
        known = await _known(work, print_)
        if known is not None:
            return known
    run = DropRun(
        number=await work.number(rules.NUMBERS), on=on, opened_at=work.now, opened_by=work.actor.id,
        print_=print_,
    )
    known = await _known(work, print_) if print_ else None  # the number is a lock: look again behind it
    if known is not None:
        return known
    work.session.add(run)
    await work.session.flush()
    await _add(work, run.number, codes)
    return run


async def _known(work: Work, print_: str) -> DropRun | None:
    return await work.session.scalar(select(DropRun).where(DropRun.print_ == print_))


async def _add(work: Work, number: str, codes: Sequence[str]) -> None:
    if codes:
        await work.session.execute(
            insert(DropLine).values([
                {"id": uuid7(), "run": number, "barcode": code, "went": Went.waiting} for code in codes
            ]).on_conflict_do_nothing()
        )


async def scan(work: Work, *, number: str, barcode: str) -> DropLine:
    """One book of the run; scanned again it only shows what was done."""
    work.actor.require(*DESK)
    run = await work.lock(DropRun, DropRun.number == number, what=number)
    await _add(work, number, [barcode])
    line = (await work.session.scalars(
        select(DropLine).where(DropLine.run == number, DropLine.barcode == barcode)
    )).one()
    # What was a problem may have been put right since: a second look is the way to say so.
    if line.went in {Went.waiting, Went.problem}:
        await _take(work, run, line)
    return line


async def go_on(work: Work, *, number: str) -> int:
    """Work on the next slice of a list; how many still wait."""
    work.actor.require(*DESK)
    run = await work.lock(DropRun, DropRun.number == number, what=number)
    waiting = (await work.session.scalars(
        select(DropLine).where(DropLine.run == number, DropLine.went == Went.waiting).order_by(DropLine.turn)
    )).all()
    slice_ = waiting[: rules.SLICE]
    # All items in one order first: two runs and a desk may wait for one another but never in a circle.
    await lock_items(work.session, [one.barcode for one in slice_])
    for line in slice_:
        await _take(work, run, line)
    return len(waiting) - len(slice_)


async def _take(work: Work, run: DropRun, line: DropLine) -> None:
    line.at = work.now
    try:
        async with attempt(work):
            _item, loan, *_rest = await lock_open_loan(work.session, line.barcode, work.today)
            if loan is not None:
                since = rules.lent_since(loan.lent_at.astimezone(LOCAL).date(), run.on)
                if since:
                    raise rules.NotInBox(since)
            back = await circulation.take_back(work, barcode=line.barcode, on=run.on)
    except Refusal as refusal:
        line.went, line.reasons = Went.problem, kept_reasons(refusal)
        await _name(work, line)
        return
    item = back.item
    line.went, line.reasons, line.title, line.call_number = Went(back.next), [], item.title, item.call_number
    line.location, line.was_lent, line.fine_fen = item.location_name or item.location, back.loan is not None, back.fine_fen
    line.shelf = back.hold.shelf if back.hold else ""


async def _name(work: Work, line: DropLine) -> None:
    try:
        item = await lock_item(work.session, line.barcode)
    except Refusal:
        return
    line.title, line.call_number = item.title, item.call_number
    line.location = item.location_name or item.location
