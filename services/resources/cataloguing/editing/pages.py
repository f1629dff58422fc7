"""Screens of editing: the record field by field, and new records from blanks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.editing import choosing, rules
from services.resources.cataloguing.editing.rules import Sheet
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc import blanks, fixed
from services.resources.cataloguing.marc.dialects import CNMARC, MARC21
from services.resources.cataloguing.marc.fields import kinds
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.proofing import queries as proofing
from services.resources.cataloguing.proofing.model import Outcome
from services.resources.cataloguing.proofing.rules import shown_defects
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.records.pages import DIALECTS
from services.resources.cataloguing.records.queries import by_key
from services.resources.cataloguing.versions import commands, queries
from services.resources.cataloguing.versions import rules as versions
from services.resources.cataloguing.versions.model import Origin
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, language
from shared.refusals import NotFound, Refusal
from shared.web.pages import page, see_other
from shared.work import Work

URL = "/resources/records"
EDIT = [allow(*CATALOGUERS)]
router = Router(prefix=URL, tags=["editing"], dependencies=EDIT)


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """Where we are."""
    return [(_(N_("编目典藏")), ""), (_(N_("书目记录")), URL), *more]


async def _sent(request: Request) -> dict[str, list[str]]:
    form = await request.form(max_fields=30_000)
    return {name: [str(value) for value in form.getlist(name)] for name in form}


def _editor(
    request: Request, sheet: Sheet, *, url: str, record: Instance | None, title: str, status: int = 200, **more: Any
) -> Response:
    sheet = sheet.checked()
    parts: dict[str, list[dict[str, Any]]] = {}
    for place, value in fixed.form_of(sheet.record()):
        known = value in {choice[0] for choice in place.choices}
        parts.setdefault(place.part, []).append({"place": place, "value": value, "known": known})
    return page(
        request, "editing/editor.html", status=status, page_title=title, sheet=sheet, url=url, record=record,
        parts=parts, coded=rules.coded(sheet), hint=rules.hint, codes=rules.codes, controlled=choosing.controlled, tags=kinds(sheet.dialect).values(),
        dialect=DIALECTS[sheet.dialect], other=DIALECTS[MARC21 if sheet.dialect != MARC21 else CNMARC], english=language() == "en",
        hard=sum(one.weight != "soft" for one in sheet.remarks), **{
            "refusal": None, "differences": (), "returned": (), "state": None, "looks_held": False, "panel": None, **more,
        },
    )


@router.get("/new")
async def choose(request: Request) -> Response:
    """Which kind of record."""
    kinds_of = [(dialect, [(kind, _(blank.name)) for (one, kind), blank in blanks.BLANKS.items() if one == dialect])
                for dialect in (CNMARC, MARC21)]
    return page(
        request, "editing/choose.html", page_title=_(N_("新建书目")), crumbs=crumbs((_(N_("新建书目")), "")), kinds=kinds_of,
        dialects=DIALECTS,
    )


async def _blank(work: Work, dialect: str, kind: str) -> Sheet:
    if (dialect, kind) not in blanks.BLANKS:
        raise NotFound(kind)
    agency = await queries.last_agency(work.session, work.actor.id)
    leader, lines = blanks.rows_of(dialect, kind, today=work.today, agency=agency)
    return Sheet(dialect, leader, tuple(lines))


@router.get("/new/{dialect}/{kind}")
async def begin(request: Request, work: WorkDep, dialect: str, kind: str) -> Response:
    """A blank of that kind."""
    sheet = await _blank(work, dialect, kind)
    return _new(request, replace(sheet, focus=0), f"{URL}/new/{dialect}/{kind}")


def _new(request: Request, sheet: Sheet, url: str, **more: Any) -> Response:
    title = _(N_("新建书目"))
    return _editor(request, sheet, url=url, record=None, title=title, crumbs=crumbs((title, f"{URL}/new"), (DIALECTS[sheet.dialect], "")), **more)


@router.post("/new/{dialect}/{kind}")
async def make(request: Request, work: WorkDep, dialect: str, kind: str) -> Response:
    """Keep it as a draft, or change a line, or look at what is wrong."""
    await _blank(work, dialect, kind)
    form, url = await _sent(request), f"{URL}/new/{dialect}/{kind}"
    sheet = rules.read(form, dialect=dialect)
    wanted = next(iter(form.get("act", ())), "save")
    if (moved := rules.act(sheet, wanted)) is not None:
        return _new(request, moved, url)
    if (chosen := await choosing.act(work, sheet, wanted, form)) is not None:
        return _new(request, chosen[0], url, panel=chosen[1])
    if wanted == "check":
        return _new(request, sheet, url)
    try:
        saved = await commands.create(work, rules.storable(sheet), reason=sheet.reason, anyway=sheet.anyway)
    except Refusal as refusal:
        held = isinstance(refusal, versions.LooksHeld)
        return _new(request, sheet, url, status=refusal.status, refusal=refusal, looks_held=held)
    return see_other(
        request, f"{URL}/{saved.record.number}/edit", toast=_(N_("已建草稿 {number}"), number=saved.record.number)
    )


async def _shown(
    request: Request, work: Work, record: Instance, sheet: Sheet, **more: Any
) -> Response:
    opened = await queries.open_of(work.session, record.id)
    last = next(iter(await proofing.of_record(work.session, record.id, limit=1)), None)
    back = last if last is not None and last.outcome is Outcome.returned and last.version == record.revision else None
    return _editor(
        request, sheet, url=f"{URL}/{record.number}/edit", record=record, title=record.title, state=opened.state if opened else None,
        crumbs=crumbs((record.number, f"{URL}/{record.number}"), (_(N_("MARC 编辑")), "")),
        returned=[*shown_defects(back.defects, language() == "en"), *([back.note] if back.note else [])] if back else (), **more,
    )


async def opened(work: Work, key: str) -> tuple[Instance, Record]:
    """A record that may be edited, and what it says to a cataloguer."""
    record = await by_key(work.session, key)
    if record.merged_into is not None:
        raise versions.Merged(number=record.number)
    return record, await queries.working(work.session, record)


@router.get("/{key}/edit")
async def edit(request: Request, work: WorkDep, key: str) -> Response:
    """The record, line by line."""
    record, marc = await opened(work, key)
    return await _shown(request, work, record, rules.sheet_of(marc, base=record.revision))


@router.post("/{key}/edit")
async def keep(request: Request, work: WorkDep, key: str) -> Response:
    """Save a version, or change a line, or look at what is wrong."""
    record, marc = await opened(work, key)
    form = await _sent(request)
    sheet = rules.read(form, dialect=marc.dialect, known=marc.fields)
    wanted = next(iter(form.get("act", ())), "save")
    if (moved := rules.act(sheet, wanted)) is not None:
        return await _shown(request, work, record, moved)
    if (chosen := await choosing.act(work, sheet, wanted, form)) is not None:
        return await _shown(request, work, record, chosen[0], panel=chosen[1])
    if wanted == "check":
        return await _shown(request, work, record, sheet)
    try:
        saved = await commands.save(
            work, key, rules.storable(sheet), base=sheet.base, reason=sheet.reason, origin=Origin.marc
        )
    except versions.EditedMeanwhile as refusal:
        # The text stays; saved once more it is a change of what the other one saved.
        now = await queries.working(work.session, record)
        return await _shown(
            request, work, record, replace(sheet, base=record.revision), status=refusal.status, refusal=refusal,
            differences=versions.changes(now, sheet.record()),
        )
    except Refusal as refusal:
        return await _shown(request, work, record, sheet, status=refusal.status, refusal=refusal)
    return see_other(request, f"{URL}/{record.number}/edit", toast=saved_text(saved))


def saved_text(saved: commands.Saved) -> str:
    """What a save led to, in words."""
    if saved.pending:
        return _(N_("已保存第 {no} 版，等另一位同事校对；校对前读者看到的不变"), no=saved.no)
    return _(N_("草稿已保存（第 {no} 版）"), no=saved.no)


