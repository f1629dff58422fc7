"""JSON door of scans: for collectors and scripts."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from services.resources.collections.stocktake import commands, queries, rules
from services.resources.collections.stocktake.model import How, Result, Why
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/resources/stocktaking", tags=["stocktake"], dependencies=[allow(*rules.COUNTERS)])


class Scans(BaseModel):
    """Barcodes seen in one place; sent again they count once."""

    barcodes: list[str] = Field(min_length=1, max_length=5_000)
    place: str = Field("", max_length=40)


@router.post("/{number}/scans")
async def scan(work: WorkDep, number: str, body: Scans) -> dict[str, Any]:
    """What came of each barcode."""
    good, bad = rules.codes_of("\n".join(body.barcodes))
    rows = await commands.scan(work, number, good, place=body.place, how=How.file)
    return {
        "items": [{
            "barcode": row.barcode, "result": row.result, "result_label": Result(row.result).text, "why": row.why, "why_label": Why(row.why).text,
            "place": row.place, "times": row.times,
        } for row in rows], "total": len(rows), "unreadable": bad,
    }


@router.get("/{number}")
async def stand(work: WorkDep, number: str) -> dict[str, Any]:
    """How far the campaign is, per location and in all."""
    one = await queries.by_no(work.session, number)
    rows = one.report or await queries.figures(work.session, one)
    return {"number": one.no, "title": one.title, "state": one.state, "places": one.places, "rows": rows[:-1], "all": rows[-1]}
