"""Doing a scan again, as of its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from services.reader.desk.attempts import attempt
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.queries import lock_open_loan
from services.reader.desk.circulation.rules import LoanRefused
from services.reader.desk.codes import clean
from services.reader.desk.counter.rules import kept_reasons
from services.reader.desk.items.model import Circulation
from services.reader.desk.offline import rules
from services.reader.desk.offline.model import Result, Scan
from services.reader.desk.offline.queries import came_back_since
from services.reader.desk.patrons.queries import lock_patron
from shared.i18n import N_
from shared.refusals import Reason, Refusal
from shared.work import Work

NOTE = "offline"


class Clash(Refusal):
    """Two things that cannot both be true; carries the result it means."""

    code = "offline-clash"
    message = N_("与此后的办理冲突")

    def __init__(self, result: Result, reasons: list[Reason]) -> None:
        self.result = result
        super().__init__(reasons)


@contextmanager
def as_of(work: Work, at: datetime) -> Iterator[None]:
    """Rules, due dates and fines count from the moment of the scan, not from that of the replay."""
    now, work.now = work.now, at
    try:
        yield
    finally:
        work.now = now


async def replay(work: Work, scan: Scan) -> None:
    """Do one scan; it answers for itself, whatever becomes of the others."""
    try:
        with as_of(work, scan.at):
            async with attempt(work):
                await do(work, scan)
    except Clash as clash:
        scan.result, scan.reasons = clash.result, kept_reasons(clash)
    except Refusal as refusal:
        # A refusal by the database itself means that another desk was first at this very moment.
        scan.result = Result.conflict if refusal.__cause__ is not None else Result.refused
        scan.reasons = kept_reasons(refusal)


async def do(work: Work, scan: Scan) -> None:
    """Record it, or raise what stands against it; the caller has set the clock to the scan."""
    code = clean(scan.code)
    item, loan, *_rest = await lock_open_loan(work.session, code, work.today)
    title, loan_id, next_, result = item.title, None, "", Result.done
    reasons: list[Reason] = []
    if scan.mode == "lend":
        patron = await lock_patron(work.session, clean(scan.card))
        if clash := rules.lend_clash(loan, patron, scan.at):
            raise Clash(*clash)
        if item.circulation is not Circulation.on_loan and item.moved_at and item.moved_at > scan.at:
            raise Clash(Result.conflict, [Reason("seen-since", N_("此后又在馆内经手，请核对书是否已在馆"))])
        if item.circulation in {Circulation.lost, Circulation.claimed_returned}:
            await circulation.take_back(work, barcode=code)  # it lay on the desk: it is not lost
            await work.session.flush()
        try:
            done = await circulation.lend(work, card=patron.card, barcode=code)
        except LoanRefused as refusal:
            result, reasons = Result.against_rule, list(refusal.reasons)
            done = await circulation.lend(work, card=patron.card, barcode=code, note=NOTE, happened=True)
        loan_id = done.loan.id
    elif scan.mode == "return":
        if clash := rules.return_clash(loan, await came_back_since(work.session, item.id, scan.at), scan.at):
            raise Clash(*clash)
        back = await circulation.take_back(work, barcode=code)
        loan_id, next_ = back.loan.id if back.loan else None, back.next
    else:
        if loan is not None and loan.lent_at > scan.at:
            raise Clash(*(rules.return_clash(loan, False, scan.at) or (Result.conflict, [])))
        renewed, _patron = await circulation.renew(work, barcode=code)
        loan_id = renewed.id
    scan.title, scan.loan_id, scan.next, scan.result = title, loan_id, next_, result
    scan.reasons = kept_reasons(Refusal(reasons)) if reasons else []
