"""Bundles: put together, filled up, moved, taken apart; kept or thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from services.reader.rooms.backissues import queries, rules
from services.reader.rooms.backissues.model import BackBundle, BackBundleIssue, BackKeeping
from services.reader.rooms.serials.model import IssueState, SerialIssue, SerialTitle, Shelf
from services.reader.rooms.serials.queries import title_by_number
from shared.events.reader import (
    SerialDisposalAsked,
    SerialDisposalDecided,
    SerialsBundled,
    SerialsUnbundled,
)
from shared.i18n import N_
from shared.refusals import Invalid, Reason, SamePerson
from shared.states import step
from shared.work import Work


async def about(work: Work, bundle: BackBundle, title: SerialTitle) -> dict[str, Any]:
    """The fields every fact about a bundle carries."""
    return {
        "number": bundle.number, "title_number": title.number, "title": title.title, "label": bundle.label, "from_on": bundle.from_on,
        "to_on": bundle.to_on, "present": await queries.count_in(work.session, bundle), "lacking": len(bundle.gaps),
    }


async def in_hand(work: Work, number: str) -> queries.Row:
    """The bundle, locked, for somebody of the rooms."""
    work.actor.require(*rules.HANDS)
    await work.session.flush()
    return await queries.bundle_by_number(work.session, number, lock=True)


async def _loose(work: Work, title_id: UUID, from_on: date, to_on: date, ids: Sequence[UUID]) -> list[SerialIssue]:
    """The issues ticked, locked; all of them loose, or none is taken."""
    issues = await queries.span(work.session, title_id, from_on, to_on, lock=True)
    taken = await queries.bundled(work.session, issues)
    known = {one.id: one for one in issues}
    why = [
        Reason("backissues.not-loose.issue", N_("{label} 不在已下架的散刊中"), params={"label": known[key].label if key in known else "?"})
        for key in dict.fromkeys(ids)
        if key not in known or key in taken or known[key].state is not IssueState.arrived or known[key].shelf is not Shelf.down
    ]
    if why:
        raise rules.NotLoose(why)
    return sorted((known[key] for key in set(ids)), key=lambda one: (one.issued_on, one.slot))


def _put_in(work: Work, bundle: BackBundle, issues: Sequence[SerialIssue]) -> None:
    work.refuse_on("uq_back_bundle_issue_issue_id", rules.NotLoose())
    work.session.add_all(
        BackBundleIssue(bundle_id=bundle.id, issue_id=one.id, added_at=work.now, added_by=work.actor.id) for one in issues
    )


async def bundle_up(work: Work, *, title: str, from_on: date, to_on: date, ids: Sequence[UUID], place: str) -> BackBundle:
    """捆扎登记: loose issues of a title between two cover dates become a bundle with a number and a place."""
    work.actor.require(*rules.HANDS)
    wrong = {}
    if from_on > to_on:
        wrong["to_on"] = N_("止期不能早于起期")
    if not place.strip():
        wrong["place"] = N_("请填写存放位置")
    if wrong:
        raise Invalid(wrong)
    if not ids:
        raise rules.NothingTicked
    of = await title_by_number(work.session, title)
    issues = await _loose(work, of.id, from_on, to_on, ids)
    bundle = BackBundle(
        number=await work.number(rules.NUMBERS), title_id=of.id, from_on=from_on, to_on=to_on, label=rules.label(issues, from_on, to_on),
        place=place.strip(), made_at=work.now, made_by=work.actor.id, gaps=[],
    )
    work.session.add(bundle)
    await work.flush()
    _put_in(work, bundle, issues)
    await work.flush()
    work.emit(SerialsBundled(**await about(work, bundle, of), place=bundle.place))
    return bundle


async def add(work: Work, *, number: str, ids: Sequence[UUID]) -> int:
    """补入: what came off the racks since goes into the bundle it belongs to."""
    bundle, title = await in_hand(work, number)
    step(rules.LIFE, bundle.state, "prepare")
    if not ids:
        raise rules.NothingTicked
    issues = await _loose(work, bundle.title_id, bundle.from_on, bundle.to_on, ids)
    _put_in(work, bundle, issues)
    await work.flush()
    whole = await queries.collation(work.session, bundle, work.today)
    bundle.label = rules.label(whole.present, bundle.from_on, bundle.to_on)
    work.emit(SerialsBundled(**await about(work, bundle, title), place=bundle.place))
    return len(issues)


async def move(work: Work, *, number: str, place: str) -> None:
    """Another place, while it lies here."""
    bundle, _title = await in_hand(work, number)
    step(rules.LIFE, bundle.state, "prepare")
    if not place.strip():
        raise Invalid({"place": N_("请填写存放位置")})
    bundle.place = place.strip()


async def dissolve(work: Work, *, number: str) -> None:
    """拆捆: its issues are loose again; the number is not used anew."""
    bundle, title = await in_hand(work, number)
    bundle.state = step(rules.LIFE, bundle.state, "dissolve")
    said = await about(work, bundle, title)
    await work.session.execute(delete(BackBundleIssue).where(BackBundleIssue.bundle_id == bundle.id))
    work.emit(SerialsUnbundled(**said))


async def keep_for(work: Work, *, title: str, years: int | None, reason: str) -> None:
    """How long this title is kept; None follows its kind again. A head decides."""
    work.actor.require(*rules.HEADS)
    of = await title_by_number(work.session, title, lock=True)
    known = await queries.keeping_of(work.session, of.id)
    if years is None:
        if known is not None:
            await work.session.delete(known)
        return
    wrong = {}
    if not 0 <= years <= rules.MOST_YEARS:
        wrong["years"] = N_("年限为 0–100，0 为长期保存")
    if not reason.strip():
        wrong["reason"] = N_("请写明理由")
    if wrong:
        raise Invalid(wrong)
    if known is None:
        known = BackKeeping(title_id=of.id)
        work.session.add(known)
    known.years, known.reason, known.made_at, known.made_by = years, reason.strip(), work.now, work.actor.id


async def propose(work: Work, *, number: str, reason: str) -> None:
    """提请剔除: past its term only; nothing leaves before somebody else agreed."""
    bundle, title = await in_hand(work, number)
    state = step(rules.LIFE, bundle.state, "propose")
    keeping = await queries.keeping_of(work.session, title.id)
    until = rules.kept_until(bundle.to_on, rules.years_kept(title.kind, keeping.years if keeping else None))
    if until is None:
        raise rules.KeptForEver(title=title.title)
    if until >= work.today:
        raise rules.KeptStill(title=title.title, until=until)
    if not reason.strip():
        raise Invalid({"reason": N_("请写明理由")})
    bundle.state, bundle.proposed_why = state, reason.strip()
    bundle.proposed_at, bundle.proposed_by = work.now, work.actor.id
    bundle.decided_at, bundle.decided_by, bundle.remark = None, "", ""
    work.emit(SerialDisposalAsked(**await about(work, bundle, title), reason=bundle.proposed_why))


async def decide(work: Work, *, number: str, agreed: bool, remark: str = "") -> None:
    """A head who did not propose it agrees, or keeps the bundle and says why."""
    work.actor.require(*rules.HEADS)
    await work.session.flush()
    bundle, title = await queries.bundle_by_number(work.session, number, lock=True)
    state = step(rules.LIFE, bundle.state, "discard" if agreed else "keep")
    if work.actor.id == bundle.proposed_by:
        raise SamePerson
    if not agreed and not remark.strip():
        raise Invalid({"remark": N_("请写明不同意的理由")})
    bundle.state, bundle.remark = state, remark.strip()
    bundle.decided_at, bundle.decided_by = work.now, work.actor.id
    outcome, said = ("discarded", N_("已剔除")) if agreed else ("kept", N_("不同意剔除，继续保存"))
    work.emit(SerialDisposalDecided(**await about(work, bundle, title), outcome=outcome, outcome_label=said, remark=bundle.remark))
