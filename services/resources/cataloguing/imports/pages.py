"""Screens of imports: the jobs, the upload, the job with its preview and its records."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.resources.cataloguing.imports import commands, queries, rules
from services.resources.cataloguing.imports.model import ImportJob, JobState, Outcome
from services.resources.cataloguing.imports.rules import (
    CHARSETS,
    DIALECTS,
    IMPORTERS,
    LARGEST_MB,
    READERS,
)
from services.resources.cataloguing.imports.uploads import received
from services.resources.cataloguing.items.queries import locations
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.refusals import Refusal
from shared.web.pages import page, see_other
from shared.web.register import people
from shared.web.register.exporting import defused, download, write
from shared.work import Work

router = Router(prefix="/resources/imports", tags=["imports"])
READ, WRITE = [allow(*READERS)], [allow(*IMPORTERS)]
SIZE = 20
EXPORTED = 50_000
TITLE = N_("批量导入")


def _page(asked: str) -> int:
    return max(1, min(int(asked), 100_000)) if asked.isdecimal() else 1


@router.get("", dependencies=READ)
async def listed(request: Request, work: WorkDep) -> Response:
    number = _page(request.query_params.get("page", "1"))
    state = request.query_params.get("state", "")
    wanted = JobState(state) if state in set(JobState) else None
    found, total = await queries.jobs(work.session, state=wanted, limit=SIZE, offset=(number - 1) * SIZE)
    return page(
        request, "imports/list.html", page_title=_(TITLE), crumbs=_crumbs(), jobs=found, total=total, page=number,
        pages=max(1, -(-total // SIZE)), size=SIZE, params={"state": wanted.value if wanted else ""},
        names=await people.names(work, {job.created_by for job in found}), may=work.actor.holds(IMPORTERS),
        busy=any(job.state is JobState.reading for job in found),
    )


@router.get("/new", dependencies=WRITE)
async def form(request: Request, work: WorkDep) -> Response:
    return await _form(request, work)


async def _form(request: Request, work: Work, error: str = "", status: int = 200) -> Response:
    places = (await locations(work.session)).values()
    fields = [
        {"name": "file", "label": _(N_("文件")), "kind": "file", "required": True, "span": 12,
         "help": _(N_("ISO 2709（.mrc .iso）、MARCXML 或 MARC-in-JSON，可用 gzip 压缩，最大 {n} MB"), n=LARGEST_MB)},
        {"name": "dialect", "label": _(N_("格式")), "kind": "select", "value": "auto", "span": 6, "required": True,
         "options": [(value, _(label)) for value, label in DIALECTS.items()]},
        {"name": "charset", "label": _(N_("字符集")), "kind": "select", "value": "auto", "span": 6, "required": True,
         "options": [(value, _(label)) for value, label in CHARSETS.items()]},
        {"name": "location", "label": _(N_("默认馆藏地")), "kind": "select", "span": 6,
         "placeholder": _(N_("不指定")), "options": [(p.no, pick(p.name, p.name_en)) for p in places],
         "help": _(N_("记录中的馆藏地未登记时，单册放到这里"))},
        {"name": "number_items", "label": _(N_("没有条码的单册")), "kind": "switch", "span": 6,
         "placeholder": _(N_("自动配号"))},
        {"name": "in_process", "label": _(N_("加工中")), "kind": "switch", "span": 6,
         "placeholder": _(N_("新书，随交接单送服务点；不选则视为已在架"))},
    ]
    return page(
        request, "imports/new.html", status=status, page_title=_(N_("导入书目文件")),
        crumbs=[*_crumbs(), (_(N_("导入书目文件")), "")], fields=fields, error=error,
    )


@router.post("", dependencies=WRITE)
async def receive(request: Request, work: WorkDep) -> Response:
    try:
        async with received(request) as upload:
            given = upload.fields
            job = await commands.receive(
                work, request.app.state.kit.files, upload.path, name=upload.name,
                charset=given.get("charset", "auto"), dialect=given.get("dialect", "auto"),
                location=given.get("location", ""), number_items=given.get("number_items") == "true",
                in_process=given.get("in_process") == "true",
            )
    except Refusal as refusal:
        return await _form(request, work, str(refusal), refusal.status)
    return see_other(request, f"/resources/imports/{job.no}", toast=_(N_("文件已收到，请核对预览后开始导入")))


@router.get("/{key}", dependencies=READ)
async def shown(request: Request, work: WorkDep, key: str) -> Response:
    job = await queries.job_of(work.session, key)
    outcome = request.query_params.get("outcome", "")
    number = _page(request.query_params.get("page", "1"))
    found, total = await queries.lines(
        work.session, job.id, outcome=outcome, limit=SIZE, offset=(number - 1) * SIZE
    )
    places = await locations(work.session)
    place = places.get(job.location)
    return page(
        request, "imports/job.html", page_title=job.file_name, crumbs=[*_crumbs(), (job.no, "")], job=job,
        lines=found, total=total, page=number, pages=max(1, -(-total // SIZE)), size=SIZE, outcome=outcome,
        tabs=_tabs(job, outcome), params={"outcome": outcome}, said=rules.said, may=work.actor.holds(IMPORTERS),
        place=pick(place.name, place.name_en) if place else "", charsets=CHARSETS, dialects=DIALECTS,
        names=await people.names(work, [job.created_by]), actions=_actions(job), places=places,
    )


def _actions(job: ImportJob) -> set[str]:
    return {action for (state, action) in rules.LIFE if state is job.state} & {"start", "stop"}


def _tabs(job: ImportJob, chosen: str) -> list[dict[str, Any]]:
    counts = [("", _(N_("全部")), job.position), *((o.value, o.text, getattr(job, o.value)) for o in Outcome),
              ("warned", _(N_("有提示")), job.warned)]
    return [
        {"label": label, "url": f"/resources/imports/{job.no}" + (f"?outcome={key}" if key else ""),
         "count": n, "active": chosen == key}
        for key, label, n in counts
    ]


@router.post("/{key}/start", dependencies=WRITE)
async def start(request: Request, work: WorkDep, key: str) -> Response:
    job = await commands.start(work, key)
    return see_other(request, f"/resources/imports/{job.no}", toast=_(N_("已开始，可离开本页，导入在后台进行")))


@router.post("/{key}/stop", dependencies=WRITE)
async def stop(request: Request, work: WorkDep, key: str) -> Response:
    job = await commands.stop(work, key)
    return see_other(request, f"/resources/imports/{job.no}", toast=_(N_("已停止，已导入的记录保留")), tone="warn")


@router.get("/{key}/refused", dependencies=READ)
async def refused(request: Request, work: WorkDep, key: str) -> Response:
    """The refused records as they came, to be mended and handed in again."""
    job = await queries.job_of(work.session, key)
    sessions = request.app.state.kit.reading

    async def pieces() -> Any:
        # The request's session is closed once the answer begins to flow.
        async with sessions() as session:
            async for line in queries.all_lines(session, job.id, outcome=Outcome.refused.value, whole=True):
                yield line.raw or b""

    ending = job.file_name.removesuffix(".gz").rpartition(".")[2][:8]
    name = f"{job.no}-refused.{ending if ending.isalnum() else 'mrc'}"
    headers = {"content-disposition": f"attachment; filename*=utf-8''{quote(name)}", "cache-control": "no-store"}
    return StreamingResponse(pieces(), media_type="application/octet-stream", headers=headers)


async def _table(work: Work, job: ImportJob, outcome: str) -> tuple[list[str], list[list[Any]]]:
    heads = [_(N_("序号")), _(N_("结果")), _(N_("题名")), _(N_("记录号")), _(N_("单册")), _(N_("说明"))]
    rows: list[list[Any]] = []
    async for line in queries.all_lines(work.session, job.id, outcome=outcome):
        notes = "；".join(rules.said(note) for note in line.notes)
        rows.append([line.number, line.outcome.text, line.title, line.record, line.items, notes])
        if len(rows) >= EXPORTED:
            break
    return heads, sorted(rows, key=lambda row: row[0])


@router.get("/{key}/lines.xlsx", dependencies=READ)
async def as_sheet(request: Request, work: WorkDep, key: str) -> Response:
    job = await queries.job_of(work.session, key)
    heads, rows = await _table(work, job, request.query_params.get("outcome", ""))
    kinds = ["num", "text", "text", "text", "num", "text"]
    data = await asyncio.to_thread(write, job.no, heads, kinds, rows)
    return download(data, f"{job.no}.xlsx")


@router.get("/{key}/lines.csv", dependencies=READ)
async def as_csv(request: Request, work: WorkDep, key: str) -> Response:
    job = await queries.job_of(work.session, key)
    heads, rows = await _table(work, job, request.query_params.get("outcome", ""))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(heads)
    # A spreadsheet must not take a title for a formula.
    writer.writerows([[defused(value) for value in row] for row in rows])
    headers = {"content-disposition": f'attachment; filename="{job.no}.csv"', "cache-control": "no-store"}
    return Response("\ufeff" + buffer.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _crumbs() -> list[tuple[str, str]]:
    return [(_(N_("编目典藏")), ""), (_(TITLE), "/resources/imports")]
