"""What points to a record, moved to another and back: table by table, one statement each."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, text

from services.resources.cataloguing.proofing.model import SampleLine
from services.resources.cataloguing.records.model import Instance
from shared.work import Work

# (table, column): items with their discs, orders and what came of them, wanted titles, weeding, and records merged before.
POINTERS: tuple[tuple[str, str], ...] = (
    ("item", "instance_id"), ("order_line", "instance_id"), ("desideratum", "instance_id"), ("accession", "instance_id"),
    ("weeding_line", "instance_id"), ("instance", "merged_into"),
)


async def move(work: Work, *, gone: Instance, into: Instance) -> dict[str, list[str]]:
    """Everything that points to one record points to the other; table → what moved.

    A sampled record nobody has read yet leaves the sample: its text is nobody's any more.
    """
    moved: dict[str, list[str]] = {}
    for table, column in POINTERS:
        rows = await work.session.scalars(
            text(f"UPDATE {table} SET {column} = :into WHERE {column} = :gone RETURNING id"),
            {"into": into.id, "gone": gone.id},
        )
        moved[table] = sorted(str(one) for one in rows)
    await work.session.execute(delete(SampleLine).where(SampleLine.instance_id == gone.id, SampleLine.proof_id.is_(None)))
    return moved


async def move_back(work: Work, moved: Mapping[str, list[str]], *, gone: Instance, into: Instance) -> None:
    """What moved then and was not moved on since."""
    for table, column in POINTERS:
        await work.session.execute(
            text(f"UPDATE {table} SET {column} = :gone WHERE id = ANY(:ids) AND {column} = :into"),
            {"into": into.id, "gone": gone.id, "ids": [UUID(one) for one in moved.get(table, ())]},
        )


async def left_since(work: Work, moved: Mapping[str, list[str]], *, into: Instance) -> list[str]:
    """Barcodes of items that came along and were written off, or catalogued elsewhere, since."""
    rows = await work.session.scalars(
        text("SELECT barcode FROM item WHERE id = ANY(:ids) AND (instance_id <> :into OR life = 'withdrawn') ORDER BY barcode LIMIT 5"),
        {"ids": [UUID(one) for one in moved.get("item", ())], "into": into.id},
    )
    return list(rows)
