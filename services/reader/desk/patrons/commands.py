"""Registering patrons and moving their cards."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from services.reader.desk import DESK
from services.reader.desk.patrons import rules
from services.reader.desk.patrons.model import CardState, Category, Patron
from services.reader.desk.patrons.queries import lock_patron
from shared.events.reader import CardStateChanged, PatronRegistered
from shared.i18n import N_
from shared.refusals import Invalid
from shared.search import initials
from shared.work import Work


async def register(
    work: Work, *, card: str, name: str, category: Category, college: str = "", class_name: str = "",
    valid_to: date | None = None, oriented: bool = True, login: str = "", email: str = "",
) -> Patron:
    """A new patron with an active card; `login` asks the gateway for an account of that name."""
    work.actor.require(*DESK)
    if not name.strip() or not card.strip():
        raise Invalid({"card" if not card.strip() else "name": N_("必填")})
    if await work.session.scalar(select(Patron.id).where(Patron.card == card)):
        raise rules.CardTaken(card=card)
    patron = Patron(
        card=card, name=name.strip(), initials=initials(name), category=category, college=college,
        class_name=class_name, valid_to=valid_to, oriented=oriented, registered_at=work.now,
        email=email.strip(),
    )
    work.session.add(patron)
    work.emit(PatronRegistered(card=card, category=category.value, login=login))
    return patron


async def change_card(
    work: Work, *, card: str, action: str, reason: str = "", until: date | None = None
) -> Patron:
    """挂失 `report_loss`, 解挂 `unblock`, 停借 `suspend`, 恢复 `resume`, 注销 `close`, `reopen`.

    Patrons may report their own card lost; everything else is for the desk.
    """
    if not (action == "report_loss" and work.actor.kind == "patron" and work.actor.card == card):
        work.actor.require(*DESK)
    patron = await lock_patron(work.session, card)
    state = rules.change_state(patron, action, reason=reason, until=until)
    tell(work, patron, state, action)
    return patron


async def extend(work: Work, *, card: str, valid_to: date) -> Patron:
    """A new last day of the card."""
    work.actor.require(*DESK)
    patron = await lock_patron(work.session, card)
    patron.valid_to = valid_to
    tell(work, patron, rules.standing(patron, work.today))
    return patron


async def pass_orientation(work: Work, *, card: str) -> Patron:
    """The induction test is passed: borrowing opens the same day."""
    work.actor.require(*DESK)
    patron = await lock_patron(work.session, card)
    patron.oriented = True
    return patron


def tell(work: Work, patron: Patron, state: CardState, action: str = "") -> None:
    """Let the house know what the card can do now."""
    work.emit(CardStateChanged(
        card=patron.card, state=state.value, state_label=state.label, reason=patron.state_reason,
        action=action,
    ))
