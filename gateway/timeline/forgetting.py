"""The line of time forgets which patron had which book; that something happened stays.

The department keeps the link as long as its rules say; this is a copy for looking things up, and for that half a
year is enough whatever is still owed. A night's firings take a bounded number of facts each.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from gateway.timeline.model import JOINED
from shared.schedules import Scheduled
from shared.work import Work

KEPT_DAYS = 180
BATCH, BATCHES = 2000, 5

_CUT = text(f"""
WITH due AS MATERIALIZED (
    SELECT event_id FROM chronicle WHERE {JOINED} AND at < :before ORDER BY at LIMIT :batch FOR UPDATE SKIP LOCKED
), refs AS (
    DELETE FROM chronicle_ref r USING due WHERE r.event_id = due.event_id AND r.ref LIKE 'patron:%'
)
UPDATE chronicle c SET
    payload = c.payload || jsonb_build_object('card', ''),
    actor = CASE WHEN c.actor_kind = 'patron' THEN '' ELSE c.actor END
FROM due WHERE c.event_id = due.event_id
""")


async def forget(work: Work, *, batch: int = BATCH, batches: int = BATCHES) -> int:
    """Take the person out of facts that are old enough; how many that were."""
    done = 0
    for _n in range(batches):
        found = await work.session.execute(_CUT, {"before": work.now - timedelta(days=KEPT_DAYS), "batch": batch})
        done += found.rowcount  # type: ignore[attr-defined]
        if found.rowcount < batch:  # type: ignore[attr-defined]
            break
    return done


async def _by_the_clock(work: Work, _due: datetime) -> None:
    await forget(work)


schedule = Scheduled("timeline.forget", "*/5 2-4 * * *", _by_the_clock)
