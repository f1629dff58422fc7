"""Doors of conversion: files of a record or of a search result, and turning a record into the other dialect."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query
from sqlalchemy.orm import undefer
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.converting import rules
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc.crosswalk import convert
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.records import queries
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.pages import DIALECTS, sent
from services.resources.cataloguing.records.rules import MATERIALS, told
from services.resources.cataloguing.versions import commands
from services.resources.cataloguing.versions import queries as versions
from services.resources.cataloguing.versions.model import Origin
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import see_other

URL = "/resources/records"
router = Router(prefix=URL, tags=["converting"])
READ, EDIT = [allow("staff")], [allow(*CATALOGUERS)]
BATCH = 200
FormName = Annotated[str, Query(max_length=10)]


@router.get("/export", dependencies=READ)
async def exported(
    work: WorkDep, q: Annotated[str, Query(max_length=200)] = "", state: str = "", material: str = "", form: FormName = "iso",
    dialect: FormName = "",
) -> Response:
    """A whole search result as one file."""
    form, dialect = rules.checked(form, dialect)
    typed = q.replace("\0", "").strip()
    state, material = state if state in set(RecordState) else "", material if material in MATERIALS else ""
    _first, total = await queries.find(work.session, typed, state=state, material=material, limit=1)
    if total > rules.MOST:
        raise rules.TooMany(total=total, most=rules.MOST)
    found: list[Record] = []
    for offset in range(0, total, BATCH):
        rows, _total = await queries.find(
            work.session, typed, state=state, material=material, limit=BATCH, offset=offset, options=[undefer(Instance.fields)],
        )
        found += (told(row) for row in rows)
        work.session.expunge_all()
    ending, media = rules.FORMS[form]
    return sent(rules.written(found, form, dialect), f"records.{ending}", media)


@router.get("/{key}/export", dependencies=READ)
async def one(work: WorkDep, key: str, form: FormName = "iso", dialect: FormName = "") -> Response:
    """A record as a file, in its own dialect or the other."""
    form, dialect = rules.checked(form, dialect)
    record = await queries.by_key(work.session, key, whole=True)
    ending, media = rules.FORMS[form]
    name = f"{record.number}{'-' + dialect if dialect and dialect != record.dialect else ''}.{ending}"
    return sent(rules.written([told(record)], form, dialect), name, media)


@router.post("/{key}/convert", dependencies=EDIT)
async def turn(request: Request, work: WorkDep, key: str, base: Annotated[int, Form()] = 0) -> Response:
    """The record in the other dialect, as one more version: what it cannot say is carried along."""
    record = await queries.by_key(work.session, key)
    marc = await versions.working(work.session, record)
    target = rules.other(marc.dialect)
    reason = _(N_("转为 {dialect}"), dialect=DIALECTS[target])
    saved = await commands.save(work, key, convert(marc, target), base=base, reason=reason, origin=Origin.converted)
    return see_other(request, f"{URL}/{record.number}/edit", toast=_(N_("已按 {dialect} 存为第 {no} 版"), dialect=DIALECTS[target], no=saved.no))
