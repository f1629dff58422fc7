"""Who leaves, and what is missing."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.clearance import colleges, commands, queries, rules
from services.reader.desk.clearance.model import ClearanceState, LeavingKind
from services.reader.desk.codes import clean
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.notices.model import Hook
from services.reader.desk.notices.queries import told_about
from services.reader.desk.patrons.queries import patron_by_card
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import page, see_other

router = Router(prefix="/reader/clearances", tags=["clearance"], dependencies=[allow(*DESK)])
TITLE = N_("离校清理")


@router.get("")
async def clearances(
    request: Request, work: WorkDep, state: str = "", q: str = "",
    page_no: Annotated[int, Query(alias="page", ge=1)] = 1,
) -> Response:
    """Cases by state, who leaves first on top."""
    chosen = ClearanceState(state) if state in set(ClearanceState) else None
    rows, total = await queries.listed(
        work.session, state=chosen, q=q[:60], limit=SIZE, offset=offset(page_no)
    )
    counts = await queries.by_state(work.session)
    tabs = [{"label": _(N_("全部")), "url": "/reader/clearances", "active": chosen is None, "count": sum(counts.values())}] + [
        {"label": s.text, "url": f"/reader/clearances?state={s.value}", "active": s is chosen, "count": counts.get(s, 0)}
        for s in ClearanceState
    ]
    return page(
        request, "clearance/list.html", page_title=_(TITLE), rows=rows, tabs=tabs, q=q, missing=rules.missing,
        today=work.today, kinds=list(LeavingKind), **paged(page_no, total, state=state, q=q),
    )


@router.post("")
async def begin(
    request: Request, work: WorkDep, card: Annotated[str, Form()], leaving_on: Annotated[date, Form()],
    kind: Annotated[LeavingKind, Form()] = LeavingKind.other,
) -> Response:
    """Somebody comes to the desk and says that they leave."""
    patron = await patron_by_card(work.session, clean(card))
    case = await commands.open_case(work, card=patron.card, leaving_on=leaving_on, kind=kind)
    return see_other(request, f"/reader/clearances/{case.number}", toast=_(N_("已登记：{state}"), state=case.state.text))


@router.get("/{number}")
async def clearance(request: Request, work: WorkDep, number: str) -> Response:
    """One case: its stages, and what is missing as of now."""
    case, patron = await queries.case_of(work.session, number)
    return page(
        request, "clearance/case.html", page_title=_(TITLE), case=case, patron=patron,
        crumbs=[(_(TITLE), "/reader/clearances"), (number, "")], missing=rules.missing(patron),
        stages=rules.stages(case), is_head=work.actor.holds(HEAD), S=ClearanceState,
        open_=case.state in rules.OPEN, letters=await told_about(work.session, Hook.college_clearance, case.number),
        may_write=case.state in colleges.OPEN_STILL and patron is not None and bool(patron.college),
    )


@router.post("/{number}/grant")
async def grant(request: Request, work: WorkDep, number: str) -> Response:
    """通过."""
    await commands.grant(work, number=number)
    return see_other(request, f"/reader/clearances/{number}", toast=_(N_("离校清理已通过")))


@router.post("/{number}/college")
async def tell_college(request: Request, work: WorkDep, number: str) -> Response:
    """现在函告学院."""
    told = await colleges.tell_now(work, number=number)
    said = N_("函告学院的信已排队，几秒内发出") if told else N_("今天已函告过学院")
    return see_other(request, f"/reader/clearances/{number}", toast=_(said), tone="ok" if told else "info")


@router.post("/{number}/close")
async def close(request: Request, work: WorkDep, number: str) -> Response:
    """注销读者证."""
    case = await commands.close(work, number=number)
    if case.state is ClearanceState.revoked:
        return see_other(request, f"/reader/clearances/{number}", toast=_(N_("又有未了事项，已撤回")), tone="warn")
    return see_other(request, f"/reader/clearances/{number}", toast=_(N_("读者证已注销")))


@router.post("/{number}/cancel", dependencies=[allow(*HEAD)])
async def cancel(request: Request, work: WorkDep, number: str, reason: Annotated[str, Form()] = "") -> Response:
    """The person stays."""
    await commands.cancel(work, number=number, reason=reason[:200])
    return see_other(request, f"/reader/clearances/{number}", toast=_(N_("离校清理已取消")))
