"""Deciding about pairs; proposing, releasing, declining a merge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, or_, select, update

from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc.checking import check, hard
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.merging import finding, following, queries, rules
from services.resources.cataloguing.merging.model import (
    Likeness,
    Merge,
    MergeSettings,
    MergeState,
    Verdict,
)
from services.resources.cataloguing.proofing.queries import last_proofs
from services.resources.cataloguing.proofing.rules import must_be_trusted
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.records.rules import PROOFREADERS
from services.resources.cataloguing.versions import commands as versions
from services.resources.cataloguing.versions import rules as version_rules
from services.resources.cataloguing.versions.model import Origin
from shared.database import uuid7
from shared.events.resources import MergeDeclined, MergeProposed, RecordSuppressed
from shared.i18n import N_, _
from shared.refusals import Reason
from shared.states import step
from shared.web.register import people
from shared.work import Work


class Pair(NamedTuple):
    """The record that stays and the one that goes, both locked."""

    into: Instance
    gone: Instance


async def lock_pair(work: Work, into: UUID, gone: UUID) -> Pair:
    """Both rows, locked in one order whoever asks, with their text."""
    await work.flush()  # what is read anew must not lose what was said before
    rows = {one.id: one for one in await work.session.scalars(
        select(Instance).where(Instance.id.in_([into, gone])).order_by(Instance.id).with_for_update()
        .execution_options(populate_existing=True)
    )}
    found = Pair(rows[into], rows[gone])
    for one in rows.values():
        await work.session.refresh(one, ["fields"])
    return found


async def objections(work: Work, pair: Pair, *, but: UUID | None = None) -> list[Reason]:
    """All that stands in the way of these two, in words."""
    sides = [await queries.side(work.session, one, but=but) for one in pair]
    names = await people.names(work, {one.open_by for one in sides if one.open_by})
    into, gone = [one._replace(open_by=names.get(one.open_by, one.open_by)) for one in sides]
    return rules.objections(into, gone)


async def propose(
    work: Work, *, into: str, gone: str, bases: tuple[int, int], choices: Mapping[int, str], reason: str = ""
) -> Merge:
    """Merge `gone` into `into`, or ask a second person to; `bases` are the versions that were compared.

    `choices` names by line of the comparison what is taken along (`rules.side_by_side`).
    """
    work.actor.require(*CATALOGUERS)
    one, other = await by_key(work.session, into), await by_key(work.session, gone)
    if one.id == other.id:
        raise rules.MergeRefused(rules.objections(await queries.side(work.session, one), await queries.side(work.session, one)))
    pair = await lock_pair(work, one.id, other.id)
    kept, lost = (Record.from_json(record.fields) for record in pair)
    marc = rules.joined(kept, rules.side_by_side(kept, lost), choices)
    found = await objections(work, pair)
    found += rules.moved_on((record.number, base, record.revision) for record, base in zip(pair, bases, strict=True))
    if not version_rules.same(marc, kept):
        found += rules.unfit(hard(check(marc)))
    if found:
        raise rules.MergeRefused(found)
    loads = [await queries.load(work.session, record.id) for record in pair]
    case = Merge(
        id=uuid7(), no=await work.number(rules.NUMBER), into_id=pair.into.id, gone_id=pair.gone.id,
        into_revision=pair.into.revision, gone_revision=pair.gone.revision, marc=marc.to_json(), reason=rules.words(reason),
        items=loads[1][0], on_loan=loads[0][1] + loads[1][1], state=MergeState.proposed, asked_by=work.actor.id, asked_at=work.now,
    )
    work.session.add(case)
    await work.flush()
    if rules.needs_second(case.items, case.on_loan, (await queries.settings(work.session)).most_items):
        work.emit(MergeProposed(**about(case, pair), items=case.items, on_loan=case.on_loan))
    else:
        await _carry_out(work, case, pair)
    return case


async def release(work: Work, no: str) -> Merge:
    """The second person has looked at both, and agrees."""
    work.actor.require(*PROOFREADERS)
    case, pair = await lock_case(work, no)
    version_rules.must_be_another([case.asked_by], work.actor.id)
    must_be_trusted(await last_proofs(work.session, work.actor.id))
    step(rules.LIFE, case.state, "release")
    found = await objections(work, pair, but=case.id)
    found += rules.moved_on((
        (pair.into.number, case.into_revision, pair.into.revision), (pair.gone.number, case.gone_revision, pair.gone.revision),
    ))
    if found:
        raise rules.MergeRefused(found)
    case.checked_by, case.checked_at = work.actor.id, work.now
    await _carry_out(work, case, pair)
    return case


async def decline(work: Work, no: str, *, reason: str) -> Merge:
    """They stay two: the second person says no, or whoever asked takes it back."""
    case, pair = await lock_case(work, no)
    if case.asked_by != work.actor.id:
        work.actor.require(*PROOFREADERS)
        case.checked_by, case.checked_at = work.actor.id, work.now
    case.state = step(rules.LIFE, case.state, "decline")
    case.answer = rules.why(reason)
    work.emit(MergeDeclined(**about(case, pair), reason=case.answer))
    return case


async def lock_case(work: Work, no: str) -> tuple[Merge, Pair]:
    """A merge and both its records, locked."""
    known = await queries.merge_of(work.session, no)
    pair = await lock_pair(work, known.into_id, known.gone_id)
    case = (await work.session.scalars(
        select(Merge).where(Merge.id == known.id).options(*queries.WHOLE).with_for_update()
        .execution_options(populate_existing=True)
    )).one()
    return case, pair


def about(case: Merge, pair: Pair) -> dict[str, str]:
    """What every fact about a merge says."""
    return {
        "merge": case.no, "instance_id": str(pair.gone.id), "number": pair.gone.number, "title": pair.gone.title,
        "into": str(pair.into.id), "into_number": pair.into.number, "into_title": pair.into.title,
    }


async def _carry_out(work: Work, case: Merge, pair: Pair) -> None:
    into, gone = pair
    marc = Record.from_json(case.marc)
    case.before, case.was_state = into.fields, gone.state.value
    if not version_rules.same(marc, Record.from_json(into.fields)):
        said = _(N_("并入 {number}（{merge}）"), number=gone.number, merge=case.no)
        if case.checked_by:
            case.written = await versions.adopt(work, into, marc, reason=said, origin=Origin.merged, made_by=case.asked_by)
        else:  # a correction like any other: another person reads it before patrons see it
            case.written = (await versions.write(work, into, marc, reason=said, origin=Origin.merged)).no
    # Harvesters are told of the deletion with the sets the record had, so its state comes before its items.
    gone.state, gone.merged_into, gone.updated_at = RecordState.suppressed, into.id, work.now
    await work.flush()
    case.moved = await following.move(work, gone=gone, into=into)
    case.state = step(rules.LIFE, case.state, "release")
    await _settle_pairs(work, case)
    work.emit(RecordSuppressed(
        instance_id=str(gone.id), title=gone.title, reason=case.no, merged_into=str(into.id), into_number=into.number,
        into_title=into.title, merge=case.no,
    ))


async def _settle_pairs(work: Work, case: Merge) -> None:
    """The question of these two is answered; what else the shell looked like is found anew by the survivor's own keys."""
    one, other = sorted((case.into_id, case.gone_id))
    met = (Likeness.a_id == one) & (Likeness.b_id == other)
    await work.session.execute(update(Likeness).where(met).values(
        verdict=Verdict.merged, decided_by=case.asked_by, decided_at=work.now, note=case.no,
    ))
    gone = or_(Likeness.a_id == case.gone_id, Likeness.b_id == case.gone_id)
    await work.session.execute(delete(Likeness).where(gone, Likeness.verdict == Verdict.open))
    await finding.group(work)


async def say_distinct(work: Work, pair_id: UUID, *, note: str = "") -> Likeness:
    """These two are two works; they are never proposed again."""
    work.actor.require(*CATALOGUERS)
    pair = await work.lock(Likeness, Likeness.id == pair_id)
    if pair.verdict is Verdict.open:
        pair.verdict, pair.decided_by, pair.decided_at, pair.note = Verdict.distinct, work.actor.id, work.now, rules.words(note)
        await work.flush()
        await finding.group(work)
    return pair


async def reconsider(work: Work, pair_id: UUID) -> Likeness:
    """It was said too quickly: the pair is work again."""
    work.actor.require(*CATALOGUERS)
    pair = await work.lock(Likeness, Likeness.id == pair_id)
    if pair.verdict is Verdict.distinct:
        pair.verdict, pair.decided_by, pair.decided_at, pair.note, pair.seen_at = Verdict.open, "", None, "", work.now
        await work.flush()
        await finding.group(work)
    return pair


async def set_most(work: Work, typed: str) -> MergeSettings:
    """From how many items on a second person decides."""
    work.actor.require(*rules.KEEPERS)
    most = rules.most_of(typed)
    kept = await work.session.get(MergeSettings, 1)
    if kept is None:
        kept = MergeSettings(id=1, looked_at=None)
        work.session.add(kept)
    kept.most_items = most
    return kept
