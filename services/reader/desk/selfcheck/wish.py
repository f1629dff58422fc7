"""One request of one machine with what it takes to answer, and the answer; every verb takes one and gives the other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.reader.desk.codes import clean
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import find_item
from services.reader.desk.items.rules import told_former
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import numbered
from services.reader.desk.selfcheck import codec, commands, queries, rules
from services.reader.desk.selfcheck.rules import Home, Machine, moment
from shared.i18n import language
from shared.work import Work, Works

Fields = list[tuple[str, object]]
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:terminal, 60010))")


@dataclass(frozen=True, slots=True)
class Answer:
    """A message to a machine: code, fixed fields in their order, variable fields."""

    code: str
    fixed: Sequence[str] = ()
    fields: Fields = field(default_factory=list)


@dataclass(slots=True)
class Wish:
    """What a machine wants."""

    message: codec.Message
    machine: Machine
    home: Home
    works: Works
    reading: async_sessionmaker[AsyncSession]
    now: datetime
    origin: str = ""

    @property
    def ao(self) -> tuple[str, object]:
        """Ours; a house that never said who it is repeats what the machine calls it."""
        return "AO", self.home.institution or self.message["AO"]

    @property
    def card(self) -> str:
        """The patron's card as scanned."""
        return clean(self.message["AA"])

    @property
    def barcode(self) -> str:
        """The item's barcode as scanned."""
        return clean(self.message["AB"])

    @property
    def date(self) -> str:
        """The date-time of the answer."""
        return moment(self.now)

    @property
    def language(self) -> str:
        """The code of the language the answer is in."""
        return "001" if language() == "en" else "019"

    @property
    def happened(self) -> bool:
        """Whether the machine tells of a step it took while it was cut off."""
        return self.message.fixed.get("no_block") == "Y"

    def work(self, at: datetime | None = None) -> AbstractAsyncContextManager[Work]:
        """A transaction on behalf of the terminal."""
        return self.works.open(self.machine.actor, origin=self.origin, now=at or self.now)

    def magnetic(self, item: Item) -> str:
        """Whether the item must not come near the desensitizer."""
        return "Y" if item.kind in self.home.magnetic else "N"

    def hint(self, item: Item) -> str:
        """For the screen: the label that was read is an old one, and which barcode holds now; mostly nothing."""
        asked = self.barcode
        return told_former(asked, item.barcode) if asked and asked != item.barcode else ""

    async def who(self, work: Work) -> UUID | None:
        """Whose card it is, by whichever of its numbers, printed or on the chip; None when nobody's."""
        return await work.session.scalar(select(Patron.id).where(numbered(self.card)))

    async def key(self, work: Work, code: str, *more: str, item: bool = False) -> str:
        """This wish by whom and what it is about: another reader may tell the chip where the first told the card."""
        about = [code, str(await self.who(work) or self.card)]
        if item:
            known = await find_item(work.session, self.barcode)
            about.append(str(known.id) if known else self.barcode)
        return " ".join([*about, *more])

    async def recall(self, work: Work, wish: str) -> Answer | None:
        """The answer this very wish had a moment ago, if it was the terminal's last; another line of it waits here."""
        await work.session.execute(_ONE_AT_A_TIME, {"terminal": str(self.machine.id)})
        kept = await queries.last_answer(work.session, self.machine.id)
        if kept is None or kept.wish != wish or self.now - kept.at > rules.REPEAT_WITHIN:
            return None
        code, fixed, fields = json.loads(kept.answer)
        # The card as it was read this time: the machine knows the patron by that.
        return Answer(code, fixed, [(name, self.card if name == "AA" else value) for name, value in fields])

    async def remember(self, work: Work, wish: str, answer: Answer) -> Answer:
        """Keep the answer with the change it tells of."""
        said = json.dumps([answer.code, list(answer.fixed), [[n, str(v)] for n, v in answer.fields]], ensure_ascii=False)
        await commands.remember(work, terminal_id=self.machine.id, wish=wish, answer=said)
        return answer
