"""Requests for a head's signature: the head's list, one request, the answer."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.patrons.queries import patron_ever
from services.reader.desk.signing import commands, queries, rules
from services.reader.desk.signing.model import Act, SignOff, SignState
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

router = Router(prefix="/reader/sign-offs", tags=["signing"], dependencies=[allow(*DESK)])
TITLE = N_("签批")
TABS = {"open": N_("等待中"), "done": N_("已结束")}


@router.get("")
async def index(request: Request, work: WorkDep, tab: str = "open", page_no: PageNo = 1) -> Response:
    """All requests for a head; for a clerk their own."""
    tab = tab if tab in TABS else "open"
    is_head = work.actor.holds(HEAD)
    found, total = await queries.listed(
        work.session, tab, asked_by="" if is_head else work.actor.id, limit=SIZE, offset=offset(page_no)
    )
    return page(
        request, "signing/list.html", block="list", page_title=_(TITLE), rows=found, tab=tab, is_head=is_head,
        said=rules.said, names=await people.names(work, {who for one in found for who in (one.asked_by, one.signed_by)}),
        **paged(page_no, total, tab=tab),
        tabs=[
            {"label": _(label), "url": f"/reader/sign-offs?tab={key}", "active": key == tab,
             "count": total if key == tab == "open" else None}
            for key, label in TABS.items()
        ],
    )


@router.get("/{number}")
async def one(request: Request, work: WorkDep, number: str) -> Response:
    """One request: what for, against what, whose word it waits for."""
    found = await queries.by_number(work.session, number)
    is_head = work.actor.holds(HEAD)
    if not is_head and found.asked_by != work.actor.id:
        raise rules.UnknownSignOff(number)
    return page(
        request, "signing/one.html", page_title=_(N_("签批单 {number}"), number=number), found=found,
        crumbs=[(_(TITLE), "/reader/sign-offs"), (number, "")], said=rules.said(found.reasons), S=SignState,
        names=await people.names(work, [found.asked_by, found.signed_by]), is_head=is_head, mine=found.asked_by == work.actor.id,
        patron=await patron_ever(work.session, found.card) if found.card else None, use=_use(found), item=found.act not in {Act.waive, Act.hold} or bool(found.facts.get("barcode")),
        queue=f"/reader/holds/titles/{quote(found.thing, safe='')}" if found.act is Act.hold and not found.facts.get("barcode") else "",
    )


def _use(found: SignOff) -> str:
    """Where the clerk carries out what was granted."""
    if found.act is Act.waive:
        return f"/reader/charges/{found.thing}/waive"
    if found.act is Act.hold:
        return "/reader/holds/signed"
    if found.act is Act.undo:
        return f"/reader/desk/recent/{found.line_id}/undo"
    return f"/reader/desk/lines/{found.line_id}/signed"


@router.post("/{number}/answer", dependencies=[allow(*HEAD)])
async def answer(
    request: Request, work: WorkDep, number: str, grant: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """同意 or 不同意, with a reason."""
    granted = grant == "yes"
    await commands.answer(work, number=number, grant=granted, reason=reason)
    said = _(N_("已同意，借还台马上看到")) if granted else _(N_("已回复不同意"))
    return see_other(request, "/reader/sign-offs", toast=said)


@router.post("/{number}/withdraw")
async def withdraw(request: Request, work: WorkDep, number: str) -> Response:
    """不等了."""
    await commands.withdraw(work, number=number)
    return see_other(request, "/reader/sign-offs", toast=_(N_("已撤回")))
