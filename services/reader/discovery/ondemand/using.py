"""Counting use, and forgetting it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.patrons.model import Category
from services.reader.desk.patrons.queries import patron_by_card
from services.reader.discovery.ondemand import queries, rules
from services.reader.discovery.ondemand.model import OfferState, OnDemandTitle, OnDemandUse
from shared.events.reader import OfferUsed
from shared.identity import SYSTEM
from shared.work import Work


async def read(work: Work, *, number: str, card: str) -> None:
    """The page stayed open long enough: one reader more, if they are not counted yet."""
    work.actor.require("patron")
    offer = await queries.title(work.session, number, lock=True)
    if offer.state is OfferState.offered:
        await count(work, offer, card)


async def count(work: Work, offer: OnDemandTitle, card: str, *, wish: str = "") -> None:
    """Told with every reader more, and with every wish; by nobody in particular. The title is locked by the caller."""
    patron = await patron_by_card(work.session, card)
    made = await work.session.execute(insert(OnDemandUse).values(
        number=offer.number, who=rules.digest(offer.secret, patron.card), teacher=patron.category is Category.staff, at=work.now,
    ).on_conflict_do_nothing().returning(OnDemandUse.number))
    if made.first() is not None or wish:
        await _tell(work, offer, wish=wish)


async def take_back(work: Work, *, number: str, card: str, wish: str) -> None:
    """Whoever asked does not need it any more and is not counted."""
    offer = await queries.title(work.session, number, lock=True)
    await work.session.execute(delete(OnDemandUse).where(OnDemandUse.number == number, OnDemandUse.who == rules.digest(offer.secret, card)))
    await _tell(work, offer, wish=wish, withdrawn=True)


async def _tell(work: Work, offer: OnDemandTitle, *, wish: str = "", withdrawn: bool = False) -> None:
    if offer.state is OfferState.offered:
        offer.requests, offer.teachers = await queries.counted(work.session, offer.number)
    work.emit(OfferUsed(
        offer=offer.number, pool=offer.pool, title=offer.title, requests=offer.requests, teachers=offer.teachers, wish=wish, withdrawn=withdrawn,
    ), by=SYSTEM)


async def forget(work: Work, numbers: Sequence[str], state: OfferState, outcome: str = "") -> None:
    """It is decided or over: the digests go, and the secret that made them."""
    await work.session.flush()
    await work.session.execute(delete(OnDemandUse).where(OnDemandUse.number.in_(numbers)))
    await work.session.execute(update(OnDemandTitle).where(OnDemandTitle.number.in_(numbers)).values(state=state, outcome=outcome, secret=""))
