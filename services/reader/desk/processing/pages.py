"""New barcodes and labels on screen: the queue, a sheet for the office printer, labels off a roll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.items.model import Item
from services.reader.desk.items.rules import UnknownBarcode
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.processing import commands, queries, rules
from services.reader.desk.processing.sheet import sheet
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

router = Router(prefix="/reader/processing", tags=["processing"], dependencies=[allow(*DESK)])
CRUMB = N_("条码与标签")


@router.get("")
async def index(request: Request, work: WorkDep, state: str = "waiting", page_no: PageNo = 1) -> Response:
    """Labels to print, or those printed."""
    done = state == "done"
    rows, total = await queries.jobs(work.session, done=done, limit=SIZE, offset=offset(page_no))
    others = await queries.job_count(work.session, done=not done)
    tabs = [
        {"label": _(N_("待打印")), "url": "/reader/processing", "active": not done, "count": others if done else total},
        {"label": _(N_("已打印")), "url": "/reader/processing?state=done", "active": done, "count": total if done else others},
    ]
    return page(
        request, "processing/queue.html", block="list", page_title=_(CRUMB), rows=rows, tabs=tabs, done=done,
        names=await people.names(work, [job.done_by for job, _item in rows if job.done_by]),
        per_sheet=rules.PER_SHEET, **paged(page_no, total, state="done" if done else ""),
    )


@router.post("/replace")
async def replace(
    request: Request, work: WorkDep, barcode: Annotated[str, Form()], new: Annotated[str, Form()] = "",
    card: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "",
) -> Response:
    """更换条码."""
    item = await commands.replace_barcode(
        work, barcode=clean(barcode), new=clean(new), card=clean(card), reason=reason[:200]
    )
    said = _(N_("新条码 {barcode}，标签已列入待打印"), barcode=item.barcode)
    return see_other(request, f"/reader/items/{item.barcode}", toast=said)


@router.post("/labels")
async def order(
    request: Request, work: WorkDep, barcode: Annotated[str, Form()], back: Annotated[str, Form()] = ""
) -> Response:
    """补打标签; `back` says that it was asked for on the item's own page."""
    item = await commands.order_label(work, barcode=clean(barcode))
    to = f"/reader/items/{item.barcode}" if back == "item" else "/reader/processing"
    return see_other(request, to, toast=_(N_("已列入待打印")))


@router.post("/printed")
async def printed(request: Request, work: WorkDep, jobs: Annotated[list[UUID], Form()]) -> Response:
    """已打印."""
    count = await commands.mark_printed(work, jobs=jobs[:rules.MOST_LABELS])
    return see_other(request, "/reader/processing", toast=_(N_("已记为打印：{n} 张"), n=count))


async def _wanted(work: Work, codes: str) -> Sequence[Item]:
    """The items named one a line or with blanks between, else the whole queue as far as one run goes."""
    asked = list(dict.fromkeys(clean(code) for code in codes.replace(",", " ").replace("，", " ").split()))
    if len(asked) > rules.MOST_LABELS:
        raise rules.TooManyLabels(most=rules.MOST_LABELS)
    if not asked:
        waiting, _total = await queries.jobs(work.session, done=False, limit=rules.MOST_LABELS)
        return [item for _job, item in waiting]
    found, unknown = await queries.items_named(work.session, asked)
    if unknown:
        raise UnknownBarcode("、".join(unknown[:10]))
    return found


@router.get("/labels.pdf")
async def labels_sheet(
    request: Request, work: WorkDep, codes: Annotated[str, Query(max_length=8000)] = "",
    skip: Annotated[int, Query(ge=0, lt=rules.PER_SHEET)] = 0,
) -> Response:
    """A sheet of labels for the office printer."""
    items = await _wanted(work, codes)
    fonts = request.app.state.kit.settings.static.parent / "fonts"
    drawn = await sheet([rules.label(item) for item in items], fonts=fonts, skip=skip)
    return Response(drawn, media_type="application/pdf", headers={"content-disposition": 'inline; filename="labels.pdf"'})


@router.get("/roll")
async def roll(
    request: Request, work: WorkDep, codes: Annotated[str, Query(max_length=8000)] = ""
) -> Response:
    """One label a page, for the label printer."""
    items = await _wanted(work, codes)
    return page(
        request, "processing/roll.html", page_title=_(N_("标签机打印")), labels=[rules.label(item) for item in items],
        crumbs=[(_(CRUMB), "/reader/processing"), (_(N_("标签机打印")), "")],
    )


@router.get("/bars/{barcode}.svg")
async def bars(barcode: str) -> Response:
    """A barcode as a drawing, for the label printer's page."""
    return Response(
        rules.bars(rules.check_shape(clean(barcode))), media_type="image/svg+xml",
        headers={"cache-control": "private, max-age=86400"},
    )
