"""From finding a damage to the judgement of its repair."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from services.reader.desk import DESK
from services.reader.desk.condition import rules
from services.reader.desk.condition.model import DamageKind, Grade, Inspection, Slip
from services.reader.desk.condition.queries import open_slip_of, slip_by_number
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import Hold
from services.reader.desk.holds.queries import waiting_count
from services.reader.desk.items import commands as items
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Condition, Custodian, Item, Stock
from services.reader.desk.items.queries import lock_item
from shared.events.reader import (
    DamageWithdrawn,
    InspectionFailed,
    InspectionOpened,
    InspectionPassed,
    ItemDamaged,
    ItemIrreparable,
    ItemMended,
)
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work


@dataclass(frozen=True, slots=True)
class Judged:
    """How a re-inspection ended: `next` is shelve, hold_shelf, repair, transit or with-patron."""

    inspection: Inspection
    slip: Slip
    next: str
    hold: Hold | None = None


async def report(
    work: Work, *, barcode: str, kind: DamageKind, grade: Grade, note: str = "",
    loan_id: UUID | None = None,
) -> Slip:
    """Write a slip for an item found damaged; it cannot be lent from this moment."""
    work.actor.require(*DESK)
    return await report_item(
        work, await lock_item(work.session, barcode), kind=kind, grade=grade, note=note, loan_id=loan_id
    )


async def report_item(
    work: Work, item: Item, *, kind: DamageKind, grade: Grade, note: str = "",
    loan_id: UUID | None = None,
) -> Slip:
    """The same for an item the caller has locked (returns)."""
    if item.condition is not Condition.sound:
        known = await open_slip_of(work.session, item.id)
        if known is not None:
            raise rules.AlreadyReported(slip=known.number, state=known.state.text)
    item_rules.treat(item, "report")
    slip = Slip(
        number=await work.number(rules.NUMBERS), item_id=item.id, barcode=item.barcode,
        title=item.title, call_number=item.call_number, location=item.location_name or item.location,
        kind=kind, grade=grade, note=note.strip(), loan_id=loan_id, correlation=work.correlation,
        reported_by=work.actor.id, reported_at=work.now, state=rules.FIRST[grade], moved_at=work.now,
    )
    rules.enter(slip, slip.state, work.now)
    work.session.add(slip)
    if item.circulation in {Circulation.hold_shelf, Circulation.in_transit}:
        await holds.put_back(work, item, reason=N_("发现破损"))
    items.take_off(work, item)
    await _tell_damage(work, slip, item)
    if grade is Grade.heavy:
        item_rules.treat(item, "condemn")
        work.emit(ItemIrreparable(**_about(slip, item), reason=slip.note or kind.text))
    return slip


async def withdraw(work: Work, *, number: str, reason: str) -> Slip:
    """The slip was a mistake; the workshop drops a job it has not taken yet."""
    work.actor.require(*DESK)
    slip, item = await _both(work, number)
    rules.move(slip, "withdraw", work.now)
    slip.outcome = reason
    item_rules.treat(item, "withdraw")
    work.emit(DamageWithdrawn(**_about(slip, item), reason=reason))
    await _place(work, item)
    return slip


async def start_mending(work: Work, *, number: str) -> Slip:
    """Somebody at the desk takes the light damage on."""
    work.actor.require(*DESK)
    slip, item = await _both(work, number)
    rules.move(slip, "mend", work.now)
    item_rules.treat(item, "mend")
    slip.mended_by = work.actor.id
    return slip


async def finish_mending(
    work: Work, *, number: str, note: str = "", minutes: int = 0, material: str = ""
) -> Slip:
    """Mended at the desk; a colleague re-inspects."""
    work.actor.require(*DESK)
    slip, item = await _both(work, number)
    rules.move(slip, "finish", work.now)
    item_rules.treat(item, "come_back")
    slip.mended_by, slip.mended_at = work.actor.id, work.now
    slip.minutes, slip.material = slip.minutes + max(minutes, 0), material.strip() or slip.material
    work.emit(ItemMended(**_about(slip, item), note=note or slip.material, minutes=minutes))
    open_inspection(work, slip, item, mended_by=work.actor.id, note=note)
    return slip


async def send_to_workshop(work: Work, *, number: str, note: str = "") -> Slip:
    """The damage is worse than it looked: the workshop is asked after all."""
    work.actor.require(*DESK)
    slip, item = await _both(work, number)
    rules.move(slip, "regrade", work.now)
    item_rules.treat(item, "regrade")
    slip.grade, slip.note = Grade.medium, note.strip() or slip.note
    await _tell_damage(work, slip, item)
    return slip


async def judge(
    work: Work, *, inspection_id: UUID, passed: bool, note: str = "", checklist: list[str] | None = None
) -> Judged:
    """Pass: to whoever waits, else to the shelf. Fail: back to the workshop, twice means weeding."""
    work.actor.require(*DESK)
    inspection = await work.session.scalar(
        select(Inspection).where(Inspection.id == inspection_id).with_for_update(key_share=True)
    )
    if inspection is None:
        raise rules.UnknownInspection(inspection_id)
    if not passed and not note.strip():
        raise Invalid({"note": N_("请写明不合格的原因")})
    slip, item = await _both(work, inspection.slip)
    rules.decide(inspection, slip, passed=passed, by=work.actor.id, now=work.now)
    inspection.note = note.strip()
    inspection.checklist = [check for check in checklist or [] if check in rules.CHECKS]
    if passed:
        return await _pass(work, inspection, slip, item)
    return _fail(work, inspection, slip, item)


async def _pass(work: Work, inspection: Inspection, slip: Slip, item: Item) -> Judged:
    rules.move(slip, "pass", work.now)
    item_rules.treat(item, "pass")
    item.custodian = Custodian.reader
    # The verdict is told before the move it causes: the timeline reads in the order things happened.
    waits = item.circulation is Circulation.to_shelve and await waiting_count(
        work.session, item.instance_id
    )
    next_ = "hold_shelf" if waits else item_rules.next_step(item)
    slip.outcome = item_rules.NEXT_LABELS[next_]
    work.emit(InspectionPassed(
        **_about(slip, item), inspection_id=str(inspection.id), next=next_,
        next_label=item_rules.NEXT_LABELS[next_], note=inspection.note,
    ))
    hold = await _place(work, item)
    return Judged(inspection, slip, next_, hold)


def _fail(work: Work, inspection: Inspection, slip: Slip, item: Item) -> Judged:
    work.emit(InspectionFailed(
        **_about(slip, item), inspection_id=str(inspection.id), fails=slip.fails, reason=inspection.note
    ))
    if rules.holds_no_more(slip):
        rules.move(slip, "condemn", work.now)
        item_rules.treat(item, "condemn")
        slip.outcome = inspection.note
        work.emit(ItemIrreparable(**_about(slip, item), reason=inspection.note))
        return Judged(inspection, slip, "transit")
    # A book mended at the desk goes to the workshop now, which has no job for it yet.
    rules.move(slip, "fail", work.now)
    item_rules.treat(item, "fail")
    if slip.grade is Grade.light:
        slip.grade = Grade.medium
        work.emit(_damage(slip, item, 0))
    return Judged(inspection, slip, "repair")


async def _place(work: Work, item: Item) -> Hold | None:
    """A sound item off the shelf goes to the next in turn or to its place."""
    if item.circulation is not Circulation.to_shelve or item.stock is not Stock.in_stock:
        return None
    hold = await holds.offer(work, item)
    if hold is None:
        items.put_away(work, item)
    return hold


async def _both(work: Work, number: str) -> tuple[Slip, Item]:
    """Slip and item, locked, item first; events from here on belong to the slip's case."""
    known = await slip_by_number(work.session, number)
    item = await lock_item(work.session, known.barcode)
    slip = await work.session.scalar(
        select(Slip).where(Slip.number == number).with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    assert slip is not None
    work.follow(slip.correlation)
    return slip, item


def _about(slip: Slip, item: Item) -> dict[str, str]:
    return {**item_rules.about(item), "slip": slip.number}


def _damage(slip: Slip, item: Item, waiting: int) -> ItemDamaged:
    return ItemDamaged(
        **_about(slip, item), kind=slip.kind.value, kind_label=slip.kind.label, grade=slip.grade.value,
        grade_label=slip.grade.label, note=slip.note, photo=slip.photo, holds_waiting=waiting,
        loan_id=str(slip.loan_id or ""),
    )


async def _tell_damage(work: Work, slip: Slip, item: Item) -> None:
    work.emit(_damage(slip, item, await waiting_count(work.session, item.instance_id)))


def open_inspection(work: Work, slip: Slip, item: Item, *, mended_by: str, note: str = "") -> None:
    """The mended item waits at the desk to be looked at by somebody else."""
    inspection = Inspection(
        slip_id=slip.id, slip=slip.number, barcode=slip.barcode, title=slip.title,
        call_number=slip.call_number, round=slip.fails + 1, mended_by=mended_by, mended_note=note,
        opened_at=work.now,
    )
    work.session.add(inspection)
    work.emit(InspectionOpened(
        **_about(slip, item), inspection_id=str(inspection.id), round=inspection.round,
        mended_by=mended_by,
    ))
