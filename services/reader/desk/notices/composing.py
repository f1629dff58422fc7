"""One letter from the notices of one party: to whom, in which language, with which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.notices import rules
from services.reader.desk.notices.model import CollegeContact, Hook, Notice, Wish
from services.reader.desk.notices.queries import wish_of
from services.reader.desk.notices.wording import words_for
from services.reader.desk.patrons.model import Patron
from shared.i18n import N_, _, pick, speaking
from shared.settings import Settings
from shared.web.show import money


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter that is ready to leave."""

    address: str
    name: str
    language: str
    subject: str
    text: str
    version: int


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is written to, and what they want to hear."""

    name: str
    address: str
    language: str = "zh"
    wish: Wish | None = None

    def wants(self, hook: Hook) -> bool:
        """Whether this hook is welcome."""
        return rules.wants(
            hook, extra=self.wish.extra if self.wish else [], without=self.wish.without if self.wish else []
        )


async def receiver_of(session: AsyncSession, notice: Notice) -> Receiver:
    """The contact of the college, or the patron with the address as it is now."""
    if notice.address:
        return Receiver(str(notice.facts.get("name", "")), notice.address, str(notice.facts.get("language", "zh")))
    if notice.hook in rules.TO_COLLEGE:
        contact = await session.scalar(
            select(CollegeContact).where(CollegeContact.college == notice.college)
        )
        return Receiver(contact.name, contact.email) if contact else Receiver(notice.college, "")
    patron = await session.get(Patron, notice.patron_id, populate_existing=True)
    wish = await wish_of(session, notice.patron_id)
    if patron is None:
        return Receiver("", "")
    return Receiver(patron.name, patron.email, wish.language if wish else "zh", wish)


async def compose(
    session: AsyncSession, settings: Settings, notices: Sequence[Notice], receiver: Receiver, today: date,
    words: rules.Words | None = None,
) -> Draft:
    """The letter; `words` tries a wording that is not saved yet."""
    first = notices[0]
    words = words or await words_for(session, first.hook, receiver.language)
    patrons: dict[object, Patron] = {}
    if first.hook in rules.TO_COLLEGE and first.patron_id:
        found = await session.scalars(select(Patron).where(Patron.id.in_([n.patron_id for n in notices])))
        patrons = {patron.id: patron for patron in found}
    with speaking(receiver.language):
        lines = [line_values(notice, patrons.get(notice.patron_id), today) for notice in notices]
        values = {
            "name": receiver.name or first.college, "library": pick(settings.library_name, settings.library_name_en),
            "items": "\n".join(_tidy(rules.fill(words.line, line)) for line in lines),
            "count": str(len(notices)), "today": today.isoformat(), "college": first.college,
            "account": f"{settings.public_url.rstrip('/')}/reader/my" if settings.public_url else "/reader/my",
        }
    return Draft(
        receiver.address, receiver.name, receiver.language,
        rules.one_line(rules.fill(words.subject, values)), rules.fill(words.text, values).strip() + "\n",
        words.version,
    )


def line_values(notice: Notice, patron: Patron | None, today: date) -> dict[str, str]:
    """What the line of one notice may name, in words."""
    facts = {key: value for key, value in notice.facts.items() if value is not None and value != ""}
    values: dict[str, str] = {
        name: str(facts[name]) for name in (
            "title", "barcode", "call_number", "due_on", "shelf", "until", "position", "patron", "full_card",
        )
        if name in facts
    }
    if due := facts.get("due_on"):
        values["days"] = str(max((today - date.fromisoformat(due)).days, 0))
    amount = facts.get("amount_cents") or facts.get("fine_cents")
    if amount:
        values["amount"] = money(amount)
    # What a fact calls …_label or reason is a message of its own.
    for name, source in (("what", "kind_label"), ("what", "what_label"), ("reason", "reason"), ("reason", "how_label")):
        if source in facts:
            values[name] = _(str(facts[source]))
    card = str(facts.get("card", ""))
    values["card"] = rules.tail(card)
    if patron is not None:
        values["patron"], values["full_card"] = patron.name, patron.card
        if notice.hook is Hook.college_clearance:
            values["what"] = open_matters(patron)
    return values


def open_matters(patron: Patron) -> str:
    """What somebody who leaves has still to settle, counted: a college need not know which books."""
    holds = patron.holds_waiting + patron.holds_ready
    parts = [
        _(N_("在借 {n} 册"), n=patron.open_loans) if patron.open_loans else "",
        _(N_("预约 {n} 项"), n=holds) if holds else "",
        _(N_("欠费 {money}"), money=money(patron.debt_fen)) if patron.debt_fen > 0 else "",
    ]
    return _(N_("、")).join(part for part in parts if part) or _(N_("已全部结清"))


def _tidy(line: str) -> str:
    """A value that is missing leaves no hole."""
    return "· " + " ".join(line.replace("《》", "").split())
