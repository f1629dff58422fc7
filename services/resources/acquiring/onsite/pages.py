"""The phone of whoever picks, and the buyer's forms beside the register."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.resources.acquiring.onsite import commands, queries, rules
from services.resources.acquiring.onsite.model import Answer, EventState
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound
from shared.web.pages import page, see_other

PICKING = "/resources/on-site-picking"
TITLE = N_("现场选书")
router = Router(tags=["on-site"])
PICKERS, BUY = [allow("patron", "staff")], [allow(*rules.BUYERS)]
Text = Annotated[str, Form()]


@router.get(PICKING, dependencies=PICKERS)
async def mine(request: Request, work: WorkDep) -> Response:
    """The events I am invited to."""
    return page(
        request, "onsite/mine.html", page_title=_(TITLE), events=await queries.invited_to(work.session, work.actor.id), open=EventState.open,
    )


@router.get(PICKING + "/{number}", dependencies=PICKERS)
async def phone(request: Request, work: WorkDep, number: str) -> Response:
    """Scan or type; what I picked, and what is left of my budget. Opens without a network."""
    event = await queries.by_no(work.session, number)
    if not await queries.is_invited(work.session, event.id, work.actor.id):
        raise rules.NotInvited
    spent = await queries.spent(work.session, event.id, work.actor.id)
    return page(
        request, "onsite/phone.html", page_title=event.title, title_is_data=True, crumbs=[(_(TITLE), PICKING), (event.no, None)], event=event, spent=spent,
        left=max(event.budget_cents - spent, 0), picks=await queries.picks_of(work.session, event.id, work.actor.id),
        open=event.state == EventState.open, picked=Answer.picked, state=EventState(event.state),
    )


@router.post(PICKING + "/{number}/picks", dependencies=PICKERS)
async def pick(
    request: Request, work: WorkDep, number: str, isbn: Text = "", title: Text = "", price: Text = "", picked_at: Text = "",
) -> Response:
    """One number, answered at once."""
    made = await commands.pick(work, number, isbn=isbn, title=title, price=price, picked_at=picked_at)
    said = f"{made.title or made.isbn}{_(N_('：'))}{made.answer.text}"
    return see_other(request, f"{PICKING}/{number}", toast=said, tone="ok" if made.answer is Answer.picked else "warn")


@router.post(PICKING + "/{number}/picks/{pick_id}/put-back", dependencies=PICKERS)
async def put_back(request: Request, work: WorkDep, number: str, pick_id: UUID) -> Response:
    """Back on the shelf."""
    found = await commands.put_back(work, number, pick_id=pick_id)
    return see_other(request, f"{PICKING}/{number}", toast=_(N_("已放回《{title}》"), title=found.title or found.isbn))


@router.post("/resources/on-site/{number}/people", dependencies=BUY)
async def invite(request: Request, work: WorkDep, number: str, people: Text = "") -> Response:
    """Who may pick."""
    n = await commands.invite(work, number, people=people)
    return see_other(request, f"/resources/on-site/{number}", toast=_(N_("邀请名单已保存，共 {n} 人"), n=n))


@router.post("/resources/on-site/{number}/picks/{pick_id}", dependencies=BUY)
async def check(
    request: Request, work: WorkDep, number: str, pick_id: UUID, keep: Text = "", title: Text = "", author: Text = "", price: Text = "",
) -> Response:
    """Keep it, with its title put right, or drop it."""
    if keep not in {"1", "0"}:
        raise NotFound(number)
    found = await commands.check(work, number, pick_id=pick_id, keep=keep == "1", title=title, author=author, price=price)
    return see_other(request, f"/resources/on-site/{number}", toast=f"{found.title or found.isbn}{_(N_('：'))}{found.answer.text}")


@router.get("/api/resources/on-site-picking/{number}", dependencies=PICKERS)
async def picked(work: WorkDep, number: str) -> dict[str, object]:
    """My picks and my budget, for programs."""
    event = await queries.by_no(work.session, number)
    if not await queries.is_invited(work.session, event.id, work.actor.id):
        raise rules.NotInvited
    spent = await queries.spent(work.session, event.id, work.actor.id)
    return {
        "number": event.no, "state": event.state, "budget_cents": event.budget_cents, "spent_cents": spent,
        "picks": [
            {"id": str(p.id), "isbn": p.isbn, "title": p.title, "price_cents": p.price_cents, "answer": p.answer.value, "label": p.answer.text,
             "detail": p.said} for p in await queries.picks_of(work.session, event.id, work.actor.id)
        ],
    }
