"""What a seal says, and what does not hold; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

ID, MARK = 8, 16
WIDTH = ID + MARK


@dataclass(frozen=True, slots=True)
class Trace:
    """An audit row as the database writes it out: what never changes, and what may be forgotten."""

    id: int
    plain: str
    private: str
    was: bytes | None = None
    rest: str = ""

    @property
    def private_sum(self) -> bytes:
        """Digest of the part that may be forgotten, as it stands now."""
        return hashlib.sha256(self.private.encode()).digest()

    @property
    def mark(self) -> bytes:
        """The row's own digest, the same before and after it lost its person."""
        return hashlib.sha256(self.plain.encode() + (self.was or self.private_sum)).digest()[:MARK]

    @property
    def altered_since(self) -> bool:
        """Whether a row that lost its person says something else than it did right afterwards."""
        return self.was is not None and self.private_sum.hex() != self.rest


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: `kind` of `row` (an audit id) under seal `seal`."""

    kind: str
    seal: int
    row: int | None = None
    of: str = ""

    def __str__(self) -> str:
        if self.row is not None:
            return f"row {self.row} {self.kind} (seal {self.seal})"
        return f"{self.of} seal {self.seal} {self.kind}".strip()


def pack(rows: Iterable[Trace]) -> bytes:
    """The marks of a seal."""
    return b"".join(row.id.to_bytes(ID, "big") + row.mark for row in rows)


def unpack(marks: bytes) -> dict[int, bytes]:
    """Mark by audit id."""
    pieces = (marks[at : at + WIDTH] for at in range(0, len(marks), WIDTH))
    return {int.from_bytes(piece[:ID], "big"): piece[ID:] for piece in pieces}


def chained(before: str, no: int, upto: int, marks: bytes) -> str:
    """A seal's link: it covers everything sealed before it."""
    return hashlib.sha256(f"{before} {no} {upto} ".encode() + marks).hexdigest()


def compared(no: int, sealed: Mapping[int, bytes], rows: Iterable[Trace]) -> Iterator[Finding]:
    """The rows that lie in the span of a seal against what was sealed."""
    there = {row.id: row for row in rows}
    for row_id, mark in sealed.items():
        row = there.pop(row_id, None)
        if row is None:
            yield Finding("removed", no, row_id)
        elif row.mark != mark or row.altered_since:
            yield Finding("changed", no, row_id)
    for row_id in there:
        yield Finding("inserted", no, row_id)


def disagreeing(source: str, told: Mapping[int, str], chains: Mapping[int, str]) -> Iterator[Finding]:
    """The seals of a department of which another was told something else."""
    for no, chain in sorted(told.items()):
        if chains.get(no) != chain:
            yield Finding("is not what was told", no, of=source)
