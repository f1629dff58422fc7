"""My library: one page, made for a phone, that works without script."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.queries import history_of
from services.reader.desk.codes import clean
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import HoldState
from services.reader.desk.patrons.rules import standing
from services.reader.discovery.account import commands, queries
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound
from shared.web import show
from shared.web.pages import page, see_other

router = Router(prefix="/reader/my", tags=["my library"], dependencies=[allow("patron")])
TITLE = N_("我的图书馆")


@router.get("")
async def mine(request: Request, work: WorkDep, history: str = "") -> Response:
    """The whole account; returned books only when asked for."""
    found = await queries.account(work)
    past = await history_of(work.session, found.patron.id) if history else None
    return page(
        request, "account/mine.html", page_title=_(TITLE), account=found, patron=found.patron,
        terms=found.terms, state=standing(found.patron, work.today), today=work.today,
        receipts=queries.receipts(found.entries), past=past, ready=HoldState.ready,
        kept=await queries.returned(work.session, found.patron),
    )


@router.post("/renew")
async def renew(request: Request, work: WorkDep, barcode: Annotated[str, Form()]) -> Response:
    """Renew one loan."""
    loan, _patron = await circulation.renew(work, barcode=clean(barcode))
    said = _(N_("《{title}》已续借至 {day}"), title=loan.title, day=loan.due_on)
    return see_other(request, "/reader/my#loans", toast=said)


@router.post("/renew-all")
async def renew_all(request: Request, work: WorkDep) -> Response:
    """Renew what can be renewed and say what could not."""
    result = await commands.renew_all(work)
    if not result.done and not result.refused:
        return see_other(request, "/reader/my", toast=_(N_("没有在借图书")), tone="info")
    said = _(N_("已续借 {done} 册"), done=len(result.done))
    if result.refused:
        said += _(N_("；{n} 册不能续借，原因见各册"), n=len(result.refused))
    return see_other(request, "/reader/my#loans", toast=said, tone="warn" if result.refused else "ok")


@router.post("/holds/{hold_id}/cancel")
async def cancel(request: Request, work: WorkDep, hold_id: UUID) -> Response:
    """Give a hold up; only one's own is found."""
    hold = await holds.cancel(work, hold_id=hold_id, reason=N_("读者取消"))
    return see_other(request, "/reader/my#holds", toast=_(N_("已取消预约《{title}》"), title=hold.title))


@router.get("/receipts/{number}")
async def receipt(request: Request, work: WorkDep, number: str) -> Response:
    """One's own receipt, printable."""
    patron = await queries.own_patron(work)
    rows = await queries.own_receipt(work.session, patron, number)
    if not rows:
        raise NotFound(number)
    total = -sum(row.amount_fen for row in rows)
    return page(
        request, "account/receipt.html", page_title=_(N_("收据 {number}"), number=number), rows=rows,
        number=number, total=show.money(total), patron=patron,
        crumbs=[(_(TITLE), "/reader/my"), (number, None)],
    )
