"""The versions of the rules on screen: a list, a matrix, a form for one rule."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.patrons.model import Category
from services.reader.desk.policies import commands, queries
from services.reader.desk.policies.model import SetState
from services.reader.desk.policies.rules import ANY, STANDARD, Book, Row, resolve
from services.reader.desk.policies.values import GROUPS, VALUES, Value, parse, shown, typed
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.refusals import Invalid, NotFound
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

router = Router(prefix="/reader/rules", tags=["rules"], dependencies=[allow(*DESK)])
TITLE = N_("借阅规则")
DISC = "disc"
KINDS = {
    "book": N_("图书"), "serial": N_("期刊"), "journal": N_("期刊"), "thesis": N_("学位论文"), DISC: N_("光盘"),
    "map": N_("地图"), "bound": N_("合订本"), "accompanying": N_("随书附件"),
}


def category_text(code: str) -> str:
    """A category in words."""
    return _(N_("所有读者")) if code == ANY else Category(code).text if code in set(Category) else code


def kind_text(code: str) -> str:
    """A kind of item in words."""
    return _(N_("所有类型")) if code == ANY else _(KINDS.get(code, code))


def scope_text(row: Row, places: dict[str, tuple[str, str]]) -> str:
    """Whom and what a rule is for, in words."""
    place = _(N_("所有馆藏地")) if row.location == ANY else pick(*places.get(row.location, (row.location, "")))
    return " · ".join([category_text(row.category), kind_text(row.kind), place or row.location])


def matrix(book: Book) -> list[dict[str, Any]]:
    """Every rule with all its values: its own, and those it inherits with the rule they come from."""
    lines = []
    for row in sorted(book.rows, key=lambda row: (row.weight, row.category, row.no)):
        ruling = resolve(book, row.category, row.kind, row.location)
        lines.append({"row": row, "cells": [
            {
                "text": shown(v.name, getattr(ruling.terms, v.name)), "own": v.name in row.given,
                "from": ruling.by[v.name].no,
            } for v in VALUES
        ]})
    return lines


@router.get("")
async def versions(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """All versions, and the one that decides today."""
    found, total = await queries.sets(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "policies/versions.html", page_title=_(TITLE), sets=found, standard=STANDARD,
        now=await queries.book_on(work.session, work.today), is_head=work.actor.holds(HEAD),
        names=await people.names(work, [i for s in found for i in (s.drafted_by, s.activated_by)]),
        **paged(page_no, total),
    )


@router.post("", dependencies=[allow(*HEAD)])
async def draft(request: Request, work: WorkDep, note: Annotated[str, Form()] = "") -> Response:
    """复制为新草案."""
    made = await commands.draft(work, note=note)
    return see_other(request, f"/reader/rules/{made.number}", toast=_(N_("新草案 {number}"), number=made.number))


@router.get("/{number}")
async def version(request: Request, work: WorkDep, number: str) -> Response:
    """One version as a matrix."""
    made = None if number == STANDARD.number else await queries.set_by_number(work.session, number)
    book = await queries.book_by_number(work.session, number)
    _kinds, places = await queries.scopes(work.session)
    is_head = work.actor.holds(HEAD)
    return page(
        request, "policies/version.html", page_title=_(N_("规则 {number}"), number=number), made=made, book=book,
        crumbs=[(_(TITLE), "/reader/rules"), (number, "")], lines=matrix(book), values=VALUES,
        groups=[(_(g), sum(v.group == g for v in VALUES)) for g in GROUPS],
        scope_of=lambda row: scope_text(row, places), is_head=is_head, today=work.today,
        open=is_head and made is not None and made.state is SetState.draft,
        mine=made is not None and work.actor.id in {made.drafted_by, *made.editors},
        waiting=made is not None and made.state is SetState.active and (made.effective_from or work.today) > work.today,
        inherits=[c.text for c in Category if resolve(book, c.value, DISC).by["days"].no < 0],
        in_force=(await queries.book_on(work.session, work.today)).number == number,
        names=await people.names(work, [made.drafted_by, made.activated_by] if made else []),
    )


def _field(value: Value, form: dict[str, str], errors: dict[str, str], inherited: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if value.sort == "flag":
        options = {"kind": "select", "options": [("yes", _(N_("是"))), ("no", _(N_("否")))]}
    elif value.sort == "mode":
        options = {"kind": "select", "options": [("before", shown(value.name, "before")), ("on", shown(value.name, "on"))]}
    hint = _(N_("留空：{value}"), value=inherited)
    return {
        "name": value.name, "label": _(value.label), "value": form.get(value.name, ""), "span": 3,
        "error": _(errors.get(value.name, "")) if errors.get(value.name) else "", "placeholder": hint,
        "help": _(value.help) if value.help else "", **options,
    }


async def _form(
    request: Request, work: WorkDep, number: str, no: int, form: dict[str, str], errors: dict[str, str]
) -> Response:
    book = await queries.book_by_number(work.session, number)
    kinds, places = await queries.scopes(work.session)
    without = Book(book.number, tuple(row for row in book.rows if row.no != no))
    terms = resolve(
        without, form.get("category") or ANY, form.get("kind") or ANY, form.get("location") or ANY
    ).terms
    scope: list[dict[str, Any]] = [
        {
            "name": name, "label": label, "kind": "select", "span": 4, "value": form.get(name, ANY), "required": True,
            "options": options, "error": _(errors[name]) if name in errors else "",
        }
        for name, label, options in (
            ("category", _(N_("读者类型")), [(c, category_text(c)) for c in (ANY, *Category)]),
            ("kind", _(N_("文献类型")), [(k, kind_text(k)) for k in (ANY, *sorted({*kinds, DISC, form.get("kind", ANY)} - {ANY, ""}))]),
            ("location", _(N_("馆藏地")), [
                (ANY, _(N_("所有馆藏地"))),
                *((code, f"{code} {pick(*names)}") for code, names in places.items()),
                *([(form["location"], form["location"])] if form.get("location", ANY) not in {ANY, "", *places} else []),
            ]),
        )
    ]
    return page(
        request, "policies/row.html", page_title=_(N_("第 {no} 条"), no=no) if no else _(N_("新规则")), number=number,
        crumbs=[(_(TITLE), "/reader/rules"), (number, f"/reader/rules/{number}"), (str(no or "+"), "")], no=no, scope=scope,
        groups=[
            (_(group), [
                _field(v, form, errors, shown(v.name, getattr(terms, v.name))) for v in VALUES if v.group == group
            ]) for group in GROUPS
        ],
        wrong=[
            (v.name, _(v.label), _(errors[v.name])) for v in VALUES if v.name in errors
        ] + [(n, "", _(errors[n])) for n in ("category", "kind", "location") if n in errors],
        status=422 if errors else 200,
    )


@router.get("/{number}/rows/{no}", dependencies=[allow(*HEAD)])
async def row_form(request: Request, work: WorkDep, number: str, no: int) -> Response:
    """A rule to change; number 0 is a new one."""
    made = await queries.set_by_number(work.session, number)
    if made.state is not SetState.draft:
        return see_other(request, f"/reader/rules/{number}", toast=_(N_("只有草案可以修改")), tone="warn")
    book = await queries.book_by_number(work.session, number)
    row = book.row(no) if no else Row(0)
    if row is None:
        raise NotFound(no)
    form = {"category": row.category, "kind": row.kind, "location": row.location}
    form |= {name: typed(name, given) for name, given in row.given.items()}
    return await _form(request, work, number, no, form, {})


@router.post("/{number}/rows/{no}", dependencies=[allow(*HEAD)])
async def write_row(request: Request, work: WorkDep, number: str, no: int) -> Response:
    """保存; what is wrong is shown beside what was typed."""
    form = {key: str(text)[:60] for key, text in (await request.form()).items()}
    parsed = parse(form)
    if form.get("category", ANY) not in {ANY, *Category}:
        parsed.errors["category"] = N_("请从列表中选择")
    if parsed.errors:
        return await _form(request, work, number, no, form, parsed.errors)
    try:
        await commands.write_row(
            work, number=number, no=no, category=form.get("category") or ANY, kind=form.get("kind") or ANY,
            location=form.get("location") or ANY, given=parsed.given,
        )
    except Invalid as refusal:
        return await _form(request, work, number, no, form, refusal.errors)
    return see_other(request, f"/reader/rules/{number}", toast=_(N_("规则已保存")))


@router.post("/{number}/rows/{no}/remove", dependencies=[allow(*HEAD)])
async def remove_row(request: Request, work: WorkDep, number: str, no: int) -> Response:
    """删除一条."""
    await commands.remove_row(work, number=number, no=no)
    return see_other(request, f"/reader/rules/{number}", toast=_(N_("已删除第 {no} 条"), no=no))


@router.post("/{number}/activate", dependencies=[allow(*HEAD)])
async def activate(request: Request, work: WorkDep, number: str, on: Annotated[date, Form()]) -> Response:
    """生效."""
    await commands.activate(work, number=number, on=on)
    return see_other(request, f"/reader/rules/{number}", toast=_(N_("{number} 自 {day} 生效"), number=number, day=on))


@router.post("/{number}/retire", dependencies=[allow(*HEAD)])
async def retire(request: Request, work: WorkDep, number: str) -> Response:
    """撤下."""
    await commands.retire(work, number=number)
    return see_other(request, "/reader/rules", toast=_(N_("{number} 已停用"), number=number))
