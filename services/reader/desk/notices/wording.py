"""Which words a hook's letters use: the newest saved version, else what is shipped with the suite."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.notices.model import Hook, Wording
from services.reader.desk.notices.rules import Words


@lru_cache
def _shipped(language: str) -> dict[str, dict[str, str]]:
    path = Path(__file__).with_name(f"wording.{language}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def shipped(hook: Hook, language: str) -> Words:
    """Version 0."""
    found = _shipped(language)[hook.value]
    return Words(found["subject"], found["text"], found["line"])


async def words_for(session: AsyncSession, hook: Hook, language: str) -> Words:
    """What a letter written now says."""
    found = await session.scalar(
        select(Wording).where(Wording.hook == hook, Wording.language == language)
        .order_by(Wording.version.desc()).limit(1)
    )
    if found is None:
        return shipped(hook, language)
    return Words(found.subject, found.text, found.line, found.version)


async def versions(session: AsyncSession, hook: Hook, language: str) -> Sequence[Wording]:
    """Every saved version, newest first."""
    return (await session.scalars(
        select(Wording).where(Wording.hook == hook, Wording.language == language)
        .order_by(Wording.version.desc())
    )).all()


async def newest_versions(session: AsyncSession) -> dict[tuple[Hook, str], int]:
    """The version in use of each hook and language that was changed here."""
    rows = await session.execute(
        select(Wording.hook, Wording.language, func.max(Wording.version))
        .group_by(Wording.hook, Wording.language)
    )
    return {(hook, language): version for hook, language, version in rows}
