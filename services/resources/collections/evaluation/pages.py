"""The tables of an evaluation, what is said of a class, the titles behind a number, the spreadsheet, the readers' copy."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.resources.collections.evaluation import commands, queries, rules, statements
from services.resources.collections.evaluation.figures import (
    FIGURES,
    OF_PLACES,
    SHORT,
    cell,
    said,
)
from services.resources.collections.evaluation.model import (
    Audience,
    By,
    Evaluation,
    EvaluationLine,
    EvaluationState,
    Grade,
    ProposalState,
)
from services.resources.collections.evaluation.register import evaluations
from services.resources.collections.monthly.queries import place_names
from services.resources.collections.monthly.rules import class_name, language_name
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.web.pages import Entry, PageNo, page, see_other
from shared.web.register import exporting, people

HOME = "/resources/evaluations"
OPEN = "/resources/published-evaluations"
router = Router(tags=["evaluation"])
READ, MAKE, ALL = [allow(*rules.READERS)], [allow(*rules.MAKERS)], [allow("patron", "staff")]
SIZE = 50
KEYS: dict[By, tuple[str, ...]] = {By.clc: ("clc",), By.location: ("location",), By.cell: ("location", "clc", "language"), By.all: ()}
# How an address says "without a class": an empty value would mean all of them.
NONE = "-"
LABELS = {"location": N_("馆藏地"), "clc": N_("类"), "language": N_("文种")}
COLUMNS = {
    "titles": N_("种数"), "copies": N_("册数"), "added": N_("新增册数"), "recent": N_("近五年版"), "loans": N_("外借次数"),
    "in_house": N_("馆内阅览"), "lent": N_("外借过的册"), "zero": N_("零利用的册"), "requests": N_("预约"), "unmet": N_("预约未满足"),
    "suggested": N_("荐购"),
}
READERS_ENTRY = Entry(
    N_("馆藏评价报告"), OPEN, "chart-dots", ("patron", "staff"), serves=("RES-MGT-03",), help=N_("已发布、读者可看的馆藏评价"),
)


def name_of(key: str, code: str, places: dict[str, str]) -> str:
    """A key of a line as people read it."""
    if key == "location":
        return places.get(code, code) or "—"
    return class_name(code) if key == "clc" else language_name(code)


def _code(given: str | None) -> str | None:
    return "" if given == NONE else given or None


def _crumbs(one: Evaluation, *more: str) -> list[tuple[str, str]]:
    return [(_(evaluations.title), HOME), (one.no, f"{HOME}/{one.no}"), *((label, "") for label in more)]


@router.get(HOME + "/{number}/table", dependencies=READ)
async def table(request: Request, work: WorkDep, number: str, by: str = "clc", page_no: PageNo = 1) -> Response:
    """One breakdown; every number leads to its titles."""
    one = await queries.by_no(work.session, number)
    grouping = By(by) if by in {"clc", "location", "cell"} else By.clc
    total = await queries.total_of(work.session, one.id)
    lines, n = await queries.lines(work.session, one.id, grouping, limit=SIZE, offset=(page_no - 1) * SIZE)
    places = await place_names(work.session)
    figures = FIGURES if grouping is By.clc else OF_PLACES
    here = f"{HOME}/{one.no}/table"
    return page(
        request, "evaluation/table.html", page_title=one.title, title_is_data=True, one=one, crumbs=_crumbs(one, grouping.text),
        tabs=[{"label": kind.text, "url": f"{here}?by={kind.value}", "active": kind is grouping} for kind in (By.clc, By.location, By.cell)],
        keys=[(name, _(LABELS[name])) for name in KEYS[grouping]], figures=[(f, _(f.label)) for f in figures], said=said, grouping=grouping,
        lines=[(line, [name_of(k, getattr(line, k), places) for k in KEYS[grouping]], [(f, f.value(line, total)) for f in figures])
               for line in lines],
        opinions=await queries.opinions(work.session, one.id), graded=queries.graded, state=EvaluationState(one.state), total=n,
        page_no=page_no, pages=max(1, -(-n // SIZE)), size=SIZE, params={"by": grouping.value}, may=work.actor.holds(rules.MAKERS),
    )


async def _class(
    request: Request, work: Any, number: str, clc: str, *, errors: dict[str, str] | None = None, given: dict[str, str] | None = None
) -> Response:
    one = await queries.by_no(work.session, number)
    line = await queries.line_of(work.session, one.id, clc)
    if line is None:
        raise rules.UnknownEvaluation(f"{number} {clc}")
    total = await queries.total_of(work.session, one.id)
    opinion = (await queries.opinions(work.session, one.id)).get(clc)
    errors, given = errors or {}, given or {}
    fields = [
        {"name": "grade", "label": _(N_("评定")), "kind": "segmented", "span": 12, "error": errors.get("grade", ""),
         "value": given.get("grade", (opinion.grade if opinion else line.grade or Grade.keep).value),
         "options": [(grade.value, grade.text) for grade in Grade]},
        {"name": "comment", "label": _(N_("评语")), "kind": "textarea", "rows": 4, "span": 12, "maxlength": 2000,
         "value": given.get("comment", opinion.comment if opinion else ""), "error": errors.get("comment", ""),
         "help": _(N_("与按指标得出的结论不同时必须写明理由"))},
    ]
    name = class_name(clc)
    return page(
        request, "evaluation/class.html", status=422 if errors else 200, page_title=name, one=one, line=line, clc=clc, crumbs=_crumbs(one, name),
        figures=[(f, _(f.label), said(f, f.value(line, total))) for f in FIGURES], opinion=opinion, fields=fields,
        proposals=await queries.proposals(work.session, one.no, clc), states=ProposalState.__members__, state=EvaluationState(one.state),
        by=(await people.names(work, [opinion.by])).get(opinion.by, opinion.by) if opinion else "",
        may=work.actor.holds(rules.MAKERS) and one.state == EvaluationState.draft,
        errors=[(field, _(N_("评语")), message) for field, message in errors.items()],
    )


@router.get(HOME + "/{number}/class", dependencies=READ)
async def one_class(request: Request, work: WorkDep, number: str, clc: str = "") -> Response:
    """All figures of a class, what the rule makes of them, and what is said."""
    return await _class(request, work, number, _code(clc) or "")


@router.post(HOME + "/{number}/class", dependencies=MAKE)
async def say(request: Request, work: WorkDep, number: str, clc: str = "") -> Response:
    """The grade and the remark of a class."""
    clc = _code(clc) or ""
    form = await request.form()
    given = {name: str(form.get(name, "")).strip() for name in ("grade", "comment")}
    try:
        if given["grade"] not in set(Grade):
            raise Invalid({"grade": _(N_("请选择评定"))})
        if len(given["comment"]) > 2000:
            raise Invalid({"comment": _(N_("最多 {n} 字"), n=2000)})
        await commands.say(work, number, clc=clc, grade=Grade(given["grade"]), comment=given["comment"])
    except Invalid as wrong:
        return await _class(request, work, number, clc, errors=wrong.errors, given=given)
    return see_other(request, f"{HOME}/{number}/table?by=clc", toast=_(N_("已保存 {name} 的评定"), name=class_name(clc)))


@router.get(HOME + "/{number}/titles", dependencies=READ)
async def titles(
    request: Request, work: WorkDep, number: str, column: str = "copies", clc: str | None = None, location: str | None = None,
    language: str | None = None, order: str = "most", page_no: PageNo = 1,
) -> Response:
    """What a number is made of, title by title, the most used or the least used first."""
    one = await queries.by_no(work.session, number)
    column, order = column if column in COLUMNS else "copies", order if order in statements.ORDERS else "most"
    where = {"clc": _code(clc), "location": _code(location), "language": _code(language)}
    rows, n = await queries.behind(work.session, one, column, where, order=order, limit=SIZE, offset=(page_no - 1) * SIZE)
    places = await place_names(work.session)
    cells = {key: code for key, code in where.items() if code is not None}
    keep = {"column": column, **{key: code or NONE for key, code in cells.items()}}
    here = f"{HOME}/{one.no}/titles"
    return page(
        request, "evaluation/titles.html", page_title=_(COLUMNS[column]), one=one, rows=rows, total=n, crumbs=_crumbs(one, _(COLUMNS[column])),
        told=[name_of(key, code, places) for key, code in cells.items()] or [_(N_("全部"))], here=here, keep=keep, order=order, clc=keep.get("clc"),
        page_no=page_no, pages=max(1, -(-n // SIZE)), size=SIZE, params={**keep, "order": order}, wanted=column in statements.WANTED,
        orders=[("most", _(N_("利用多的在前"))), ("least", _(N_("利用少的在前")))],
    )


@router.get(HOME + "/{number}/report.xlsx", dependencies=READ)
async def report(work: WorkDep, number: str) -> Response:
    """All classes with every figure, grade and remark; the last row is the whole."""
    one = await queries.by_no(work.session, number)
    total = await queries.total_of(work.session, one.id)
    classes, _n = await queries.lines(work.session, one.id, By.clc)
    opinions = await queries.opinions(work.session, one.id)

    def row(line: EvaluationLine, *ends: str) -> list[Any]:
        return [*(cell(f, f.value(line, total)) for f in FIGURES), *ends]

    rows = [[class_name(line.clc), *row(
        line, (line.grade or Grade.keep).text, queries.graded(line, opinions).text,
        opinions[line.clc].comment if line.clc in opinions else "",
    )] for line in classes]
    rows.append([_(N_("合计")), *row(total, "", "", "")])
    heads = [_(N_("类")), *(_(f.label) + (" %" if f.kind == "percent" else "") for f in FIGURES), _(N_("按指标")), _(N_("评定")), _(N_("评语"))]
    kinds = ["", *({"money": "money", "count": "num"}.get(f.kind, "") for f in FIGURES), "", "", ""]
    data = await asyncio.to_thread(exporting.write, one.no, heads, kinds, rows)
    return exporting.download(data, f"{_(evaluations.title)}-{one.no}.xlsx")


@router.get(OPEN, dependencies=ALL)
async def published(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """What readers may see, newest first."""
    found, n = await queries.open_to_readers(work.session, limit=SIZE, offset=(page_no - 1) * SIZE)
    return page(
        request, "evaluation/published.html", page_title=_(READERS_ENTRY.label), found=found, total=n, page_no=page_no,
        pages=max(1, -(-n // SIZE)), size=SIZE, home=OPEN,
    )


@router.get(OPEN + "/{number}", dependencies=ALL)
async def readable(request: Request, work: WorkDep, number: str) -> Response:
    """One report without the titles; others are not there for readers."""
    one = await queries.by_no(work.session, number)
    if one.state != EvaluationState.published or one.audience != Audience.readers:
        raise rules.UnknownEvaluation(number)
    total = await queries.total_of(work.session, one.id)
    classes, _n = await queries.lines(work.session, one.id, By.clc)
    opinions = await queries.opinions(work.session, one.id)
    return page(
        request, "evaluation/readable.html", page_title=one.title, title_is_data=True, one=one, crumbs=[(_(READERS_ENTRY.label), OPEN), (one.no, "")],
        figures=[(f, _(f.label)) for f in SHORT], said=said, grades=queries.graded, opinions=opinions,
        lines=[(line, class_name(line.clc), [(f, f.value(line, total)) for f in SHORT]) for line in classes],
    )
