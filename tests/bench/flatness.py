"""Does a scan cost the same however much a patron has at home, a title has copies, or a queue has people?

The sizes take turns request by request, so that whatever else the machine does meets all of them
alike. The large cases are written into the reader database beforehand, without events; the measured
loans and returns go through the doors, by a head of the point who may pass the limit of loans.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from shared.database import uuid7
from tests.bench.load import Watch, spread
from tests.bench.stage import Stage

WHO, NOTE = "rdr-led", "测量"
_COPIES = """
INSERT INTO item SELECT (jsonb_populate_record(base, jsonb_build_object(
    'id', uuidv7(), 'barcode', %(stem)s || n, 'instance_id', %(instance)s || CASE WHEN %(apart)s THEN n::text ELSE '' END,
    'copy_no', n
))).* FROM item base, generate_series(1, %(number)s) n WHERE base.barcode = %(like)s
"""
_PATRONS = """
INSERT INTO patron SELECT (jsonb_populate_record(base, jsonb_build_object(
    'id', uuidv7(), 'card', %(stem)s || n
))).* FROM patron base, generate_series(1, %(number)s) n WHERE base.card = %(like)s
"""
_LOANS = """
WITH taken AS (
    UPDATE item SET circulation = 'on_loan', patron_id = p.id FROM patron p
    WHERE p.card = %(card)s AND item.instance_id = %(instance)s RETURNING item.*, p.id AS borrower, p.card, p.category, p.college, p.class_name
)
INSERT INTO loan SELECT (jsonb_populate_record(model, jsonb_build_object(
    'id', uuidv7(), 'item_id', t.id, 'patron_id', t.borrower, 'card', t.card, 'barcode', t.barcode, 'title', t.title,
    'instance_id', t.instance_id, 'due_on', current_date + 60, 'explain', %(explain)s::jsonb, 'renewals', 0, 'fine_fen', 0,
    'returned_at', NULL, 'returned_by', '', 'ended_as', '', 'undone', false
))).* FROM taken t, loan model WHERE model.id = (SELECT id FROM loan ORDER BY lent_at LIMIT 1)
"""
_HOLDS = """
INSERT INTO hold SELECT (jsonb_populate_record(model, jsonb_build_object(
    'id', uuidv7(), 'instance_id', %(instance)s || CASE WHEN %(apart)s THEN n::text ELSE '' END, 'title', '排队',
    'patron_id', p.id, 'card', p.card, 'state', 'waiting', 'ready_at', NULL, 'until', NULL, 'ended_at', NULL,
    'reason', '', 'shelf', '', 'pickup', '', 'point', '', 'turn', nextval(pg_get_serial_sequence('hold', 'turn')), 'item_id', NULL, 'barcode', '', 'wanted_id', NULL
))).* FROM generate_series(1, %(number)s) n JOIN patron p ON p.card = %(stem)s || n,
    hold model WHERE model.id = (SELECT id FROM hold WHERE paused_until IS NULL ORDER BY placed_at LIMIT 1)
"""
_EXPLAIN = '{"rule": {"category": "staff", "items": 30, "days": 90, "renewals": 2}, "from": "", "reckoned": "", "closed": []}'


@dataclass
class Seeds:
    """Writes large cases into the reader database; every call makes things nobody else has."""

    stage: Stage
    item: str
    card: str

    async def copies(self, number: int, *, apart: bool = False) -> tuple[list[str], str]:
        """So many copies of one new title (or of a title each): barcodes and the title's id."""
        stem, instance = f"BN{next(self.stage.serials)}-", str(uuid7())
        await self._run(_COPIES, stem=stem, instance=instance, number=number, like=self.item, apart=apart)
        return [f"{stem}{n}" for n in range(1, number + 1)], instance

    async def loans(self, card: str, number: int) -> None:
        """So many open loans of one patron."""
        if number:
            _codes, instance = await self.copies(number)
            await self._run(_LOANS, card=card, instance=instance, explain=_EXPLAIN)

    async def queue(self, instance: str, number: int, *, apart: bool = False) -> None:
        """So many patrons who wait for the title (or one for each of the titles)."""
        stem = f"BN{next(self.stage.serials)}-"
        await self._run(_PATRONS, stem=stem, number=number, like=self.card)
        await self._run(_HOLDS, stem=stem, instance=instance, number=number, apart=apart)

    async def done(self) -> None:
        """What autovacuum would do within a minute."""
        await self._run("VACUUM ANALYZE item, patron, loan, hold")

    async def _run(self, statement: str, **values: Any) -> None:
        await self.stage.rows["reader"].execute(statement, values or None)


Cycle = Callable[[Watch, int], Awaitable[None]]


async def measure(stage: Stage) -> dict[str, Any]:
    """Loans and returns with 0, 100 and 1,000 open loans, 1 and 1,000 copies, 0, 1 and 1,000 people waiting."""
    samples, most = (60, 5.0) if stage.quick else (400, 18.0)
    queued = samples // 2
    codes = await stage.stock(7)
    cards = await stage.patrons(5)
    seeds = Seeds(stage, codes[0], cards[0])
    for card, number in zip(cards[:3], (0, 100, 1000), strict=True):
        await seeds.loans(card, number)
    many, _instance = await seeds.copies(1000)
    one, _instance = await seeds.copies(1)
    nobody, _instance = await seeds.copies(queued)
    single, apart = await seeds.copies(queued, apart=True)
    await seeds.queue(apart, queued, apart=True)
    crowd, instance = await seeds.copies(queued)
    await seeds.queue(instance, 1000 + queued)
    await seeds.done()
    desk = Desk(stage)
    loans = {
        name: desk.of(card, [code]) for name, card, code in zip(("0", "100", "1000"), cards[:3], codes[1:4], strict=True)
    }
    titles = {"1": desk.of(cards[3], one), "1000": desk.of(cards[3], many[500:503])}
    queues = {name: desk.of(cards[4], pile) for name, pile in (("0", nobody), ("1", single), ("1000", crowd))}
    return {
        "open_loans": compared(await in_turn(loans, samples, most), "0"),
        "copies_of_the_title": compared(await in_turn(titles, samples, most), "1"),
        # With somebody waiting a return does more (it tells them), so the queue of one is the measure.
        "people_waiting": compared(await in_turn(queues, queued, most), "1"),
    }


@dataclass
class Desk:
    """A head of the point who lends and takes back."""

    stage: Stage

    def of(self, card: str, codes: list[str]) -> Cycle:
        """A cycle that lends one of these copies to the patron and takes it back."""

        async def cycle(watch: Watch, n: int) -> None:
            code = codes[n % len(codes)]
            asked = {"card": card, "barcode": code, "override": True, "note": NOTE}
            with watch("loan"):
                await self.stage.ask(WHO, "POST", "/api/reader/loans", asked, status=201)
            with watch("return"):
                await self.stage.ask(WHO, "POST", "/api/reader/returns", {"barcode": code})

        return cycle


async def in_turn(cycles: dict[str, Cycle], samples: int, most: float) -> dict[str, Watch]:
    """One cycle of each size after the other, until there are enough or the time is over."""
    watches = {size: Watch() for size in cycles}
    warm, begun = 5, time.monotonic()
    for n in range(samples):
        for size, cycle in cycles.items():
            await cycle(watches[size] if n >= warm else Watch(), n)
        if time.monotonic() - begun > most:
            break
    return watches


def compared(watches: dict[str, Watch], base: str) -> dict[str, Any]:
    """Spread of each size, and of the largest the ratios to the base."""
    sizes = {
        size: {kind: spread([spent for name, _at, spent in watch.seen if name == kind]) for kind in ("loan", "return")}
        for size, watch in watches.items()
    }
    return {
        "sizes": sizes,
        **{
            f"{kind}_{share}_ratio": round(sizes["1000"][kind][f"{share}_ms"] / sizes[base][kind][f"{share}_ms"], 2)
            for kind in ("loan", "return") for share in ("p50", "p95")
        },
    }
