"""Files of the card centre on screen: upload, look, apply, result."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, BinaryIO

from fastapi import Form, Query
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import HEAD
from services.reader.desk.campus import commands, queries
from services.reader.desk.campus.model import Fate, FileState
from services.reader.desk.campus.reading import LARGEST_MB, BrokenFile
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.looks import export, masked_card, masked_name
from shared.doors import Router, WorkDep, allow
from shared.files import FileTooLarge
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import page, see_other
from shared.web.register import people
from shared.web.register.exporting import download, write
from shared.work import Work

router = Router(tags=["campus cards"], dependencies=[allow(*HEAD)])
TITLE = N_("校园卡导入")
HOME = "/reader/card-files"
Page = Annotated[int, Query(alias="page", ge=1)]


async def uploaded(request: Request) -> tuple[BinaryIO, str, bool]:
    """The one file of a form (large ones lie on disk), what it is called, and whether it lists everybody."""
    if int(request.headers.get("content-length") or 0) > (LARGEST_MB + 1) << 20:
        raise FileTooLarge(limit=LARGEST_MB)
    try:
        form = await request.form(max_files=1, max_fields=10)
    except MultiPartException as error:
        raise BrokenFile(name="") from error
    given = form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        raise Invalid({"file": N_("请选择文件")})
    if (given.size or 0) > LARGEST_MB << 20:
        raise FileTooLarge(limit=LARGEST_MB)
    name = given.filename.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")[:200]
    return given.file, name, form.get("full") == "true"


@router.get(HOME)
async def files(request: Request, work: WorkDep, page_no: Page = 1) -> Response:
    """Files that were handed in, and the form for the next."""
    return await _files(request, work, page_no)


async def _files(request: Request, work: Work, page_no: int = 1, error: str = "", status: int = 200) -> Response:
    found, total = await queries.files(work.session, limit=SIZE, offset=offset(page_no))
    fields = [
        {"name": "file", "label": _(N_("文件")), "kind": "file", "required": True, "span": 12, "accept": ".csv,.txt,.xlsx",
         "help": _(N_("CSV（UTF-8 或 GBK）或 .xlsx，第一行为列名：学工号、姓名、人员类别；可有学院、班级、有效期、物理卡号、状态"))},
        {"name": "full", "label": _(N_("全量名单")), "kind": "switch", "span": 12,
         "placeholder": _(N_("名单外的校园卡读者按离校处理"))},
    ]
    return page(
        request, "campus/list.html", status=status, page_title=_(TITLE), files=found, fields=fields, error=error,
        names=await people.names(work, [one.created_by for one in found]), **paged(page_no, total),
    )


@router.post(HOME)
async def look(request: Request, work: WorkDep) -> Response:
    """Look at a file; nothing is written about anybody yet."""
    try:
        source, name, full = await uploaded(request)
        file = await commands.look(work, source, name=name, full=full)
    except Refusal as refusal:
        await work.session.rollback()
        return await _files(request, work, error=str(refusal), status=refusal.status)
    return see_other(request, f"{HOME}/{file.number}", toast=_(N_("请核对结果后再导入")))


@router.get(HOME + "/{number}")
async def shown(request: Request, work: WorkDep, number: str, fate: str = "", page_no: Page = 1) -> Response:
    """What would become of each row, or what did."""
    file = await queries.file_by_number(work.session, number)
    chosen = Fate(fate) if fate in set(Fate) else None
    rows, total = await queries.rows_of(work.session, file, fate=chosen, limit=SIZE, offset=offset(page_no))
    everything = sum(file.counts.values())
    tabs = [{"label": _(N_("全部")), "url": f"{HOME}/{number}", "active": chosen is None, "count": everything}] + [
        {"label": f.text, "url": f"{HOME}/{number}?fate={f.value}", "active": f is chosen, "count": file.counts.get(f.value, 0)}
        for f in Fate
    ]
    return page(
        request, "campus/file.html", page_title=file.file_name, file=file, rows=rows, tabs=tabs, everything=everything,
        crumbs=[(_(TITLE), HOME), (number, "")], S=FileState, Fate=Fate,
        done=await queries.progress(work.session, file) if file.state is FileState.applying else 0,
        **paged(page_no, total, fate=chosen.value if chosen else ""),
    )


@router.post(HOME + "/{number}/apply")
async def apply(request: Request, work: WorkDep, number: str) -> Response:
    """Begin."""
    await commands.apply(work, number=number)
    return see_other(request, f"{HOME}/{number}", toast=_(N_("已开始，可离开本页，导入在后台进行")))


@router.post(HOME + "/{number}/drop")
async def drop(request: Request, work: WorkDep, number: str) -> Response:
    """Put it away."""
    await commands.drop(work, number=number)
    return see_other(request, HOME, toast=_(N_("文件已放弃，没有改动任何读者")))


@router.get(HOME + "/{number}/report.xlsx")
async def report(work: WorkDep, number: str, fate: str = "") -> Response:
    """Row by row, with cards and names masked."""
    return await _report(work, number, fate, full=False)


@router.post(HOME + "/{number}/report.xlsx")
async def full_report(
    work: WorkDep, number: str, reason: Annotated[str, Form()] = "", fate: Annotated[str, Form()] = ""
) -> Response:
    """The same with whole cards and names, for the card centre: the reason is written down."""
    return await _report(work, number, fate, full=True, reason=reason)


async def _report(work: Work, number: str, fate: str, *, full: bool, reason: str = "") -> Response:
    file = await queries.file_by_number(work.session, number)
    chosen = Fate(fate) if fate in set(Fate) else None
    rows, total = await queries.rows_of(work.session, file, fate=chosen, limit=100_000)
    export(work, "card_file", number, rows=total, full=full, reason=reason)
    heads = [_(N_("行")), _(N_("证号")), _(N_("姓名")), _(N_("结果")), _(N_("说明"))]
    table: list[list[Any]] = [
        [
            j["line"], j["card"] if full else masked_card(j["card"]), j["name"] if full else masked_name(j["name"]),
            j["fate_label"], j["note"],
        ]
        for j in map(queries.row_json, rows)
    ]
    data = await asyncio.to_thread(write, number, heads, ["num", "text", "text", "text", "text"], table)
    return download(data, f"{number}.xlsx")


@router.post("/api/reader/card-files", status_code=201)
async def look_by_api(request: Request, work: WorkDep) -> dict[str, Any]:
    """Hand a file in (multipart `file`, optional `full=true`); the answer says what would happen."""
    source, name, full = await uploaded(request)
    return queries.file_json(await commands.look(work, source, name=name, full=full))


@router.post("/api/reader/card-files/{number}/apply")
async def apply_by_api(work: WorkDep, number: str) -> dict[str, Any]:
    """Begin."""
    return queries.file_json(await commands.apply(work, number=number))


@router.get("/api/reader/card-files/{number}")
async def file_by_api(
    work: WorkDep, number: str, fate: Fate | None = None, limit: int = Query(100, ge=1, le=1000),
    offset_: Annotated[int, Query(alias="offset", ge=0)] = 0,
) -> dict[str, Any]:
    """The file and its rows."""
    file = await queries.file_by_number(work.session, number)
    rows, total = await queries.rows_of(work.session, file, fate=fate, limit=limit, offset=offset_)
    return {
        **queries.file_json(file), "items": [queries.row_json(row) for row in rows], "total": total,
        "next": offset_ + limit if offset_ + len(rows) < total else None,
    }
