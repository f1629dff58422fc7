"""Building a batch, sending it, and moving its lines together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text, update

from services.resources.cataloguing.items.queries import locations
from services.resources.collections.batches import queries, rules, statements
from services.resources.collections.batches.model import (
    Batch,
    BatchState,
    Ground,
    Guard,
    Pick,
    ShelfProposal,
)
from services.resources.collections.missing import rules as missing_rules
from services.resources.collections.stocktake.rules import LAST, bound
from services.resources.collections.weeding import commands as weeding
from services.resources.collections.weeding.model import Reason, View, WeedingLine, WeedingState
from shared.events.resources import ListedItem, WeedingPullEnded, WeedingPullListed
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.states import Choice
from shared.work import Work

# A million copies are asked in some seconds; the usual limit is for screens.
_LONG = text("SET LOCAL statement_timeout = '180s'")


async def plan(work: Work, one: Batch, _form: Any) -> None:
    """Rules there are, places the house has, and a span that is not upside down."""
    known = await locations(work.session)
    one.grounds = [ground.value for ground in Ground if ground.value in one.grounds]
    if not one.grounds:
        raise Invalid({"grounds": N_("请至少选一条规则")})
    one.places = list(dict.fromkeys(code.strip() for code in one.places if code.strip()))
    if any(code not in known for code in one.places):
        raise Invalid({"places": N_("请选馆藏地")})
    one.place_names = "、".join(known[code].name for code in one.places)
    low, high = span(one)
    if low and high and low > high:
        raise Invalid({"call_to": N_("止于的索书号排在起于之前")})
    if one.built_at is not None:  # another rule, another list
        await work.session.execute(text("DELETE FROM weeding_pick WHERE batch_id = :id"), {"id": one.id})
        one.built_at = None


def span(one: Batch) -> tuple[str, str]:
    """The call numbers as they file."""
    return bound(one.call_from), bound(one.call_to) + LAST if one.call_to.strip() else ""


async def build(work: Work, one: Batch, _form: Any) -> None:
    """Ask the rule anew; what a hand left out stays out."""
    await work.session.flush()
    await work.session.execute(_LONG)
    await work.session.execute(
        text("DELETE FROM weeding_pick WHERE batch_id = :id AND guard <> :hand"), {"id": one.id, "hand": Guard.by_hand.value}
    )
    low, high = span(one)
    await work.session.execute(statements.BUILD, {
        "id": one.id, "places": one.places, "key_from": low, "key_to": high, "grounds": one.grounds, "copies_kept": one.copies_kept,
        "since": rules.years_before(work.today, one.years), "rounds": missing_rules.ROUNDS,
        "ripe": work.today - timedelta(days=missing_rules.DAYS), "include_last": one.include_last,
    })
    one.built_at = work.now


async def leave_out(work: Work, number: str, items: Sequence[UUID], *, out: bool) -> int:
    """A hand takes copies off the list, or puts them back on it."""
    work.actor.require(*rules.KEEPERS)
    one = await queries.locked(work, number, BatchState.draft)
    was, is_ = (Guard.none, Guard.by_hand) if out else (Guard.by_hand, Guard.none)
    done: Any = await work.session.execute(
        update(Pick).where(Pick.batch_id == one.id, Pick.item_id.in_(items), Pick.guard == was).values(guard=is_)
    )
    return int(done.rowcount)


async def send(work: Work, one: Batch, _form: Any) -> Choice | None:
    """The list is made; reader services take the books from the shelves."""
    if one.built_at is None:
        raise rules.NotBuilt
    await work.session.flush()
    await work.session.execute(_LONG)
    about = {"id": one.id, "no": one.no, "by": one.created_by, "now": work.now, "correlation": one.correlation}
    listed: Any = await work.session.execute(statements.LIST, about)
    n = int(listed.rowcount)
    if Ground.irreparable.value in one.grounds:
        joined: Any = await work.session.execute(statements.JOIN_IN, {"no": one.no, "now": work.now})
        n += int(joined.rowcount)
    if not n:
        raise rules.NothingPicked
    await work.session.execute(
        text("UPDATE weeding_proposal SET batch = :no WHERE batch = '' AND item_id IN (SELECT item_id FROM weeding_line WHERE list_no = :no)"),
        {"no": one.no},
    )
    await work.session.execute(statements.UNFINDABLE, {"no": one.no, "now": work.now})
    one.sent_at, one.sent_by = work.now, work.actor.id
    rows = (await work.session.execute(statements.TO_PULL, {"no": one.no})).all()
    for at in range(0, len(rows), rules.CHUNK):
        work.emit(WeedingPullListed(
            number=one.no, title=one.title, total=len(rows), due_on=one.pull_by, items=tuple(ListedItem(
                item_id=str(r.item_id), barcode=r.barcode, title=r.title, call_number=r.call_number, location=r.location_name,
                reason=r.reason, reason_label=Reason(r.reason).label, discs=tuple(r.discs),
            ) for r in rows[at:at + rules.CHUNK]),
        ), correlation=one.correlation)
    return None if rows else BatchState.viewing


async def pulled(work: Work, number: str, *, found: Sequence[str], others: Sequence[tuple[str, str]]) -> Batch | None:
    """What reader services say of the list: what they took, and what they did not and why; the batch if it moved on."""
    one = await queries.known(work, number)
    if one is None or one.state not in {BatchState.pulling, BatchState.viewing}:
        return None
    about = {"no": number, "now": work.now}
    if found:
        await work.session.execute(statements.PULLED, {**about, "codes": list(found)})
    if others:
        await work.session.execute(statements.NOT_PULLED, {
            **about, "codes": [code for code, _w in others], "whys": [why for _c, why in others],
        })
    if one.state == BatchState.pulling and not (await queries.counts(work.session, number)).get(WeedingState.listed):
        one.state, one.pulled_at = BatchState.viewing, work.now
        return one
    return None


async def end_pull(work: Work, one: Batch, _form: Any) -> None:
    """Nobody reported in time: the batch goes on with what is at hand, the rest stays on its shelf."""
    why = _(N_("未按期回报取书"))
    await work.session.execute(statements.UNLIST, {"no": one.no, "why": why, "now": work.now})
    if not (await queries.counts(work.session, one.no)).get(WeedingState.proposed):
        raise rules.NothingAtHand
    one.pulled_at = work.now
    work.emit(WeedingPullEnded(number=one.no, title=one.title, reason=why))


async def view(work: Work, number: str, ids: Sequence[UUID], *, view: View, opinion: str, everything: bool = False) -> int:
    """The expert's word about these lines; a second word replaces the first."""
    work.actor.require(*rules.EXPERTS)
    one = await queries.locked(work, number, BatchState.viewing)
    rules.others_than(work.actor.id, (one.created_by,), rules.ExpertOfOwn)
    done: Any = await work.session.execute(statements.VIEW, {
        "no": one.no, "ids": list(ids), "everything": everything, "view": view.value, "opinion": opinion.strip() or view.label,
        "by": work.actor.id, "now": work.now,
    })
    work.note("view", "weeding_batch", str(one.id), rows=int(done.rowcount), view=view.value)
    return int(done.rowcount)


async def viewed(work: Work, one: Batch, _form: Any) -> None:
    """Every line has a word; the meeting may decide."""
    n = await queries.counts(work.session, one.no)
    if left := sum(n.get(state, (0, 0))[0] for state in (WeedingState.listed, WeedingState.proposed)):
        raise rules.StillUnviewed(n=left)
    one.viewed_by = work.actor.id


async def approve(work: Work, one: Batch, _form: Any) -> Choice | None:
    """The meeting follows the experts; what they want to keep goes back, last copies wait for the director."""
    rules.others_than(work.actor.id, await queries.deciders(work.session, one.no))
    await work.session.execute(_LONG)
    await work.session.execute(text("SELECT pg_advisory_xact_lock(hashtext('weeding-share'))"))
    year = await queries.year(work.session, work.today.year)
    leaving = await queries.leaving(work.session, one.no)
    rules.check_share(year.stock, year.withdrawn, year.approved, leaving)
    await work.session.execute(statements.LAST, {"no": one.no})
    last = await queries.last_copies(work.session, one.no)
    if last and work.actor.kind != "system" and work.actor.holds(rules.DIRECTOR):
        raise rules.DirectorSecond
    await _keep(work, one, WeedingState.reviewed, N_("专家建议保留"), View.keep, View.relocate)
    await work.session.execute(statements.APPROVE, {"no": one.no, "meeting": one.meeting_no, "by": work.actor.id, "now": work.now})
    one.approved_by = work.actor.id
    if not leaving:
        return BatchState.closed
    return BatchState.second if last else None


async def approve_last(work: Work, one: Batch, _form: Any) -> None:
    """These titles may vanish."""
    rules.others_than(work.actor.id, await queries.deciders(work.session, one.no))
    await work.session.execute(statements.APPROVE_LAST, {
        "no": one.no, "reason": one.second_reason, "by": work.actor.id, "now": work.now,
    })
    one.second_by = work.actor.id


async def spare_last(work: Work, one: Batch, _form: Any) -> Choice | None:
    """The titles stay: their last copies go back, the rest of the batch goes on."""
    await _keep(work, one, WeedingState.second, one.second_reason)
    one.second_by = work.actor.id
    return None if (await queries.counts(work.session, one.no)).get(WeedingState.approved) else BatchState.closed


async def write_off(work: Work, one: Batch, _form: Any) -> Choice | None:
    """The asset office agreed: the first lines leave now, the rest of a long list minute by minute."""
    rules.others_than(work.actor.id, (one.created_by, one.approved_by, one.second_by))
    one.written_by = work.actor.id
    return await write_on(work, one)


async def write_on(work: Work, one: Batch, _form: Any = None) -> Choice | None:
    """The next lines of a list that is being written off; what became a last copy meanwhile stays."""
    lines = await queries.approved(work.session, one.no, rules.AT_ONCE)
    for line in lines:
        line.asset_no = one.asset_no
        after = await weeding.write_off(work, line, None)
        if after is WeedingState.reviewed:
            line.keep_reason = _(N_("核销时已成末册，未经复批"))
            await weeding.keep(work, line, None)
            line.state = WeedingState.kept
        else:
            line.state = after if after is not None else WeedingState.withdrawn
            line.withdrawn_by = one.written_by
    await work.session.flush()
    if (await queries.counts(work.session, one.no)).get(WeedingState.approved):
        return BatchState.writing
    return BatchState.withdrawn


async def dispose(work: Work, one: Batch, form: Any) -> None:
    """What became of the paper, and the proof of it; what never left the shelf has nothing to dispose of."""
    one.way = form.way.value
    await work.session.execute(statements.DISPOSE, {"no": one.no, "way": one.way, "proof": one.proof, "now": work.now})
    one.disposed_by = work.actor.id


async def cancel(work: Work, one: Batch, _form: Any) -> None:
    """The batch is given up: what was pulled goes back to reader services."""
    if one.state == BatchState.pulling:
        work.emit(WeedingPullEnded(number=one.no, title=one.title, reason=one.cancel_reason))
    await _keep(work, one, None, one.cancel_reason)
    await work.session.execute(text("UPDATE weeding_proposal SET batch = '' WHERE batch = :no"), {"no": one.no})


async def _keep(work: Work, one: Batch, state: WeedingState | None, why: str, *views: View) -> None:
    """These lines stay: each copy goes back to the desk, which is told."""
    if state is None:  # what was never taken stands where it stood
        await work.session.execute(statements.UNLIST, {"no": one.no, "why": why, "now": work.now})
    open_ = (WeedingState.proposed, WeedingState.reviewed, WeedingState.second)
    lines: list[WeedingLine] = await queries.lines_in(work.session, one.no, (state,) if state else open_, views)
    for line in lines:
        line.keep_reason = _(why) if state is WeedingState.reviewed else why
        await weeding.keep(work, line, None)
        line.state = WeedingState.kept
    await work.session.flush()


async def suggest(work: Work, barcodes: Sequence[str], *, reason: str, by: str) -> None:
    """Copies the shelf thinks should leave wait for the next batch that asks for them."""
    from services.resources.cataloguing.items.queries import by_barcode

    for code in barcodes:
        item = await by_barcode(work.session, code)
        if item is not None and not await queries.proposal_of(work.session, item.id):
            work.session.add(ShelfProposal(item_id=item.id, reason=reason, by=by, at=work.now))
            await work.session.flush()
