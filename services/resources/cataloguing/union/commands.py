"""What is done with contributions: proposed, mended, given up, sent for and answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.union import queries, rules
from services.resources.cataloguing.union.client import Said
from services.resources.cataloguing.union.model import (
    Act,
    Contribution,
    ContributionState,
    Format,
    Outcome,
    UnionAnswer,
    UnionLine,
    UnionSettings,
)
from services.resources.cataloguing.versions import commands as versions
from services.resources.cataloguing.versions.model import Origin
from services.resources.cataloguing.versions.queries import open_of
from shared.database import uuid7
from shared.events.resources import (
    RecordContributed,
    RecordRenewed,
    RecordSentBack,
    SentBackSettled,
)
from shared.i18n import N_, _
from shared.refusals import Invalid, Reason
from shared.states import step
from shared.web.register import people
from shared.work import Work


async def save_settings(work: Work, values: dict[str, Any]) -> UnionSettings:
    """Where the union catalogue is and how often we send."""
    work.actor.require(*rules.KEEPERS)
    if wrong := rules.checked(values, [code for code, _name in await queries.targets(work.session)]):
        raise Invalid(wrong)
    kept = await queries.settings_of(work.session)
    for name in ("open", "name", "code", "target", "url", "inside", "account"):
        setattr(kept, name, values[name])
    kept.format, kept.every_hours, kept.seconds = Format(values["format"]), int(values["every_hours"]), int(values["seconds"])
    work.session.add(kept)
    line = await _line(work)
    line.failures, line.failure, line.params, line.next_at = 0, "", {}, line.next_at or rules.next_run(work.now, kept.every_hours)
    return kept


async def _line(work: Work) -> UnionLine:
    """The line, locked: one sender at a time."""
    found = (await work.session.scalars(select(UnionLine).where(UnionLine.id == 1).with_for_update())).one_or_none()
    if found is None:
        found = UnionLine(id=1, failures=0, failure="", params={})
        work.session.add(found)
    return found


async def _reasons(work: Work, settings: UnionSettings, record: Instance) -> list[Reason]:
    """Everything against sending a record as it is now."""
    await work.session.refresh(record, ["fields"])
    who = record.created_by
    return rules.unfit(
        Record.from_json(record.fields), released=record.state is RecordState.released and record.merged_into is None,
        correcting=await open_of(work.session, record.id) is not None,
        theirs=await queries.theirs(work.session, record.number, settings.target),
        certified=await queries.certified(work.session, who, record.dialect, work.today),
        who=(await people.names(work, [who])).get(who, who), code=settings.code, iso=settings.format is Format.iso2709,
    )


async def propose(work: Work, key: str) -> Contribution:
    """Put a record on the list; everything against it is said at once."""
    work.actor.require(*rules.CONTRIBUTORS)
    settings = await queries.settings_of(work.session)
    if not settings.open:
        raise rules.NotOpen
    record = await versions.lock(work, key)
    work.refuse_on("uq_union_contribution_record", rules.ContributedAlready(record=record.number))
    if reasons := await _reasons(work, settings, record):
        raise rules.NotFitToSend(reasons, record=record.number)
    one = Contribution(
        id=uuid7(), no=await work.number(rules.NUMBERS), instance_id=record.id, record=record.number, title=record.title,
        dialect=record.dialect, cataloguer=record.created_by, state=ContributionState.queued, created_by=work.actor.id,
    )
    work.session.add(one)
    await work.flush()
    return one


async def send_now(work: Work) -> None:
    """Do not wait for the schedule, nor for the end of a pause."""
    work.actor.require(*rules.CONTRIBUTORS)
    if not (await queries.settings_of(work.session)).open:
        raise rules.NotOpen
    (await _line(work)).next_at = work.now


async def fix(work: Work, one: Contribution, _form: Any) -> None:
    """Mended: a newer version was proofread, and nothing stands against it."""
    record = await by_key(work.session, one.record)
    settings = await queries.settings_of(work.session)
    if record.revision <= one.sent_version:
        raise rules.NotMended(record=one.record)
    if reasons := rules.against(await _reasons(work, settings, record), one.act):
        raise rules.NotFitToSend(reasons, record=one.record)
    one.title = record.title
    _over(work, one, N_("已改好"))


async def give_up(work: Work, one: Contribution, _form: Any) -> ContributionState | None:
    """It stays ours alone, or there as it was; the reason is kept."""
    if one.state == ContributionState.returned:
        _over(work, one, N_("不再上传"))
    if one.act is Act.create:
        return None
    one.sent_version = (await by_key(work.session, one.record)).revision
    return ContributionState.accepted


def _over(work: Work, one: Contribution, how: str) -> None:
    work.emit(SentBackSettled(
        number=one.no, record=one.record, instance_id=str(one.instance_id), title=one.title, cataloguer=one.cataloguer, outcome_label=how,
    ))


async def settle(work: Work, one: Contribution, form: Any) -> ContributionState | None:
    """A person looked there and found it done."""
    one.control_no, one.answered_at = form.control_no, work.now
    _answer(work, one, Outcome.accepted, form.control_no, "")
    if one.act is Act.remove:
        return ContributionState.withdrawn
    await _note(work, one)
    return None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One record to be sent, or (without `marc`) one to be asked about."""

    no: str
    request: str
    marc: Record | None = None
    act: Act = Act.create
    control_no: str = ""


async def claim(work: Work) -> list[Parcel] | None:
    """What is to be asked and sent now; from here on nobody else sends it. None when it is not time yet."""
    settings = await queries.settings_of(work.session)
    if not settings.open:
        return None
    line = await _line(work)
    if line.next_at is None or line.next_at > work.now:
        return None
    # Should whoever sends die, the next begins after a while, and asks first what became of it.
    line.next_at = work.now + rules.FORGOTTEN + timedelta(minutes=1)
    await _renew(work)
    waiting = (await work.session.scalars(
        select(Contribution).where(Contribution.state.in_(("queued", "fixed", "unclear", "sending")))
        .order_by(Contribution.state.in_(("queued", "fixed")), Contribution.created_at, Contribution.no).limit(rules.BATCH)
        .with_for_update(skip_locked=True).execution_options(populate_existing=True)
    )).all()
    parcels: list[Parcel] = []
    for one in waiting:
        if one.state == "sending":
            if one.sent_at is not None and one.sent_at > work.now - rules.FORGOTTEN:
                continue
            _move(one, "lose")
        if one.state == "unclear":
            parcels.append(Parcel(one.no, one.request))
            continue
        record = await work.lock(Instance, Instance.id == one.instance_id)
        if reasons := rules.against(await _reasons(work, settings, record), one.act):
            _move(one, "return")
            one.said = "；".join(map(str, reasons))[:1000]
            continue
        _move(one, "send")
        one.sent_version, one.tries, one.sent_at = record.revision, one.tries + 1, work.now
        one.request = f"{one.no}-{one.sent_version}" + ("-x" if one.act is Act.remove else "")
        parcels.append(Parcel(
            one.no, one.request, rules.stripped(Record.from_json(record.fields)), one.act,
            one.control_no if one.act is not Act.create else "",
        ))
    await work.flush()
    return parcels


async def _renew(work: Work) -> None:
    """What was changed since it was taken in goes once more, what has no copy left is withdrawn: the same case, the same list."""
    for one, gone in await queries.outdated(work.session, rules.BATCH):
        one.act, one.reason = Act.remove if gone else Act.change, ""
        _move(one, "withdraw" if gone else "change")
    await work.flush()


def _move(one: Contribution, action: str) -> None:
    one.state = step(rules.LIFE, ContributionState(one.state), action)


async def answered(work: Work, parcel: Parcel, said: Said) -> None:
    """One answer for one record; an answer to an older sending, or a second one, changes nothing."""
    one = await work.lock(Contribution, Contribution.no == parcel.no)
    if one.request != parcel.request or one.state not in ("sending", "unclear"):
        return
    if said.outcome == "held" or (said.outcome == "unknown" and one.state == "unclear"):
        _move(one, "hold")
        return
    if said.outcome in ("lost", "unknown"):
        if one.state == "sending":
            _move(one, "lose")
        return
    taken = rules.step_of(one.act, said.outcome)
    one.answered_at, one.said = work.now, said.reasons
    one.control_no = one.control_no if one.act is not Act.create else said.control_no
    _move(one, taken)
    _answer(work, one, Outcome.returned if taken == "return" else Outcome(said.outcome), one.control_no, said.reasons)
    if one.state == "accepted" and one.act is Act.create:
        await _note(work, one)


def _answer(work: Work, one: Contribution, outcome: Outcome, control_no: str, said: str) -> None:
    work.session.add(UnionAnswer(
        id=uuid7(), contribution_id=one.id, no=one.no, record=one.record, title=one.title, act=one.act, outcome=outcome,
        control_no=control_no, said=said, at=work.now,
    ))
    if outcome is Outcome.accepted and one.act is not Act.create:
        work.emit(RecordRenewed(
            number=one.no, record=one.record, instance_id=str(one.instance_id), title=one.title, control_no=control_no, cataloguer=one.cataloguer,
            act=one.act.value, act_label=one.act.label,
        ))
    elif outcome is Outcome.accepted:
        work.emit(RecordContributed(
            number=one.no, record=one.record, instance_id=str(one.instance_id), title=one.title, control_no=control_no, cataloguer=one.cataloguer,
        ))
    elif outcome is Outcome.returned:
        work.emit(RecordSentBack(
            number=one.no, record=one.record, instance_id=str(one.instance_id), title=one.title, said=said, cataloguer=one.cataloguer,
        ))


async def _note(work: Work, one: Contribution) -> bool:
    """Write the number into the record; while a correction is open, or another has its words, it waits."""
    settings = await queries.settings_of(work.session)
    record = await work.lock(Instance, Instance.id == one.instance_id)
    if record.merged_into is not None:
        one.noted = True
        return False
    if await open_of(work.session, record.id) is not None:
        return False
    await work.session.refresh(record, ["fields"])
    reason = _(N_("联合目录收录（{no}）"), no=one.no)
    marc = rules.numbered(Record.from_json(record.fields), settings.code, one.control_no)
    await versions.follow(work, record, marc, reason=reason, made_by=one.cataloguer, origin=Origin.union)
    one.noted = True
    return True


async def note_waiting(work: Work) -> int:
    """Numbers that could not be written yet; how many were now."""
    waiting = (await work.session.scalars(
        select(Contribution).where(Contribution.state == ContributionState.accepted, Contribution.noted.is_(False))
        .order_by(Contribution.answered_at, Contribution.no).limit(rules.BATCH).with_for_update(skip_locked=True)
    )).all()
    return sum([await _note(work, one) for one in waiting])


async def ended(work: Work, failed: Said | None, *, more: bool) -> None:
    """A sending is over: when the next one is, and what was wrong."""
    settings, line = await queries.settings_of(work.session), await _line(work)
    line.last_at = work.now
    if failed is None:
        line.failures, line.failure, line.params = 0, "", {}
        after = work.now if more else rules.next_run(work.now, settings.every_hours)
    else:
        line.failures += 1
        line.failure, line.params = failed.failure, failed.params
        after = work.now + rules.pause(line.failures)
    if line.next_at is None or line.next_at > work.now:  # else somebody asked for the next one meanwhile
        line.next_at = after


async def release(work: Work, parcels: Iterable[Parcel]) -> None:
    """What was claimed and not sent goes back to the list."""
    for parcel in parcels:
        if parcel.marc is not None:
            await answered(work, parcel, Said("held"))
