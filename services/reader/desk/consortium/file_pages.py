"""Files of members, on screen and by program: hand in, look, apply, report."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Form, Query
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.campus.reading import BrokenFile
from services.reader.desk.codes import clean
from services.reader.desk.consortium import queries, rules, taking, wire
from services.reader.desk.consortium.lists import Fate, FileState, Subject
from services.reader.desk.consortium.reading import HEADS as COLUMNS
from services.reader.desk.consortium.reading import LARGEST_MB, MOST_ROWS, NEEDED
from services.reader.desk.consortium.tabs import HOME, TITLE, tabs
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.looks import export, masked_card
from shared.doors import Router, WorkDep, allow
from shared.files import FileTooLarge
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.web.register.exporting import download, write
from shared.work import Work

router = Router(tags=["consortium"], dependencies=[allow(*DESK)])
FILES, API = f"{HOME}/files", "/api/reader/union/files"


async def _uploaded(request: Request, typed: dict[str, str]) -> tuple[bytes, str]:
    """The bytes of the one file of a form and what it is called; `typed` is filled with the other fields."""
    if int(request.headers.get("content-length") or 0) > (LARGEST_MB + 1) << 20:
        raise FileTooLarge(limit=LARGEST_MB)
    try:
        form = await request.form(max_files=1, max_fields=10)
    except MultiPartException as error:
        raise BrokenFile(name="") from error
    typed |= {key: str(form.get(key, ""))[:60] for key in ("member", "subject")}
    given = form.get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        raise Invalid({"file": N_("请选择文件")})
    data, name = await given.read(), given.filename
    await form.close()
    if len(data) > LARGEST_MB << 20:
        raise FileTooLarge(limit=LARGEST_MB)
    return data, name.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")[:200]


async def _look(request: Request, work: Work, typed: dict[str, str]) -> Any:
    data, name = await _uploaded(request, typed)
    if typed["subject"] not in set(Subject):
        raise Invalid({"subject": N_("请选择文件内容")})
    return await taking.look(work, data, name=name, member=clean(typed["member"]), subject=Subject(typed["subject"]))


@router.get(FILES)
async def files(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Files that were handed in, and the form for the next."""
    return await _files(request, work, page_no)


async def _files(
    request: Request, work: Work, page_no: int = 1, *, error: Refusal | None = None, typed: dict[str, str] | None = None
) -> Response:
    values = typed or {}
    found, total = await queries.files(work.session, limit=SIZE, offset=offset(page_no))
    members = [m for m in await queries.members(work.session) if m.active]
    fields: list[dict[str, Any]] = [
        {"name": "member", "label": _(N_("成员馆")), "kind": "select", "required": True, "value": values.get("member", ""),
         "options": [(m.code, m.name) for m in members], "data": True},
        {"name": "subject", "label": _(N_("文件内容")), "kind": "select", "required": True, "value": values.get("subject", ""),
         "options": [(s.value, s.text) for s in Subject]},
        {"name": "file", "label": _(N_("文件")), "kind": "file", "required": True, "span": 12, "accept": ".csv,.txt,.xlsx",
         "help": _(N_("CSV（UTF-8 或 GBK）或 .xlsx，不超过 {rows} 行，第一行为列名"), rows=MOST_ROWS)},
    ]
    said = "；".join(map(str, error.reasons)) if error else ""
    return page(
        request, "consortium/files.html", status=error.status if error else 200, page_title=_(TITLE), tabs=tabs("/files"),
        files=found, fields=fields, error=said, members=members,
        columns=[(s.text, "、".join(COLUMNS[key][0] for key in NEEDED[s])) for s in Subject],
        names=await people.names(work, [one.created_by for one, _member in found]), **paged(page_no, total),
    )


@router.post(FILES)
async def look(request: Request, work: WorkDep) -> Response:
    """Look at a file; nothing is done yet."""
    typed: dict[str, str] = {}
    try:
        file = await _look(request, work, typed)
    except Refusal as refusal:
        await work.session.rollback()
        return await _files(request, work, error=refusal, typed=typed)
    return see_other(request, f"{FILES}/{file.number}", toast=_(N_("请核对结果后再导入")))


@router.get(FILES + "/{number}")
async def shown(
    request: Request, work: WorkDep, number: str, fate: Annotated[str, Query(max_length=20)] = "", page_no: PageNo = 1
) -> Response:
    """What would become of each row, or what did."""
    file, member = await queries.file_with_member(work.session, number)
    chosen = Fate(fate) if fate in set(Fate) else None
    rows, total = await queries.rows_of(work.session, file, fate=chosen, limit=SIZE, offset=offset(page_no))
    everything = sum(file.counts.values())
    here = f"{FILES}/{number}"
    shelves = [{"label": _(N_("全部")), "url": here, "active": chosen is None, "count": everything}] + [
        {"label": f.text, "url": f"{here}?fate={f.value}", "active": f is chosen, "count": file.counts.get(f.value, 0)}
        for f in Fate
    ]
    return page(
        request, "consortium/file.html", page_title=file.file_name, file=file, member=member, rows=rows, tabs=shelves,
        crumbs=[(_(TITLE), FILES), (number, "")], S=FileState, Fate=Fate, said=rules.said,
        of_cards=file.subject is Subject.cards, is_head=work.actor.holds(HEAD), ours=file.subject is not Subject.foreign,
        names=await people.names(work, [file.created_by, file.finished_by]), n_new=file.counts.get("new", 0),
        **paged(page_no, total, fate=chosen.value if chosen else ""),
    )


@router.post(FILES + "/{number}/apply")
async def apply(request: Request, work: WorkDep, number: str) -> Response:
    """导入."""
    file = await taking.apply(work, number=number)
    said = _(N_("已导入：登记 {new} 行，已有 {same} 行，拒绝 {refused} 行"), **{f.value: file.counts.get(f.value, 0) for f in Fate})
    return see_other(request, f"{FILES}/{number}", toast=said, tone="warn" if file.counts.get("refused") else "ok")


@router.post(FILES + "/{number}/drop")
async def drop(request: Request, work: WorkDep, number: str) -> Response:
    """放弃."""
    await taking.drop(work, number=number)
    return see_other(request, FILES, toast=_(N_("文件已放弃，没有登记任何内容")))


@router.get(FILES + "/{number}/report.xlsx")
async def report(work: WorkDep, number: str) -> Response:
    """Row by row with every reason; cards are masked."""
    return await _report(work, number)


@router.post(FILES + "/{number}/report.xlsx", dependencies=[allow(*HEAD)])
async def full_report(work: WorkDep, number: str, reason: Annotated[str, Form()] = "") -> Response:
    """The same with whole cards, for the member: the reason is written down."""
    return await _report(work, number, full=True, reason=reason)


async def _report(work: Work, number: str, *, full: bool = False, reason: str = "") -> Response:
    file, member = await queries.file_with_member(work.session, number)
    rows, _total = await queries.rows_of(work.session, file)
    heads = [_(N_("行")), _(N_("条码或证号")), _(N_("结果")), _(N_("说明"))]
    clear = full or file.subject is not Subject.cards
    table: list[list[Any]] = [[row.line, row.ref if clear else masked_card(row.ref), row.fate.text, rules.said(row.notes)] for row in rows]
    export(work, "union_file", number, rows=len(table), full=full, reason=reason)
    data = await asyncio.to_thread(write, number, heads, ["num", "text", "text", "text"], table)
    return download(data, f"{number}-{member.short}.xlsx")


@router.get(API)
async def files_by_api(
    work: WorkDep, limit: Annotated[int, Query(ge=1, le=200)] = 50, offset_: Annotated[int, Query(alias="offset", ge=0)] = 0
) -> dict[str, Any]:
    """Files of members, newest first."""
    rows, total = await queries.files(work.session, limit=limit, offset=offset_)
    return wire.paged([wire.file(*row) for row in rows], total, offset_)


@router.post(API, status_code=201)
async def look_by_api(request: Request, work: WorkDep) -> dict[str, Any]:
    """Hand a file in (multipart: `file`, `member` code, `subject`); the answer says what would happen, row by row."""
    file = await _look(request, work, {})
    return await _whole(work, file.number)


@router.get(API + "/{number}")
async def file_by_api(work: WorkDep, number: str) -> dict[str, Any]:
    """The file and its rows, each with its fate and every reason."""
    return await _whole(work, number)


@router.post(API + "/{number}/apply")
async def apply_by_api(work: WorkDep, number: str) -> dict[str, Any]:
    """Do what the file says; rows that cannot be done are refused with their reasons, the others stand."""
    await taking.apply(work, number=number)
    return await _whole(work, number)


@router.post(API + "/{number}/drop")
async def drop_by_api(work: WorkDep, number: str) -> dict[str, Any]:
    """Put the file away; nothing was touched."""
    await taking.drop(work, number=number)
    return await _whole(work, number)


async def _whole(work: Work, number: str) -> dict[str, Any]:
    file, member = await queries.file_with_member(work.session, number)
    rows, total = await queries.rows_of(work.session, file)
    return {**wire.file(file, member), "items": [wire.row(one) for one in rows], "total": total, "next": None}
