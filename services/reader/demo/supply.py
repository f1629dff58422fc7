"""Books that stand free and people who may borrow, handed out one by one so that no two stories share them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.model import Loan
from services.reader.desk.holds.model import Hold
from services.reader.desk.items.model import Item
from services.reader.desk.items.queries import FREE
from services.reader.desk.patrons.model import CardState, Category, Patron
from shared.demo import person
from shared.identity import Actor
from shared.service import Kit
from shared.settings import LOCAL
from shared.work import Work

# They sign in and are shown around: nothing happens to them that would stop them from borrowing.
GUESTS = ("20231001", "20231002", "20252001", "19980301")
ENOUGH_BOOKS, ENOUGH_READERS = 90, 24


class Supply:
    """What the rooms draw on. `now` is the moment of seeding; everything else is told back from it."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.now = datetime.now(UTC)
        self.today = self.now.astimezone(LOCAL).date()
        self._books: list[str] = []
        self._readers: list[str] = []

    async def look(self) -> bool:
        """See what there is; False when it is too little to tell anything."""
        other = aliased(Item)
        only = ~exists().where(other.instance_id == Item.instance_id, other.id != Item.id)
        asked = exists().where(Hold.instance_id == Item.instance_id)
        late = exists().where(Loan.patron_id == Patron.id, Loan.returned_at.is_(None), Loan.due_on <= self.today)
        async with self.kit.sessions() as session:
            # Only copies first: whoever asks for the title waits for the very book of the story. Most of them Chinese.
            chinese = Item.title.regexp_match("^[一-龥]")
            self._books = list(await session.scalars(
                select(Item.barcode).where(*FREE, ~asked)
                .order_by(only.desc(), chinese.desc(), func.md5(Item.barcode)).limit(400)
            ))
            self._readers = list(await session.scalars(
                select(Patron.card).where(
                    Patron.state == CardState.active, Patron.oriented, Patron.debt_fen == 0, Patron.card.not_in(GUESTS),
                    Patron.category.in_((Category.undergraduate, Category.graduate, Category.staff)),
                    Patron.holds_ready == 0, Patron.open_loans < 6, ~late,
                ).order_by(Patron.open_loans, Patron.card)
            ))
        return len(self._books) >= ENOUGH_BOOKS and len(self._readers) >= ENOUGH_READERS

    def day(self, ago: int) -> date:
        """So many days before today."""
        return self.today - timedelta(days=ago)

    def at(self, ago: int, hour: float = 10) -> datetime:
        """A moment of that day, never in the future."""
        moment = datetime.combine(self.day(ago), time(), LOCAL) + timedelta(hours=hour)
        return min(moment.astimezone(UTC), self.now)

    def work(self, who: str | Actor, at: datetime | None = None) -> AbstractAsyncContextManager[Work]:
        """A transaction of somebody at work (by user name) or of a patron, at that moment."""
        return self.kit.works.open(person(who) if isinstance(who, str) else who, now=at or self.now)

    def patron(self, card: str) -> Actor:
        """The owner of a card in front of their own account."""
        return Actor(id=card, kind="patron", card=card)

    def book(self) -> str:
        """A book nobody else's story is about."""
        return self._books.pop(0)

    def books(self, n: int) -> list[str]:
        """Several of them."""
        return [self.book() for _ in range(n)]

    def reader(self, *, again: bool = True) -> str:
        """Somebody who may borrow; the first come round again unless something happens to their card."""
        card = self._readers.pop(0)
        if again:
            self._readers.append(card)
        return card

    async def lend(self, card: str, barcodes: Sequence[str], at: datetime) -> None:
        """Lend to somebody, as the desk did then."""
        async with self.work("rdr-dsk", at) as work:
            for barcode in barcodes:
                await circulation.lend(work, card=card, barcode=barcode)

    async def lent(self, ago: int, *, again: bool = True) -> tuple[str, str]:
        """A loan begun so many days ago: (card, barcode)."""
        card, barcode = self.reader(again=again), self.book()
        await self.lend(card, [barcode], self.at(ago))
        return card, barcode

    async def back(self, barcode: str, at: datetime, *, who: str = "rdr-dsk", point: str = "") -> circulation.Returned:
        """Take a book back, at a service point when one is named."""
        async with self.work(who, at) as work:
            return await circulation.take_back(work, barcode=barcode, at=point)

    async def title_of(self, barcode: str) -> str:
        """The title a book belongs to."""
        async with self.kit.sessions() as session:
            return await session.scalar(select(Item.instance_id).where(Item.barcode == barcode)) or ""
