"""New issues go on the racks, old ones come off: what the walk along the racks ticks."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.reader.rooms.serials import queries, racks, rules
from services.reader.rooms.serials.model import IssueState, Shelf
from shared.events.reader import SerialsShelved
from shared.states import step
from shared.work import Work


async def walk(work: Work, *, put: Sequence[UUID] = (), taken: Sequence[UUID] = ()) -> tuple[int, int]:
    """These were put up, those taken down; what another walk did already is left alone."""
    work.actor.require(*rules.HANDS)
    if not put and not taken:
        raise rules.NothingTicked
    up = down = 0
    both = await queries.lock_issues(work.session, [*put, *taken])
    for issue, _title in both:
        if issue.state is not IssueState.arrived:
            continue
        if issue.id in put and issue.shelf in (Shelf.none, Shelf.down):
            issue.shelf = step(rules.SHELF_LIFE, issue.shelf, "put_up")
            issue.shown_on, issue.shown_by, up = work.today, work.actor.id, up + 1
        elif issue.id in taken and issue.shelf in (Shelf.none, Shelf.displayed):
            issue.shelf = step(rules.SHELF_LIFE, issue.shelf, "take_down")
            issue.down_on, issue.down_by, down = work.today, work.actor.id, down + 1
    await work.session.flush()
    if up or down:
        work.emit(SerialsShelved(on=work.today, put=up, taken=down))
    return up, down


async def lists(work: Work, room: str = "") -> tuple[list[queries.Row], list[queries.Row]]:
    """(to put up, to take down), both in the order of the racks."""
    ready = await racks.ready(work.session, room=room)
    standing = await racks.on_racks(work.session, room=room)
    titles = {title.id: title for _issue, title in (*ready, *standing)}
    off = {one.id for one in rules.surplus(titles, [i for i, _t in standing], [i for i, _t in ready], work.today)}
    return ready, [(issue, title) for issue, title in standing if issue.id in off]
