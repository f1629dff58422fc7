"""离线台 on screen: the page that works without a network, the devices, the batches and their reports."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.counter.model import Mode
from services.reader.desk.items.rules import NEXT_LABELS
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.offline import commands, queries, rules
from services.reader.desk.offline.model import Decision, Result, Scan
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

router = Router(prefix="/reader/offline", tags=["offline desk"], dependencies=[allow(*DESK)])
TITLE = N_("离线台")
KEYS = {Mode.lend: "F2", Mode.take_back: "F3", Mode.renew: "F4"}


def said(scan: Scan) -> list[str]:
    """The reasons in the reader's language."""
    return [_(r["message"], **r["params"]) for r in scan.reasons]


@router.get("")
async def desk(request: Request, work: WorkDep) -> Response:
    """The page itself: the browser keeps a copy and everything on it works without us."""
    return page(
        request, "offline/desk.html", page_title=_(TITLE), card_shapes=await queries.card_shapes(work.session),
        modes=[{"value": m.value, "label": m.text, "key": key} for m, key in KEYS.items()],
    )


@router.get("/devices")
async def devices(request: Request, work: WorkDep) -> Response:
    """Which browsers are believed."""
    found = await queries.devices(work.session)
    return page(
        request, "offline/devices.html", page_title=_(N_("离线设备")), devices=found, is_head=work.actor.holds(HEAD),
        crumbs=[(_(TITLE), "/reader/offline"), (_(N_("离线设备")), "")],
        names=await people.names(work, {d.asked_by for d in found} | {d.decided_by for d in found}),
    )


@router.post("/devices/{device_id}/{action}", dependencies=[allow(*HEAD)])
async def decide_device(request: Request, work: WorkDep, device_id: UUID, action: str) -> Response:
    """批准, 停用."""
    device = await commands.decide_device(work, device_id=device_id, action=action)
    return see_other(
        request, "/reader/offline/devices", toast=_(N_("{name}：{state}"), name=device.name, state=device.state.text)
    )


@router.get("/batches")
async def batches(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """What has been sent, newest first."""
    found, total = await queries.batches(work.session, limit=SIZE, offset=offset(page_no))
    return page(
        request, "offline/batches.html", page_title=_(N_("离线补录")), batches=found,
        crumbs=[(_(TITLE), "/reader/offline"), (_(N_("离线补录")), "")],
        names=await people.names(work, {row[0].by for row in found}), **paged(page_no, total),
    )


@router.get("/batches/{number}")
async def report(request: Request, work: WorkDep, number: str) -> Response:
    """The report: what waits for a person on top."""
    batch = await queries.batch_by_number(work.session, number)
    scans = await queries.scans_of(work.session, batch.id)
    return page(
        request, "offline/report.html", page_title=_(N_("离线补录 {number}"), number=number), batch=batch, scans=scans,
        crumbs=[(_(TITLE), "/reader/offline"), (_(N_("离线补录")), "/reader/offline/batches"), (number, "")],
        counts=[(result, sum(one.result is result for one in scans)) for result in Result], said=said, rules=rules,
        names=await people.names(work, {one.by for one in scans} | {one.decided_by for one in scans} | {batch.by}),
        modes={m.value: m for m in Mode}, next_labels=NEXT_LABELS,
        open_=sum(one.result in rules.OPEN and one.decision is None for one in scans),
    )


@router.post("/scans/{scan_id}")
async def settle(
    request: Request, work: WorkDep, scan_id: UUID, decision: Annotated[Decision, Form()],
    number: Annotated[str, Form()], note: Annotated[str, Form()] = "",
) -> Response:
    """A person's decision on one scan."""
    scan = await commands.settle(work, scan_id=scan_id, decision=decision, note=note)
    back = "".join(c for c in number if c.isalnum() or c == "-")
    return see_other(
        request, f"/reader/offline/batches/{back}", toast=_(N_("{code}：{decision}"), code=scan.code, decision=decision.text)
    )
