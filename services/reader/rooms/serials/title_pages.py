"""Titles on screen: the list, the card (记到卡), the pattern with its preview."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.listing import SIZE, offset, paged
from services.reader.rooms.routing.queries import routed
from services.reader.rooms.serials import captions, commands, form, queries, rules
from services.reader.rooms.serials.model import IssueState, SerialTitle, TitleKind, TitleState
from services.reader.rooms.serials.numbering import Kind, Restart, Style, label, marc
from services.reader.rooms.serials.pages import HOME
from services.reader.rooms.serials.pages import TITLE as DESK
from services.reader.rooms.serials.patterns import Pattern, preview
from services.reader.rooms.serials.recurrence import Frequency
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

LIST = HOME + "/titles"
router = Router(prefix=LIST, tags=["serials"], dependencies=[allow(*rules.READERS)])
WORK = [allow(*rules.HANDS)]
TITLE = N_("报刊目录")
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
TEXTS = ("title", "title_en", "issn", "cn", "post_code", "publisher", "supplier", "room", "rack", "continues", "note")
NUMBERS = ("tolerance_days", "show_issues", "show_days")


@router.get("")
async def listed(
    request: Request, work: WorkDep, q: str = "", kind: str = "", state: str = "", room: str = "", loose: str = "", page_no: PageNo = 1
) -> Response:
    """Titles as they stand along the racks."""
    q = q.strip()[:60]
    found, total = await queries.titles(
        work.session, q=q, kind=kind, state=state, room=room, loose=bool(loose), limit=SIZE, offset=offset(page_no)
    )
    return page(
        request, "serials/titles.html", page_title=_(TITLE), found=found, q=q, loose=loose, crumbs=[(_(DESK), HOME), (_(TITLE), "")],
        may=work.actor.holds(rules.HANDS), rules=rules, patterned=await queries.patterned(work.session, [one.id for one in found]),
        filters=[
            {"name": "kind", "label": _(N_("全部类型")), "value": kind, "options": [(one.value, one.text) for one in TitleKind]},
            {"name": "state", "label": _(N_("全部状态")), "value": state, "options": [(one.value, one.text) for one in TitleState]},
            {"name": "room", "label": _(N_("全部阅览室")), "value": room, "data": True, "options": [(r, r) for r in await queries.rooms(work.session)]},
        ], **paged(page_no, total, q=q, kind=kind, state=state, room=room, loose=loose),
    )


async def _form(
    request: Request, work: Work, typed: dict[str, Any], *, number: str = "", errors: dict[str, str] | None = None
) -> Response:
    wrong = {name: _(text) for name, text in (errors or {}).items()}
    known = [(room, room) for room in await queries.rooms(work.session)]

    def one(name: str, label_: str, kind: str = "text", span: int = 4, **more: Any) -> dict[str, Any]:
        return {"name": name, "label": _(label_), "kind": kind, "span": span, "value": typed.get(name, ""), "error": wrong.get(name, ""), **more}

    fields = [
        one("title", N_("刊名"), span=8, required=True, maxlength=160),
        one("kind", N_("类型"), "select", required=True, options=[(k.value, k.text) for k in TitleKind]),
        one("title_en", N_("英文刊名"), span=8, maxlength=200),
        one("foreign", N_("外文或境外"), "switch", help=_(N_("邮路较长，容许迟到 60 天"))),
        one("issn", "ISSN", maxlength=9, help=_(N_("如 1000-0135；扫描 977 条码即可识别"))),
        one("cn", N_("国内统一刊号"), maxlength=20), one("post_code", N_("邮发代号"), maxlength=12),
        one("publisher", N_("出版者"), span=6, maxlength=120), one("supplier", N_("供货渠道"), span=6, maxlength=80),
        one("room", N_("阅览室"), "lookup", options=known, maxlength=60), one("rack", N_("刊架"), maxlength=30, help=_(N_("如 A-3-12，按数字大小排列"))),
        one("copies", N_("份数"), "number", required=True, min=1, max=rules.MOST_COPIES),
        one("from_on", N_("记到起"), "date", required=True, help=_(N_("出版日期早于这一天的不列入应到"))), one("to_on", N_("记到止"), "date"),
        one("state", N_("状态"), "select", required=True, options=[(s.value, s.text) for s in TitleState]),
        one("tolerance_days", N_("容许迟到天数"), "number", min=0, max=365, help=_(N_("不填：日报 1，周刊 7，其他 20，外文 60"))),
        one("show_issues", N_("架上保留期数"), "number", min=1, max=99, help=_(N_("不填：报纸 7，杂志 4，期刊 1"))),
        one("show_days", N_("架上保留天数"), "number", min=1, max=999, help=_(N_("满天数的旧刊下架，最新一期总在架"))),
        one("continues", N_("继承自"), maxlength=20, help=_(N_("更名、合并前的报刊编号"))),
        one("note", N_("说明"), "textarea", 12, rows=2),
    ]
    name = _(N_("修改")) if number else _(N_("登记报刊"))
    crumbs = [(_(DESK), HOME), (_(TITLE), LIST), *([(number, f"{LIST}/{number}")] if number else []), (name, "")]
    return page(
        request, "serials/form.html", status=422 if wrong else 200, page_title=name, fields=fields, number=number, crumbs=crumbs,
        errors=[(f["name"], f["label"], f["error"]) for f in fields if f["error"]] + ([wrong[""]] if "" in wrong else []),
    )


@router.get("/new", dependencies=WORK)
async def new(request: Request, work: WorkDep) -> Response:
    """An empty form."""
    start = work.today.replace(month=1, day=1).isoformat()
    return await _form(request, work, {"copies": 1, "from_on": start, "state": TitleState.active.value})


def _read(sent: FormData) -> dict[str, Any]:
    values: dict[str, Any] = {name: str(sent.get(name, "")).strip()[:300] for name in TEXTS}
    wrong = {}
    for name in NUMBERS:
        text = str(sent.get(name, "")).strip()
        values[name] = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
        if (text and values[name] is None) or (name == "show_issues" and values[name] == 0):
            wrong[name] = N_("请填写整数")
    copies = str(sent.get("copies", "")).strip()
    values["copies"] = int(copies) if copies.isascii() and copies.isdigit() and len(copies) < 4 else 0
    for name in ("from_on", "to_on"):
        try:
            values[name] = date.fromisoformat(text) if (text := str(sent.get(name, ""))) else None
        except ValueError:
            wrong[name] = N_("请填写日期")
    if values.get("from_on") is None:
        wrong.setdefault("from_on", N_("请填写日期"))
    kind, state = str(sent.get("kind", "")), str(sent.get("state", ""))
    if kind not in set(TitleKind):
        wrong["kind"] = N_("请选择类型")
    if wrong:
        raise Invalid(wrong)
    return {
        **values, "kind": TitleKind(kind), "state": TitleState(state) if state in set(TitleState) else TitleState.active,
        "foreign": "foreign" in sent, "continues": values["continues"].upper(),
    }


async def _save(request: Request, work: Work, number: str = "") -> Response:
    sent = await request.form()
    try:
        title = await commands.save(work, number=number, **_read(sent))
    except Invalid as wrong:
        return await _form(request, work, {k: str(v) for k, v in sent.items()}, number=number, errors=wrong.errors)
    if number or await queries.pattern_of(work.session, title.id):
        return see_other(request, f"{LIST}/{title.number}", toast=_(N_("已保存《{title}》"), title=title.text))
    return see_other(request, f"{LIST}/{title.number}/pattern", toast=_(N_("已登记《{title}》，请设置出版规律"), title=title.text))


@router.post("", dependencies=WORK)
async def create(request: Request, work: WorkDep) -> Response:
    """Register."""
    return await _save(request, work)


@router.get("/{number}/edit", dependencies=WORK)
async def edit(request: Request, work: WorkDep, number: str) -> Response:
    """The title as it is."""
    title = await queries.title_by_number(work.session, number)
    names = (*TEXTS, *NUMBERS, "copies", "foreign")
    typed = {name: "" if getattr(title, name) is None else getattr(title, name) for name in names}
    typed |= {"kind": title.kind.value, "state": title.state.value, "from_on": title.from_on.isoformat(), "to_on": title.to_on.isoformat() if title.to_on else ""}
    return await _form(request, work, typed, number=number)


@router.post("/{number}/edit", dependencies=WORK)
async def change(request: Request, work: WorkDep, number: str) -> Response:
    """Keep it."""
    return await _save(request, work, number)


@router.get("/{number}")
async def card(request: Request, work: WorkDep, number: str, year: str = "") -> Response:
    """记到卡: the title, its pattern, and the issues of a year."""
    title = await queries.title_by_number(work.session, number)
    years = await queries.years_of(work.session, title.id)
    asked = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else work.today.year
    shown = asked if asked in years or not years else years[0]
    found = await queries.issues_of(work.session, title.id, shown)
    # Of a daily, what lies beyond the next weeks would bury the card.
    far = [one for one in found if one.state is IssueState.expected and (one.due_on - work.today).days > 62]
    pattern = await queries.pattern_of(work.session, title.id)
    tally = Counter(one.state for one in found)
    return page(
        request, "serials/card.html", page_title=title.text, title_is_data=True, title=title, years=years, year=shown, rules=rules, marc=marc,
        issues=[one for one in found if one not in far], far=len(far), today=work.today, may=work.actor.holds(rules.HANDS), pattern=pattern,
        tally=[(state, tally[state]) for state in IssueState if tally[state]], crumbs=[(_(DESK), HOME), (_(TITLE), LIST), (number, "")],
        coming=_shown(pattern[1], work.today) if pattern else [], former=await queries.title_called(work.session, title.continues),
        later=await queries.continued_by(work.session, number), routed=await routed(work.session, [one.id for one in found]),
        people=await people.names(work, [one.arrived_by for one in found] + ([pattern[0].made_by] if pattern else [])),
    )


def _shown(pattern: Pattern, since: date | None = None) -> list[dict[str, Any]]:
    """The next twelve, as they will be called, in both notations."""
    return [
        {"day": one.facts.day, "label": label(one.facts, pattern.style), "marc": marc(one.facts), "kind": one.facts.kind}
        for one in preview(pattern, since=since)
    ]


async def _pattern(
    request: Request, title: SerialTitle, typed: dict[str, Any], *, errors: dict[str, str] | None = None, coming: list[dict[str, Any]] | None = None,
    marc853: str = "",
) -> Response:
    months = [(str(n), _(N_("{n}月"), n=n)) for n in range(1, 13)]
    return page(
        request, "serials/pattern.html", status=422 if errors else 200, page_title=_(N_("出版规律")), title=title, typed=typed, marc853=marc853,
        errors={name: _(text) for name, text in (errors or {}).items()}, coming=coming, months=months, Kind=Kind,
        weekdays=[(str(n), _(day)) for n, day in enumerate(WEEKDAYS)], frequencies=[(f.value, f.text) for f in Frequency],
        restarts=[(r.value, r.text) for r in Restart], styles=[(s.value, s.text) for s in Style],
        crumbs=[(_(DESK), HOME), (_(TITLE), LIST), (title.number, f"{LIST}/{title.number}"), (_(N_("出版规律")), "")],
    )


@router.get("/{number}/pattern", dependencies=WORK)
async def pattern_form(request: Request, work: WorkDep, number: str) -> Response:
    """The pattern in force, or an empty one."""
    title = await queries.title_by_number(work.session, number)
    known = await queries.pattern_of(work.session, title.id)
    style = Style.day if title.kind is TitleKind.newspaper else Style.year_number
    empty = {
        "first": title.from_on.isoformat(), "style": style.value, "restart": Restart.year.value, "lag": 0, "double": True,
        "number": "" if style is Style.day else 1,
    }
    return await _pattern(request, title, form.fill(known[1]) if known else empty, coming=_shown(known[1], work.today) if known else None)


@router.post("/{number}/pattern", dependencies=WORK)
async def keep_pattern(request: Request, work: WorkDep, number: str) -> Response:
    """Look at what follows, read a field 853, or keep it: the button says which."""
    sent = await request.form()
    typed: dict[str, Any] = {name: str(sent.get(name, ""))[:400] for name in form.ONE}
    typed |= {name: [str(one) for one in sent.getlist(name)] for name in form.MANY} | {"double": "double" in sent}
    which, pasted = str(sent.get("which", "")), str(sent.get("marc853", ""))[:600]
    title = await queries.title_by_number(work.session, number)
    try:
        if which == "853":
            first = date.fromisoformat(typed["first"]) if typed["first"] else title.from_on
            pattern = captions.from_853(captions.subfields(pasted), first)
            return await _pattern(request, title, form.fill(pattern), coming=_shown(pattern), marc853=pasted)
        pattern = form.parse(typed)
        if which != "keep":
            return await _pattern(request, title, typed, coming=_shown(pattern))
        made = await commands.set_pattern(work, number=number, pattern=pattern)
    except Invalid as wrong:
        return await _pattern(request, title, typed, errors=wrong.errors)
    except (Refusal, ValueError) as no:
        said = str(no) if isinstance(no, Refusal) else N_("请填写日期")
        return await _pattern(request, title, typed, errors={"marc853": said}, marc853=pasted)
    return see_other(request, f"{LIST}/{number}", toast=_(N_("规律已启用，列出待到 {n} 期"), n=made))
