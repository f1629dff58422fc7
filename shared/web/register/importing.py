"""Rows from a spreadsheet: template, preview with every mistake, and nothing kept before a yes."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from xlsxwriter import Workbook

from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotAllowed, Refusal
from shared.web.pages import page, see_other
from shared.web.register import exporting, forms, moves
from shared.web.register.fields import FieldSpec, said, specs
from shared.web.register.paths import crumbs, plain_rights

if TYPE_CHECKING:
    from shared.web.register.declare import Register
    from shared.work import Work


# A sheet of our size is far below this when unpacked; a bomb is above.
LARGEST = 80 << 20


class Unreadable(Refusal):
    """The upload is not the spreadsheet we gave out."""

    code = "unreadable-sheet"
    status = 422
    message = N_("读不出这个文件：请用下载的模板填写，存成 .xlsx 再上传")


@dataclass
class Line:
    """One row of the sheet and what would become of it: new, change, same, or wrong."""

    number: int
    data: dict[str, Any]
    fate: str = "new"
    errors: dict[str, str] = field(default_factory=dict)


FATES = {"new": N_("新增"), "change": N_("更新"), "same": N_("无变化"), "wrong": N_("有误")}


def fields(register: Register) -> list[FieldSpec]:
    """The fields a sheet can carry."""
    return [s for s in specs(register.form) if s.kind != "file"]


def template(register: Register) -> bytes:
    """An empty sheet with the right heads, hints as comments, and lists where the choice is closed."""
    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    base = {"font_name": exporting.FONT, "font_size": 10}
    must = book.add_format({**base, "bold": True, "bg_color": "#FDF0D9"})
    may = book.add_format({**base, "bold": True, "bg_color": "#EEF1F6"})
    text = book.add_format({**base, "num_format": "@"})
    sheet = book.add_worksheet(_(N_("导入")))
    sheet.freeze_panes(1, 0)
    for column, spec in enumerate(fields(register)):
        label = _(spec.label)
        sheet.write_string(0, column, label + (" *" if spec.required else ""), must if spec.required else may)
        sheet.set_column(column, column, max(14, len(label) * 2 + 4), text)
        if hint := _hint(spec):
            sheet.write_comment(0, column, hint, {"font_name": exporting.FONT, "font_size": 9})
        labels = [label for _value, label in spec.options()]
        if labels and not spec.many and sum(map(len, labels)) < 200:
            sheet.data_validation(1, column, 2000, column, {"validate": "list", "source": labels})
    book.close()
    return buffer.getvalue()


def _hint(spec: FieldSpec) -> str:
    kinds = {
        "date": N_("日期，如 2026-01-31"), "datetime": N_("时间，如 2026-01-31 14:00"), "money": N_("金额，单位元"),
        "switch": N_("填“是”或“否”"), "number": N_("数字"),
    }
    parts = [_(spec.ui.help), _(kinds.get(spec.kind, "")), _(N_("多项用分号隔开")) if spec.many else ""]
    return "\n".join(p for p in parts if p)


def parse(data: bytes, heads: Mapping[str, FieldSpec], limit: int) -> list[tuple[int, dict[str, Any]]]:
    """The filled rows of the first sheet, by the names of its heads (run in a thread)."""
    from openpyxl import load_workbook  # 6 MB in every department, for a form few open

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST:
                raise Unreadable
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True, max_row=limit + 1)
        first = [str(v or "").strip().removesuffix("*").strip() for v in next(rows)]
        found = []
        for number, row in enumerate(rows, start=2):
            cells = {heads[h].name: _cell(heads[h], v) for h, v in zip(first, row, strict=False) if h in heads}
            filled = {k: v for k, v in cells.items() if v not in ("", None, [])}
            if filled:
                found.append((number, filled))
    except Exception as error:  # openpyxl raises whatever the broken part of the file provokes
        raise Unreadable from error
    if not set(first) & set(heads):
        raise Unreadable
    return found


def _cell(spec: FieldSpec, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date().isoformat() if spec.kind == "date" else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    if spec.kind == "switch":
        return "true" if text.lower() in {"是", "yes", "true", "1", "y"} else "false"
    by_label: dict[str, str] = {}
    for choice in spec.choices:
        stored = str(getattr(choice, "value", choice))
        by_label |= {stored: stored, said(choice): stored, str(getattr(choice, "label", stored)): stored}
    if spec.many:
        parts = [p.strip() for p in text.replace("；", ";").replace("、", ";").split(";") if p.strip()]
        return [by_label.get(p, p) for p in parts]
    return by_label.get(text, text)


async def preview(register: Register, work: Work, data: bytes) -> list[Line]:
    """Every row with its fate; nothing is written."""
    assert register.importing
    assert register.form
    heads: dict[str, FieldSpec] = {}
    for spec in fields(register):
        heads |= {spec.label: spec, _(spec.label): spec, spec.name: spec}
    rows = await asyncio.to_thread(parse, data, heads, register.importing.limit)
    key = register.importing.key
    known = await _known(register, work, key, rows) if key else {}
    lines, seen = [], set()
    for number, cells in rows:
        line = Line(number, cells)
        try:
            form = forms.validate(register.form, cells, work)
            value = getattr(form, key) if key else None
            if key and value in seen:
                raise Invalid({key: _(N_("与前面的行重复"))})
            seen.add(value)
            if key and (record := known.get(str(value))) is not None:
                line.fate = "change" if _differs(form, record) else "same"
                if line.fate == "change" and not register.can_edit(work.actor, record):
                    raise Invalid({key: _(N_("已有此记录，现在不能更改"))})
        except Invalid as refusal:
            line.fate, line.errors = "wrong", refusal.errors
        lines.append(line)
    return lines


async def _known(register: Register, work: Work, key: str, rows: list[Any]) -> dict[str, Any]:
    column = getattr(register.model, key)
    values = {str(cells[key]) for _n, cells in rows if key in cells}
    found = await work.session.scalars(select(register.model).where(column.in_(values)))
    return {str(getattr(r, key)): r for r in found}


def _differs(form: Any, record: Any) -> bool:
    columns = record.__mapper__.column_attrs.keys()
    return any(
        getattr(record, s.name) != forms.stored(getattr(form, s.name))
        for s in specs(form.__class__) if s.name in columns and s.kind != "file"
    )


async def keep(register: Register, work: Work, data: bytes) -> dict[str, int]:
    """Do what the preview said; wrong rows stay out."""
    assert register.importing
    done = {"new": 0, "change": 0, "same": 0, "wrong": 0}
    own = work.correlation
    for line in await preview(register, work, data):
        try:
            if line.fate == "new":
                await moves.open_record(register, work, line.data, checked=True)
            elif line.fate == "change":
                key = register.importing.key
                column = getattr(register.model, key)
                record = await work.lock(register.model, column == line.data[key])
                await moves.amend(register, work, register.key_of(record), line.data, partial=True, checked=True)
        except Refusal:
            line.fate = "wrong"
        work.follow(own)
        done[line.fate] += 1
    return done


def install(register: Register, router: Router) -> None:
    """`…/import`: page, template, preview, confirmation."""
    where = register.path + "/import"
    may = [allow(*plain_rights(register.create))]

    def show(request: Request, lines: list[Line] | None = None, digest: str = "", error: str = "") -> Response:
        counts = {fate: sum(one.fate == fate for one in lines or ()) for fate in FATES}
        return page(
            request, "register/import.html", status=422 if error else 200, register=register, error=error,
            page_title=_(N_("导入{title}"), title=_(register.title)), lines=lines, digest=digest, counts=counts,
            crumbs=crumbs(register, (_(N_("导入")), "")), specs=fields(register),
            fates={k: _(v) for k, v in FATES.items()}, labels={s.name: _(s.label) for s in specs(register.form)},
        )

    @router.get(where, dependencies=may)
    async def start(request: Request) -> Response:
        return show(request)

    @router.get(where + "/template", dependencies=may)
    async def empty() -> Response:
        data = await asyncio.to_thread(template, register)
        return exporting.download(data, _(N_("{title}导入模板"), title=_(register.title)) + ".xlsx")

    @router.post(where, dependencies=may)
    async def look(request: Request, work: WorkDep) -> Response:
        sent = (await request.form()).get("file")
        if not register.can_create(work.actor):
            raise NotAllowed
        if not isinstance(sent, UploadFile) or not sent.filename:
            return show(request, error=_(N_("请选择文件")))
        data = await sent.read()
        await sent.close()
        try:
            lines = await preview(register, work, data)
        except Unreadable as refusal:
            return show(request, error=str(refusal))
        digest, _size = await request.app.state.kit.files.put(data)
        return show(request, lines, digest)

    @router.post(where + "/confirm", dependencies=may)
    async def confirm(request: Request, work: WorkDep) -> Response:
        digest = str((await request.form()).get("digest") or "")
        files = request.app.state.kit.files
        if len(digest) != 64 or not digest.isalnum() or not await files.has(digest):
            raise Unreadable
        done = await keep(register, work, await files.get(digest))
        said_ = _(N_("新增 {new} 条，更新 {change} 条，无变化 {same} 条，未导入 {wrong} 条"), **done)
        return see_other(request, register.path + "?state=all", toast=said_, tone="warn" if done["wrong"] else "ok")
