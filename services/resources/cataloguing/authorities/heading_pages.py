"""Screens of headings no authority controls yet, of changes under way, and of two authorities that become one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.authorities import commands, following, indexing, queries, rules
from services.resources.cataloguing.authorities.model import (
    AuthorityState,
    ChangeState,
    Kind,
    LineState,
)
from services.resources.cataloguing.authorities.pages import DECIDE, EDIT, READ, URL, crumbs
from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.records.rules import PROOFREADERS
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound, Refusal
from shared.web.pages import Entry, PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

OPEN, CHANGES = "/resources/authority-headings", "/resources/authority-changes"
router = Router(prefix="/resources", tags=["authorities"])
SIZE = 30
ENTRY = Entry(
    N_("待核标目"), OPEN, icon="list-search", who=rules.READERS, serves=("RES-MGT-01", "RES-ACQ-01"),
    help=N_("书目里还没有规范控制的标目：可联接的、用了别名的、有歧义的、规范档里没有的"),
)
WHATS: dict[str, tuple[str, str]] = {
    "exact": (N_("可联接"), "success"), "variant": (N_("用了别名"), "warning"), "ambiguous": (N_("有歧义"), "danger"), "unknown": (N_("规范档没有"), "secondary"),
}
Text = Annotated[str, Query(max_length=300)]
Sent = Annotated[str, Form(max_length=600)]


@router.get("/authority-headings", dependencies=READ)
async def headings(request: Request, work: WorkDep, what: Text = "", kind: Text = "", q: Text = "", page_no: PageNo = 1) -> Response:
    """The work list, the most frequent first, with counts by kind and by what can be done."""
    what, kind, q = what if what in WHATS else "", kind if kind in set(Kind) else "", q.replace("\0", "").strip()
    found = await queries.open_headings(work.session, kind=kind, what=what, q=q, limit=SIZE, offset=(page_no - 1) * SIZE)
    sums = await queries.sums(work.session, kind=kind, q=q)
    by_what = {one: sum(n for (_kind, w), n in sums.items() if w == one) for one in WHATS}
    every = await queries.sums(work.session) if kind or q else sums
    by_kind = {one: sum(n for (k, _w), n in every.items() if k == one) for one in Kind}
    total = by_what.get(what, 0) if what else sum(by_what.values())
    params = {"what": what, "kind": kind, "q": q}
    return page(
        request, "authorities/headings.html", page_title=_(ENTRY.label), crumbs=crumbs((_(ENTRY.label), "")), found=found, total=total, page=page_no,
        pages=max(1, -(-total // SIZE)), size=SIZE, q=q, params=params, whats=WHATS, kinds={one.value: one for one in Kind},
        tabs=[{"label": _(N_("全部")), "url": _url(params, what=""), "count": sum(by_what.values()), "active": not what}, *(
            {"label": _(label), "url": _url(params, what=one), "count": by_what[one], "active": what == one} for one, (label, _tone) in WHATS.items()
        )],
        filters=[{"name": "kind", "label": _(N_("种类")), "value": kind, "options": [(one.value, f"{one.text} {by_kind[one]}") for one in Kind]}],
        may=work.actor.holds(CATALOGUERS), may_set=work.actor.holds(PROOFREADERS), exact=by_what["exact"], on_save=await indexing.link_on_save(work.session),
        states={one.value: one for one in AuthorityState}, lang_marks=lambda one: "\n".join(one.marks),
    )


def _url(params: dict[str, str], **more: str) -> str:
    from urllib.parse import urlencode

    asked = {key: value for key, value in {**params, **more}.items() if value}
    return f"{OPEN}?{urlencode(asked)}" if asked else OPEN


@router.get("/authority-headings/one", dependencies=READ)
async def one_heading(request: Request, work: WorkDep, kind: Text = "", bare: Text = "", marks: Text = "", q: Text = "") -> Response:
    """A heading: the records that write it, what it may be, and what can be done with it."""
    return await _one(request, work, kind, bare.replace("\0", ""), _marks(marks), q=q.replace("\0", ""))


def _marks(text: str) -> list[str]:
    return [one for one in text.replace("\0", "").replace("\r", "").split("\n") if one][:6]


async def _one(request: Request, work: Work, kind: str, bare: str, marks: list[str], *, q: str = "", refusal: Refusal | None = None) -> Response:
    if kind not in set(Kind):
        raise NotFound(kind)
    found, total = await queries.records_with(work.session, kind, bare, marks, limit=50)
    text = await queries.reads(work.session, kind, bare, marks)
    matches = {one.no: one for one in (await indexing.candidates(work.session, [(kind, bare, marks)]))[0]}
    searched = [one for one in (await queries.find(work.session, q, kind=kind, limit=10))[0] if one.state in rules.LIVE] if q.strip() else []
    return page(
        request, "authorities/heading.html", status=refusal.status if refusal else 200, page_title=text or bare, crumbs=crumbs((_(ENTRY.label), OPEN), (text or bare, "")),
        records=found, total=total, kind=Kind(kind), bare=bare, marks="\n".join(marks), matches=list(matches.values()), searched=searched, q=q,
        refusal=refusal, text=text, may=work.actor.holds(CATALOGUERS), states={one.value: one for one in AuthorityState},
    )


@router.post("/authority-headings/make", dependencies=EDIT)
async def make(request: Request, work: WorkDep, kind: Sent = "", bare: Sent = "", marks: Sent = "") -> Response:
    """A new authority from a heading as it stands in the records."""
    parts = await queries.parts_of(work.session, kind, bare, _marks(marks))
    if kind not in set(Kind) or parts is None:
        raise NotFound(bare)
    try:
        one = await commands.create(work, rules.Told(rules.Form(kind, rules.parts_from(parts)), source=_(N_("据馆藏书目"))))
    except rules.SameHeading as refusal:
        await work.session.rollback()
        return await _one(request, work, kind, bare, _marks(marks), refusal=refusal)
    return see_other(request, f"{URL}/{one.no}/edit", toast=_(N_("已建 {no}，可补充参照和依据；核定后书目自动联接"), no=one.no))


@router.post("/authority-headings/link", dependencies=EDIT)
async def link(request: Request, work: WorkDep, no: Sent = "", kind: Sent = "", bare: Sent = "", marks: Sent = "") -> Response:
    """All records with this heading take that authority's form."""
    try:
        change = await commands.link(work, no=no, kind=kind, bare=bare, marks=_marks(marks))
    except (rules.NotVerified, rules.NothingToLink, NotFound) as refusal:
        await work.session.rollback()
        return await _one(request, work, kind, bare, _marks(marks), refusal=refusal)
    return see_other(request, f"{CHANGES}/{change.no}", toast=_(N_("{n} 条书目正在联接"), n=change.total))


@router.post("/authority-headings/link-all", dependencies=EDIT)
async def link_all(request: Request, work: WorkDep) -> Response:
    """Everything that matches exactly one verified authority."""
    try:
        change = await commands.link_all(work)
    except rules.NothingToLink as refusal:
        await work.session.rollback()
        return see_other(request, OPEN, toast=str(refusal), tone="warn")
    return see_other(request, f"{CHANGES}/{change.no}", toast=_(N_("{n} 条书目正在联接"), n=change.total))


@router.post("/authority-headings/settings", dependencies=DECIDE)
async def settings(request: Request, work: WorkDep, link_on_save: Sent = "") -> Response:
    """Whether saving a record links."""
    await commands.choose(work, link_on_save=link_on_save == "true")
    return see_other(request, OPEN, toast=_(N_("已保存")))


@router.get("/authority-changes", dependencies=READ)
async def changes(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """What authorities changed in records."""
    found, total = await queries.changes(work.session, limit=SIZE, offset=(page_no - 1) * SIZE)
    return page(
        request, "authorities/changes.html", page_title=_(N_("规范更改单")), crumbs=crumbs((_(N_("规范更改单")), "")), found=found, total=total, page=page_no,
        pages=max(1, -(-total // SIZE)), size=SIZE, names=await people.names(work, {one.asked_by for one in found}),
    )


@router.get("/authority-changes/{no}", dependencies=READ)
async def change(request: Request, work: WorkDep, no: str, state: Text = "", page_no: PageNo = 1) -> Response:
    """How far it is, and what became of each record."""
    return await _change(request, work, no, state=state, page_no=page_no)


async def _change(request: Request, work: Work, no: str, *, state: str = "", page_no: int = 1, refusal: Refusal | None = None) -> Response:
    one = await queries.change_of(work.session, no)
    lines, total = await queries.lines(work.session, one, state=state, limit=SIZE, offset=(page_no - 1) * SIZE)
    counted: dict[Any, int] = await queries.line_counts(work.session, one)
    authorities = await queries.of_change(work.session, one)
    newer = await following.newer(work, one) if one.state is ChangeState.done else []
    return page(
        request, "authorities/change.html", status=refusal.status if refusal else 200, page_title=f"{one.what.text} {one.no}", one=one, lines=lines, total=total,
        page=page_no, pages=max(1, -(-total // SIZE)), size=SIZE, params={"state": state}, authorities=authorities, newer=newer, refusal=refusal,
        busy=one.state in (ChangeState.running, ChangeState.undoing), passed=sum(n for key, n in counted.items() if key not in ((LineState.done, LineState.same) if one.state is ChangeState.undoing else (LineState.waiting,))),
        tabs=[{"label": _(N_("全部")), "url": f"{CHANGES}/{no}", "count": sum(counted.values()), "active": not state}, *(
            {"label": key.text, "url": f"{CHANGES}/{no}?state={key.value}", "count": counted[key], "active": state == key} for key in LineState if key in counted
        )], crumbs=crumbs((_(N_("规范更改单")), CHANGES), (one.no, "")), may_decide=work.actor.holds(PROOFREADERS),
        names=await people.names(work, {one.asked_by, one.undone_by} - {""}),
    )


@router.post("/authority-changes/{no}/undo", dependencies=DECIDE)
async def undo(request: Request, work: WorkDep, no: str, reason: Sent = "") -> Response:
    """As it was."""
    try:
        one = await following.undo(work, no, reason=reason)
    except rules.UndoRefused as refusal:
        await work.session.rollback()
        return await _change(request, work, no, refusal=refusal)
    return see_other(request, f"{CHANGES}/{one.no}", toast=_(N_("正在恢复")), tone="warn")


@router.get("/authorities/{no}/merge", dependencies=[allow(*PROOFREADERS)])
async def merging(request: Request, work: WorkDep, no: str, into: Text = "") -> Response:
    """Into which, and what would follow."""
    return await _merging(request, work, no, into.replace("\0", ""))


async def _merging(request: Request, work: Work, no: str, into: str, *, refusal: Refusal | None = None) -> Response:
    gone = await queries.by_no(work.session, no)
    kept = None
    if into.strip():
        try:
            kept = await queries.by_no(work.session, into)
        except NotFound as wrong:
            refusal = refusal or wrong
    counts = await queries.counts(work.session, [one.id for one in (gone, kept) if one is not None])
    return page(
        request, "authorities/merge.html", status=refusal.status if refusal else 200, page_title=_(N_("合并规范")), gone=gone, kept=kept, into=into, refusal=refusal,
        counts=counts, told=await queries.told(work.session, gone), theirs=await queries.told(work.session, kept) if kept else None,
        crumbs=crumbs((gone.no, f"{URL}/{gone.no}"), (_(N_("合并规范")), "")),
    )


@router.post("/authorities/{no}/merge", dependencies=DECIDE)
async def merge(request: Request, work: WorkDep, no: str, into: Sent = "", reason: Sent = "") -> Response:
    """One from now on."""
    try:
        one = await commands.merge(work, into=into, gone=no, reason=reason)
    except (rules.MergeRefused, NotFound) as refusal:
        await work.session.rollback()
        return await _merging(request, work, no, into, refusal=refusal)
    return see_other(request, f"{CHANGES}/{one.no}", toast=_(N_("已合并，{n} 条书目正在随之更改"), n=one.total))
