"""Explaining what deviates, on the report's page."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.office.money.terms import commands, rules
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import see_other

HOME = "/office/term-reports"
router = Router(prefix=HOME, tags=["term reports"], dependencies=[allow(*rules.FINANCE)])


@router.post("/{number}/explain/{fund}")
async def explain(request: Request, work: WorkDep, number: str, fund: str, explanation: Annotated[str, Form()] = "") -> Response:
    """说明偏差."""
    await commands.explain(work, number, fund, explanation)
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已保存")))
