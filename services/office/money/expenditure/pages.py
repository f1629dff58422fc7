"""Undoing a payment: a voucher of its own that names the first one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.office.money.expenditure import register, rules
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import see_other

HOME = "/office/vouchers"
router = Router(prefix=HOME, tags=["vouchers"], dependencies=[allow(*rules.PREPARERS)])


@router.post("/{number}/reverse")
async def reverse_(request: Request, work: WorkDep, number: str, reason: Annotated[str, Form()] = "") -> Response:
    """冲销."""
    contra = await register.reverse(work, number, reason)
    return see_other(request, f"{HOME}/{contra.no}", toast=_(N_("冲销凭证 {no} 已制单，待审核"), no=contra.no))
