"""委托借书 on screen: the patron's own page, and the desk's list."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.consents import commands, queries, rules
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.patrons.queries import names_of
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import Invalid, Refusal
from shared.web.pages import PageNo, page, see_other
from shared.work import Work

router = Router(prefix="/reader/consents", tags=["consents"], dependencies=[allow(*DESK)])
my_router = Router(prefix="/reader/my-consents", tags=["consents"], dependencies=[allow("patron")])
TITLE = N_("委托借书")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid({"until": N_("请填写日期")}) from error


def _errors(refusal: Refusal) -> dict[str, str]:
    return {k: _(v) for k, v in refusal.errors.items()} if isinstance(refusal, Invalid) else {"": str(refusal)}


async def _mine(request: Request, work: Work, status: int = 200, **typed: Any) -> Response:
    patron = await queries.own_patron(work)
    found = await queries.consents_of(work.session, patron.id)
    others = [c.delegate_id for c in found if c.principal_id == patron.id]
    return page(
        request, "consents/mine.html", status=status, page_title=_(TITLE),
        crumbs=[(_(N_("我的图书馆")), "/reader/my"), (_(TITLE), "")], patron=patron, consents=found,
        people=await names_of(work.session, others), fetched=await queries.fetched_for(work.session, patron.id),
        today=work.today, standing=rules.standing, until=work.today + timedelta(days=30),
        **{"typed": {}, "errors": {}, **typed},
    )


@my_router.get("")
async def mine(request: Request, work: WorkDep) -> Response:
    """Whom I let fetch for me, who lets me, and what was fetched."""
    return await _mine(request, work)


@my_router.post("")
async def give(
    request: Request, work: WorkDep, delegate: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "", until: Annotated[str, Form()] = "",
) -> Response:
    """Consent."""
    try:
        consent = await commands.give(work, delegate=clean(delegate), name=name, until=_day(until))
    except (Invalid, rules.NoSuchReader) as refusal:
        typed = {"delegate": delegate, "name": name, "until": until}
        return await _mine(request, work, 422, typed=typed, errors=_errors(refusal))
    return see_other(request, "/reader/my-consents", toast=_(N_("已委托，至 {day}"), day=consent.until))


@my_router.post("/{number}/revoke")
async def revoke_own(request: Request, work: WorkDep, number: str) -> Response:
    """Take it back."""
    await commands.revoke(work, number=number)
    return see_other(request, "/reader/my-consents", toast=_(N_("已撤回委托")))


async def _desk(
    request: Request, work: Work, q: str = "", page_no: int = 1, status: int = 200, **typed: Any
) -> Response:
    found, total = await queries.listed(work.session, q.strip().upper(), limit=SIZE, offset=offset(page_no))
    ids = [c.principal_id for c in found] + [c.delegate_id for c in found]
    return page(
        request, "consents/desk.html", status=status, page_title=_(TITLE), consents=found, q=q,
        people=await names_of(work.session, ids), today=work.today, standing=rules.standing,
        until=work.today + timedelta(days=30), **{"typed": {}, "errors": {}, **typed},
        **paged(page_no, total, q=q),
    )


@router.get("")
async def desk(request: Request, work: WorkDep, q: str = "", page_no: PageNo = 1) -> Response:
    """All consents, newest first."""
    return await _desk(request, work, q, page_no)


@router.post("")
async def note_paper(
    request: Request, work: WorkDep, principal: Annotated[str, Form()] = "",
    delegate: Annotated[str, Form()] = "", until: Annotated[str, Form()] = "",
    paper: Annotated[str, Form()] = "",
) -> Response:
    """登记纸质委托书."""
    try:
        consent = await commands.note_paper(
            work, principal=clean(principal), delegate=clean(delegate), until=_day(until), paper=paper[:60]
        )
    except Refusal as refusal:
        typed = {"principal": principal, "delegate": delegate, "until": until, "paper": paper}
        return await _desk(request, work, status=422, typed=typed, errors=_errors(refusal))
    return see_other(request, "/reader/consents", toast=_(N_("委托 {number} 已登记"), number=consent.number))


@router.post("/{number}/revoke")
async def revoke(request: Request, work: WorkDep, number: str) -> Response:
    """撤回."""
    await commands.revoke(work, number=number)
    return see_other(request, "/reader/consents", toast=_(N_("已撤回委托")))
