"""Putting the lines of an invoice right."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.resources.acquiring.invoices import commands, queries, rules
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import see_other
from shared.web.register.fields import fen_of

HOME = "/resources/invoices"
router = Router(prefix=HOME, tags=["invoices"], dependencies=[allow(*rules.BUYERS)])


@router.post("/{number}/lines/{line_id}")
async def correct(
    request: Request, work: WorkDep, number: str, line_id: UUID, copies: Annotated[int, Form(ge=0, le=500)] = 0,
    amount: Annotated[str, Form()] = "",
) -> Response:
    """改册数、金额."""
    try:
        fen = fen_of(amount.strip() or "0")
    except ValueError as error:
        raise Invalid({"amount": str(error)}) from error
    if fen < 0:
        raise Invalid({"amount": N_("金额不能小于零")})
    await commands.correct(work, number, line_id, copies=copies, amount=fen)
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已保存")))


@router.post("/{number}/spread")
async def spread(request: Request, work: WorkDep, number: str) -> Response:
    """差额摊入明细."""
    await commands.spread(work, (await queries.must(work.session, number)).no)
    return see_other(request, f"{HOME}/{number}", toast=_(N_("差额已摊入明细，提请时请说明差异")))
