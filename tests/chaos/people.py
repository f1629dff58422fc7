"""Who acts in a storm: several desks at once, and patrons at home. What each does next is drawn from its own seed."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import psycopg

from tests.chaos.diary import Deed
from tests.chaos.library import KEPT, OUT, PULL, SHELF, Book, Library
from tests.chaos.line import Line
from tests.support.days import local_day

LATE_DAYS = 30
# Verb → weight, by where the model believes the book to be.
CHOICE: dict[str, dict[str, int]] = {
    SHELF: {"lend": 12, "return": 1, "renew": 1, "charge": 1},
    OUT: {"return": 8, "late": 2, "renew": 2, "recall": 1, "hold": 3, "cancel": 1, "lend": 1},
    KEPT: {"lend": 8, "cancel": 2},
    PULL: {"pull": 1},
}
# At a shared book nobody knows what the others have just done, and both answers are right.
BLIND = {"lend": 6, "return": 6, "hold": 2, "cancel": 1, "renew": 1, "pull": 1}


class Actor:
    """Somebody with a name, a chance of its own and a line; goes on until the storm is over."""

    def __init__(self, name: str, seed: int, line: Line, over: asyncio.Event) -> None:
        self.name, self.line, self.over = name, line, over
        self.chance = random.Random(f"{seed} {name}")

    async def send(
        self, verb: str, who: str, path: str, body: dict[str, Any] | None = None, *, about: str = "",
    ) -> Deed:
        """One command."""
        return await self.line.send(self.chance, self.name, verb, who, path, body, about=about)

    async def breathe(self, longest: float = 0.5) -> None:
        """People are not machines."""
        await asyncio.sleep(self.chance.random() * longest)

    async def run(self) -> None:
        """Turn after turn."""
        while not self.over.is_set():
            await self.turn()
            await self.breathe()

    async def turn(self) -> None:
        """One thing after the other."""
        raise NotImplementedError


class Desk(Actor):
    """A clerk with a pile of books and patrons of its own, and a few books all desks share."""

    def __init__(
        self, name: str, seed: int, line: Line, over: asyncio.Event, *, who: str, library: Library, books: list[Book],
        cards: list[str],
    ) -> None:
        super().__init__(name, seed, line, over)
        self.who, self.library, self.books, self.cards = who, library, books, cards
        self.holds: dict[str, list[str]] = {}

    async def turn(self) -> None:
        """A book, a card, a verb."""
        book, card = self.chance.choice(self.books), self.chance.choice(self.cards)
        weights = BLIND if book.shared else CHOICE.get(book.where, {"return": 1})
        verb = self.chance.choices(list(weights), list(weights.values()))[0]
        if book.where == KEPT and verb == "lend" and not book.shared and self.chance.random() < 0.8:
            card = book.card
        await getattr(self, f"_{verb}")(book, card)

    async def _act(self, book: Book, verb: str, who: str, path: str, body: dict[str, Any], card: str = "") -> Deed:
        begun = self.library.begin(book, verb, card)
        deed = await self.send(verb, who, f"/api/reader/{path}", body, about=book.barcode)
        self.library.end(book, deed, begun)
        return deed

    async def _lend(self, book: Book, card: str) -> None:
        await self._act(book, "lend", self.who, "loans", {"card": card, "barcode": book.barcode}, card)

    async def _return(self, book: Book, _card: str) -> Deed:
        return await self._act(book, "return", self.who, "returns", {"barcode": book.barcode})

    async def _renew(self, book: Book, _card: str) -> None:
        await self._act(book, "renew", self.who, "renewals", {"barcode": book.barcode})

    async def _recall(self, book: Book, _card: str) -> None:
        await self._act(book, "recall", self.who, "recalls", {"barcode": book.barcode, "reason": "教学急用"})

    async def _hold(self, book: Book, card: str) -> None:
        # Other copies of the title may stand on the shelf: only a head may queue somebody all the same.
        deed = await self._act(book, "hold", "rdr-led", "holds", {
            "card": card, "instance_id": book.instance, "override": True, "note": "演练",
        }, card)
        if deed.done:
            self.holds.setdefault(book.barcode, []).append(deed.answer["id"])

    async def _cancel(self, book: Book, _card: str) -> None:
        mine = self.holds.get(book.barcode, [])
        if mine:
            hold = mine.pop(self.chance.randrange(len(mine)))
            await self._act(book, "cancel", self.who, f"holds/{hold}/cancel", {"reason": "不需要了"})

    async def _pull(self, book: Book, _card: str) -> None:
        await self._act(book, "pull", self.who, f"hold-shelf/{book.barcode}/pull", {})

    async def _late(self, book: Book, _card: str) -> None:
        """The days pass over this loan; the fine is paid or let off before the patron asks for the next book."""
        await written(self.line.stage.suite.database_url("reader"), (
            "UPDATE loan SET due_on = %s WHERE barcode = %s AND returned_at IS NULL"
        ), [local_day().fromordinal(local_day().toordinal() - LATE_DAYS), book.barcode])
        owner = book.card
        await self._return(book, "")
        await self._settle(owner)

    async def _charge(self, book: Book, card: str) -> None:
        deed = await self.send("charge", self.who, "/api/reader/charges", {
            "card": card, "kind": "damage", "amount_cents": self.chance.randrange(1, 40) * 10, "barcode": book.barcode, "reason": "书页折损",
        }, about=card)
        if deed.done:
            self.library.owe(card, int(deed.answer["amount_cents"]))
        await self._settle(card)

    async def _settle(self, card: str) -> None:
        let_off = self.chance.random() < 0.3
        open_ = (await self.line.look(self.who, f"/api/reader/patrons/{card}/charges")).get("items", [])
        if let_off and len(open_) == 1:
            # Never by who made the charge.
            deed = await self.send(
                "waive", "head-reader", f"/api/reader/charges/{open_[0]['id']}/waive", {"reason": "图书馆之过"}, about=card,
            )
            if deed.done:
                self.library.owe(card, int(deed.answer["amount_cents"]))
        elif self.library.owed.get(card) or open_:
            deed = await self.send("pay", self.who, "/api/reader/payments", {"card": card, "method": self.chance.choice(("cash", "card", "mobile"))}, about=card)
            if deed.done:
                if deed.answer["amount_cents"] != self.library.owed.get(card):
                    deed.expected = f"pays {self.library.owed.get(card)}"
                    self.library.astray.append(deed)
                self.library.owe(card, -int(deed.answer["amount_cents"]))


class Patron(Actor):
    """At home, with the own account: waits for shared books, changes their mind, prolongs."""

    def __init__(self, card: str, seed: int, line: Line, over: asyncio.Event, *, books: list[Book]) -> None:
        super().__init__(f"patron {card}", seed, line, over)
        self.card, self.books = card, books
        self.holds: list[str] = []

    async def turn(self) -> None:
        """A wish, or no longer a wish; looking things up in between."""
        what, book = self.chance.choice(("hold", "hold", "cancel", "look")), self.chance.choice(self.books)
        if what == "hold":
            deed = await self.send(
                "hold", self.card, "/api/reader/holds", {"card": self.card, "instance_id": book.instance}, about=book.barcode,
            )
            if deed.done:
                self.holds.append(deed.answer["id"])
        elif what == "cancel" and self.holds:
            hold = self.holds.pop(self.chance.randrange(len(self.holds)))
            await self.send("cancel", self.card, f"/api/reader/holds/{hold}/cancel", {"reason": ""}, about=hold)
        else:
            await self.line.look(self.card, f"/api/reader/patrons/{self.card}/loans")
        await self.breathe(1.5)


async def written(url: str, sql: str, values: list[Any], *, patience: float = 120) -> None:
    """A change behind the suite's back, once the database can be spoken to."""
    async with asyncio.timeout(patience):
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=5) as link:
                    await link.execute(sql, values)
                    return
            except psycopg.OperationalError:
                await asyncio.sleep(0.5)
