"""Trying the rules out before they decide anything, and what was put elsewhere."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.records.queries import by_key
from services.resources.collections.layout import queries, rules
from services.resources.collections.layout.model import Kind
from services.resources.collections.monthly.rules import LANGUAGES
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.refusals import NotFound
from shared.web.pages import Entry, PageNo, page
from shared.web.register import people
from shared.work import Work

HOME = "/resources/layout"
TITLE = N_("布局试算")
ENTRY = Entry(
    TITLE, HOME, "map-search", rules.READERS, serves=("RES-MGT-01",), help=N_("这一册会分到哪里、为什么；谁没有按规则放"),
)
router = Router(tags=["layout"])
SIZE = 20
Text = Annotated[str, Query(max_length=60)]


async def _try(
    work: Work, record: str, clc: str, material: str, language: str, copies: int,
) -> dict[str, Any]:
    """The answer, or what is wrong with the question; no question, no answer."""
    error, found, there = "", None, 0
    asked = rules.Asked(clc=rules.class_of(clc, ""), material=material, language=language, day=work.today)
    if record.strip():
        try:
            found = await by_key(work.session, record.strip())
        except NotFound as refusal:
            return {"error": str(refusal)}
        asked = queries.asked_of(found, "", work.today)
    elif not (clc.strip() or material or language):
        return {}
    elif clc.strip() and not asked.clc:
        error = _(N_("不是中图法分类号"))
    if error:
        return {"error": error}
    places = await locations(work.session)
    shut = queries.closed(places, work.today)
    everything = await queries.all_rules(work.session)
    rule = rules.choose(everything, asked, shut)
    if rule is not None and found is not None:
        there = await queries.in_sample(work.session, found.id, rule.sample_location)
    return {
        "asked": asked, "record": found, "rule": rule, "there": there,
        "shares": rules.split(rule, copies, in_sample=there, closed=shut) if rule else [],
        "tried": [(one, rules.why_not(one, asked, shut)) for one in everything],
    }


@router.get(HOME, dependencies=[allow(*rules.READERS)])
async def home(
    request: Request, work: WorkDep, record: Text = "", clc: Text = "", material: Text = "", language: Text = "",
    copies: Annotated[int, Query(ge=1, le=rules.MOST_COPIES)] = 3,
) -> Response:
    """Where so many copies would go, which rule says so, and why the others do not."""
    material = material if material in set(Kind) else ""
    answer = await _try(work, record.replace("\0", ""), clc.replace("\0", ""), material, language.strip().lower(), copies)
    names = {code: pick(place.name, place.name_en) or code for code, place in (await locations(work.session)).items()}
    fields = [
        {"name": "record", "label": _(N_("书目记录号")), "value": record, "maxlength": 40, "span": 3, "help": _(N_("填了就不看后面三项"))},
        {"name": "clc", "label": _(N_("分类号")), "value": clc, "maxlength": 30, "span": 3},
        {"name": "material", "label": _(N_("文献类型")), "kind": "select", "value": material, "span": 2,
         "options": [(kind.value, kind.text) for kind in Kind]},
        {"name": "language", "label": _(N_("文种")), "kind": "select", "value": language, "span": 2,
         "options": [("", _(N_("不限"))), *((code, _(name)) for code, name in LANGUAGES.items())]},
        {"name": "copies", "label": _(N_("册数")), "kind": "number", "value": copies, "span": 2, "min": 1, "max": rules.MOST_COPIES},
    ]
    return page(
        request, "layout/home.html", page_title=_(TITLE), crumbs=[(_(TITLE), "")], fields=fields, names=names, span=rules.span_text,
        answer=answer,
    )


@router.get(HOME + "/exceptions", dependencies=[allow(*rules.READERS)])
async def exceptions(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Copies that were put where no rule would have put them."""
    found, total = await queries.exceptions(work.session, limit=SIZE, offset=(page_no - 1) * SIZE)
    names = {code: pick(place.name, place.name_en) or code for code, place in (await locations(work.session)).items()}
    return page(
        request, "layout/exceptions.html", page_title=_(N_("没有按规则放的")), crumbs=[(_(TITLE), HOME), (_(N_("没有按规则放的")), "")],
        found=found, total=total, page_no=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, names=names,
        who=await people.names(work, sorted({one.by for one in found})),
    )


@router.get("/api" + HOME, dependencies=[allow(*rules.READERS)])
async def api(work: WorkDep, record: Text, copies: Annotated[int, Query(ge=1, le=rules.MOST_COPIES)] = 1) -> dict[str, Any]:
    """Where the next copies of a record go; `rule` is empty where nothing says so."""
    found = await by_key(work.session, record)
    proposal = await queries.propose(work.session, found, work.today, copies=copies)
    shares = proposal.shares if proposal else []
    return {
        "record": found.number, "rule": proposal.rule.no if proposal else "",
        "shares": [{"location": one.location, "copies": one.copies, "sample": one.sample} for one in shares],
    }
