"""Holds follow their title: it is gone, its record became part of another, or that is undone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.holds import joining, rules
from services.reader.desk.holds.commands import tell_end
from services.reader.desk.holds.model import Hold, HoldMove, HoldState
from services.reader.desk.holds.queries import ACTIVE, places_of, position, queue_of
from services.reader.desk.merging.commands import ALONE, bring_home, carry, followed, parted
from services.reader.desk.merging.model import Followed
from services.reader.desk.transit.model import Transit
from shared.events.reader import HoldPlaced
from shared.work import Work

DOUBLED = "hold_doubled"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:title, 7))")


async def _locked(work: Work, titles: Sequence[str], *where: object) -> Sequence[Hold]:
    return (await work.session.scalars(
        select(Hold).where(Hold.instance_id.in_(titles), *where).order_by(Hold.turn, Hold.id)  # type: ignore[arg-type]
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    )).all()


async def cancel_title(work: Work, *, instance_id: str, reason: str) -> int:
    """The last item of a title is gone: everybody who waits is told."""
    ended = 0
    for hold in await queue_of(work.session, instance_id, limit=10_000):
        rules.end(hold, "cancel", now=work.now, reason=reason)
        tell_end(work, hold)
        ended += 1
    return ended


async def merge(work: Work, *, this: str, title: str) -> int:
    """One queue of two, by the time of asking; whoever waits in both keeps the older place and is told. How many came."""
    now = await followed(work, this=this)
    if now is None or not (coming := await _locked(work, [this])):
        return 0
    await work.session.execute(_ONE_AT_A_TIME, {"title": now})
    await work.session.execute(ALONE, {"title": now})  # whoever is placing one there comes first
    active = await _locked(work, [this, now], Hold.state.in_(ACTIVE))
    before = await places_of(work.session, [hold.id for hold in active])
    for older, younger in joining.doubles(active):
        await _end_younger(work, this, older, younger)
    joining.line_up(await _locked(work, [this, now]))
    await work.session.flush()
    moved = await carry(work, "hold", this=this, now=now)
    if title:
        await work.session.execute(update(Hold).where(Hold.id.in_(moved)).values(title=title))
    await _write_down(work, before, {hold.id: hold.title for hold in coming}, this=this, now=now, title=title)
    return len(moved)


async def _end_younger(work: Work, this: str, older: Hold, younger: Hold) -> None:
    slot = joining.Slot(younger) if joining.passes_on(older, younger) else None
    rules.end(younger, "cancel", now=work.now, reason=joining.TWICE)
    trace = insert(Followed).values(kind=DOUBLED, row_id=younger.id, origin=this)
    await work.session.execute(trace.on_conflict_do_nothing())
    await work.session.flush()  # an item is kept for one hold at a time
    if slot is not None:
        slot.give(older)
        await work.session.execute(update(Transit).where(Transit.hold_id == younger.id).values(hold_id=older.id))
        await work.session.flush()
    tell_end(work, younger)


async def _write_down(
    work: Work, before: dict[UUID, int], came: dict[UUID, str], *, this: str, now: str, title: str
) -> None:
    """预约调整 says of every place that changed from where to where; whoever came says from which title too."""
    after = await places_of(work.session, list(before))
    cards = dict((await work.session.execute(select(Hold.id, Hold.card).where(Hold.id.in_(list(after))))).all())
    for hold_id, place in after.items():
        if hold_id not in came and before.get(hold_id) == place:
            continue
        work.session.add(HoldMove(
            hold_id=hold_id, instance_id=now, card=cards[hold_id], at=work.now, by=work.actor.id, became=place,
            was=before.get(hold_id, place), reason=joining.MERGED, title=title if hold_id in came else "",
            from_instance=this if hold_id in came else "", from_title=came.get(hold_id, ""),
        ))


async def part(work: Work, *, this: str, into: str, title: str) -> int:
    """Back into a queue of its own, at the old turns; a hold that ended because there were two waits again."""
    was = await parted(work, this=this, into=into)
    if was is None:
        return 0
    home = await bring_home(work, "hold", this=this, was=was)
    await work.session.execute(update(Hold).where(Hold.id.in_(home)).values(title=title))
    ended = (await work.session.scalars(
        select(Hold).join(Followed, Followed.row_id == Hold.id).where(Followed.kind == DOUBLED, Followed.origin == this)
        .with_for_update(of=Hold).execution_options(populate_existing=True)
    )).all()
    for hold in ended:
        await _wait_again(work, hold, {this, was})
    await work.session.execute(text("DELETE FROM title_followed WHERE kind = :kind AND origin = :this"), {"kind": DOUBLED, "this": this})
    return len(home)


async def _wait_again(work: Work, hold: Hold, titles: set[str]) -> None:
    """Only while the patron still waits for the other title: who has the book, or gave up, wants no second one."""
    if hold.state is not HoldState.cancelled or hold.reason != joining.TWICE or hold.patron_id is None:
        return
    waits = set(await work.session.scalars(
        select(Hold.instance_id).where(Hold.patron_id == hold.patron_id, Hold.instance_id.in_(titles), Hold.state.in_(ACTIVE))
    ))
    if waits != titles - {hold.instance_id}:
        return
    rules.release(hold, "unmerge")
    hold.reason = ""
    await work.session.flush()
    work.emit(HoldPlaced(
        hold_id=str(hold.id), card=hold.card, instance_id=hold.instance_id, title=hold.title,
        position=await position(work.session, hold), pickup=hold.pickup, barcode=hold.wanted,
    ))
