"""The list as a spreadsheet: what the address shows, all pages of it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response
from xlsxwriter import Workbook

from shared.doors import Router, WorkDep, allow
from shared.i18n import _
from shared.settings import LOCAL
from shared.veil import said_why, veiled
from shared.web.register import columns, listing, trail
from shared.web.register.columns import Col

if TYPE_CHECKING:
    from shared.web.register.declare import Register
    from shared.work import Work

LIMIT = 50_000
FONT = "微软雅黑"
MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Text that a spreadsheet would take for a formula once somebody edits the cell.
RISKY = ("=", "+", "-", "@", "\t", "\r")


def install(register: Register, router: Router) -> None:
    """`GET …/export` with the list's own query."""

    @router.get(register.path + "/export", dependencies=[allow(*register.read)])
    async def export(request: Request, work: WorkDep) -> Response:
        ask = listing.asked(register, request.query_params)
        data = await sheet(register, work, ask)
        return download(data, f"{_(register.title)}-{work.today:%Y%m%d}.xlsx")

    if not any(col.personal for col in register.cols):
        return

    @router.post(register.path + "/export", dependencies=[allow(*register.read), allow(*register.reveal)])
    async def export_whole(request: Request, work: WorkDep, reason: Annotated[str, Form()] = "") -> Response:
        ask = listing.asked(register, request.query_params)
        data = await sheet(register, work, ask, whole=said_why(reason))
        return download(data, f"{_(register.title)}-{work.today:%Y%m%d}.xlsx")


def defused(value: Any) -> Any:
    """A cell of comma separated text, where no format says "text": a mark before what would be a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def download(data: bytes, name: str) -> Response:
    """An attachment whose Chinese name survives the trip."""
    disposition = f"attachment; filename=\"export.xlsx\"; filename*=utf-8''{quote(name)}"
    return Response(data, media_type=MEDIA, headers={"content-disposition": disposition, "cache-control": "no-store"})


async def sheet(register: Register, work: Work, ask: listing.Asked, *, whole: str = "") -> bytes:
    """The rows read here, the file written in a thread; `whole` is why personal columns are not veiled."""
    records = await listing.rows(register, work, ask, limit=LIMIT)
    people = await trail.named(register, work, records)
    cols = register.seen_cols(work.actor)
    heads = [_(c.label) + (f"（{_(c.unit)}）" if c.unit and c.kind == "num" else "") for c in cols]
    table = [[_value(c, columns.raw(c, r), people) for c in cols] for r in records]
    if not whole:
        kinds = [c.personal for c in cols]
        table = [[veiled(kind, value) for kind, value in zip(kinds, row, strict=True)] for row in table]
    more = {"reason": whole} if whole else {}
    what = "export-full" if whole else "export"
    work.note(what, register.model.__tablename__, register.slug, rows=len(records), asked=ask.params(), **more)
    return await asyncio.to_thread(write, _(register.title), heads, [c.kind for c in cols], table)


def _value(col: Col, value: Any, people: dict[str, str]) -> Any:
    """Numbers, money and days stay what they are; all else is text."""
    if value is None:
        return ""
    if col.kind == "money":
        return value / 100
    if col.kind in ("date", "moment"):
        return value.astimezone(LOCAL).replace(tzinfo=None) if isinstance(value, datetime) else value
    if col.kind == "num":
        return value
    return columns.text(col, value, people)


def write(title: str, heads: Sequence[str], kinds: Sequence[str], table: Sequence[Sequence[Any]]) -> bytes:
    """One sheet: frozen head, filter arrows, a font that has Han, nothing that calculates."""
    buffer = io.BytesIO()
    book = Workbook(buffer, {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    })
    base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
    plain = book.add_format(base)
    quoted = book.add_format({**base, "quote_prefix": True})
    head = book.add_format({**base, "bold": True, "bg_color": "#EEF1F6", "bottom": 1})
    formats = {
        "money": book.add_format({**base, "num_format": "#,##0.00"}),
        "date": book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left"}),
        "moment": book.add_format({**base, "num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        "num": book.add_format({**base, "num_format": "#,##0"}),
    }
    page = book.add_worksheet("".join(c for c in title if c not in "[]:*?/\\'")[:31] or "1")
    page.freeze_panes(1, 0)
    page.set_row(0, 22)
    for column, text in enumerate(heads):
        page.write_string(0, column, text, head)
        page.set_column(column, column, width(text, [row[column] for row in table[:200]]), plain)
    for line, row in enumerate(table, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(line, column, value, quoted if value.startswith(RISKY) else plain)
            elif isinstance(value, date):
                page.write_datetime(line, column, value, formats[kinds[column]])
            else:
                page.write_number(line, column, value, formats.get(kinds[column], plain))
    if heads:
        page.autofilter(0, 0, max(len(table), 1), len(heads) - 1)
    book.close()
    return buffer.getvalue()


def width(head: str, values: Sequence[Any]) -> float:
    """Wide enough for what stands in it; Han count double."""
    def length(value: Any) -> int:
        text = value.strftime("%Y-%m-%d") if isinstance(value, date) else str(value)
        return sum(2 if ord(c) > 0x2E7F else 1 for c in text)

    return min(60, max([length(head) + 3, *(length(v) + 2 for v in values)]))
