"""Screens of a merge: two records field by field, what is taken along; then the case, its release and its undoing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.items.rules import CATALOGUERS
from services.resources.cataloguing.marc.record import Record
from services.resources.cataloguing.merging import commands, queries, rules, undoing
from services.resources.cataloguing.merging.model import Merge, MergeState
from services.resources.cataloguing.merging.pages import READ, crumbs
from services.resources.cataloguing.records.model import Instance
from services.resources.cataloguing.records.pages import DIALECTS
from services.resources.cataloguing.records.queries import by_key, today
from services.resources.cataloguing.records.rules import PROOFREADERS
from services.resources.cataloguing.versions.rules import changes
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound, Refusal
from shared.web.pages import page, see_other
from shared.web.register import people
from shared.work import Work

URL = "/resources/merges"
EDIT, DECIDE = [allow(*CATALOGUERS)], [allow(*PROOFREADERS)]
router = Router(prefix=URL, tags=["merging"])
Number = Annotated[str, Query(max_length=40)]
# What is moved along, in the order it is told.
MOVED = {
    "item": N_("单册"), "order_line": N_("订单行"), "desideratum": N_("待购书目"), "accession": N_("登录号"),
    "weeding_line": N_("剔旧清册"), "instance": N_("先前并入的书目"),
}


@router.get("/new", dependencies=EDIT)
async def new(request: Request, work: WorkDep, into: Number = "", gone: Number = "") -> Response:
    """Both side by side; with one of them only, which other."""
    if not gone.strip() or not into.strip():
        return await _which(request, work, into or gone)
    try:
        kept, lost = [await by_key(work.session, key) for key in (into, gone)]
    except NotFound as refusal:
        return await _which(request, work, into, typed=gone, refusal=refusal)
    return await _compare(request, work, kept, lost)


async def _which(request: Request, work: Work, number: str, *, typed: str = "", refusal: Refusal | None = None) -> Response:
    record = await by_key(work.session, number)
    return page(
        request, "merging/which.html", status=refusal.status if refusal else 200, page_title=_(N_("合并书目")), record=record,
        typed=typed, refusal=refusal, crumbs=crumbs((record.number, f"/resources/records/{record.number}"), (_(N_("合并书目")), "")),
    )


async def _compare(
    request: Request, work: Work, into: Instance, gone: Instance, *, choices: Mapping[int, str] | None = None, reason: str = "",
    refusal: Refusal | None = None,
) -> Response:
    for one in (into, gone):
        await work.session.refresh(one, ["fields"])
    kept, lost = Record.from_json(into.fields), Record.from_json(gone.fields)
    lines = rules.side_by_side(kept, lost)
    tags = frozenset(field.tag for field in kept.fields)
    loads = [await queries.load(work.session, one.id) for one in (into, gone)]
    on_loan = loads[0][1] + loads[1][1]
    stands = refusal.reasons if refusal else await commands.objections(work, commands.Pair(into, gone))
    return page(
        request, "merging/compare.html", status=refusal.status if refusal else 200, page_title=_(N_("合并书目")), into=into, gone=gone,
        lines=lines, offers=rules.offers, loads=loads, chosen={
            n: (choices or {}).get(n) or rules.proposed(line, tags) for n, line in enumerate(lines)
        }, names={rules.KEEP: _(N_("不带")), rules.TAKE: _(N_("取右")), rules.BOTH: _(N_("都留"))}, stands=stands, reason=reason,
        second=rules.needs_second(loads[1][0], on_loan, (await queries.settings(work.session)).most_items), dialects=DIALECTS,
        refusal=refusal, crumbs=crumbs((into.number, f"/resources/duplicates/{into.number}"), (_(N_("合并书目")), "")),
    )


@router.post("", dependencies=EDIT)
async def propose(
    request: Request, work: WorkDep, into: Annotated[str, Form(max_length=40)], gone: Annotated[str, Form(max_length=40)],
    into_base: Annotated[int, Form()] = 0, gone_base: Annotated[int, Form()] = 0, reason: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Merge, or ask a second person to."""
    form = await request.form()
    choices = {
        int(name[5:]): str(value) for name, value in form.items()
        if name.startswith("line-") and name[5:].isascii() and name[5:].isdecimal() and len(name) < 12
    }
    try:
        case = await commands.propose(work, into=into, gone=gone, bases=(into_base, gone_base), choices=choices, reason=reason)
    except rules.MergeRefused as refusal:
        await work.session.rollback()
        kept, lost = [await by_key(work.session, key) for key in (into, gone)]
        return await _compare(request, work, kept, lost, choices=choices, reason=reason, refusal=refusal)
    done = case.state is MergeState.done
    text = _(N_("已合并，{number} 从此指向保留的记录"), number=gone) if done else _(N_("已提请合并，等另一位同事复核"))
    return see_other(request, f"{URL}/{case.no}", toast=text)


@router.get("/{no}", dependencies=READ)
async def shown(request: Request, work: WorkDep, no: str) -> Response:
    """What became of it."""
    return await _case(request, work, no)


async def _case(request: Request, work: Work, no: str, *, refusal: Refusal | None = None, reason: str = "") -> Response:
    case = await queries.merge_of(work.session, no)
    into, gone = [await by_key(work.session, str(key)) for key in (case.into_id, case.gone_id)]
    for one in (into, gone):
        await work.session.refresh(one, ["fields"])
    before = Record.from_json(case.before or into.fields)
    waits = case.state is MergeState.proposed
    stands = await commands.objections(work, commands.Pair(into, gone), but=case.id) if waits else []
    return page(
        request, "merging/case.html", status=refusal.status if refusal else 200, page_title=_(N_("合并 {no}"), no=case.no), case=case,
        into=into, gone=gone, now=await today(work.session, into), differences=changes(before, Record.from_json(case.marc)), stands=stands,
        newer=await undoing.newer(work, case, commands.Pair(into, gone)) if case.state is MergeState.done else [],
        moved=[(_(label), len(case.moved.get(key, ()))) for key, label in MOVED.items() if case.moved.get(key)], refusal=refusal,
        reason=reason, mine=case.asked_by == work.actor.id, may=work.actor.holds(PROOFREADERS),
        stages=_stages(case, await people.names(work, {case.asked_by, case.checked_by, case.undone_by} - {""})), crumbs=crumbs((case.no, "")),
    )


def _stages(case: Merge, names: Mapping[str, str]) -> list[dict[str, Any]]:
    done = case.state in (MergeState.done, MergeState.undone)
    found: list[dict[str, Any]] = [{"label": _(N_("提出")), "state": "done", "who": names.get(case.asked_by, case.asked_by), "at": case.asked_at}]
    if case.checked_by or not done:
        state = "now" if case.state is MergeState.proposed else "done" if done else "bad"
        found.append({"label": _(N_("复核")), "state": state, "who": names.get(case.checked_by, case.checked_by), "at": case.checked_at})
    if case.state is not MergeState.declined:
        found.append({"label": _(N_("已合并")), "state": "done" if done else "todo"})
    if case.state is MergeState.undone:
        found.append({"label": _(N_("已撤销合并")), "state": "bad", "who": names.get(case.undone_by, case.undone_by), "at": case.undone_at})
    return found


@router.post("/{no}/release", dependencies=DECIDE)
async def release(request: Request, work: WorkDep, no: str) -> Response:
    """The second person agrees."""
    try:
        case = await commands.release(work, no)
    except rules.MergeRefused as refusal:
        await work.session.rollback()
        return await _case(request, work, no, refusal=refusal)
    return see_other(request, f"{URL}/{case.no}", toast=_(N_("已合并，读者随即看到")))


@router.post("/{no}/decline", dependencies=EDIT)
async def decline(request: Request, work: WorkDep, no: str, reason: Annotated[str, Form(max_length=400)] = "") -> Response:
    """They stay two."""
    try:
        case = await commands.decline(work, no, reason=reason)
    except rules.NeedsReason as refusal:
        await work.session.rollback()
        return await _case(request, work, no, refusal=refusal)
    return see_other(request, f"{URL}/{case.no}", toast=_(N_("两条记录保持原样")), tone="warn")


@router.post("/{no}/undo", dependencies=DECIDE)
async def undo(request: Request, work: WorkDep, no: str, reason: Annotated[str, Form(max_length=400)] = "") -> Response:
    """Both stand as before."""
    try:
        case = await undoing.undo(work, no, reason=reason)
    except (rules.UndoRefused, rules.NeedsReason) as refusal:
        await work.session.rollback()
        return await _case(request, work, no, refusal=refusal, reason=reason)
    return see_other(request, f"{URL}/{case.no}", toast=_(N_("已撤销合并，两条记录恢复如前")), tone="warn")
