"""What is true after the storm, read from the databases in one go: plain rows, so that the judge needs no suite."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from uuid import UUID

import psycopg

from deploy.local.suite import Suite
from services.office.people.ledger.rules import counted
from shared.events.base import event_class
from shared.messaging.records import Record
from shared.service import Service
from shared.settings import DEPARTMENTS
from tests.bench.stage import Stage

Row = tuple[Any, ...]
# Documents that only a command makes: service, table, column that names one.
DOCUMENTS = {
    "loan": ("reader", "loan", "id::text"), "hold": ("reader", "hold", "id::text"),
    "entry": ("reader", "ledger", "id::text"), "slip": ("reader", "damage_slip", "number"), "loss": ("reader", "loss", "no"),
    "repair": ("resources", "repair", "slip"), "wish": ("resources", "desideratum", "no"), "order": ("resources", "purchase_order", "no"),
    "delivery": ("resources", "acceptance", "no"), "invoice": ("resources", "invoice", "no"), "box": ("resources", "handover", "number"),
    "count": ("resources", "stocktake", "no"), "item": ("resources", "item", "barcode"), "voucher": ("office", "voucher", "reference"),
}


@dataclass
class Facts:
    """Rows as they stand at the end, and what was there before the storm."""

    loans: list[Row] = field(default_factory=list)  # id, barcode, card, ended, renewals
    holds: list[Row] = field(default_factory=list)  # id, card, instance, item, state
    ledger: list[Row] = field(default_factory=list)  # new ones: id, card, posting, amount, receipt
    debts: dict[str, int] = field(default_factory=dict)
    documents: dict[str, list[str]] = field(default_factory=dict)  # new ones, each as often as it is there
    scans: list[Row] = field(default_factory=list)  # stock-take, barcode, times
    orders: list[Row] = field(default_factory=list)  # no, state, fen it costs, fen held for it at the office
    invoices: list[Row] = field(default_factory=list)  # no, state, amount, fen paid at the office
    budgets: list[Row] = field(default_factory=list)  # no, sum, says, is
    refunds: list[Row] = field(default_factory=list)  # loss, voucher, fen at the desk, fen at the office
    proof: list[Row] = field(default_factory=list)  # what the desk's own proof of its books objects to
    chain: str = ""  # where the ledger of duties is broken
    logs: dict[str, dict[str, int]] = field(default_factory=dict)  # source: event → position (0: never given one)
    wanted: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # (hearer, source): events
    heard: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    chronicle: dict[str, int] = field(default_factory=dict)  # event → how often
    credits_due: set[tuple[str, str]] = field(default_factory=set)  # (event, duty)
    credits: set[tuple[str, str]] = field(default_factory=set)
    letters: list[Row] = field(default_factory=list)  # hearer, source, subject, aggregate, error
    copies: list[Row] = field(default_factory=list)  # copy, compared, differing, trouble
    differences: list[Row] = field(default_factory=list)  # copy, key, owner, held


async def rows(suite: Suite, service: str, sql: str, values: Any = None) -> list[Row]:
    """What a database answers."""
    async with await psycopg.AsyncConnection.connect(suite.postgres.url(service), autocommit=True) as link:
        return await (await link.execute(sql, values)).fetchall()


async def there(suite: Suite) -> dict[str, list[str]]:
    """Every document there is, as often as it is there."""
    return {
        kind: [str(row[0]) for row in await rows(suite, service, f"SELECT {column} FROM {table}")]
        for kind, (service, table, column) in DOCUMENTS.items()
    }


async def compare_copies(suite: Suite, *, within: float = 120) -> list[Row]:
    """Ask every holder to compare its copies with their owners now, and wait for the result."""
    found: list[Row] = []
    for service, held in _services().items():
        names = [copy.ledger for copy in held.copies]
        asked = await rows(suite, service, "SELECT now()")
        # The same words as the screen's: one that is wanted already is not wanted twice.
        for name in names:
            await rows(suite, service, (
                "INSERT INTO copy_check (copy, wanted_at, wanted_by) VALUES (%s, now(), 'chaos') ON CONFLICT (copy) "
                "DO UPDATE SET wanted_at = now(), begun_at = NULL RETURNING copy"
            ), [name])
        deadline = time.monotonic() + within
        query = "SELECT copy, compared, 0, trouble FROM copy_check WHERE wanted_at IS NULL AND (ended_at > %s OR trouble <> '')"
        while len(done := await rows(suite, service, query, [asked[0][0]])) < len(names) and time.monotonic() < deadline:
            await asyncio.sleep(0.5)
        found += [(f"{service}: {name}", *rest) for name, *rest in done]
        found += [*((f"{service}: {name}", 0, 0, "not compared in time") for name in names if name not in {row[0] for row in done})]
    return found


def _services() -> dict[str, Service]:
    found = {name: import_module(f"services.{name}.app").service for name in DEPARTMENTS}
    return {**found, "gateway": import_module("gateway.app").service}


@dataclass
class Before:
    """What there was before the storm: documents, and where copies differ already."""

    documents: dict[str, list[str]]
    differences: list[Row]


async def look_around(suite: Suite) -> Before:
    """The state the storm begins in."""
    await compare_copies(suite)
    return Before(await there(suite), await differences(suite))


async def differences(suite: Suite) -> list[Row]:
    """Where a copy is not what its owner says, as the last comparisons found it."""
    query = "SELECT copy, key, owner::text, held::text FROM copy_difference WHERE settled_at IS NULL"
    return [row for service in _services() for row in await rows(suite, service, query)]


async def gather(suite: Suite, stage: Stage, before: Before) -> Facts:
    """Everything the judge asks for; the suite is quiet."""
    found = Facts()
    found.copies = await compare_copies(suite)
    found.differences = [row for row in await differences(suite) if row not in before.differences]
    await stage.quiet()
    after = await there(suite)
    for kind, all_ in after.items():
        old = set(before.documents[kind])
        found.documents[kind] = [one for one in all_ if one and one not in old]
    await _desk(suite, found)
    await _money(suite, found)
    await _events(suite, found)
    verified = await stage.ask("director", "GET", "/api/office/ledger/verify")
    found.chain = "" if verified["ok"] else str(verified)
    books = await stage.ask("director", "GET", "/api/reader/books/verify")
    found.proof = [(row["about"], row["says"], row["is"]) for check in books["checks"] for row in check["found"]]
    return found


async def _desk(suite: Suite, found: Facts) -> None:
    found.loans = await rows(suite, "reader", "SELECT id::text, barcode, card, returned_at IS NOT NULL, renewals FROM loan")
    found.holds = await rows(suite, "reader", "SELECT id::text, card, instance_id, item_id::text, state FROM hold")
    new = set(found.documents["entry"])
    found.ledger = [
        row for row in await rows(suite, "reader", "SELECT id::text, card, posting, amount_fen, receipt FROM ledger") if row[0] in new
    ]
    found.debts = {str(card): int(fen) for card, fen in await rows(suite, "reader", "SELECT card, debt_fen FROM patron")}
    found.scans = await rows(suite, "resources", (
        "SELECT s.no, c.barcode, c.times FROM stocktake_scan c JOIN stocktake s ON s.id = c.stocktake_id"
    ))


async def _money(suite: Suite, found: Facts) -> None:
    """Both sides of each budget, of each order and invoice, of each refund (domain rule of the budget)."""
    found.budgets = await rows(suite, "office", """
        SELECT b.no, s.name, s.says, coalesce(s.is, 0) FROM budget b CROSS JOIN LATERAL (
            SELECT 'spent' AS name, b.spent AS says, (SELECT sum(amount) FROM fund_entry e WHERE e.budget = b.no AND e.kind IN ('payment', 'credit')) AS is
            UNION ALL SELECT 'encumbered', b.encumbered, (SELECT sum(amount) FROM fund_entry e WHERE e.budget = b.no AND e.kind IN ('encumbrance', 'release'))
            UNION ALL SELECT 'held for cases', b.encumbered, (SELECT sum(greatest(needed - settled, 0)) FROM encumbrance e WHERE e.budget = b.no)
        ) AS s""")
    held = dict(await rows(suite, "office", "SELECT case_no, sum(needed - settled)::bigint FROM encumbrance GROUP BY case_no"))
    found.orders = [
        (no, state, int(net), int(held.get(no, 0)))
        for no, state, net in await rows(suite, "resources", "SELECT no, state, net_total FROM purchase_order")
    ]
    paid = dict(await rows(suite, "office", (
        "SELECT reference, sum(amount)::bigint FROM voucher WHERE state IN ('executed', 'reconciled') AND reverses = '' GROUP BY reference"
    )))
    found.invoices = [
        (no, state, int(amount), int(paid.get(no, 0)))
        for no, state, amount in await rows(suite, "resources", "SELECT no, state, amount FROM invoice")
    ]
    given = await rows(suite, "reader", """
        SELECT l.no, l.refund_voucher, coalesce(sum(r.amount_fen), 0)::bigint FROM loss l
        LEFT JOIN ledger p ON p.charge_id = l.charge_id AND p.posting = 'payment'
        LEFT JOIN ledger r ON r.refunds_id = p.id AND r.posting = 'refund' WHERE l.state = 'refunded' GROUP BY l.id""")
    found.refunds = [(no, voucher, int(fen), int(paid.get(no, 0))) for no, voucher, fen in given]


async def _events(suite: Suite, found: Facts) -> None:
    hearers = {name: one.handlers for name, one in _services().items()}
    for source in hearers:
        lines = await rows(suite, source, "SELECT event_id, coalesce(seq, 0), subject, aggregate, payload, headers FROM outbox")
        found.logs[source] = {str(line[0]): int(line[1]) for line in lines}
        for hearer, handlers in hearers.items():
            if source in handlers.sources:
                found.wanted[hearer, source] = {str(line[0]) for line in lines if handlers.wants(line[2], source)}
        for event_id, seq, subject, aggregate, payload, headers in lines:
            found.credits_due |= _credits(Record(source, seq, 0, event_id, subject, aggregate, None, payload, headers))
    for hearer in hearers:
        for source, event_id in await rows(suite, hearer, "SELECT source, event_id::text FROM inbox"):
            found.heard.setdefault((hearer, source), set()).add(event_id)
        found.letters += [
            (hearer, *row) for row in await rows(
                suite, hearer, "SELECT source, subject, aggregate, error FROM inbox_parked WHERE resolved_at IS NULL"
            )
        ]
    found.chronicle = dict(await rows(suite, "gateway", "SELECT event_id::text, count(*) FROM chronicle GROUP BY 1"))
    found.credits = set(await rows(suite, "office", "SELECT event_id::text, duty FROM ledger"))


def _credits(record: Record) -> set[tuple[str, str]]:
    """What the office must have credited for this fact."""
    envelope = record.envelope()
    kind = event_class(envelope.name, envelope.version)
    if kind is None:
        return set()
    duties = counted(kind.read(record.payload).duties, envelope)
    return {(str(UUID(str(record.event_id))), duty) for duty in duties}
