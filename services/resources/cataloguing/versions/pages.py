"""Screens of versions: the history of a record, two of them side by side, going back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.records import commands as records
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.records.rules import PROOFREADERS
from services.resources.cataloguing.versions import commands, queries, rules
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

URL = "/resources/records"
router = Router(prefix=URL, tags=["versions"])
READ, EDIT, DECIDE = [allow("staff")], [allow(*CATALOGUERS)], [allow(*PROOFREADERS)]
SIZE = 20


@router.get("/{key}/versions", dependencies=READ)
async def history(
    request: Request, work: WorkDep, key: str, page_no: PageNo = 1, old: Annotated[int, Query(ge=0)] = 0,
    new: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """All versions, and what differs between the two that were asked for (else the last two)."""
    record = await by_key(work.session, key, whole=True)
    total = await queries.count(work.session, record.id)
    rows = await queries.of_record(work.session, record.id, limit=SIZE, offset=(page_no - 1) * SIZE)
    if not (old and new) and total > 1:
        old, new = record.revision - 1, record.revision
    pair = None
    if old and new:
        one, other = [await queries.version(work.session, record.id, no) for no in (old, new)]
        pair = (one, other, rules.compare(Record.from_json(one.fields), Record.from_json(other.fields)))
    return page(
        request, "versions/history.html", page_title=record.title, record=record, rows=rows, total=total, page=page_no,
        pages=max(1, -(-total // SIZE)), size=SIZE, pair=pair, may=work.actor.holds(CATALOGUERS) and record.merged_into is None,
        names=await people.names(work, {one.made_by for one in rows} | {one.checked_by for one in rows}),
        crumbs=[(_(N_("编目典藏")), ""), (_(N_("书目记录")), URL), (record.number, f"{URL}/{record.number}"), (_(N_("历次版本")), "")],
    )


@router.post("/{key}/versions/{no}/restore", dependencies=EDIT)
async def restore(request: Request, work: WorkDep, key: str, no: int, base: Annotated[int, Form()] = 0) -> Response:
    """An older version's words, as a new version."""
    saved = await commands.restore(work, key, no, base=base)
    text = _(N_("已按第 {old} 版存为第 {no} 版"), old=no, no=saved.no)
    return see_other(request, f"{URL}/{saved.record.number}/versions", toast=text)


@router.post("/{key}/correction/drop", dependencies=EDIT)
async def drop(request: Request, work: WorkDep, key: str) -> Response:
    """Throw the open correction away."""
    record = await commands.drop(work, key)
    return see_other(request, f"{URL}/{record.number}", toast=_(N_("更正已作废，记录不变")), tone="warn")


@router.post("/{key}/suppress", dependencies=DECIDE)
async def suppress(request: Request, work: WorkDep, key: str, reason: Annotated[str, Form()] = "") -> Response:
    """Patrons do not see it any more."""
    record = await records.hide(work, key, reason=reason)
    return see_other(request, f"{URL}/{record.number}", toast=_(N_("已屏蔽，读者查不到了")), tone="warn")


@router.post("/{key}/reveal", dependencies=DECIDE)
async def reveal(request: Request, work: WorkDep, key: str) -> Response:
    """Patrons see it again."""
    record = await records.reveal(work, key)
    return see_other(request, f"{URL}/{record.number}", toast=_(N_("已恢复显示")))
