"""Screens of records: the list people search, and a record with its items and its MARC."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.authorities import queries as authorities
from services.resources.cataloguing.imports.rules import said
from services.resources.cataloguing.items import queries as items
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc.matching import REQUIRED, completeness
from services.resources.cataloguing.marc.projection import project
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.merging import queries as merging
from services.resources.cataloguing.proofing import commands as proofing
from services.resources.cataloguing.records import commands, queries
from services.resources.cataloguing.records.model import Instance, RecordState
from services.resources.cataloguing.records.rules import MATERIALS, PROOFREADERS, told
from services.resources.cataloguing.records.showing import facts
from services.resources.cataloguing.versions import queries as versions
from services.resources.collections.layout import queries as layout
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.web.pages import page, see_other
from shared.web.register import people

router = Router(prefix="/resources/records", tags=["records"], dependencies=[allow("staff")])
SIZES = (20, 50, 100)
TITLE = N_("书目记录")
DIALECTS = {"marc21": "MARC 21", "cnmarc": "CNMARC", "unimarc": "UNIMARC"}


def _whole(text: str, default: int, highest: int) -> int:
    return max(1, min(int(text), highest)) if text.isdecimal() else default


@router.get("")
async def listed(request: Request, work: WorkDep) -> Response:
    asked = request.query_params
    q = asked.get("q", "").replace("\0", "").strip()[:200]
    state = asked.get("state", "") if asked.get("state") in set(RecordState) else ""
    material = asked.get("material", "") if asked.get("material") in MATERIALS else ""
    size = _whole(asked.get("size", ""), SIZES[0], SIZES[-1])
    number = _whole(asked.get("page", ""), 1, 5_000)
    found, total = await queries.find(
        work.session, q, state=state, material=material, limit=size, offset=(number - 1) * size
    )
    filters = [
        {"name": "material", "label": _(N_("类型")), "value": material,
         "options": [(key, _(label)) for key, label in MATERIALS.items()]},
        {"name": "state", "label": _(N_("状态")), "value": state, "options": [(s.value, s.text) for s in RecordState]},
    ]
    params = {"q": q, "material": material, "state": state, "size": str(size) if size != SIZES[0] else ""}
    return page(
        request, "records/list.html", page_title=_(TITLE), crumbs=_crumbs(), records=found, total=total, page=number,
        pages=max(1, -(-total // size)), size=size, q=q, filters=filters, params=params, materials=MATERIALS,
        counts=await items.counts(work.session, [record.id for record in found]),
        may_import=work.actor.holds(CATALOGUERS), more=total >= queries.COUNT_LIMIT,
    )


@router.get("/{key}")
async def shown(request: Request, work: WorkDep, key: str, shell: str = "") -> Response:
    """The record; one that was merged leads to the other, unless its `shell` itself is asked for."""
    record = await queries.by_key(work.session, key, whole=True)
    if record.merged_into is not None and not shell:
        now = await queries.today(work.session, record)
        # Never for good: a merge can be undone.
        text = _(N_("{number} 已并入本记录"), number=record.number)
        return see_other(request, f"/resources/records/{now.number}", toast=text)
    return await show(request, work, record)


async def show(
    request: Request, work: WorkDep, record: Instance, *, adding: dict[str, Any] | None = None, status: int = 200
) -> Response:
    """The record's page; `adding` is what was typed into the form for a new item, with its mistakes."""
    copies = await items.of_instance(work.session, record.id)
    places = await items.locations(work.session)
    proposal = await layout.propose(work.session, record, work.today)
    marc = Record.from_json(record.fields)
    lacking = completeness(project(marc))
    return page(
        request, "records/record.html", status=status, page_title=record.title,
        crumbs=[*_crumbs(), (record.number, "")], record=record, told=record.projection, marc=marc, copies=copies,
        of_book={copy.id: copy.barcode for copy in copies}, places=places, facts=facts(record.projection), lacks=[_(REQUIRED[one]) for one in lacking],
        share=100 * (len(REQUIRED) - len(lacking)) // len(REQUIRED), materials=MATERIALS,
        dialect=DIALECTS.get(record.dialect, record.dialect),
        may=work.actor.holds(CATALOGUERS) and record.state is not RecordState.draft and record.merged_into is None,
        may_proof=record.state is RecordState.draft and work.actor.holds(PROOFREADERS),
        mine=work.actor.id in await versions.makers(work.session, record), may_edit=work.actor.holds(CATALOGUERS),
        may_decide=work.actor.holds(PROOFREADERS), opened=await versions.open_of(work.session, record.id),
        other=DIALECTS["cnmarc" if record.dialect == "marc21" else "marc21"], other_key="cnmarc" if record.dialect == "marc21" else "marc21",
        into=await queries.by_key(work.session, str(record.merged_into)) if record.merged_into else None,
        merges=await merging.into_this(work.session, record.id), merge=await merging.of_gone(work.session, record.id) if record.merged_into else None,
        may_move=work.actor.holds(("RES-MGT",)), adding=adding, proposal=proposal,
        barcode=await items.next_barcode(work.session, record.material),
        options=[(place.no, pick(place.name, place.name_en)) for place in places.values()],
        names=await people.names(work, [record.created_by]), said=said, headings=await authorities.of_record(work.session, record.id),
    )


@router.post("/{key}/release", dependencies=[allow(*PROOFREADERS)])
async def release(request: Request, work: WorkDep, key: str) -> Response:
    """Read by a second person, and good."""
    proof = await proofing.passed(work, key)
    return see_other(request, f"/resources/records/{proof.number}", toast=_(N_("已发布，读者可以查到了")))


@router.post("/{key}/discard", dependencies=[allow(*PROOFREADERS)])
async def discard(request: Request, work: WorkDep, key: str) -> Response:
    """A draft that nobody wants."""
    record = await commands.discard(work, key)
    return see_other(request, "/resources/records", toast=_(N_("草稿 {number} 已作废"), number=record.number), tone="warn")


def sent(data: bytes, name: str, media: str) -> Response:
    """A file to keep."""
    headers = {"content-disposition": f"attachment; filename*=utf-8''{quote(name)}", "cache-control": "no-store"}
    return Response(data, media_type=media, headers=headers)


@router.get("/{key}/original")
async def original(work: WorkDep, key: str) -> Response:
    """The record byte for byte as it came."""
    record = await queries.by_key(work.session, key, whole=True)
    head = record.raw.lstrip()[:1]
    ending = {b"<": "xml", b"{": "json"}.get(head, "mrc")
    return sent(record.raw, f"{record.number}-original.{ending}", "application/octet-stream")


@router.get("/{key}/marc")
async def iso(work: WorkDep, key: str) -> Response:
    """The record as ISO 2709 in UTF-8."""
    record = await queries.by_key(work.session, key, whole=True)
    return sent(told(record).to_iso2709(), f"{record.number}.mrc", "application/marc")


@router.get("/{key}/marcxml")
async def xml(work: WorkDep, key: str) -> Response:
    """The record as MARCXML."""
    record = await queries.by_key(work.session, key, whole=True)
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + told(record).to_marcxml() + "\n"
    return sent(text.encode(), f"{record.number}.xml", "application/marcxml+xml")


def _crumbs() -> list[tuple[str, str]]:
    return [(_(N_("编目典藏")), ""), (_(TITLE), "/resources/records")]
