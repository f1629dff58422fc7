"""Closed days on screen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.calendar import commands, queries
from services.reader.desk.calendar.rules import ONE
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import page, see_other

router = Router(prefix="/reader/closed-days", tags=["calendar"], dependencies=[allow(*DESK)])


@router.get("")
async def closed_days(request: Request, work: WorkDep) -> Response:
    """What is ahead, and a form for the head of the point."""
    return page(
        request, "calendar/closed.html", page_title=_(N_("闭馆日")), today=work.today,
        days=await queries.upcoming(work.session, work.today - timedelta(days=30)),
        is_head=work.actor.holds(HEAD),
    )


@router.post("", dependencies=[allow(*HEAD)])
async def close(
    request: Request, work: WorkDep, first: Annotated[date, Form()], reason: Annotated[str, Form()],
    last: Annotated[str, Form()] = "", reason_en: Annotated[str, Form()] = "",
) -> Response:
    """Close a day or a span."""
    try:
        end = date.fromisoformat(last) if last else first
    except ValueError as error:
        raise Invalid({"last": N_("日期写作 2026-03-01")}) from error
    if not timedelta() <= end - first <= timedelta(days=70) or end == date.max:
        raise Invalid({"last": N_("结束日不能早于开始日，一次最多 70 天")})
    known = await queries.closed_days(work.session, first, end)
    day = first
    while day <= end:
        if day not in known:
            await commands.close(work, day=day, reason=reason[:80], reason_en=reason_en[:80])
        day += ONE
    return see_other(request, "/reader/closed-days", toast=_(N_("闭馆日已登记")))


@router.post("/{day}/open", dependencies=[allow(*HEAD)])
async def reopen(request: Request, work: WorkDep, day: date) -> Response:
    """Open after all."""
    await commands.reopen(work, day=day)
    return see_other(request, "/reader/closed-days", toast=_(N_("{day} 照常开馆"), day=day))
