"""Doors of a second look at a line: undo, override, a head's signature, and how a request for one stands."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.reader.desk import DESK
from services.reader.desk.counter import queries, second
from services.reader.desk.counter.commands import own
from services.reader.desk.counter.pages import answer, row
from services.reader.desk.signing import commands as signing
from services.reader.desk.signing.presenting import signature
from services.reader.desk.signing.queries import of_lines
from services.reader.desk.signing.rules import UnknownSignOff
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotFound
from shared.web.pages import see_other, toast

router = Router(prefix="/reader/desk", tags=["counter"], dependencies=[allow(*DESK)])
ASKED = N_("已请求签批，批复会显示在这里")


@router.get("/lines/{line_id}")
async def line(request: Request, work: WorkDep, line_id: UUID) -> Response:
    """One row as it stands now; the counter fetches it again when a head has answered."""
    found = await queries.line_by_id(work.session, line_id)
    sitting = await queries.sitting_of(work.session, found.sitting_id) if found else None
    if found is None or sitting is None or sitting.operator != work.actor.id:
        raise NotFound(line_id)
    if not request.headers.get("hx-request"):
        return RedirectResponse(f"/reader/desk?s={sitting.id}&mode={found.mode.value}", status_code=303)
    return await row(request, work, sitting, found)


@router.post("/lines/{line_id}/undo")
async def undo(request: Request, work: WorkDep, line_id: UUID) -> Response:
    """撤销."""
    sitting, line = await second.undo_line(work, line_id)
    return await answer(request, work, sitting, mode=line.mode, lines=[line], instead=line_id)


@router.post("/lines/{line_id}/override")
async def override(request: Request, work: WorkDep, line_id: UUID, note: Annotated[str, Form()] = "") -> Response:
    """Go on regardless, with a reason."""
    sitting, line = await second.override_line(work, line_id, note=note[:300])
    return await answer(request, work, sitting, mode=line.mode, lines=[line], instead=line_id)


@router.post("/lines/{line_id}/signed")
async def signed(
    request: Request, work: WorkDep, line_id: UUID, approval: Annotated[str, Form()] = "",
    number: Annotated[str, Form()] = "",
) -> Response:
    """签批: go on with a head's signature, given beside the desk or from elsewhere."""
    found = await queries.line_by_id(work.session, line_id)
    if found is None:
        raise NotFound(line_id)
    given = await signature(request, work, approval=approval, number=number, title=found.title)
    if given is None:
        raise UnknownSignOff
    sitting, line = await second.override_line(work, line_id, signed=given)
    done = await answer(request, work, sitting, mode=line.mode, lines=[line], instead=line_id)
    if request.headers.get("hx-request"):
        toast(done, _(N_("已按签批办理：《{title}》"), title=line.title))
    return done


@router.post("/lines/{line_id}/ask")
async def ask(request: Request, work: WorkDep, line_id: UUID, note: Annotated[str, Form()] = "") -> Response:
    """请求签批: a head who is elsewhere."""
    sitting, line, _found = await second.ask_line(work, line_id, note=note)
    if not request.headers.get("hx-request"):
        return see_other(request, f"/reader/desk?s={sitting.id}&mode={line.mode.value}", toast=_(ASKED))
    return toast(await row(request, work, sitting, line), _(ASKED))


@router.post("/lines/{line_id}/withdraw")
async def withdraw(request: Request, work: WorkDep, line_id: UUID) -> Response:
    """不等了."""
    sitting, line = await own(work, line_id)
    found = (await of_lines(work.session, [line_id])).get(line_id)
    if found is None:
        raise UnknownSignOff
    await signing.withdraw(work, number=found.number)
    if not request.headers.get("hx-request"):
        return see_other(request, f"/reader/desk?s={sitting.id}&mode={line.mode.value}")
    return await row(request, work, sitting, line)


@router.post("/recent/{line_id}/undo")
async def undo_recent(
    request: Request, work: WorkDep, line_id: UUID, of: Annotated[str, Form()] = "me",
    approval: Annotated[str, Form()] = "", number: Annotated[str, Form()] = "",
) -> Response:
    """撤销 from the list; a colleague's with a head's signature."""
    found = await queries.line_by_id(work.session, line_id)
    given = await signature(
        request, work, approval=approval, number=number, title=found.title if found else ""
    )
    _sitting, line = await second.undo_line(work, line_id, signed=given)
    of = of if of in {"me", "all"} else "me"
    return see_other(request, f"/reader/desk/recent?of={of}", toast=_(N_("已撤销：《{title}》"), title=line.title))


@router.post("/recent/{line_id}/ask")
async def ask_undo(request: Request, work: WorkDep, line_id: UUID, note: Annotated[str, Form()] = "") -> Response:
    """请求签批 for taking a colleague's line back."""
    found = await second.ask_undo(work, line_id, note=note)
    return see_other(request, f"/reader/sign-offs/{found.number}", toast=_(N_("已请求签批，批复会显示在这里")))
