"""A patron's own violations: what was decided, what it brought, and the appeal in writing. Made for a phone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import patron_by_card, patron_ever
from services.reader.desk.violations import queries, rules
from services.reader.desk.violations.model import Violation, ViolationState
from services.reader.desk.violations.register import violations
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, NotAllowed
from shared.web.pages import PageNo, page, see_other
from shared.work import Work

HOME = "/reader/my/violations"
TITLE = N_("我的违章处理")
router = Router(prefix=HOME, tags=["my library"], dependencies=[allow("patron")])
api = Router(prefix="/api/reader/my/violations", tags=["my library"], dependencies=[allow("patron")])


class Appealing(BaseModel):
    """What the patron says against the decision."""

    appeal: str = Field(min_length=1, max_length=1000)


async def _me(work: Work) -> Patron:
    """The card comes from the token, never from the address."""
    if work.actor.kind != "patron" or not work.actor.card:
        raise NotAllowed
    return await patron_ever(work.session, work.actor.card) or await patron_by_card(work.session, work.actor.card)


async def appeal(work: Work, no: str, text: str) -> Violation:
    """Object to the decision about oneself; another's case is not found."""
    case = await queries.own_case(work.session, (await _me(work)).id, no)
    await violations.move(work, case.no, "appeal", appeal=text)
    return case


async def _show(request: Request, work: Work, no: str, *, typed: str = "", error: str = "") -> Response:
    case = await queries.own_case(work.session, (await _me(work)).id, no)
    return page(
        request, "violations/my_case.html", status=422 if error else 200, page_title=_(N_("违章处理 {no}"), no=case.no), case=case,
        next=rules.next_step(case, work.today), may_appeal=rules.may_appeal(case, work.today), typed=typed, error=error,
        stages=rules.stages(case), crumbs=[(_(N_("我的图书馆")), "/reader/my"), (_(TITLE), HOME), (case.no, "")],
    )


@router.get("")
async def mine(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Every decision about me, the latest first."""
    found, total = await queries.own(work.session, (await _me(work)).id, limit=SIZE, offset=offset(page_no))
    return page(
        request, "violations/mine.html", page_title=_(TITLE), home=HOME, S=ViolationState, keep_years=rules.KEEP_DAYS // 365,
        found=[(case, rules.next_step(case, work.today)) for case in found],
        crumbs=[(_(N_("我的图书馆")), "/reader/my"), (_(TITLE), "")], **paged(page_no, total),
    )


@router.get("/{no}")
async def one(request: Request, work: WorkDep, no: str) -> Response:
    """One case: decision, appeal, what happens next."""
    return await _show(request, work, no)


@router.post("/{no}/appeal")
async def object_to(request: Request, work: WorkDep, no: str, text: Annotated[str, Form(alias="appeal")] = "") -> Response:
    """申诉; what was typed is not lost."""
    try:
        await appeal(work, no, text.strip()[:1000])
    except Invalid as refusal:
        return await _show(request, work, no, typed=text, error=next(iter(refusal.errors.values()), str(refusal)))
    return see_other(request, f"{HOME}/{no}", toast=_(N_("申诉已提交，由另一位责任人复核")))


def _json(case: Violation, work: Work) -> dict[str, Any]:
    return {
        "number": case.no, "what": case.what.value, "what_label": case.what.text, "happened_on": case.happened_on,
        "place": case.place, "barcode": case.barcode, "rule": case.rule,
        "measure": case.measure.value if case.measure else None, "measure_label": case.measure.text if case.measure else "",
        "decision": case.decision, "suspended_until": case.suspended_until, "amount_cents": case.amount_fen,
        "decided_at": case.decided_at, "appeal_until": case.appeal_until, "appeal": case.appeal,
        "appealed_at": case.appealed_at, "judgement": case.judgement, "ended_on": case.ended_on,
        "state": str(case.state), "state_label": ViolationState(case.state).text, "next": rules.next_step(case, work.today),
        "may_appeal": rules.may_appeal(case, work.today),
    }


@api.get("")
async def mine_json(work: WorkDep, page_no: PageNo = 1) -> dict[str, Any]:
    """Every decision about me."""
    found, total = await queries.own(work.session, (await _me(work)).id, limit=SIZE, offset=offset(page_no))
    return {"items": [_json(case, work) for case in found], "total": total}


@api.post("/{no}/appeal")
async def object_json(work: WorkDep, no: str, body: Appealing) -> dict[str, Any]:
    """Object to a decision about me."""
    return _json(await appeal(work, no, body.appeal), work)
