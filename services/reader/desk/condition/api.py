"""JSON door of damage slips and re-inspection."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Query, Request, Response, UploadFile
from pydantic import BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.condition import commands, photos, queries
from services.reader.desk.condition.model import (
    OPEN,
    DamageKind,
    Grade,
    InspectionState,
    SlipState,
)
from services.reader.desk.condition.rules import PHOTO_MB
from services.reader.desk.holds.queries import hold_json
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["condition"], dependencies=[allow(*DESK)])


class NewSlip(BaseModel):
    """A damage found."""

    barcode: str = Field(min_length=1, max_length=60)
    kind: DamageKind = DamageKind.other
    grade: Grade
    note: str = Field("", max_length=500)


class Verdict(BaseModel):
    """What the re-inspection found."""

    note: str = Field("", max_length=500)
    checklist: list[str] = Field(default_factory=list, max_length=20)


class Mending(BaseModel):
    """What was done at the desk."""

    note: str = Field("", max_length=500)
    minutes: int = Field(0, ge=0, le=480)
    material: str = Field("", max_length=200)


class Why(BaseModel):
    """A reason in words."""

    reason: str = Field("", max_length=300)


@router.post("/damage-reports", status_code=201)
async def report(work: WorkDep, body: NewSlip) -> dict[str, Any]:
    """Write a damage slip."""
    slip = await commands.report(
        work, barcode=body.barcode.strip().upper(), kind=body.kind, grade=body.grade, note=body.note
    )
    return queries.slip_json(slip)


@router.get("/damage-reports")
async def reports(
    work: WorkDep, state: SlipState | None = None, limit: int = Query(50, ge=1, le=200),
    offset: int = Query(0, ge=0),
) -> dict[str, Any]:
    """Slips; the open ones when no state is asked for."""
    states = [state] if state else [SlipState(s) for s in OPEN]
    found, total = await queries.slips(work.session, states=states, limit=limit, offset=offset)
    return {
        "items": [queries.slip_json(slip) for slip in found], "total": total,
        "next": offset + limit if offset + len(found) < total else None,
    }


@router.get("/damage-reports/{number}")
async def slip_of(work: WorkDep, number: str) -> dict[str, Any]:
    """One slip with its stages."""
    slip = await queries.slip_by_number(work.session, number)
    return {**queries.slip_json(slip), "stages": queries.stepper(slip)}


@router.post("/damage-reports/{number}/withdraw")
async def withdraw(work: WorkDep, number: str, body: Why) -> dict[str, Any]:
    """The slip was a mistake."""
    return queries.slip_json(await commands.withdraw(work, number=number, reason=body.reason))


@router.post("/damage-reports/{number}/mend")
async def mend(work: WorkDep, number: str) -> dict[str, Any]:
    """Somebody at the desk takes it on."""
    return queries.slip_json(await commands.start_mending(work, number=number))


@router.post("/damage-reports/{number}/finish")
async def finish(work: WorkDep, number: str, body: Mending) -> dict[str, Any]:
    """Mended at the desk."""
    return queries.slip_json(await commands.finish_mending(work, number=number, **body.model_dump()))


@router.post("/damage-reports/{number}/to-workshop")
async def to_workshop(work: WorkDep, number: str, body: Why) -> dict[str, Any]:
    """Worse than it looked."""
    return queries.slip_json(
        await commands.send_to_workshop(work, number=number, note=body.reason)
    )


@router.post("/damage-reports/{number}/photo")
async def put_photo(
    request: Request, work: WorkDep, number: str, photo: UploadFile
) -> dict[str, Any]:
    """Keep a picture with the slip."""
    data = await photo.read((PHOTO_MB << 20) + 1)
    return queries.slip_json(await photos.attach(work, request.app.state.kit.files, number, data))


@router.get("/damage-reports/{number}/photo")
async def get_photo(request: Request, work: WorkDep, number: str) -> Response:
    """The picture of the slip."""
    data, kind = await photos.read(work, request.app.state.kit.files, number)
    return Response(data, media_type=kind, headers={"cache-control": "private, max-age=3600"})


@router.get("/inspections")
async def inspections(
    work: WorkDep, state: InspectionState | None = None, slip: str = Query("", max_length=40),
    limit: int = Query(50, ge=1, le=200), offset: int = Query(0, ge=0),
) -> dict[str, Any]:
    """What waits for re-inspection, or was decided."""
    found, total = await queries.inspections(
        work.session, state=state, slip=slip, limit=limit, offset=offset
    )
    return {
        "items": [queries.inspection_json(i) for i in found], "total": total,
        "next": offset + limit if offset + len(found) < total else None,
    }


@router.post("/inspections/{inspection_id}/pass")
async def passed(work: WorkDep, inspection_id: UUID, body: Verdict | None = None) -> dict[str, Any]:
    """The repair holds."""
    return await _judged(work, inspection_id, body or Verdict(), passed=True)


@router.post("/inspections/{inspection_id}/fail")
async def failed(work: WorkDep, inspection_id: UUID, body: Verdict | None = None) -> dict[str, Any]:
    """The repair does not hold."""
    return await _judged(work, inspection_id, body or Verdict(), passed=False)


async def _judged(work: WorkDep, key: UUID, body: Verdict, *, passed: bool) -> dict[str, Any]:
    done = await commands.judge(
        work, inspection_id=key, passed=passed, note=body.note, checklist=body.checklist
    )
    return {
        **queries.inspection_json(done.inspection), "next": done.next,
        "slip_state": done.slip.state.value, "hold": hold_json(done.hold) if done.hold else None,
    }
