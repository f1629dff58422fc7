"""What the reading rooms tell, followed."""

from __future__ import annotations

from services.resources.workshop.binding import paying, queries, rules
from services.resources.workshop.binding.model import SetState
from services.resources.workshop.binding.register import sets
from shared.events.reader import SerialBindingReturned, SerialBindingSent
from shared.i18n import N_, _
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
        left, unbound = one.order_no, SetState(one.state) in rules.AWAY
        await sets.move(work, one.no, verb)
        if verb == "taken_back" and unbound and left:
            # Fetched before it was judged: the binder is not paid for it.
            one.order_no, one.price_cents = "", 0
            await paying.less(work, left, _(N_("阅览室自行收回")))
