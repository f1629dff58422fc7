"""Reads of notices and letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.notices.model import (
    CollegeContact,
    Hook,
    Letter,
    Notice,
    NoticeState,
    Wish,
)
from services.reader.desk.notices.rules import TO_COLLEGE
from services.reader.desk.patrons.model import Patron
from services.reader.desk.today import midnight
from shared.refusals import NotFound

Rows = Sequence[tuple[Notice, Letter | None, Patron | None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the log is narrowed to."""

    hook: Hook | None = None
    patron_id: UUID | None = None
    since: date | None = None
    until: date | None = None

    def where(self) -> list[Any]:
        """As conditions."""
        found: list[Any] = []
        if self.hook:
            found.append(Notice.hook == self.hook)
        if self.patron_id:
            found.append(Notice.patron_id == self.patron_id)
        if self.since:
            found.append(Notice.at >= midnight(self.since))
        if self.until:
            found.append(Notice.at < midnight(self.until + timedelta(days=1)))
        return found


async def counts(session: AsyncSession, asked: Asked) -> dict[NoticeState, int]:
    """How many of each state."""
    rows = await session.execute(
        select(Notice.state, func.count()).where(*asked.where()).group_by(Notice.state)
    )
    return dict(rows.all())


async def log(
    session: AsyncSession, asked: Asked, state: NoticeState | None, *, limit: int, offset: int
) -> Rows:
    """The newest first, each with its letter and its patron."""
    rows = await session.execute(
        select(Notice, Letter, Patron)
        .outerjoin(Letter, Letter.id == Notice.letter_id).outerjoin(Patron, Patron.id == Notice.patron_id)
        .where(*asked.where(), *([Notice.state == state] if state else []))
        .order_by(Notice.at.desc(), Notice.id.desc()).limit(limit).offset(offset)
    )
    return [(notice, letter, patron) for notice, letter, patron in rows]


async def notice_by_id(session: AsyncSession, notice_id: UUID) -> Notice:
    """One notice."""
    found = await session.get(Notice, notice_id)
    if found is None:
        raise NotFound(notice_id)
    return found


async def told_together(session: AsyncSession, notice: Notice) -> Sequence[Notice]:
    """Everything in the same letter, or that would go into it."""
    if notice.letter_id:
        where: list[Any] = [Notice.letter_id == notice.letter_id]
    elif notice.state is NoticeState.queued:
        where = [Notice.party == notice.party, Notice.state == NoticeState.queued]
    else:
        where = [Notice.id == notice.id]
    return (await session.scalars(select(Notice).where(*where).order_by(Notice.at, Notice.id))).all()


async def told_about(session: AsyncSession, hook: Hook, about: str) -> Sequence[Notice]:
    """What was told of one case, the latest first."""
    return (await session.scalars(
        select(Notice).where(Notice.hook == hook, Notice.about == about).order_by(Notice.at.desc(), Notice.id.desc()).limit(50)
    )).all()


async def patrons_of(session: AsyncSession, notices: Sequence[Notice]) -> dict[UUID, Patron]:
    """Whom notices are about."""
    wanted = {notice.patron_id for notice in notices if notice.patron_id}
    found = await session.scalars(select(Patron).where(Patron.id.in_(wanted)))
    return {patron.id: patron for patron in found}


async def letters_of(session: AsyncSession, patron_id: UUID, *, limit: int, offset: int) -> tuple[Sequence[Letter], int]:
    """What was written to a patron, newest first, and how many letters there are."""
    where = (Letter.patron_id == patron_id, Letter.hook.not_in(TO_COLLEGE))
    total = await session.scalar(select(func.count()).select_from(Letter).where(*where))
    found = await session.scalars(
        select(Letter).where(*where).order_by(Letter.made_at.desc()).limit(limit).offset(offset)
    )
    return found.all(), int(total or 0)


async def figures(session: AsyncSession, since: date) -> dict[Hook, dict[NoticeState, int]]:
    """Notices by hook and state since a day."""
    rows = await session.execute(
        select(Notice.hook, Notice.state, func.count()).where(Notice.at >= midnight(since))
        .group_by(Notice.hook, Notice.state)
    )
    found: dict[Hook, dict[NoticeState, int]] = {}
    for hook, state, number in rows:
        found.setdefault(hook, {})[state] = number
    return found


async def example(session: AsyncSession, hook: Hook) -> Notice | None:
    """The latest real notice of a hook, to look at a wording with."""
    return await session.scalar(select(Notice).where(Notice.hook == hook).order_by(Notice.at.desc()).limit(1))


async def trouble(session: AsyncSession) -> tuple[int, str]:
    """How many notices wait after a try that did not reach the receiver, and the latest answer."""
    where = (Notice.state == NoticeState.queued, Notice.answer != "")
    number = await session.scalar(select(func.count()).select_from(Notice).where(*where))
    answer = await session.scalar(select(Notice.answer).where(*where).order_by(Notice.next_at.desc()).limit(1))
    return int(number or 0), answer or ""


async def sent_since(session: AsyncSession, moment: datetime) -> int:
    """How many letters left by mail since then."""
    return int(await session.scalar(
        select(func.count()).select_from(Letter)
        .where(Letter.made_at > moment, Letter.state == NoticeState.sent)
    ) or 0)


async def wish_of(session: AsyncSession, patron_id: UUID | None) -> Wish | None:
    """What the patron wants to hear."""
    return await session.scalar(select(Wish).where(Wish.patron_id == patron_id))


async def colleges(session: AsyncSession) -> list[tuple[str, int, CollegeContact | None]]:
    """Every college patrons come from, how many of them, and whom to write to; missing ones first."""
    numbers = dict((await session.execute(
        select(Patron.college, func.count()).where(Patron.college != "").group_by(Patron.college)
    )).all())
    known = {contact.college: contact for contact in await session.scalars(select(CollegeContact))}
    found = [(name, numbers.get(name, 0), known.get(name)) for name in {*numbers, *known}]
    return sorted(found, key=lambda row: (bool(row[2] and row[2].email), row[0]))
