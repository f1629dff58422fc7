"""JSON door of notices."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from services.reader.desk import DESK
from services.reader.desk.notices import commands, queries
from services.reader.desk.notices.asking import asked_of, choice_of
from services.reader.desk.notices.model import Letter, Notice, NoticeState
from services.reader.desk.notices.rules import masked
from shared.doors import Router, WorkDep, allow
from shared.i18n import _

router = Router(prefix="/api/reader/notices", tags=["notices"], dependencies=[allow(*DESK)])


def notice_json(notice: Notice, letter: Letter | None) -> dict[str, Any]:
    """A notice on the wire; addresses are masked, letters are read on their own."""
    return {
        "id": str(notice.id), "hook": notice.hook.value, "hook_label": notice.hook.text,
        "state": notice.state.value, "state_label": notice.state.text, "about": notice.about,
        "title": notice.facts.get("title", ""), "card": notice.facts.get("card", ""), "college": notice.college,
        "at": notice.at, "attempts": notice.attempts, "answer": _(notice.answer),
        "to": masked(letter.address) if letter else "", "sent_at": letter.made_at if letter else None,
    }


@router.get("")
async def log(
    work: WorkDep, q: Annotated[str, Query(max_length=60)] = "", state: str = "", hook: str = "",
    date_from: str = "", date_to: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50,
    skip: Annotated[int, Query(ge=0)] = 0,
) -> dict[str, Any]:
    """The log, newest first."""
    asked = await asked_of(work, q=q, hook=hook, since=date_from, until=date_to)
    chosen = choice_of(NoticeState, state)
    shown = chosen if isinstance(chosen, NoticeState) else None
    if asked is None:
        return {"items": [], "total": 0, "next": None}
    counts = await queries.counts(work.session, asked)
    total = counts.get(shown, 0) if shown else sum(counts.values())
    rows = await queries.log(work.session, asked, shown, limit=limit, offset=skip)
    return {
        "items": [notice_json(notice, letter) for notice, letter, _patron in rows], "total": total,
        "next": skip + limit if skip + limit < total else None,
    }


@router.post("/{notice_id}/again", status_code=201)
async def again(work: WorkDep, notice_id: UUID) -> dict[str, Any]:
    """Send once more."""
    return notice_json(await commands.send_again(work, notice_id), None)
