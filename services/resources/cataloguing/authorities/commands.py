"""Making, changing, verifying authorities, taking them out of use, and linking headings to them."""

from __future__ import annotations

from sqlalchemy import text

from services.resources.cataloguing.authorities import following, keeping, queries, rules
from services.resources.cataloguing.authorities.model import (
    Authority,
    AuthorityChange,
    AuthoritySettings,
    AuthorityState,
    What,
)
from services.resources.cataloguing.authorities.rules import Told
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.records.rules import PROOFREADERS
from services.resources.cataloguing.versions.rules import must_be_another
from shared.database import uuid7
from shared.events.resources import AuthoritySaved, AuthorityVerified, AuthorityWithdrawn
from shared.i18n import N_
from shared.refusals import Reason
from shared.states import step
from shared.work import Work

_POINT = text("UPDATE heading_use SET authority_id = :into WHERE authority_id = :gone")
_REPOINT = text("UPDATE authority_relation SET other_id = :into WHERE other_id = :gone AND authority_id <> :into")


async def lock(work: Work, no: str) -> Authority:
    """The authority, locked."""
    return await work.lock(Authority, Authority.no == no.strip().upper(), what=no)


def about(one: Authority) -> dict[str, str]:
    """What every fact about an authority says."""
    return {"number": one.no, "kind": one.kind.value, "heading": one.heading}


async def create(work: Work, told: Told, *, reason: str = "") -> Authority:
    """A provisional authority of one's own making."""
    work.actor.require(*CATALOGUERS)
    number = (await keeping.reserve(work, 1))[0]
    one = Authority(
        id=uuid7(), no=number, made_by=work.actor.id, created_at=work.now, updated_at=work.now, **keeping.columns(told),
    )
    work.session.add(one)
    await keeping.write(work, one, told, act="create", reason=reason)
    work.emit(AuthoritySaved(**about(one), reason=rules.words(reason)))
    return one


async def edit(work: Work, no: str, told: Told, *, base: int, reason: str = "") -> Authority:
    """It says something else; changed forms wait for another person, and records wait with them."""
    work.actor.require(*CATALOGUERS)
    one = await lock(work, no)
    if one.revision != base:
        raise rules.Changed
    before = await queries.told(work.session, one)
    after = step(rules.LIFE, one.state, "edit")
    one.revision += 1
    anew = before.leads != told.leads or one.state is AuthorityState.provisional
    if anew:
        one.state, one.verified_by, one.verified_at = after, "", None
        one.made_by = work.actor.id
    await keeping.write(work, one, told, act="edit" if anew else "note", reason=reason)
    if anew:
        work.emit(AuthoritySaved(**about(one), reason=rules.words(reason)))
    return one


async def verify(work: Work, no: str) -> tuple[Authority, AuthorityChange | None]:
    """A second person agrees with the forms; records that are linked, or read exactly so, follow."""
    work.actor.require(*PROOFREADERS)
    one = await lock(work, no)
    must_be_another([one.made_by], work.actor.id)
    one.state = step(rules.LIFE, one.state, "verify")
    one.verified_by, one.verified_at, one.updated_at = work.actor.id, work.now, work.now
    told, before = await queries.told(work.session, one), await queries.last_verified(work.session, one)
    one.revision += 1
    keeping.version(work, one, told, act="verify")
    await work.flush()
    change = await following.begin(
        work, What.heading, one, old=before.heading if before else "", snapshot={"told": before.told} if before else {},
    )
    work.emit(AuthorityVerified(
        **about(one), variants=tuple(form.text for form in told.variants[:20]), records=change.total if change else 0,
        change=change.no if change else "",
    ))
    return one, change


async def withdraw(work: Work, no: str, *, reason: str) -> Authority:
    """Nobody needs it; one that records are linked to is merged into another instead."""
    work.actor.require(*PROOFREADERS)
    one = await lock(work, no)
    one.state = step(rules.LIFE, one.state, "withdraw")
    if n := (await queries.counts(work.session, [one.id])).get(one.id, 0):
        raise rules.Linked(n=n)
    told = await queries.told(work.session, one)
    one.revision += 1
    await keeping.write(work, one, told, act="withdraw", reason=reason, live=False)
    work.emit(AuthorityWithdrawn(**about(one), reason=rules.words(reason) or "—"))
    return one


async def restore(work: Work, no: str) -> Authority:
    """It is needed after all; another person verifies it."""
    work.actor.require(*CATALOGUERS)
    one = await lock(work, no)
    one.state = step(rules.LIFE, one.state, "restore")
    told = await queries.told(work.session, one)
    one.revision += 1
    one.made_by, one.verified_by, one.verified_at = work.actor.id, "", None
    await keeping.write(work, one, told, act="restore")
    work.emit(AuthoritySaved(**about(one)))
    return one


async def merge(work: Work, *, into: str, gone: str, reason: str = "") -> AuthorityChange:
    """One becomes part of the other: its forms lead there, its records follow, its number stays a reference."""
    work.actor.require(*PROOFREADERS)
    rows = {no: await lock(work, no) for no in sorted({into.strip().upper(), gone.strip().upper()})}
    kept, lost = rows[into.strip().upper()], rows[gone.strip().upper()]
    found: list[Reason] = []
    if kept.id == lost.id:
        found.append(Reason("authority.same", N_("不能与自己合并")))
    if kept.state is not AuthorityState.verified:
        found.append(Reason("authority.unverified", N_("{no} 还未核定，不能并入它"), params={"no": kept.no}))
    if kept.kind is not lost.kind:
        found.append(Reason("authority.kinds", N_("两条规范的种类不同")))
    if (lost.state, "merge") not in rules.LIFE:
        found.append(Reason("authority.gone", N_("{no} 已不再使用"), params={"no": lost.no}))
    if found:
        raise rules.MergeRefused(found)
    told, theirs = await queries.told(work.session, kept), await queries.told(work.session, lost)
    snapshot = {"told": told.as_json(), "gone": theirs.as_json(), "state": lost.state.value, "verified_by": lost.verified_by}
    lost.state, lost.merged_into = step(rules.LIFE, lost.state, "merge"), kept.id
    lost.revision += 1
    await keeping.write(work, lost, theirs, act="merge", reason=kept.no, live=False)
    kept.revision += 1
    await keeping.write(work, kept, rules.joined(told, theirs), act="merge", reason=lost.no)
    await work.session.execute(_POINT, {"into": kept.id, "gone": lost.id})
    await work.session.execute(_REPOINT, {"into": kept.id, "gone": lost.id})
    change = await following.begin(
        work, What.merge, kept, old=lost.heading, snapshot=snapshot, gone=lost, reason=reason, always=True,
    )
    work.emit(AuthorityWithdrawn(**about(lost), reason=kept.heading, into=kept.no))
    assert change is not None
    return change


async def link(work: Work, *, no: str, kind: str, bare: str, marks: list[str]) -> AuthorityChange:
    """Every record with this heading is linked to a verified authority and takes its form."""
    work.actor.require(*CATALOGUERS)
    one = await lock(work, no)
    if one.state is not AuthorityState.verified:
        raise rules.NotVerified(no=one.no)
    change = await following.begin(work, What.link, one, snapshot={"kind": kind, "bare": bare, "marks": marks})
    if change is None:
        raise rules.NothingToLink
    return change


async def link_all(work: Work) -> AuthorityChange:
    """Every heading that matches exactly one verified authority is linked to it."""
    work.actor.require(*CATALOGUERS)
    change = await following.begin(work, What.link, None)
    if change is None:
        raise rules.NothingToLink
    return change


async def choose(work: Work, *, link_on_save: bool) -> None:
    """Whether saving a record links what matches exactly."""
    work.actor.require(*PROOFREADERS)
    kept = await work.session.get(AuthoritySettings, 1)
    if kept is None:
        kept = AuthoritySettings(id=1)
        work.session.add(kept)
    kept.link_on_save = link_on_save

