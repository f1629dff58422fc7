"""What we answer for of records when another department compares its copy with us."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.rules import added
from shared.copies.ledger import Ledger, Row, Span


async def told(session: AsyncSession, span: Span) -> Sequence[Row]:
    """Every record that was ever released, by its id, as the fact it was released by; and whether it is hidden."""
    query = (
        select(Instance).where(span.within(Instance.id), Instance.state != RecordState.draft)
        .order_by(Instance.id).limit(span.limit).options(undefer(Instance.fields))
    )
    return [
        (str(one.id), {
            **added(str(one.id), one.number, project(Record.from_json(one.fields)), one.call_number).model_dump(mode="json"),
            "suppressed": one.state is RecordState.suppressed,
        })
        for one in await session.scalars(query)
    ]


ledger = Ledger("resources.records", asked_by=("reader",), read=told)
