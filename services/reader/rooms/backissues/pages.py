"""过刊整理 on screen: what lies loose, and how a bundle is put together."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.attempts import attempt
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.rooms.backissues import commands, queries, rules
from services.reader.rooms.serials.model import SerialTitle, TitleKind
from services.reader.rooms.serials.queries import title_by_number, years_of
from services.reader.rooms.serials.rules import name
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.web.register.exporting import download, write
from shared.work import Work

HOME = "/reader/backissues"
TITLE = N_("过刊整理")
router = Router(prefix=HOME, tags=["backissues"], dependencies=[allow(*rules.READERS)])
WORK = [allow(*rules.HANDS)]
Text = Annotated[str, Form()]


def day_of(text: str, default: date | None = None) -> date | None:
    """The day that was asked for, or the default when it cannot be read."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default


def keys_of(ticked: list[Any]) -> list[UUID]:
    """The issues ticked."""
    try:
        return [UUID(str(one)) for one in ticked]
    except ValueError as error:
        raise rules.NotLoose from error


def term_of(text: str) -> int | None:
    """Years that were typed; None when the box is empty."""
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise Invalid({"years": N_("年限为 0–100，0 为长期保存")})
    return int(text)


def said(wrong: Refusal | None) -> list[str]:
    """What was refused, in the reader's language, every reason once."""
    if wrong is None:
        return []
    found = [_(text) for text in wrong.errors.values()] if isinstance(wrong, Invalid) else [str(wrong), *map(str, wrong.reasons)]
    return list(dict.fromkeys(found))


@router.get("")
async def index(request: Request, work: WorkDep, q: str = "", kind: str = "", page_no: PageNo = 1) -> Response:
    """Loose issues by title and year, the oldest first."""
    q = q.strip()[:60]
    found, total = await queries.piles(work.session, q=q, kind=kind, limit=SIZE, offset=offset(page_no))
    return page(
        request, "backissues/loose.html", page_title=_(TITLE), found=found, q=q, may=work.actor.holds(rules.HANDS),
        counts=await queries.counts(work.session, work.today),
        filters=[{"name": "kind", "label": _(N_("全部类型")), "value": kind, "options": [(k.value, k.text) for k in TitleKind]}],
        **paged(page_no, total, q=q, kind=kind),
    )


@router.get("/loose.xlsx")
async def loose_sheet(work: WorkDep, q: str = "", kind: str = "") -> Response:
    """The same as a sheet."""
    found, _total = await queries.piles(work.session, q=q.strip()[:60], kind=kind)
    heads = [_(N_("编号")), _(N_("刊名")), _(N_("年")), _(N_("散刊期数")), _(N_("份数")), _(N_("最早")), _(N_("最晚")), _(N_("缺期"))]
    table = [[p.title.number, p.title.title, p.year, p.count, p.copies, p.first, p.last, p.missing] for p in found]
    work.note("export", "serial_issue", "loose", rows=len(table))
    data = await asyncio.to_thread(write, _(N_("过刊散刊")), heads, ["ref", "text", "num", "num", "num", "date", "date", "num"], table)
    return download(data, f"{_(N_('过刊散刊'))}-{work.today:%Y%m%d}.xlsx")


async def _span(work: Work, title: SerialTitle, year: str, begin: str, end: str) -> tuple[date, date]:
    """The dates typed; else the year asked for; else the year of the oldest loose issue."""
    first, last = day_of(begin), day_of(end)
    if first and last:
        return first, last
    if year.isdigit() and 1800 <= int(year) <= 2999:
        of = int(year)
    else:
        piles, _total = await queries.piles(work.session, q=title.number, limit=1)
        of = piles[0].year if piles else work.today.year
    return first or date(of, 1, 1), last or date(of, 12, 31)


async def _title(
    request: Request, work: Work, number: str, *, year: str = "", begin: str = "", end: str = "", place: str = "",
    ticked: list[str] | None = None, term: tuple[str, str] = ("", ""), wrong: Refusal | None = None,
) -> Response:
    title = await title_by_number(work.session, number)
    first, last = await _span(work, title, year, begin, end)
    issues = await queries.span(work.session, title.id, first, last)
    inside = await queries.bundled(work.session, issues)
    whole = rules.collate(issues, (), set(inside), work.today)
    loose = [gap.issue for gap in whole.gaps if gap.lack is rules.Lack.left_out]
    found, _total = await queries.bundles(work.session, "", work.today, q=title.number)
    keeping = await queries.keeping_of(work.session, title.id)
    chosen = {str(one.id) for one in loose} if ticked is None else set(ticked)
    return page(
        request, "backissues/title.html", status=wrong.status if wrong else 200, page_title=title.text, title=title, first=first, last=last,
        loose=loose, gaps=[gap for gap in whole.gaps if gap.lack is not rules.Lack.left_out], elsewhere=len(inside), chosen=chosen, place=place,
        bundles=found, years=await years_of(work.session, title.id), volumes=await queries.volumes_of(work.session, title.id), called=name,
        keeping=keeping, kept=rules.years_kept(title.kind, keeping.years if keeping else None), errors=said(wrong), term=term,
        may=work.actor.holds(rules.HANDS), head=work.actor.holds(rules.HEADS),
        people=await people.names(work, [keeping.made_by] if keeping else []), crumbs=[(_(TITLE), HOME), (title.text, "")],
    )


@router.get("/titles/{number}")
async def title_page(request: Request, work: WorkDep, number: str, year: str = "", begin: str = "", end: str = "") -> Response:
    """配齐: what lies loose between two dates, and what is lacking."""
    return await _title(request, work, number, year=year, begin=begin, end=end)


@router.post("/titles/{number}/bundle", dependencies=WORK)
async def bundle_up(request: Request, work: WorkDep, number: str) -> Response:
    """捆扎登记."""
    sent = await request.form()
    begin, end, place = (str(sent.get(key, ""))[:60] for key in ("begin", "end", "place"))
    ticked = [str(one) for one in sent.getlist("ids")]
    try:
        first, last = day_of(begin), day_of(end)
        if first is None or last is None:
            raise Invalid({"begin": N_("请填写起止日期")})
        async with attempt(work):
            made = await commands.bundle_up(work, title=number, from_on=first, to_on=last, ids=keys_of(ticked), place=place)
    except Refusal as no:
        return await _title(request, work, number, begin=begin, end=end, place=place, ticked=ticked, wrong=no)
    return see_other(request, f"{HOME}/bundles/{made.number}", toast=_(N_("已捆扎，捆号 {number}"), number=made.number))


@router.post("/titles/{number}/keeping", dependencies=[allow(*rules.HEADS)])
async def keeping(request: Request, work: WorkDep, number: str, years: Text = "", reason: Text = "") -> Response:
    """保存年限."""
    try:
        await commands.keep_for(work, title=number, years=term_of(years), reason=reason[:200])
    except Invalid as no:
        return await _title(request, work, number, term=(years, reason), wrong=no)
    return see_other(request, f"{HOME}/titles/{number}", toast=_(N_("已改保存年限")))

