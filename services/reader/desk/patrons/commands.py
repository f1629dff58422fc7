"""Registering patrons and moving their cards."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK
from services.reader.desk.patrons import rules
from services.reader.desk.patrons.model import (
    CardNumber,
    CardState,
    Category,
    Document,
    IdentityCheck,
    Note,
    Patron,
    Source,
)
from services.reader.desk.patrons.queries import lock_patron
from shared.events.reader import (
    CardStateChanged,
    PatronChanged,
    PatronRegistered,
)
from shared.i18n import N_
from shared.refusals import Invalid, NotAllowed, NotFound
from shared.search import initials
from shared.work import Work


async def register(
    work: Work, *, card: str, name: str, category: Category, college: str = "", class_name: str = "",
    valid_to: date | None = None, oriented: bool = True, login: str = "", chip: str | None = None,
    source: Source = Source.own, email: str = "", phone: str = "",
) -> Patron:
    """A new patron with an active card; `login` asks the gateway for an account of that name."""
    work.actor.require(*DESK)
    if not name.strip() or not card.strip():
        raise Invalid({"card" if not card.strip() else "name": N_("必填")})
    for number in filter(None, (card, chip)):
        if await work.session.scalar(select(CardNumber.number).where(CardNumber.number == number)):
            raise rules.CardTaken(card=number)
    patron = Patron(
        card=card, name=name.strip(), initials=initials(name), category=category, college=college,
        class_name=class_name, valid_to=valid_to, oriented=oriented, registered_at=work.now,
        chip=chip or None, source=source, email=email.strip(), phone=phone.strip(),
    )
    work.session.add(patron)
    await settle_numbers(work, card)
    work.emit(PatronRegistered(card=card, category=category.value, login=login))
    return patron


async def settle_numbers(work: Work, *numbers: str | None) -> None:
    """Let the database judge new numbers: two desks may have given the same one."""
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise rules.CardTaken(card=" / ".join(n for n in numbers if n)) from error


async def amend(work: Work, *, card: str, **changes: Any) -> Patron:
    """Correct a record: name, category, college, class, validity, chip, contact.

    Loans keep their due dates when the category changes; the new rule holds for the next loan.
    """
    work.actor.require(*DESK)
    patron = await lock_patron(work.session, card)
    if "name" in changes and not str(changes["name"] or "").strip():
        raise Invalid({"name": N_("必填")})
    if "chip" in changes:
        changes["chip"] = (changes["chip"] or "").strip().upper() or None
    before = rules.standing(patron, work.today)
    for name, value in changes.items():
        setattr(patron, name, value.strip() if isinstance(value, str) and name != "category" else value)
    if "name" in changes:
        patron.initials = initials(patron.name)
    await settle_numbers(work, changes.get("chip"))
    work.emit(PatronChanged(card=patron.card, category=patron.category.value))
    if (after := rules.standing(patron, work.today)) is not before:
        tell(work, patron, after)
    return patron


async def unblock(work: Work, *, card: str, document: Document, last4: str) -> Patron:
    """解挂: the owner stands here with a paper; its kind and last four signs are kept."""
    work.actor.require(*DESK)
    patron = await lock_patron(work.session, card)
    state = rules.change_state(patron, "unblock", reason="")
    check_identity(work, patron, purpose="unblock", document=document, last4=last4)
    tell(work, patron, state, "unblock")
    return patron


def check_identity(work: Work, patron: Patron, *, purpose: str, document: Document, last4: str) -> None:
    """Write down that somebody proved who they are."""
    work.session.add(IdentityCheck(
        patron_id=patron.id, card=patron.card, purpose=purpose, document=document,
        last4=rules.last_four(last4), checked_by=work.actor.id, at=work.now,
    ))


async def add_note(
    work: Work, *, card: str, text: str, urgent: bool = False, until: date | None = None
) -> Note:
    """A remark the next desk sees when this patron stands there."""
    work.actor.require(*DESK)
    if not text.strip():
        raise Invalid({"text": N_("必填")})
    if until and until < work.today:
        raise Invalid({"until": N_("日期已过")})
    patron = await lock_patron(work.session, card)
    note = Note(
        patron_id=patron.id, text=text.strip(), urgent=urgent, until=until, written_by=work.actor.id,
        written_at=work.now,
    )
    work.session.add(note)
    patron.notes += 1
    return note


async def end_note(work: Work, *, note_id: Any) -> Patron:
    """The remark is dealt with; it stays in the record."""
    work.actor.require(*DESK)
    found = await work.get(Note, note_id)
    patron = await work.lock(Patron, Patron.id == found.patron_id)
    note = await work.lock(Note, Note.id == note_id)
    if note.ended_at is not None:
        raise NotFound(note.text)
    note.ended_by, note.ended_at = work.actor.id, work.now
    patron.notes -= 1
    return patron


async def change_card(
    work: Work, *, card: str, action: str, reason: str = "", until: date | None = None
) -> Patron:
    """挂失 `report_loss`, 停借 `suspend`, 恢复 `resume`, 注销 `close`, `reopen`.

    Patrons may report their own card lost; everything else is for the desk. 解挂 has its own verb.
    """
    if action == "unblock":
        raise rules.IdentityNeeded
    if action == "restore" and work.actor.kind != "system":  # follows from what the office tells, never from a button
        raise NotAllowed
    if not (action == "report_loss" and work.actor.kind == "patron" and work.actor.card == card):
        work.actor.require(*DESK)
    patron = await lock_patron(work.session, card)
    state = rules.change_state(patron, action, reason=reason, until=until)
    tell(work, patron, state, action)
    return patron


async def report_own_loss(work: Work, *, patron: Patron) -> Patron:
    """A patron's own card is lost, whichever number the session still bears."""
    work.actor.require("patron")
    found = await work.lock(Patron, Patron.id == patron.id)
    tell(work, found, rules.change_state(found, "report_loss", reason=""), "report_loss")
    return found


async def extend(work: Work, *, card: str, valid_to: date) -> Patron:
    """A new last day of the card."""
    work.actor.require(*DESK)
    patron = await lock_patron(work.session, card)
    patron.valid_to = valid_to
    tell(work, patron, rules.standing(patron, work.today))
    return patron


def tell(work: Work, patron: Patron, state: CardState, action: str = "") -> None:
    """Let the house know what the card can do now."""
    work.emit(CardStateChanged(
        card=patron.card, state=state.value, state_label=state.label, reason=patron.state_reason,
        action=action,
    ))
