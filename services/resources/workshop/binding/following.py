"""What the reading rooms tell, followed."""

from __future__ import annotations

from services.resources.workshop.binding import queries, rules
from services.resources.workshop.binding.model import SetState
from services.resources.workshop.binding.register import sets
from shared.events.reader import SerialBindingReturned, SerialBindingSent
from shared.work import Work


async def opened(work: Work, fact: SerialBindingSent) -> None:
    """A bundle is on its way: a set, once a batch; one that was bound before is the same item and is done again."""
    if await queries.of_bundle(work.session, fact.batch, fact.number):
        return
    before = await queries.volume_of(work.session, fact.number)
    again = {
        "round": before.round + 1, "record": before.record, "barcode": before.barcode, "call_number": before.call_number,
        "location": before.location, "value_cents": before.value_cents, "style": before.style,
    } if before else {}
    await sets.open(
        work, bundle=fact.number, batch=fact.batch, title_no=fact.title_number, title=fact.title, label=fact.label, from_on=fact.from_on,
        to_on=fact.to_on, present=fact.present, issues=list(fact.issues), gaps=list(fact.gaps), issn=fact.issn,
        subscription=fact.subscription, spine=fact.spine or f"{fact.title} {fact.label}", colour=fact.colour,
        created_by=work.cause.actor if work.cause else work.actor.id, **again,
    )


async def came_back(work: Work, fact: SerialBindingReturned) -> None:
    """The rooms have the bundle: what we sent back has arrived, or they fetched it before it was an item."""
    one = await queries.of_bundle(work.session, fact.batch, fact.number)
    if one is None:
        return
    verb = "confirm" if one.state == SetState.sent_back else "taken_back"
    if (SetState(one.state), verb) in rules.LIFE:
        await sets.move(work, one.no, verb)
