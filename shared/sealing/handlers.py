"""Being told of another department's seals: what was told is kept, and is only ever added to."""

from __future__ import annotations

import structlog
from sqlalchemy import insert, select

from shared.events.base import AuditSealed
from shared.messaging.handlers import Handlers
from shared.sealing.tables import audit_witness
from shared.work import Work

log = structlog.get_logger()


def witness(*sources: str) -> Handlers:
    """Handlers that write down what these departments seal."""
    handlers = Handlers()
    for source in sources:
        handlers.on(AuditSealed, source=source)(keep_on_audit_sealed)
    return handlers


async def keep_on_audit_sealed(work: Work, event: AuditSealed) -> None:
    """The first word stands; a seal told a second time differently is said aloud."""
    about = (audit_witness.c.source == event.department) & (audit_witness.c.no == event.no)
    known = await work.session.scalar(select(audit_witness.c.chain).where(about))
    if known is None:
        await work.session.execute(insert(audit_witness).values(
            source=event.department, no=event.no, chain=event.chain, before=event.before, at=work.now,
        ))
    elif known != event.chain:
        log.error("a seal was told differently before", source=event.department, no=event.no)
