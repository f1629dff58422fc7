"""还书箱 on screen: a run, its progress, its problems on top, and the list for the trolley."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.dropbox import commands, queries, rules
from services.reader.desk.dropbox.model import Went
from services.reader.desk.listing import SIZE, offset, paged
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import PageNo, page, render_text, see_other
from shared.web.register import people
from shared.work import Work

router = Router(prefix="/reader/drop-box", tags=["drop box"], dependencies=[allow(*DESK)])
TITLE = N_("还书箱")
FILE_KB = 256


async def _home(
    request: Request, work: Work, page_no: int = 1, *, status: int = 200, **typed: Any
) -> Response:
    found, total = await queries.runs(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "dropbox/home.html", status=status, page_title=_(TITLE), runs=found, today=work.today,
        last_night=work.today - timedelta(days=1), names=await people.names(work, [r[0].opened_by for r in found]),
        **{"typed": "", "errors": {}, **typed, **paged(page_no, total)},
    )


@router.get("")
async def home(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Open a run, and the runs so far."""
    return await _home(request, work, page_no)


@router.post("")
async def open_run(
    request: Request, work: WorkDep, on: Annotated[str, Form()] = "", codes: Annotated[str, Form()] = "",
    file: UploadFile | None = None,
) -> Response:
    """开始: with or without a list."""
    try:
        data = await file.read((FILE_KB << 10) + 1) if file is not None else b""
        if len(data) > FILE_KB << 10:
            raise Invalid({"file": N_("文件过大，请分批")})
        try:
            day = date.fromisoformat(on)
        except ValueError as error:
            raise Invalid({"on": N_("请填写日期")}) from error
        text = codes + "\n" + data.decode("utf-8", "replace")
        run = await commands.open_run(work, on=day, codes=rules.codes_in(text))
    except Invalid as refusal:
        return await _home(request, work, status=422, typed=codes, errors={k: _(v) for k, v in refusal.errors.items()})
    return see_other(request, f"/reader/drop-box/{run.number}")


@router.get("/{number}")
async def run(request: Request, work: WorkDep, number: str) -> Response:
    """The run: box, summary, problems, books."""
    found = await queries.run_by_number(work.session, number)
    lines = await queries.lines_of(work.session, number)
    return page(
        request, "dropbox/run.html", page_title=_(N_("还书箱 {number}"), number=number), run=found,
        crumbs=[(_(TITLE), "/reader/drop-box"), (number, "")], summary=rules.summary(lines),
        lines=[one for one in lines if one.went is not Went.problem],
        problems=[one for one in lines if one.went is Went.problem], total=len(lines),
        waiting=sum(one.went is Went.waiting for one in lines),
    )


@router.post("/{number}/scan")
async def scan(
    request: Request, work: WorkDep, number: str, code: Annotated[str, Form()] = ""
) -> Response:
    """One book, one row."""
    if not clean(code):
        raise Invalid({"code": N_("请扫描条码")})
    line = await commands.scan(work, number=number, barcode=clean(code))
    if not request.headers.get("hx-request"):
        return see_other(request, f"/reader/drop-box/{number}")
    await work.session.flush()
    lines = await queries.lines_of(work.session, number)
    answer = Response(render_text(
        request, "dropbox/answer.html", line=line, summary=rules.summary(lines), total=len(lines),
        waiting=sum(one.went is Went.waiting for one in lines),
    ), media_type="text/html")
    answer.headers["x-sound"] = "ok" if line.went is Went.shelve and not line.fine_fen else (
        "stop" if line.went is Went.problem else "look"
    )
    return answer


@router.post("/{number}/go-on")
async def go_on(request: Request, work: WorkDep, number: str) -> Response:
    """The next slice; the page asks again by itself until nothing waits."""
    await commands.go_on(work, number=number)
    await work.session.flush()
    if request.headers.get("hx-request"):
        return await run(request, work, number)
    return see_other(request, f"/reader/drop-box/{number}")


@router.get("/{number}/list")
async def sorting_list(request: Request, work: WorkDep, number: str) -> Response:
    """What goes where, for the trolley."""
    found = await queries.run_by_number(work.session, number)
    lines = rules.sorting(await queries.lines_of(work.session, number))
    return page(
        request, "dropbox/list.html", page_title=_(N_("分拣单 {number}"), number=number), run=found,
        crumbs=[(_(TITLE), "/reader/drop-box"), (number, f"/reader/drop-box/{number}"), (_(N_("分拣单")), "")],
        groups=[(went, [one for one in lines if one.went is went]) for went, _n in rules.summary(lines)],
    )
