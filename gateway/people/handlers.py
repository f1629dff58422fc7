"""What the house says about its people, kept so that rights can be computed without asking."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from gateway.accounts.model import Account
from gateway.people.model import HeldPost, Person
from shared.events.office import PostAssigned, PostEnded, StaffChanged, StaffJoined, StaffLeft
from shared.events.reader import CardReissued, CardStateChanged, PatronChanged, PatronRegistered
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()


async def _keep(work: Work, **values: Any) -> None:
    row = insert(Person).values(heard_at=work.now, **values)
    news = {name: row.excluded[name] for name in (*values, "heard_at") if name != "id"}
    await work.session.execute(row.on_conflict_do_update(index_elements=["id"], set_=news))


@handlers.on(StaffJoined, read_model=True)
async def know_person_on_staff_joined(work: Work, event: StaffJoined) -> None:
    """A new colleague may be given an account and posts."""
    await _keep(
        work, id=event.staff_no, kind="staff", name=event.staff_name, name_en=event.staff_name_en,
        dept=event.dept, rank=event.rank, category="", state="", left_on=None,
    )


@handlers.on(StaffChanged, read_model=True)
async def rename_on_staff_changed(work: Work, event: StaffChanged) -> None:
    """A promotion or a new name shows everywhere at once."""
    query = update(Person).where(Person.id == event.staff_no)
    await work.session.execute(query.values(
        name=event.staff_name, name_en=event.staff_name_en, dept=event.dept, rank=event.rank,
    ))


@handlers.on(StaffLeft, read_model=True)
async def end_rights_on_staff_left(work: Work, event: StaffLeft) -> None:
    """After this day nothing is theirs to do."""
    query = update(Person).where(Person.id == event.staff_no).values(left_on=event.left_on)
    await work.session.execute(query)


@handlers.on(PostAssigned, read_model=True)
async def hold_post_on_post_assigned(work: Work, event: PostAssigned) -> None:
    """The post, or the standing-in, gives its rights between the two dates."""
    values = event.model_dump() | {"subposts": list(event.subposts)}
    row = insert(HeldPost).values(**values)
    news = {name: row.excluded[name] for name in values if name != "holding_id"}
    await work.session.execute(row.on_conflict_do_update(index_elements=["holding_id"], set_=news))


@handlers.on(PostEnded, read_model=True)
async def end_post_on_post_ended(work: Work, event: PostEnded) -> None:
    """The holding gives no rights after its last day."""
    query = update(HeldPost).where(HeldPost.holding_id == event.holding_id)
    await work.session.execute(query.values(valid_to=event.valid_to))


@handlers.on(PatronRegistered, read_model=True)
async def know_card_on_patron_registered(work: Work, event: PatronRegistered) -> None:
    """A patron is a card to us; the name stays with reader services."""
    await _keep(work, id=event.card, kind="patron", category=event.category, state="active")


@handlers.on(CardStateChanged, read_model=True)
async def mark_card_on_card_state_changed(work: Work, event: CardStateChanged) -> None:
    """A closed card opens no door."""
    query = update(Person).where(Person.id == event.card, Person.kind == "patron")
    await work.session.execute(query.values(state=event.state))


@handlers.on(PatronChanged, read_model=True)
async def note_category_on_patron_changed(work: Work, event: PatronChanged) -> None:
    """A student who became staff is addressed as such."""
    query = update(Person).where(Person.id == event.card, Person.kind == "patron")
    await work.session.execute(query.values(category=event.category))


@handlers.on(CardReissued, read_model=True)
async def follow_person_on_card_reissued(work: Work, event: CardReissued) -> None:
    """The account goes with the person to the new card; the old number opens no door."""
    await _keep(work, id=event.card, kind="patron", category=event.category, state=event.state)
    await work.session.execute(
        update(Person).where(Person.id == event.old_card, Person.kind == "patron").values(state="closed")
    )
    await work.session.execute(
        update(Account).where(Account.person_id == event.old_card, Account.kind == "patron")
        .values(person_id=event.card)
    )
