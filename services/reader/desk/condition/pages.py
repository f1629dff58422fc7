"""Slips and re-inspection on screen; every stage says who has the book."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK
from services.reader.desk.codes import clean
from services.reader.desk.condition import commands, photos, queries
from services.reader.desk.condition.model import (
    OPEN,
    DamageKind,
    Grade,
    InspectionState,
    Slip,
    SlipState,
)
from services.reader.desk.condition.rules import CHECKS, HOLDER, PHOTO_MB
from services.reader.desk.listing import SIZE, offset, paged
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people
from shared.work import Work

router = Router(prefix="/reader", tags=["condition"], dependencies=[allow(*DESK, "RES-DIG", "director")])
WRITE = [allow(*DESK)]

TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "open": (N_("未结"), OPEN),
    "mend": (N_("前台修补"), ("to_mend", "mending")),
    "workshop": (N_("工场修补"), ("to_workshop", "in_repair")),
    "inspect": (N_("待回验"), ("re_inspection",)),
    "irreparable": (N_("无法修补"), ("irreparable", "weeded")),
    "done": (N_("已结"), ("passed", "withdrawn")),
}


@router.get("/damage")
async def slips(
    request: Request, work: WorkDep, state: str = "open", page_no: PageNo = 1
) -> Response:
    """Damage slips by stage."""
    chosen = state if state in TABS else "open"
    states = [SlipState(s) for s in TABS[chosen][1]]
    found, total = await queries.slips(
        work.session, states=states, limit=SIZE, offset=offset(page_no)
    )
    counts = await queries.counts(work.session)
    tabs = [
        {
            "label": _(label), "url": f"/reader/damage?state={key}", "active": key == chosen,
            "count": sum(counts.get(SlipState(s), 0) for s in of),
        }
        for key, (label, of) in TABS.items()
    ]
    return page(
        request, "condition/slips.html", block="list", page_title=_(N_("破损与修补")), slips=found,
        tabs=tabs, holder=HOLDER, now=work.now, names=await people.names(work, [s.reported_by for s in found]),
        kinds=list(DamageKind), grades=list(Grade), **paged(page_no, total, state=chosen),
    )


@router.post("/damage", dependencies=WRITE)
async def report(
    request: Request, work: WorkDep, barcode: Annotated[str, Form()], grade: Annotated[Grade, Form()],
    kind: Annotated[DamageKind, Form()] = DamageKind.other, note: Annotated[str, Form()] = "",
) -> Response:
    """A slip by barcode."""
    slip = await commands.report(work, barcode=clean(barcode), kind=kind, grade=grade, note=note[:500])
    return see_other(
        request, f"/reader/damage/{slip.number}", toast=_(N_("已登记破损单 {slip}"), slip=slip.number)
    )


@router.get("/damage/{number}")
async def slip_page(request: Request, work: WorkDep, number: str) -> Response:
    """One damage from finding to end."""
    slip = await queries.slip_by_number(work.session, number)
    rounds, _total = await queries.inspections(work.session, state=None, slip=number)
    ids = {slip.reported_by, slip.mended_by, *(i.decided_by for i in rounds), *(i.mended_by for i in rounds)}
    return page(
        request, "condition/slip.html", page_title=slip.title, slip=slip, stages=await _staged(work, slip),
        crumbs=[(_(N_("破损与修补")), "/reader/damage"), (slip.number, "")], rounds=rounds, checks=CHECKS,
        names=await people.names(work, ids), holder=HOLDER, at_desk=work.actor.holds(DESK), states=SlipState,
    )


async def _staged(work: Work, slip: Slip) -> list[dict[str, object]]:
    names = await people.names(work, [slip.reported_by])
    return [
        {**step, "who": names.get(str(step["who"]), step["who"])} for step in queries.stepper(slip)
    ]


@router.post("/damage/{number}/withdraw", dependencies=WRITE)
async def withdraw(
    request: Request, work: WorkDep, number: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """撤回."""
    await commands.withdraw(work, number=number, reason=reason[:300])
    return see_other(request, f"/reader/damage/{number}", toast=_(N_("破损单已撤回，图书可借")))


@router.post("/damage/{number}/mend", dependencies=WRITE)
async def mend(request: Request, work: WorkDep, number: str) -> Response:
    """开始修补."""
    await commands.start_mending(work, number=number)
    return see_other(request, f"/reader/damage/{number}")


@router.post("/damage/{number}/finish", dependencies=WRITE)
async def finish(
    request: Request, work: WorkDep, number: str, minutes: Annotated[int, Form(ge=0, le=480)] = 0,
    material: Annotated[str, Form()] = "", note: Annotated[str, Form()] = "",
) -> Response:
    """修补完毕."""
    await commands.finish_mending(
        work, number=number, note=note[:500], minutes=minutes, material=material[:200]
    )
    return see_other(request, f"/reader/damage/{number}", toast=_(N_("已修补，待同事回验")))


@router.post("/damage/{number}/to-workshop", dependencies=WRITE)
async def to_workshop(
    request: Request, work: WorkDep, number: str, note: Annotated[str, Form()] = ""
) -> Response:
    """转工场."""
    await commands.send_to_workshop(work, number=number, note=note[:500])
    return see_other(request, f"/reader/damage/{number}", toast=_(N_("已转文印中心")))


@router.post("/damage/{number}/photo", dependencies=WRITE)
async def photo(request: Request, work: WorkDep, number: str, photo: UploadFile) -> Response:
    """照片."""
    data = await photo.read((PHOTO_MB << 20) + 1)
    await photos.attach(work, request.app.state.kit.files, number, data)
    return see_other(request, f"/reader/damage/{number}", toast=_(N_("照片已保存")))


@router.get("/damage/{number}/photo")
async def picture(request: Request, work: WorkDep, number: str) -> Response:
    """The picture itself."""
    data, kind = await photos.read(work, request.app.state.kit.files, number)
    return Response(data, media_type=kind, headers={"cache-control": "private, max-age=3600"})


@router.get("/inspections")
async def inspections(
    request: Request, work: WorkDep, state: str = "waiting", page_no: PageNo = 1
) -> Response:
    """回验: what came back mended and waits for a second pair of eyes."""
    chosen = InspectionState(state) if state in set(InspectionState) else InspectionState.waiting
    found, total = await queries.inspections(
        work.session, state=chosen, limit=SIZE, offset=offset(page_no)
    )
    ids = {i.mended_by for i in found} | {i.decided_by for i in found}
    return page(
        request, "condition/inspections.html", block="list", page_title=_(N_("回验")), found=found,
        tabs=[
            {"label": s.text, "url": f"/reader/inspections?state={s.value}", "active": s is chosen}
            for s in InspectionState
        ],
        checks=CHECKS, chosen=chosen, names=await people.names(work, ids), now=work.now,
        at_desk=work.actor.holds(DESK), **paged(page_no, total, state=chosen.value),
    )


@router.post("/inspections/{inspection_id}", dependencies=WRITE)
async def judge(
    request: Request, work: WorkDep, inspection_id: UUID, verdict: Annotated[str, Form()],
    note: Annotated[str, Form()] = "", checks: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """合格 or 不合格."""
    done = await commands.judge(
        work, inspection_id=inspection_id, passed=verdict == "pass", note=note[:500], checklist=checks
    )
    if done.hold is not None:
        said = _(N_("回验合格：放预约架 {shelf}"), shelf=done.hold.shelf)
    elif verdict == "pass":
        said = _(N_("回验合格，已归架"))
    elif done.slip.state is SlipState.irreparable:
        said = _(N_("两次不合格，已列入不可修清单"))
    else:
        said = _(N_("不合格，退回文印中心返修"))
    return see_other(request, "/reader/inspections", toast=said, tone="ok" if verdict == "pass" else "warn")
