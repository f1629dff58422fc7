"""Screens of a file of authorities: handed in, looked through to its end without writing anything, then taken."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from itertools import islice
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.authorities.pages import EDIT, URL, crumbs
from services.resources.cataloguing.authorities.taking import Taken, sort_out
from services.resources.cataloguing.imports import commands, queries, rules
from services.resources.cataloguing.imports.model import ImportJob, JobState
from services.resources.cataloguing.imports.uploads import received
from services.resources.cataloguing.marc.outcome import Accepted, Refused
from services.resources.cataloguing.marc.reading import read
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Refusal
from shared.service import Kit
from shared.web.pages import PageNo, page, see_other
from shared.work import Work

router = Router(prefix=f"{URL}/import", tags=["authorities"], dependencies=[*EDIT, allow(*rules.IMPORTERS)])
TITLE = N_("导入规范文件")
# So many records are looked at beforehand; the rest is sorted out in the same way while it is read.
LOOKED_AT, SIZE = 2_000, 50
CODES = {"authority": (N_("新规范"), "success"), "authority-known": (N_("已有"), "secondary"), "authority-same": (N_("标目相同"), "warning"),
         "twice-in-file": (N_("文件内重复"), "secondary"), "authority-mute": (N_("没有标目"), "danger"), "refused": (N_("读不出"), "danger"),
         "other": (N_("不是规范记录"), "warning")}


def _form(request: Request, error: str = "", status: int = 200) -> Response:
    fields = [
        {"name": "file", "label": _(N_("文件")), "kind": "file", "required": True, "span": 12,
         "help": _(N_("CNMARC 或 MARC 21 规范记录：ISO 2709（.mrc .iso）、MARCXML 或 MARC-in-JSON"))},
        {"name": "dialect", "label": _(N_("格式")), "kind": "select", "value": "auto", "span": 6, "required": True,
         "options": [(value, _(label)) for value, label in rules.DIALECTS.items()]},
        {"name": "charset", "label": _(N_("字符集")), "kind": "select", "value": "auto", "span": 6, "required": True,
         "options": [(value, _(label)) for value, label in rules.CHARSETS.items()]},
    ]
    return page(request, "authorities/import_new.html", status=status, page_title=_(TITLE), crumbs=crumbs((_(TITLE), "")), fields=fields, error=error)


@router.get("")
async def form(request: Request) -> Response:
    """Which file."""
    return _form(request)


@router.post("")
async def receive(request: Request, work: WorkDep) -> Response:
    """Kept, and looked through next; nothing is taken yet."""
    try:
        async with received(request) as upload:
            job = await commands.receive(
                work, request.app.state.kit.files, upload.path, name=upload.name, charset=upload.fields.get("charset", "auto"),
                dialect=upload.fields.get("dialect", "auto"),
            )
    except Refusal as refusal:
        return _form(request, str(refusal), refusal.status)
    return see_other(request, f"{URL}/import/{job.no}", toast=_(N_("文件已收到，请核对试导入的结果")))


def _looked(path: Path, job: ImportJob) -> list[Accepted | Refused]:
    with path.open("rb") as file:
        return list(islice(read(file, name=job.file_name, charset=job.charset, dialect=job.dialect), LOOKED_AT))


async def _dry(work: Work, kit: Kit, job: ImportJob) -> list[tuple[int, Taken, str]]:
    """What would become of each record: (number in the file, what, the variants it brings)."""
    with tempfile.TemporaryDirectory(prefix="guanwu-authorities-") as folder:
        path = Path(folder) / "file"
        await kit.files.copy_to(job.digest, path)
        outcomes = await asyncio.to_thread(_looked, path, job)
    own = [one for one in outcomes if isinstance(one, Accepted) and one.record.kind == "authority"]
    found = [(one.number, taken, "；".join(form.text for form in told.variants[:6]) if told else "") for one, told, taken in await sort_out(work, own)]
    for one in outcomes:
        if isinstance(one, Refused):
            found.append((one.number, Taken("", "—", False, "refused"), ""))
        elif one.record.kind != "authority":
            found.append((one.number, Taken("", one.record.first("200", "a") or one.record.first("245", "a") or "—", False, "other"), ""))
    return sorted(found, key=lambda row: row[0])


@router.get("/{no}")
async def dry_run(request: Request, work: WorkDep, no: str, page_no: PageNo = 1) -> Response:
    """The whole file sorted out, and nothing written."""
    job = await queries.job_of(work.session, no)
    if job.state is not JobState.uploaded:
        return see_other(request, f"/resources/imports/{job.no}")
    found = await _dry(work, request.app.state.kit, job)
    counts = Counter(taken.code for _n, taken, _v in found)
    shown = found[(page_no - 1) * SIZE : page_no * SIZE]
    return page(
        request, "authorities/import_look.html", page_title=job.file_name, title_is_data=True, job=job, found=shown, total=len(found), page=page_no,
        pages=max(1, -(-len(found) // SIZE)), size=SIZE, counts=counts, codes=CODES, more=len(found) >= LOOKED_AT, crumbs=crumbs((_(TITLE), f"{URL}/import"), (job.no, "")),
    )
