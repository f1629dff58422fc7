"""What one receipt proves, in the words a person reads off it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.reader.desk.charges.model import Entry, Posting

NUMBER = re.compile(r"SJ(\d{4})-(\d{4,})")


@dataclass(frozen=True, slots=True)
class Receipt:
    """`rows` are the lines on paper; `total_fen` is what changed hands or was let off, always positive."""

    number: str
    what: Posting
    rows: Sequence[Entry]
    total_fen: int

    @property
    def head(self) -> Entry:
        """The row that stands for the paper: who, when, for which card."""
        return self.rows[0]

    @property
    def paid_back(self) -> bool:
        """Whether the money left the house."""
        return self.what is Posting.refund

    @property
    def facts(self) -> dict[str, Any]:
        """Of a refund: the receipt it answers, the voucher, who asked, approved and paid."""
        return self.head.explain if self.paid_back else {}

    def people(self) -> set[str]:
        """Everybody the paper names."""
        names = {self.facts.get(key, "") for key in ("asked_by", "approved_by", "paid_by", "received_by")}
        return {row.actor for row in self.rows} | {name for name in names if name}


def of(rows: Sequence[Entry]) -> Receipt | None:
    """One receipt from its rows. A refund is a pair that adds up to nothing: on paper only the money is said."""
    shown = [row for row in rows if row.posting not in (Posting.credit, Posting.credit_undone)]
    if not shown:
        return None
    return Receipt(shown[0].receipt, shown[0].posting, shown, sum(abs(row.amount_fen) for row in shown))


def serial(number: str) -> tuple[int, int] | None:
    """Year and running number of a receipt; None of what is none."""
    found = NUMBER.fullmatch(number.strip().upper())
    return (int(found[1]), int(found[2])) if found else None
