"""My library: one page, made for a phone, that works without script."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form
from fastapi.encoders import jsonable_encoder
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.charges import receipts
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.queries import history_of
from services.reader.desk.codes import clean
from services.reader.desk.holds import adjusting
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import HoldState
from services.reader.desk.patrons import commands as patrons
from services.reader.desk.patrons.model import Category
from services.reader.desk.patrons.rules import standing
from services.reader.desk.privacy import commands as privacy
from services.reader.desk.privacy import queries as own
from services.reader.desk.violations.queries import own as own_violations
from services.reader.discovery.account import commands, queries
from services.reader.rooms.service_points.queries import points
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotFound
from shared.web.pages import page, see_other
from shared.web.register.exporting import download, write
from shared.work import Work

router = Router(prefix="/reader/my", tags=["my library"], dependencies=[allow("patron")])
TITLE = N_("我的图书馆")


@router.get("")
async def mine(request: Request, work: WorkDep, history: str = "") -> Response:
    """The whole account; returned books only with their patron's consent, and when asked for."""
    found = await queries.account(work)
    past = await history_of(work.session, found.patron.id) if history and found.patron.keeps_history else None
    return page(
        request, "account/mine.html", page_title=_(TITLE), account=found, patron=found.patron,
        terms=found.terms, state=standing(found.patron, work.today), today=work.today,
        receipts=queries.receipts(found.entries), past=past, ready=HoldState.ready,
        pickups=await points(
            work.session, only_open=True, ours=found.patron.category is not Category.union
        ) if found.holds else [],
        kept=await queries.returned(work.session, found.patron),
        violations=(await own_violations(work.session, found.patron.id, limit=1))[1],
    )


@router.post("/report-loss")
async def report_loss(request: Request, work: WorkDep) -> Response:
    """挂失 at once; unblocking wants the person and a document at the desk."""
    patron = await queries.own_patron(work)
    await patrons.report_own_loss(work, patron=patron)
    return see_other(request, "/reader/my#card", toast=_(N_("已挂失，解挂请持身份证件到服务台")))


@router.get("/export.json")
async def export(work: WorkDep) -> Response:
    """Everything the library holds about me."""
    found = await _own_data(work)
    body = json.dumps(jsonable_encoder(found), ensure_ascii=False, indent=2).encode()
    return Response(body, media_type="application/json", headers={
        "content-disposition": 'attachment; filename="my-library.json"', "cache-control": "no-store",
    })


@router.get("/export.xlsx")
async def export_sheet(work: WorkDep) -> Response:
    """The same as a sheet."""
    rows = own.table(await _own_data(work))
    heads = [_(N_("类别")), _(N_("时间")), _(N_("内容")), _(N_("金额")), _(N_("说明"))]
    data = await asyncio.to_thread(write, "my-library", heads, ["text", "text", "text", "money", "text"], rows)
    return download(data, "my-library.xlsx")


async def _own_data(work: Work) -> dict[str, Any]:
    patron = await queries.own_patron(work)
    work.note("export-own-data", "patron", patron.card)
    return await own.everything(work, patron)


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


@router.post("/holds/{hold_id}/pause")
async def pause(
    request: Request, work: WorkDep, hold_id: UUID, until: Annotated[str, Form()] = ""
) -> Response:
    """Keep the place but take no book until a day; without a day take part again."""
    try:
        day = date.fromisoformat(until) if until else None
    except ValueError as error:
        raise Invalid({"until": N_("日期写作 2026-03-01")}) from error
    hold = await adjusting.pause(work, hold_id=hold_id, until=day)
    said = _(N_("已暂停至 {day}"), day=hold.paused_until) if hold.paused_until else _(N_("已恢复排队"))
    return see_other(request, "/reader/my#holds", toast=said)


@router.post("/holds/{hold_id}/pickup")
async def pickup(
    request: Request, work: WorkDep, hold_id: UUID, point: Annotated[str, Form()] = ""
) -> Response:
    """Fetch it somewhere else."""
    hold = await adjusting.fetch_at(work, hold_id=hold_id, pickup=clean(point))
    said = _(N_("《{title}》的取书点已改"), title=hold.title)
    return see_other(request, "/reader/my#holds", toast=said)


@router.post("/history")
async def keep_history(request: Request, work: WorkDep, keep: Annotated[str, Form()] = "") -> Response:
    """Consent to being shown what one has returned, or take it back: then what is old is cut at once."""
    wanted = keep == "1"
    await privacy.keep_history(work, patron=await queries.own_patron(work), keep=wanted)
    said = N_("已开启借阅历史") if wanted else N_("已关闭借阅历史，较早的借阅已与您断开")
    return see_other(request, "/reader/my#history", toast=_(said))


@router.get("/receipts/{number}")
async def receipt(request: Request, work: WorkDep, number: str) -> Response:
    """One's own receipt, printable."""
    patron = await queries.own_patron(work)
    found = receipts.of(await queries.own_receipt(work.session, patron, number))
    if found is None:
        raise NotFound(number)
    return page(
        request, "account/receipt.html", page_title=_(N_("收据 {number}"), number=number), receipt=found, patron=patron,
        crumbs=[(_(TITLE), "/reader/my"), (number, None)],
    )
