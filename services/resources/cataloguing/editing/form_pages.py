"""The short form of a record: a dozen elements in plain words, written into the same record."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.editing.pages import EDIT, URL, crumbs, opened, saved_text
from services.resources.cataloguing.marc import typed
from services.resources.cataloguing.marc.isbn import isbn13
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.records.pages import DIALECTS
from services.resources.cataloguing.versions import commands, queries
from services.resources.cataloguing.versions import rules as versions
from services.resources.cataloguing.versions.model import Origin
from shared.doors import Router, WorkDep
from shared.i18n import N_, _
from shared.refusals import Refusal
from shared.web.pages import page, see_other
from shared.work import Work

router = Router(prefix=URL, tags=["editing"], dependencies=EDIT)
LONGEST = 8_000


def _fields(values: dict[str, str], wrong: dict[str, str], dialect: str) -> list[dict[str, Any]]:
    made = []
    for one in typed.ELEMENTS:
        tag, codes, _marks = typed.where(one, dialect)
        made.append({
            "name": one.name, "label": _(one.label), "value": values.get(one.name, ""), "error": wrong.get(one.name, ""),
            "help": "；".join(filter(None, (_(one.help) if one.help else "", f"{tag}${codes[0]}"))),
            "kind": "textarea" if one.many or one.long else "text", "span": 12 if one.long else 6,
            "rows": 4 if one.long else 3, "maxlength": LONGEST if one.many or one.long else 500,
        })
    return made


def _show(
    request: Request, record: Instance, values: dict[str, str], *, base: int, dialect: str, reason: str = "",
    wrong: dict[str, str] | None = None, **more: Any,
) -> Response:
    return page(
        request, "editing/form.html", page_title=record.title, record=record, base=base, reason=reason,
        fields=_fields(values, wrong or {}, dialect), dialect=DIALECTS[dialect],
        crumbs=crumbs((record.number, f"{URL}/{record.number}"), (_(N_("表单编辑")), "")),
        **{"refusal": None, "differences": (), **more},
    )


@router.get("/{key}/form")
async def form(request: Request, work: WorkDep, key: str) -> Response:
    """The record in plain words."""
    record, marc = await opened(work, key)
    return _show(request, record, typed.read(marc), base=record.revision, dialect=marc.dialect)


@router.post("/{key}/form")
async def keep(request: Request, work: WorkDep, key: str) -> Response:
    """Save what was changed, and nothing else."""
    record, marc = await opened(work, key)
    sent = await request.form()
    values = {
        one.name: str(sent[one.name]).replace("\0", "")[:LONGEST] for one in typed.ELEMENTS if one.name in sent
    }
    base = str(sent.get("base", ""))
    number, reason = int(base) if base.isdecimal() and len(base) < 9 else 0, str(sent.get("reason", ""))
    again: dict[str, Any] = {"base": number, "dialect": marc.dialect, "reason": reason}
    if wrong := _wrong(values, typed.read(marc)["isbns"].splitlines()):
        return _show(request, record, values, **again, wrong=wrong, status=422)
    return await _save(request, work, record, values, again)


async def _save(request: Request, work: Work, record: Instance, values: dict[str, str], again: dict[str, Any]) -> Response:
    base = again["base"]
    if base == record.revision:
        seen = await queries.working(work.session, record)
    else:  # the change is made to what the cataloguer saw, so that it is compared with what stands now
        seen = await queries.as_of(work.session, record, base)
    changed = typed.write(seen, values)
    try:
        saved = await commands.save(work, record.number, changed, base=base, reason=again["reason"], origin=Origin.form)
    except versions.EditedMeanwhile as refusal:
        # Elements the other one changed are shown as they stand now; one's own stay as typed.
        now, was = await queries.working(work.session, record), typed.read(seen)
        mine = {name: value for name, value in values.items() if value.split() != was[name].split()}
        again["base"] = record.revision
        return _show(
            request, record, {**typed.read(now), **mine}, **again, status=refusal.status, refusal=refusal,
            differences=versions.changes(now, typed.write(now, mine)),
        )
    except Refusal as refusal:
        return _show(request, record, values, **again, status=refusal.status, refusal=refusal)
    return see_other(request, f"{URL}/{record.number}/form", toast=saved_text(saved))


def _wrong(values: dict[str, str], known: list[str]) -> dict[str, str]:
    """What the form itself can tell; numbers that stood there before are the record's own affair."""
    wrong = {}
    if "title" in values and not values["title"].strip():
        wrong["title"] = _(N_("题名不能为空"))
    bad = [line.strip() for line in values.get("isbns", "").splitlines() if line.strip() and line.strip() not in known and not isbn13(line)]
    if bad:
        wrong["isbns"] = _(N_("不是有效的 ISBN：{text}"), text="、".join(bad)[:80])
    return wrong
