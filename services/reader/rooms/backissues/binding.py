"""Binding: made ready, sent in a batch, received back, put on the shelf as a volume."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from services.reader.desk.codes import clean
from services.reader.rooms.backissues import queries, rules
from services.reader.rooms.backissues.commands import about, in_hand
from services.reader.rooms.backissues.model import (
    BackBundle,
    BindingBatch,
    BindingLine,
    BundleState,
    Outcome,
)
from services.reader.rooms.serials.model import SerialTitle
from shared.events.reader import (
    SerialBindingReady,
    SerialBindingReturned,
    SerialBindingSent,
    SerialVolumeShelved,
)
from shared.i18n import N_
from shared.refusals import Invalid, Reason
from shared.states import step
from shared.work import Work


async def prepare(work: Work, *, number: str, reason: str = "", spine: str = "", colour: str = "") -> BackBundle:
    """配齐待装: complete, or bound with gaps for a reason; what is lacking is written down."""
    bundle, title = await in_hand(work, number)
    state = step(rules.LIFE, bundle.state, "prepare")
    whole = await queries.collation(work.session, bundle, work.today)
    rules.accepted(whole.gaps, reason, head=work.actor.holds(rules.HEADS))
    bundle.state, bundle.gaps = state, [gap.issue.label for gap in whole.gaps]
    bundle.gap_reason = reason.strip() if whole.gaps else ""
    bundle.spine, bundle.colour = spine.strip() or f"{title.title} {bundle.label}", colour.strip()
    bundle.ready_at, bundle.ready_by = work.now, work.actor.id
    work.emit(SerialBindingReady(
        **await about(work, bundle, title), gaps=tuple(bundle.gaps), reason=bundle.gap_reason, spine=bundle.spine, colour=bundle.colour,
    ))
    return bundle


async def hold(work: Work, *, number: str) -> None:
    """It is not sent yet after all; what is lacking is looked up anew."""
    bundle, _title = await in_hand(work, number)
    _lay_back(bundle, "hold")


def _lay_back(bundle: BackBundle, action: str) -> None:
    bundle.state, bundle.gaps, bundle.gap_reason = step(rules.LIFE, bundle.state, action), [], ""
    bundle.ready_at, bundle.ready_by = None, ""


async def send(work: Work, *, numbers: Sequence[str], binder: str, due_on: date | None = None, note: str = "") -> BindingBatch:
    """送装: these go to the binder together, all or none."""
    work.actor.require(*rules.HANDS)
    if not numbers:
        raise rules.NothingTicked
    wrong = {}
    if not binder.strip():
        wrong["binder"] = N_("请填写装订方")
    if due_on is not None and due_on < work.today:
        wrong["due_on"] = N_("应回日期不能早于今天")
    if wrong:
        raise Invalid(wrong)
    found = await queries.lock_bundles(work.session, list(dict.fromkeys(numbers)))
    known = {bundle.number: bundle for bundle, _title in found}
    why = [
        Reason("backissues.not-ready.bundle", N_("{number}：{state_label}"), params={"number": n, "state_label": known[n].state.text if n in known else N_("没有这一捆")})
        for n in dict.fromkeys(numbers) if n not in known or known[n].state is not BundleState.ready
    ]
    if why:
        raise rules.NotReady(why)
    batch = BindingBatch(
        number=await work.number(rules.BATCHES), binder=binder.strip(), note=note.strip(), due_on=due_on, sent_at=work.now, sent_by=work.actor.id,
    )
    work.session.add(batch)
    await work.session.flush()
    for bundle, title in found:
        bundle.state = step(rules.LIFE, bundle.state, "send")
        bundle.sent_at, bundle.sent_by, bundle.returned_at, bundle.returned_by = work.now, work.actor.id, None, ""
        work.session.add(BindingLine(batch_id=batch.id, bundle_id=bundle.id))
        whole = await queries.collation(work.session, bundle, work.today)
        work.emit(SerialBindingSent(
            **await about(work, bundle, title), batch=batch.number, binder=batch.binder, issues=tuple(one.label for one in whole.present),
            gaps=tuple(bundle.gaps), spine=bundle.spine, colour=bundle.colour, issn=title.issn, subscription=title.subscription,
        ))
    await work.session.flush()
    return batch


async def _line(work: Work, bundle: BackBundle, outcome: Outcome) -> tuple[BindingLine, BindingBatch]:
    found = (await work.session.execute(
        select(BindingLine, BindingBatch).join(BindingBatch, BindingBatch.id == BindingLine.batch_id)
        .where(BindingLine.bundle_id == bundle.id, BindingLine.outcome == outcome).order_by(BindingBatch.number.desc()).limit(1)
    )).one()
    return found[0], found[1]


async def take_back(work: Work, *, number: str, bound: bool = True, remark: str = "") -> tuple[BackBundle, SerialTitle, bool]:
    """装回: one scan, one volume; True when it had been received. Not bound, it waits as before and says why."""
    bundle, title = await in_hand(work, clean(number))
    if bound and bundle.state is BundleState.returned:
        return bundle, title, True
    await _take(work, bundle, title, bound=bound, remark=remark)
    return bundle, title, False


async def receive(work: Work, *, number: str) -> None:
    """A volume came with a handover batch: whoever counted it in has it in hand."""
    bundle, title = await queries.bundle_by_number(work.session, number, lock=True)
    if bundle.state is BundleState.sent:
        await _take(work, bundle, title, bound=True, remark="")


async def _take(work: Work, bundle: BackBundle, title: SerialTitle, *, bound: bool, remark: str) -> None:
    state = step(rules.LIFE, bundle.state, "bound" if bound else "unbound")
    line, batch = await _line(work, bundle, Outcome.out)
    remark = remark.strip() or ("" if bound else line.why_back)
    if not bound and not remark:
        raise Invalid({"remark": N_("请写明退回原因")})
    line.outcome, line.remark = Outcome.bound if bound else Outcome.unbound, remark
    line.back_at, line.back_by = work.now, work.actor.id
    if bound:
        bundle.state, bundle.returned_at, bundle.returned_by = state, work.now, work.actor.id
    await _tell(work, bundle, title, batch, line)
    if not bound:
        _lay_back(bundle, "unbound")


async def _tell(work: Work, bundle: BackBundle, title: SerialTitle, batch: BindingBatch, line: BindingLine) -> None:
    work.emit(SerialBindingReturned(
        **await about(work, bundle, title), batch=batch.number, outcome=line.outcome.value, outcome_label=line.outcome.label, remark=line.remark,
    ))


async def redo(work: Work, *, number: str, remark: str) -> None:
    """返工: wrong order, a page or the spine; it waits for the next batch."""
    bundle, title = await in_hand(work, number)
    state = step(rules.LIFE, bundle.state, "redo")
    if not remark.strip():
        raise Invalid({"remark": N_("请写明哪里不合格")})
    line, batch = await _line(work, bundle, Outcome.bound)
    bundle.state, line.outcome, line.remark = state, Outcome.redo, remark.strip()
    await _tell(work, bundle, title, batch, line)


async def shelve(
    work: Work, *, number: str, barcode: str, call_number: str, room: str, rack: str, labelled: bool, stripped: bool
) -> BackBundle:
    """合订本上架: own barcode and call number, label and strip on it, a rack to stand on."""
    bundle, title = await in_hand(work, number)
    state = step(rules.LIFE, bundle.state, "shelve")
    barcode = clean(barcode)
    given = {"barcode": barcode, "call_number": call_number.strip(), "room": room.strip(), "rack": rack.strip()}
    if empty := {name: N_("请填写此项") for name, value in given.items() if not value}:
        raise Invalid(empty)
    if not (labelled and stripped):
        raise rules.NotYetDone
    # A volume the workshop entered is the item of that barcode; any other must be new.
    if barcode != bundle.barcode and await queries.barcode_taken(work.session, barcode):
        raise rules.BarcodeTaken(barcode=barcode)
    work.refuse_on("uq_back_bundle_barcode", rules.BarcodeTaken(barcode=barcode))
    bundle.barcode, bundle.call_number, bundle.room, bundle.rack = given.values()
    bundle.state, bundle.shelved_at, bundle.shelved_by = state, work.now, work.actor.id
    await work.flush()
    work.emit(SerialVolumeShelved(
        **await about(work, bundle, title), barcode=bundle.barcode, call_number=bundle.call_number, room=bundle.room, rack=bundle.rack,
    ))
    return bundle
