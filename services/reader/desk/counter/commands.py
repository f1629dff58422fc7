"""One scan, one answer."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk import DESK
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.queries import open_loan_of_item
from services.reader.desk.codes import clean
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.model import DamageKind, Grade, Slip
from services.reader.desk.consents import commands as consents
from services.reader.desk.consortium import commands as union
from services.reader.desk.consortium.rules import UnknownForeign
from services.reader.desk.counter import hints, rules
from services.reader.desk.counter.model import Line, Mode, Outcome, Sitting
from services.reader.desk.holds.model import Hold
from services.reader.desk.inhouse import commands as inhouse
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import find_item, item_by_barcode
from services.reader.desk.items.rules import NEXT_LABELS, UnknownBarcode
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import numbered, why_unknown
from services.reader.desk.patrons.rules import CardReplaced
from services.reader.desk.transit.model import Transit
from services.reader.rooms.service_points.queries import names
from shared.identity import Approval
from shared.refusals import NotFound, Refusal
from shared.work import Work


async def open_sitting(work: Work, sitting_id: UUID) -> Sitting:
    """The operator's sitting, locked; it begins with its first scan."""
    work.actor.require(*DESK)
    await work.session.execute(
        insert(Sitting)
        .values(id=sitting_id, operator=work.actor.id, round=1, started_at=work.now)
        .on_conflict_do_nothing()
    )
    sitting = await work.session.scalar(
        select(Sitting).where(Sitting.id == sitting_id)
        .with_for_update().execution_options(populate_existing=True)
    )
    assert sitting is not None
    if sitting.operator != work.actor.id:
        raise rules.NotYourSitting
    return sitting


async def scan(
    work: Work, sitting: Sitting, *, code: str, mode: Mode, at: str = ""
) -> Line | None:
    """Do what the scan means; None when it was a card, else the line it left."""
    code = clean(code)
    if mode is Mode.delegate:
        try:
            if await _pair(work, sitting, code):
                return None
        except Refusal as refusal:
            return await _refused(work, sitting, mode, code, refusal)
    if mode in rules.LENDING and sitting.patron_id is None:
        if await _greet(work, sitting, code):
            return None
        known = await find_item(work.session, code)
        why = rules.CardFirst() if known else await why_unknown(work.session, code)
        return await _refused(work, sitting, mode, code, why)
    try:
        return await act(work, sitting, code, mode, at=at)
    except Refusal as refusal:
        if refusal.__cause__ is not None:  # the database itself refused: nothing more can be read
            raise
        unknown = isinstance(refusal, UnknownBarcode) or rules.may_be_card(list(refusal.reasons))
        if unknown and await _greet(work, sitting, code):
            return None
        if unknown and isinstance(why := await why_unknown(work.session, code), CardReplaced):
            refusal = why
        elif mode is Mode.take_back and isinstance(refusal, UnknownBarcode):
            try:
                return await _foreign(work, sitting, code)
            except UnknownForeign:  # nobody's: the desk hears that it is not in our stock
                pass
            except Refusal as other:
                refusal = other
        return await _refused(work, sitting, mode, code, refusal)


async def act(
    work: Work, sitting: Sitting, code: str, mode: Mode, *, override: bool = False, note: str = "", at: str = "",
    signed: Approval | None = None,
) -> Line:
    """Do it, or raise what stands against it."""
    line = await _act(work, sitting, code, mode, override=override, note=note, at=at, signed=signed)
    line.facts = {**line.facts, **hints.of_barcode(line, code), **await hints.of_discs(work, line)}
    return line


async def _act(
    work: Work, sitting: Sitting, code: str, mode: Mode, *, override: bool, note: str, at: str, signed: Approval | None
) -> Line:
    if mode in rules.LENDING:
        return await _lend(work, sitting, code, mode, override=override, note=note, signed=signed)
    if mode is Mode.use:
        card = await _card(work, sitting)
        await inhouse.use(work, barcode=code, card=card)
        return _line(work, sitting, mode, Outcome.used, item=await item_by_barcode(work.session, code))
    if mode is Mode.renew:
        loan, patron = await circulation.renew(work, barcode=code, override=override, note=note, signed=signed)
        sitting.seen_id = patron.id
        item = await item_by_barcode(work.session, code)
        return _line(work, sitting, mode, Outcome.renewed, item=item, loan=loan)
    back = await circulation.take_back(work, barcode=code, at=at)
    if back.loan is not None:
        sitting.seen_id = back.loan.patron_id
    outcome = Outcome.kept if back.hold and not back.transit else Outcome.returned if back.loan else Outcome.not_lent
    line = _line(work, sitting, mode, outcome, item=back.item, loan=back.loan)
    line.due_on, line.fine_fen = None, back.fine_fen
    line.facts = {**line.facts, **hints.of_check(back)}
    if back.loss is not None:
        line.facts |= {"original": back.loss.no}
    await send_on(work, line, next_=back.next, hold=back.hold, way=back.transit)
    return line


async def send_on(work: Work, line: Line, *, next_: str, hold: Hold | None, way: Transit | None) -> None:
    """Say in the line where its item goes now."""
    line.facts = {**line.facts, "next": next_, "next_label": NEXT_LABELS[next_]}
    if way is not None:
        said = await names(work.session)
        line.facts |= {"to": said.get(way.to, way.to), "transit": way.number}
    elif hold is not None:
        next_patron = await work.session.get(Patron, hold.patron_id)
        line.facts |= {
            "shelf": hold.shelf, "next_patron": next_patron.name if next_patron else "",
            "until": hold.until.isoformat() if hold.until else "",
        }


async def _lend(
    work: Work, sitting: Sitting, code: str, mode: Mode, *, override: bool, note: str, signed: Approval | None
) -> Line:
    card = await _card(work, sitting)
    if sitting.delegate:
        done = await consents.lend_for(
            work, principal=card, delegate=sitting.delegate, barcode=code, override=override, note=note, signed=signed
        )
    elif mode is Mode.delegate:
        raise rules.DelegateFirst
    else:
        done = await circulation.lend(work, card=card, barcode=code, override=override, note=note, signed=signed)
    await work.flush()  # what the row tells beside it is read from the database
    line = _line(work, sitting, mode, Outcome.lent, item=done.item, loan=done.loan)
    if sitting.delegate:
        line.facts = {**line.facts, "delegate": sitting.delegate}
    return line


async def _card(work: Work, sitting: Sitting) -> str:
    return await work.session.scalar(select(Patron.card).where(Patron.id == sitting.patron_id)) or ""


async def _pair(work: Work, sitting: Sitting, code: str) -> bool:
    """In the mode of lending for another: the first card fetches, the second one's books these are."""
    row = (await work.session.execute(select(Patron.id, Patron.card).where(numbered(code)))).one_or_none()
    if row is None:
        return False
    known, card = row
    if sitting.patron_id is None or sitting.delegate or sitting.patron_id == known:
        return await _greet(work, sitting, code)
    delegate = await _card(work, sitting)
    await consents.check(work, delegate=delegate, principal=card)
    sitting.patron_id, sitting.delegate, sitting.seen_id = known, delegate, None
    return True


async def _foreign(work: Work, sitting: Sitting, code: str) -> Line:
    """A book of another union library goes into the box to its home."""
    box, member, _again = await union.receive_foreign(work, barcode=code)
    line = _line(work, sitting, Mode.take_back, Outcome.foreign, code=code)
    line.title, line.location = member.name, box.number
    return line


async def _greet(work: Work, sitting: Sitting, card: str) -> bool:
    """A card: this patron is served now; another one begins a new round."""
    patron_id = await work.session.scalar(select(Patron.id).where(numbered(card)))
    if patron_id is None:
        return False
    if sitting.patron_id not in {None, patron_id}:
        sitting.round += 1
    sitting.patron_id, sitting.seen_id, sitting.delegate = patron_id, None, ""
    return True


async def _refused(
    work: Work, sitting: Sitting, mode: Mode, code: str, refusal: Refusal
) -> Line:
    item = await find_item(work.session, code)
    line = _line(work, sitting, mode, Outcome.refused, item=item, code=code)
    line.facts = {"reasons": rules.kept_reasons(refusal), "refusal": refusal.code, **hints.of_barcode(line, code)}
    if mode in rules.LENDING:
        line.card = await _card(work, sitting)
    elif mode is Mode.renew and item and (loan := await open_loan_of_item(work.session, item.id)):
        line.card = loan.card or ""
    return line


def _line(
    work: Work, sitting: Sitting, mode: Mode, outcome: Outcome, *, item: Item | None = None,
    loan: Loan | None = None, code: str = "",
) -> Line:
    line = Line(
        sitting_id=sitting.id, round=sitting.round, at=work.now, mode=mode, outcome=outcome,
        code=item.barcode if item else code, title=item.title if item else "",
        call_number=item.call_number if item else "",
        location=(item.location_name or item.location) if item else "",
        card=(loan.card or "") if loan else "", loan_id=loan.id if loan else None,
        due_on=loan.due_on if loan else None,
    )
    if item is not None and item.kind in rules.WITH_PIECES and outcome is not Outcome.refused:
        line.facts = {"pieces": True}
    work.session.add(line)
    return line


async def next_patron(work: Work, sitting_id: UUID) -> Sitting:
    """The next in line steps up: an empty panel and no lines."""
    sitting = await open_sitting(work, sitting_id)
    sitting.round, sitting.patron_id, sitting.seen_id = sitting.round + 1, None, None
    sitting.delegate = ""
    return sitting


async def report_line(
    work: Work, line_id: UUID, *, kind: DamageKind, grade: Grade, note: str = ""
) -> tuple[Sitting, Line, Slip]:
    """破损: write a slip for the book of this line, in one press."""
    sitting, line = await own(work, line_id)
    slip = await condition.report(
        work, barcode=line.code, kind=kind, grade=grade, note=note, loan_id=line.loan_id
    )
    line.slip = slip.number
    if line.outcome in {Outcome.returned, Outcome.kept, Outcome.not_lent}:
        line.outcome = Outcome.returned
        line.facts = {"next": "repair", "next_label": NEXT_LABELS["repair"]}
    return sitting, line, slip


async def own(work: Work, line_id: UUID, others: bool = False) -> tuple[Sitting, Line]:
    """A line of one's own sitting; of a colleague's when `others` is allowed."""
    line = await work.session.get(Line, line_id)
    if line is None:
        raise NotFound(line_id)
    if others:
        return await work.get(Sitting, line.sitting_id), line
    return await open_sitting(work, line.sitting_id), line
