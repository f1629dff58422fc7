"""按需采购 for readers: what could be bought, one title, asking for it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.listing import SIZE, offset, paged
from services.reader.discovery.account.queries import own_patron
from services.reader.discovery.ondemand import commands, queries, rules, using
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotAllowed
from shared.web.pages import Entry, PageNo, page, see_other

HOME = "/reader/on-demand"
TITLE = N_("可按需采购的外文书")
router = Router(prefix=HOME, tags=["on-demand"])
OPEN = [allow("*")]
ENTRY = Entry(TITLE, HOME, "world-search", ("*",), "", ("RES-ACQ-02",), N_("本馆还没有、读者用到即购买的外文书"))


@router.get("", dependencies=OPEN)
async def index(request: Request, work: WorkDep, q: str = "", page_no: PageNo = 1) -> Response:
    """What could be bought."""
    q = " ".join(q.replace("\0", "").split())[:120]
    found, total = await queries.titles(work.session, q=q, limit=SIZE, offset=offset(page_no))
    return page(request, "ondemand/index.html", page_title=_(TITLE), found=found, q=q, **paged(page_no, total, q=q))


@router.get("/{number}", dependencies=OPEN)
async def one(request: Request, work: WorkDep, number: str) -> Response:
    """One title, clearly not ours; a reader's page reports when it has been open long enough."""
    offer, actor = await queries.title(work.session, number), work.actor
    used = actor.kind == "patron" and bool(offer.secret) and await queries.has_used(work.session, offer, actor.card)
    return page(
        request, "ondemand/title.html", page_title=offer.title, title_is_data=True, offer=offer, patron=actor.kind == "patron",
        staff=actor.kind == "staff", seconds=0 if used else rules.SECONDS, crumbs=[(_(TITLE), HOME), (number, None)],
    )


@router.post("/{number}/read", dependencies=[allow("patron")])
async def read(work: WorkDep, number: str) -> Response:
    """Long enough."""
    await using.read(work, number=number, card=(await own_patron(work)).card)
    return Response(status_code=204)


@router.post("/{number}/ask", dependencies=OPEN)
async def ask(request: Request, work: WorkDep, number: str, reason: Annotated[str, Form()] = "") -> Response:
    """A reader needs it."""
    here = f"{HOME}/{quote(number, safe='')}"
    if work.actor.kind == "anonymous":
        return see_other(request, f"/login?next={quote(here)}")
    if work.actor.kind != "patron":
        raise NotAllowed
    made = await commands.ask(work, number=number, card=(await own_patron(work)).card, reason=reason[:500])
    return see_other(request, "/reader/my/suggestions", toast=_(N_("已申请《{title}》，每一步都会通知您"), title=made.title))
