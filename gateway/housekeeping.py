"""What is kept for a while is swept away by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.schedules import Scheduled
from shared.work import Work

KEEP = {
    "session": ("expires_at", timedelta(days=90)),
    "api_token": ("expires_at", timedelta(days=90)),
    "sign_in_attempts": ("since", timedelta(days=1)),
    "oidc_flow": ("started_at", timedelta(days=1)),
    "notice": ("at", timedelta(days=60)),
    "idempotency": ("at", timedelta(days=7)),
}


async def sweep(work: Work, _due: datetime) -> None:
    """Forget old sessions, tokens, counters, notices and closed work."""
    for table, (column, age) in KEEP.items():
        await work.session.execute(
            text(f"DELETE FROM {table} WHERE {column} < :before"),
            {"before": work.now - age},
        )
    await work.session.execute(
        text("DELETE FROM work_item WHERE closed_at < :before"), {"before": work.now - timedelta(days=90)}
    )


housekeeping = (Scheduled("sweep", "17 3 * * *", sweep),)

# What each department taught us, and how to tell its rows from those of the others.
COPIES = {
    "chronicle_ref": "event_id IN (SELECT event_id FROM chronicle WHERE source = :source)",
    "chronicle": "source = :source",
    "work_item": "dept = :source",
    "daily_count": "name LIKE :source || '.%'",
    "duty_credit": "source = :source",
}
ONLY_FROM = {
    "office": (
        # The first account's posts come from no event: they stay.
        "DELETE FROM held_post WHERE holding_id NOT LIKE 'first:%'",
        "DELETE FROM person WHERE kind = 'staff' AND id NOT IN (SELECT staff_no FROM held_post)",
        "DELETE FROM obligation",
    ),
    "reader": ("DELETE FROM person WHERE kind = 'patron'",),
}


async def forget_copies(session: AsyncSession, source: str) -> None:
    """Empty what this department taught us, so that its log can be read again from the beginning."""
    for table, where in COPIES.items():
        await session.execute(text(f"DELETE FROM {table} WHERE {where}"), {"source": source})
    for statement in ONLY_FROM.get(source, ()):
        await session.execute(text(statement))
