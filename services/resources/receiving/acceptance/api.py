"""JSON door of counting; deliveries themselves have the register's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.resources.receiving.acceptance import commands, queries, rules
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/resources/acceptances", tags=["acceptance"], dependencies=[allow(*rules.READERS)])
WRITE = [allow(*rules.ACCEPTORS)]


class Scan(BaseModel):
    """The ISBN of a book in the hand."""

    code: str = Field(min_length=1, max_length=60)


class CountIn(BaseModel):
    """What came of a line."""

    line_id: UUID
    arrived: int = Field(ge=0, le=9999)
    damaged: int = Field(0, ge=0, le=9999)
    wrong: int = Field(0, ge=0, le=9999)
    price_minor: int | None = Field(None, ge=0, le=100_000_000)


@router.post("/{number}/scans", dependencies=WRITE)
async def scan(work: WorkDep, number: str, book: Scan) -> dict[str, Any]:
    """One copy more; `line_id` is empty for what is not on the order."""
    line = await commands.scan(work, number, book.code)
    return {"line_id": str(line.id) if line else "", "title": line.title if line else ""}


@router.post("/{number}/counts", dependencies=WRITE)
async def count(work: WorkDep, number: str, figures: CountIn) -> dict[str, Any]:
    """A line counted by hand."""
    await commands.count(work, number, figures.line_id, **figures.model_dump(exclude={"line_id"}))
    found = (await queries.counts_of(work.session, number))[figures.line_id]
    return {"line_id": str(figures.line_id), "arrived": found.arrived, "damaged": found.damaged, "wrong": found.wrong}
