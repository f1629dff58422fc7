"""Several pieces of work in one transaction, each of which may fail alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.work import Work


@asynccontextmanager
async def attempt(work: Work) -> AsyncIterator[None]:
    """All or nothing for one piece: what fails takes back its rows, its facts and its audit trail."""
    events, audits = len(work.events), len(work.audit_rows)
    try:
        async with work.session.begin_nested():
            yield
            await work.flush()  # a race that only the database sees is a refusal of this piece
    except BaseException:
        del work.events[events:], work.audit_rows[audits:]
        raise
