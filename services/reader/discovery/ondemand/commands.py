"""What is on offer, and asking for it."""

from __future__ import annotations

from secrets import token_hex

from sqlalchemy.dialects.postgresql import insert

from services.reader.discovery.ondemand import queries, rules, using
from services.reader.discovery.ondemand.model import OfferState, OnDemandTitle
from services.reader.discovery.suggestions import commands as suggestions
from services.reader.discovery.suggestions.model import Suggestion
from services.reader.discovery.suggestions.rules import Proposal
from shared.events.resources import TitlesOffered
from shared.work import Work


async def learn(work: Work, fact: TitlesOffered) -> None:
    """These may be asked for until their day."""
    values = [{
        **one.model_dump(), "pool": fact.pool, "ends_on": fact.ends_on, "secret": token_hex(16), "state": OfferState.offered, "outcome": "",
        "requests": 0, "teachers": 0,
    } for one in fact.offers]
    await work.session.execute(insert(OnDemandTitle).values(values).on_conflict_do_nothing())


async def ask(work: Work, *, number: str, card: str, reason: str = "") -> Suggestion:
    """A wish for a title on offer: nobody has to look at it, its use decides."""
    work.actor.require("patron")
    offer = await queries.title(work.session, number, lock=True)
    if offer.state is OfferState.closed:
        raise rules.Decided(title=offer.title, state=offer.state.text)
    wish = Proposal(
        title=offer.title, author=offer.author[:200], publisher=offer.publisher, year=offer.year, isbn=offer.isbn, reason=reason,
    )
    made = await suggestions.submit(work, card=card, wish=wish, offer=offer.number)
    await using.count(work, offer, card, wish=made.no)
    return made
