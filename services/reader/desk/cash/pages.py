"""The till on screen: shifts, counting, banking, 收入缴存表."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, MONEY
from services.reader.desk.cash import commands, queries
from services.reader.desk.cash.model import ShiftState
from services.reader.desk.cash.rules import BANK_AT_FEN
from services.reader.desk.charges.amounts import fen
from services.reader.desk.listing import SIZE, offset, paged
from shared.doors import Router, WorkDep, allow
from shared.events.office import VOUCHER_STATES
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound
from shared.web import show
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.web.register.exporting import LIMIT, download, write

router = Router(prefix="/reader/cash-ups", tags=["cash"], dependencies=[allow(*MONEY)])
TITLE = N_("收入缴存")
# Who may open the office's vouchers.
OFFICE = ("OFF", "head", "deputy", "director", "auditor")

# The columns of 收入缴存表, in its order.
COLUMNS: tuple[tuple[str, str], ...] = (
    (N_("班次"), "text"), (N_("收款人"), "text"), (N_("收据起"), "text"), (N_("收据止"), "text"),
    (N_("逾期费"), "money"), (N_("赔偿"), "money"), (N_("证件费"), "money"), (N_("退款"), "money"),
    (N_("其中非现金"), "money"), (N_("应有现金"), "money"), (N_("实点"), "money"), (N_("差额"), "money"),
    (N_("差额原因"), "text"), (N_("缴存日期"), "date"), (N_("缴款单号"), "text"),
    (N_("其中联合证押金"), "money"),
)


@router.get("")
async def index(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Every shift, newest first."""
    lines, total = await queries.shifts(work.session, limit=SIZE, offset=offset(page_no))
    drawer = await queries.in_the_drawer(work.session)
    ids = {shift.cashier for shift, _d, _t in lines} | {shift.counted_by for shift, _d, _t in lines} - {""}
    return page(
        request, "cash/shifts.html", block="list", page_title=_(TITLE), lines=lines, drawer=drawer,
        limit=BANK_AT_FEN, may_act=work.actor.holds(DESK), names=await people.names(work, ids), states=ShiftState, **paged(page_no, total),
    )


@router.get("/export")
async def export(work: WorkDep) -> Response:
    """收入缴存表 as a spreadsheet."""
    lines, _total = await queries.shifts(work.session, limit=LIMIT)
    names = await people.names(work, {shift.cashier for shift, _d, _t in lines})

    def yuan(value: int | None) -> Any:
        return "" if value is None else value / 100

    table = [
        [
            shift.no, names.get(shift.cashier, shift.cashier), sums.first, sums.last, yuan(sums.fines),
            yuan(sums.compensation), yuan(sums.fees), yuan(sums.refunds), yuan(sums.cashless),
            yuan(sums.expected), yuan(shift.counted_fen), yuan(shift.difference_fen), shift.reason,
            deposit.banked_on if deposit else "", deposit.slip_no if deposit else "", yuan(sums.deposits),
        ]
        for shift, deposit, sums in lines
    ]
    work.note("export", "cash_shift", "cash-ups", rows=len(table))
    data = await asyncio.to_thread(
        write, _(N_("收入缴存表")), [_(label) for label, _kind in COLUMNS], [kind for _label, kind in COLUMNS], table
    )
    return download(data, f"{_(N_('收入缴存表'))}-{work.today:%Y%m%d}.xlsx")


@router.post("/bank", dependencies=[allow(*DESK)])
async def bank(
    request: Request, work: WorkDep, slip_no: Annotated[str, Form()],
    shifts: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """缴存."""
    deposit = await commands.bank(work, slip_no=slip_no[:60], shifts=shifts or ())
    return see_other(
        request, f"/reader/cash-ups/deposits/{deposit.no}",
        toast=_(N_("已缴存 {money}"), money=show.money(deposit.amount_fen)),
    )


@router.get("/deposits/{no}")
async def deposit(request: Request, work: WorkDep, no: str) -> Response:
    """One slip and the shifts it carried."""
    found = await queries.deposit_by_no(work.session, no)
    if found is None:
        raise NotFound(no)
    shifts = await queries.shifts_of(work.session, found.id)
    sums = await queries.takings(work.session, [shift.id for shift in shifts])
    ids = {found.banked_by, *(s.cashier for s in shifts), *(s.counted_by for s in shifts)} - {""}
    return page(
        request, "cash/deposit.html", page_title=_(N_("缴款单 {no}"), no=found.slip_no), deposit=found,
        shifts=shifts, sums=sums, crumbs=[(_(TITLE), "/reader/cash-ups"), (no, "")],
        names=await people.names(work, ids), voucher_states=VOUCHER_STATES, in_office=work.actor.holds(OFFICE),
    )


@router.post("/{no}/count", dependencies=[allow(*DESK)])
async def count(
    request: Request, work: WorkDep, no: str, counted: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """清点."""
    value = fen(counted, "counted")
    if value is None:
        raise Invalid({"counted": N_("请填实点金额，没有现金填 0")})
    shift = await commands.count(work, no=no, counted_fen=value, reason=reason)
    return see_other(request, "/reader/cash-ups", toast=_(N_("班次 {no} 已清点"), no=shift.no))
