"""Reading the trail as it is sealed, and the walk along the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.sealing.rules import Finding, Trace, chained, compared, unpack
from shared.sealing.tables import audit_seal, audit_witness

# Ids we give out begin at 1; a row that somebody slips in may have any.
LEAST = -(1 << 63)
# More are counted, not listed.
MOST = 20

# What of a row is sealed, in words of the database that every version writes alike.
_ROWS = text("""
SELECT a.id, a.was,
    jsonb_build_array(a.id, (extract(epoch FROM a.at) * 1000000)::bigint, a.posts, a.action, a.subject, a.subject_id,
                      a.correlation)::text AS plain,
    jsonb_build_array(a.salt, a.actor, a.origin, a.changes)::text AS private,
    coalesce(CASE WHEN a.forgot IS NOT NULL THEN f.changes ->> a.id::text END, '') AS rest
FROM audit a LEFT JOIN audit f ON f.id = a.forgot AND f.action = 'forget' AND f.subject = 'audit'
WHERE a.id > :after AND a.id <= :upto ORDER BY a.id LIMIT :most
""")
# A department that made its chain anew goes on from a link it never told us.
_TORN = text("""
SELECT n.source, n.no FROM audit_witness n JOIN audit_witness p ON p.source = n.source AND p.no = n.no - 1
WHERE n.before <> p.chain ORDER BY n.source, n.no LIMIT 20
""")


@dataclass(slots=True)
class Verdict:
    """How far the walk came and what does not hold; `head` is the last link."""

    rows: int = 0
    seals: int = 0
    head: str = ""
    found: list[Finding] = field(default_factory=list)
    more: int = 0

    def add(self, finding: Finding) -> None:
        """Keep it, or count it when there are many."""
        if len(self.found) < MOST:
            self.found.append(finding)
        else:
            self.more += 1

    def lines(self) -> list[str]:
        """What does not hold, then how far the walk came."""
        more = [f"and {self.more} more"] if self.more else []
        head = self.head[:16] or "none yet"
        return [*map(str, self.found), *more, f"{self.rows} audit rows under {self.seals} seals, head {head}"]


async def traces(session: AsyncSession, after: int, upto: int, most: int | None = None) -> Sequence[Trace]:
    """The rows of a span in their order."""
    rows = await session.execute(_ROWS, {"after": after, "upto": upto, "most": most})
    return [Trace(row.id, row.plain, row.private, row.was, row.rest) for row in rows]


async def verify(session: AsyncSession) -> Verdict:
    """Walk all seals from the first; a broken link is named once and the walk goes on from what stands there."""
    verdict, before, after, seal = Verdict(), "", LEAST, 0
    while row := await _seal(session, seal):
        if row.no != seal + 1:
            verdict.add(Finding("removed", seal + 1))
        elif row.chain != chained(before, row.no, row.upto, row.marks):
            verdict.add(Finding("changed", row.no))
        sealed = unpack(row.marks)
        for finding in compared(row.no, sealed, await traces(session, after, row.upto)):
            verdict.add(finding)
        verdict.rows, verdict.seals = verdict.rows + len(sealed), verdict.seals + 1
        verdict.head, before, after, seal = row.chain, row.chain, row.upto, row.no
    for row in await session.execute(_TORN):
        verdict.add(Finding("does not go on from what was told before", row.no, of=row.source))
    return verdict


async def _seal(session: AsyncSession, after: int) -> Any:
    return (await session.execute(select(audit_seal).where(audit_seal.c.no > after).order_by(audit_seal.c.no).limit(1))).first()


async def chains(session: AsyncSession) -> dict[int, str]:
    """Every link by the number of its seal."""
    return {row.no: row.chain for row in await session.execute(select(audit_seal.c.no, audit_seal.c.chain))}


async def told(session: AsyncSession, source: str) -> dict[int, str]:
    """What a department told us of its links."""
    where = audit_witness.c.source == source
    return {row.no: row.chain for row in await session.execute(select(audit_witness.c.no, audit_witness.c.chain).where(where))}
