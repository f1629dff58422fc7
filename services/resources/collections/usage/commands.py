"""Writing uses down: a hundred facts of one delivery cost one statement."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.collections.usage.model import ItemUse, UseKind
from shared.settings import LOCAL
from shared.work import Work

# A row that is there stays; only an item we did not know when it was first told is filled in by a replay.
_COUNT = text("""
INSERT INTO item_use (event_id, day, kind, barcode, item_id, instance_id, n)
SELECT g.event_id, g.day, g.kind, g.barcode, coalesce(i.id, f.item_id), g.instance_id, g.n
FROM unnest(CAST(:ids AS uuid[]), CAST(:days AS date[]), CAST(:kinds AS text[]), CAST(:codes AS text[]),
            CAST(:titles AS uuid[]), CAST(:ns AS smallint[])) AS g (event_id, day, kind, barcode, instance_id, n)
LEFT JOIN item i ON i.barcode = g.barcode LEFT JOIN former_barcode f ON f.barcode = g.barcode
ON CONFLICT (event_id) DO UPDATE SET item_id = coalesce(item_use.item_id, EXCLUDED.item_id)
""")


def count(work: Work, kind: UseKind, *, barcode: str = "", instance_id: str = "", n: int = 1) -> None:
    """One use, told by the fact that is being handled; written with others at the end of the delivery."""
    if work.cause is None:
        return
    day = work.cause.at.astimezone(LOCAL).date()
    work.gather(_write, (work.cause.event_id, day, kind.value, barcode, _uuid(instance_id), n))


def _uuid(text_: str) -> UUID | None:
    try:
        return UUID(text_)
    except ValueError:
        return None


async def _write(work: Work, rows: list[Any]) -> None:
    once: dict[UUID, tuple[UUID, date, str, str, UUID | None, int]] = {row[0]: row for row in rows}
    ids, days, kinds, codes, titles, ns = (list(column) for column in zip(*once.values(), strict=True))
    await work.session.execute(_COUNT, {"ids": ids, "days": days, "kinds": kinds, "codes": codes, "titles": titles, "ns": ns})


async def rebuild(session: AsyncSession, source: str) -> None:
    """Before the log of a department is read again: what was counted of it goes; other copies are overwritten line by line."""
    if source == "reader":
        await session.execute(delete(ItemUse))
