"""Sealing the hour that has ended, and the nightly walk along the chain."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from shared.events.base import AuditSealed
from shared.schedules import Scheduled
from shared.sealing.queries import Verdict, traces, verify
from shared.sealing.rules import chained, pack
from shared.sealing.tables import audit_check, audit_seal
from shared.work import Work

log = structlog.get_logger()

SIZE = 2000
# Ids are given out before they are committed. No row is sealed that is younger than this, or than the oldest
# transaction that still writes: behind such a row an older one could yet appear.
SETTLED = timedelta(minutes=10)
_UPTO = text("""
SELECT max(id) FROM audit WHERE id > :after AND at < least(:before, (
    SELECT min(xact_start) - interval '1 minute' FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
))
""")


async def seal(work: Work) -> int:
    """Seal whatever has settled since the last seal; how many rows that were."""
    last = (await work.session.execute(select(audit_seal).order_by(audit_seal.c.no.desc()).limit(1))).first()
    no, after, chain = (last.no, last.upto, last.chain) if last else (0, 0, "")
    upto = await work.session.scalar(_UPTO, {"after": after, "before": work.now - SETTLED}) or 0
    count = 0
    while rows := await traces(work.session, after, upto, SIZE):
        no, after, before, marks = no + 1, rows[-1].id, chain, pack(rows)
        chain = chained(before, no, after, marks)
        await work.session.execute(insert(audit_seal).values(no=no, upto=after, at=work.now, marks=marks, chain=chain))
        work.emit(AuditSealed(department=work.service, no=no, rows=len(rows), before=before, chain=chain))
        count += len(rows)
    return count


async def check(work: Work) -> Verdict:
    """Walk along the chain and write down how it went; the figures at /metrics and the status page say so."""
    verdict = await verify(work.session)
    row = upsert(audit_check).values(
        id=1, at=work.now, rows=verdict.rows, seals=verdict.seals, found=[str(one) for one in verdict.found],
    )
    fresh = {name: row.excluded[name] for name in ("at", "rows", "seals", "found")}
    await work.session.execute(row.on_conflict_do_update(index_elements=["id"], set_=fresh))
    if verdict.found:
        log.error("the audit trail was changed", found=[str(one) for one in verdict.found], more=verdict.more)
    return verdict


async def _seal(work: Work, _due: datetime) -> None:
    await seal(work)


async def _check(work: Work, _due: datetime) -> None:
    await check(work)


SCHEDULES = (Scheduled("audit.seal", "23 * * * *", _seal), Scheduled("audit.check", "10 4 * * *", _check))
