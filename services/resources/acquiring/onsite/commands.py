"""Inviting, picking, checking and settling."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from services.resources.acquiring.checking import queries as checking
from services.resources.acquiring.checking.rules import title_of
from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata.model import Origin
from services.resources.acquiring.onsite import queries, rules
from services.resources.acquiring.onsite.model import Answer, EventState, Invitation, OnSite, Pick
from services.resources.acquiring.suggestions import commands as suggestions
from services.resources.cataloguing.marc.isbn import isbn13
from services.resources.cataloguing.marc.prices import price_fen
from shared.database import uuid7
from shared.refusals import NotFound
from shared.work import Work

NUMBER = "XC"


async def invite(work: Work, number: str, *, people: str) -> int:
    """These people (cards, staff numbers) may pick; the list replaces the one before."""
    work.actor.require(*rules.BUYERS)
    event = await _locked(work, number)
    if event.state not in {EventState.preparing, EventState.open}:
        raise rules.NotOpen(title=event.title)
    wanted = rules.people_of(people)
    await work.session.execute(delete(Invitation).where(Invitation.event_id == event.id, Invitation.person.not_in(wanted)))
    for person in wanted:
        await work.session.execute(insert(Invitation).values(id=uuid7(), event_id=event.id, person=person).on_conflict_do_nothing())
    return len(wanted)


async def pick(
    work: Work, number: str, *, isbn: str, title: str = "", price: str = "", picked_at: str = "",
) -> Pick:
    """One number scanned: answered, and kept whatever the answer. The event's row settles who was first."""
    person = work.actor.id
    event = await _locked(work, number)
    if not await queries.is_invited(work.session, event.id, person):
        raise rules.NotInvited
    at = rules.moment(picked_at, work.now)
    # What was picked before the end and only sent after it still counts, until the buyer has settled.
    if event.state != EventState.open and not (event.state == EventState.checking and picked_at and at < event.updated_at):
        raise rules.NotOpen(title=event.title)
    plain = isbn13(isbn)
    if not plain:
        raise rules.BadIsbn(isbn=isbn[:40])
    offer = await queries.offered(work.session, plain)
    title = " ".join(title.split())[:300] or (offer.title if offer else "")
    cents = price_fen(price, local=True) if price.strip() else offer.price_cents if offer else None
    if cents is None or (event.budget_cents and not cents):
        raise rules.NoPrice
    known = (await checking.look(work.session, [title_of(title, "", plain)]))[0]
    other = await queries.taken(work.session, event.id, plain)
    answer, said = rules.answer(
        known, taken=other is not None and other.person != person, title=title, barred=rules.words_of(event.barred), price_cents=cents,
        spent_cents=await queries.spent(work.session, event.id, person), budget_cents=event.budget_cents,
    )
    if other is not None and other.person == person:
        return other  # scanned twice by the same hand
    made = Pick(
        event_id=event.id, person=person, isbn=plain, title=title, author=offer.author if offer else "", price_cents=cents, answer=answer,
        said=said, picked_at=at, at=work.now,
    )
    work.session.add(made)
    await work.session.flush()
    return made


async def put_back(work: Work, number: str, *, pick_id: UUID) -> Pick:
    """The person does not want it after all; only one's own, while the event is open."""
    event = await _locked(work, number)
    if event.state != EventState.open:
        raise rules.NotOpen(title=event.title)
    found = await work.lock(
        Pick, Pick.id == pick_id, Pick.event_id == event.id, Pick.person == work.actor.id, Pick.answer == Answer.picked, what=number,
    )
    found.answer = Answer.withdrawn
    return found


async def check(work: Work, number: str, *, pick_id: UUID, keep: bool, title: str = "", author: str = "", price: str = "") -> Pick:
    """The buyer keeps a pick, with its title put right, or drops it."""
    work.actor.require(*rules.BUYERS)
    event = await _locked(work, number)
    if event.state != EventState.checking:
        raise rules.NotOpen(title=event.title)
    found = await work.lock(Pick, Pick.id == pick_id, Pick.event_id == event.id, what=number)
    if found.answer not in {Answer.picked, Answer.dropped}:
        raise NotFound(number)
    found.title, found.author = " ".join(title.split())[:300] or found.title, " ".join(author.split())[:200] or found.author
    cents = price_fen(price, local=True)
    found.price_cents = found.price_cents if cents is None else cents
    found.answer = Answer.picked if keep else Answer.dropped
    return found


async def ready(work: Work, event: OnSite) -> None:
    """Nothing opens for nobody."""
    if not await queries.invited(work.session, event.id):
        raise rules.NoInvitations


async def settle(work: Work, event: OnSite) -> None:
    """What was kept is wanted; who picked what is forgotten."""
    picks = [one for one in await queries.chosen(work.session, event.id) if one.answer is Answer.picked]
    if untitled := sum(not one.title for one in picks):
        raise rules.Untitled(n=untitled)
    known = await checking.look(work.session, [title_of(one.title, one.author, one.isbn) for one in picks])
    asked: dict[str, str] = {}
    for one, now in zip(picks, known, strict=True):
        if now.coming:  # ordered elsewhere while the event ran
            one.answer, one.said = Answer.coming, now.coming
            continue
        wish = await desiderata.want(
            work, title=one.title, author=one.author, isbn=one.isbn, price_cents=one.price_cents, origin=Origin.on_site, origin_no=event.no,
        )
        one.title_no = asked[one.isbn] = wish.no
    await suggestions.answered(work, asked)
    event.wanted, event.settled_by, event.settled_at = len(asked), work.actor.id, work.now
    await work.session.flush()
    await forget(work, event)


async def forget(work: Work, event: OnSite) -> None:
    """Nobody needs to know any more who picked what, nor who came."""
    await work.session.execute(update(Pick).where(Pick.event_id == event.id).values(person=""))
    await work.session.execute(delete(Invitation).where(Invitation.event_id == event.id))


async def _locked(work: Work, number: str) -> OnSite:
    await work.session.flush()
    return await work.lock(OnSite, OnSite.no == number, what=number)
