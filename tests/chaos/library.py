"""A model of the library, small enough to be believed: what a book may do next, and what everybody owes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.chaos.diary import Deed

SHELF, OUT, KEPT, PULL = "on the shelf", "out", "kept for somebody", "to be pulled"


@dataclass
class Book:
    """One copy, the only one of its title that people here touch. `sure` is whether the model knows where it is."""

    barcode: str
    instance: str
    shared: bool = False
    where: str = SHELF
    card: str = ""
    loan: str = ""
    renewals: int = 0
    waiting: list[tuple[str, str]] = field(default_factory=list)
    sure: bool = True
    busy: int = 0
    touched: int = 0


class Library:
    """Judges each answer as it comes, when nobody else was at the book meanwhile."""

    def __init__(self) -> None:
        self.books: dict[str, Book] = {}
        self.owed: dict[str, int] = {}
        self.astray: list[Deed] = []

    def expects(self, book: Book, verb: str, card: str = "") -> str:
        """What must be answered, as far as the model can tell."""
        # Patrons at home wait for shared books too, and cancel: of those the model only knows who has them.
        if not book.sure or (book.shared and book.where != OUT):
            return ""
        if verb == "lend":
            if book.where == SHELF:
                return "yes"
            if book.where == KEPT:
                return "yes" if card == book.card else "no"
            return "no" if book.where == OUT else ""
        if verb == "return":
            return "yes"
        if verb in {"renew", "recall"} and book.where != OUT:
            return "no"
        if verb == "renew" and book.waiting:
            return "no"
        return ""

    def begin(self, book: Book, verb: str, card: str) -> tuple[str, int]:
        """Somebody goes to this book."""
        said = self.expects(book, verb, card) if not book.busy else ""
        book.busy += 1
        book.touched += 1
        return said, book.touched

    def end(self, book: Book, deed: Deed, begun: tuple[str, int]) -> None:
        """The answer is there; compare it with what was expected, and learn from it."""
        expected, mark = begun
        alone = book.touched == mark
        book.busy -= 1
        book.touched += 1
        deed.known = book.where
        if not deed.status:
            book.sure = False
            return
        if expected and alone:
            deed.expected = expected
            if (expected == "yes") != deed.done:
                self.astray.append(deed)
        if deed.done:
            self._learn(book, deed)
        if not alone:
            book.sure = False

    def _learn(self, book: Book, deed: Deed) -> None:
        said = deed.answer
        match deed.verb:
            case "lend":
                book.where, book.card, book.loan, book.renewals, book.sure = OUT, deed.body["card"], said["loan_id"], 0, True
                if filled := said.get("hold"):
                    book.waiting = [one for one in book.waiting if one[0] != filled["id"]]
            case "return":
                book.where = {"shelve": SHELF, "hold_shelf": KEPT}.get(str(said["next"]), str(said["next"]))
                book.card = said["hold"]["card"] if said.get("hold") else ""
                book.loan, book.sure = "", True
                if loan := said.get("loan"):
                    self.owe(str(loan["card"]), int(said["fine_cents"]))
            case "renew":
                book.renewals = int(said["renewals"])
            case "hold":
                book.waiting.append((said["id"], said["card"]))
            case "cancel":
                book.waiting = [one for one in book.waiting if one[0] != said["id"]]
                if book.where == KEPT and book.card == said["card"]:
                    book.where, book.card = PULL, ""
            case "pull":
                kept: dict[str, Any] | None = said.get("hold")
                book.where, book.card = (KEPT, kept["card"]) if kept else (SHELF, "")
            case _:
                pass

    def owe(self, card: str, fen: int) -> None:
        """Somebody owes more, or less."""
        self.owed[card] = self.owed.get(card, 0) + fen
