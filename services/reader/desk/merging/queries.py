"""What a title is today, and what became part of it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Whoever adds something under a title holds it still until the end; a merge of that title waits for them.
_HELD = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:title, 11))")
_NOW = text("SELECT title_now(:title)")
_PARTS = text("""
    WITH RECURSIVE part AS (
        SELECT CAST(:title AS text) AS title UNION
        SELECT m.instance_id FROM title_merge m JOIN part ON m.into_id = part.title WHERE NOT m.undone
    ) SELECT title FROM part
""")


async def title_now(session: AsyncSession, title: str) -> str:
    """The title this one is part of today; itself, if it was never merged."""
    return await session.scalar(_NOW, {"title": title}) or title


async def title_held(session: AsyncSession, title: str) -> str:
    """The same for whoever is about to write under it: no merge of it passes until they have committed."""
    await session.execute(_HELD, {"title": title})
    return await title_now(session, title)


async def parts_of(session: AsyncSession, title: str) -> list[str]:
    """The title and every one that is part of it, however many merges ago."""
    return list(await session.scalars(_PARTS, {"title": title}))
