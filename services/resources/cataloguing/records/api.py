"""JSON door of records: find and read."""

from __future__ import annotations

from typing import Any

from fastapi import Query

from services.resources.cataloguing.items import queries as items
from services.resources.cataloguing.marc.matching import completeness
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.records import queries
from services.resources.cataloguing.records.model import RecordState
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/resources/instances", tags=["records"], dependencies=[allow("staff")])


@router.get("")
async def listed(
    work: WorkDep, q: str = Query("", max_length=200), state: RecordState | None = None,
    material: str = Query("", max_length=20), limit: int = Query(20, ge=1, le=100),
    offset: int = Query(0, ge=0, le=100_000),
) -> dict[str, Any]:
    """Records for what was typed: title, pinyin initials, person, ISBN, call number, barcode."""
    found, total = await queries.find(
        work.session, q.replace("\0", ""), state=state.value if state else "", material=material, limit=limit, offset=offset
    )
    counts = await items.counts(work.session, [record.id for record in found])
    return {
        "items": [queries.brief_json(record, counts.get(record.id, 0)) for record in found], "total": total,
        "next": offset + limit if offset + len(found) < total else None,
    }


@router.get("/{key}")
async def one(work: WorkDep, key: str) -> dict[str, Any]:
    """A record by its number or id: what it says, what it lacks, its items, the whole MARC.

    The number of one that was merged answers with the other; `asked` says which was asked for.
    """
    known = await queries.by_key(work.session, key)
    record = await queries.by_key(work.session, str(known.merged_into or known.id), whole=True)
    copies = await items.of_instance(work.session, record.id)
    places = await items.locations(work.session)
    stock = sum(item.life != "withdrawn" for item in copies)
    return {
        **queries.brief_json(record, stock), "asked": known.number, "projection": record.projection, "marc": record.fields,
        "lacks": completeness(project(Record.from_json(record.fields))), "source": record.source,
        "copies": [items.item_json(item, record.title, places.get(item.location)) for item in copies],
        "created_at": record.created_at, "updated_at": record.updated_at,
    }
