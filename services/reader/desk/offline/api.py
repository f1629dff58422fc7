"""JSON doors of the offline desk: a device asks, asks after itself, and sends its scans."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from services.reader.desk import DESK
from services.reader.desk.offline import commands, proof, queries, rules
from services.reader.desk.offline.model import Device
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader/offline", tags=["offline desk"], dependencies=[allow(*DESK)])


def _zoned(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        msg = "a moment needs its offset"
        raise ValueError(msg)
    return text


class DeviceRequest(BaseModel):
    """A browser's own id, its name among people, and its public key as a JSON web key."""

    id: UUID
    name: str = Field(max_length=60)
    key: dict[str, Any]


class Entry(BaseModel):
    """A scan as the device chained it; see proof.py."""

    seq: int = Field(ge=1)
    at: Annotated[str, Field(max_length=40), AfterValidator(_zoned)]
    by: str = Field(max_length=60)
    mode: Literal["lend", "return", "renew"]
    card: str = Field("", max_length=60)
    code: str = Field(min_length=1, max_length=60)
    prev: str = Field("", max_length=64)


class BatchRequest(BaseModel):
    """Scans in order, and the device's signature (r and s, base64url)."""

    device: UUID
    batch: UUID
    entries: list[Entry] = Field(min_length=1, max_length=rules.LARGEST)
    signature: str = Field(max_length=200)


@router.post("/devices", status_code=201)
async def register(work: WorkDep, body: DeviceRequest) -> dict[str, Any]:
    """Ask that this browser may scan offline."""
    device = await commands.register(work, device_id=body.id, name=body.name, key=body.key)
    return {"id": str(device.id), "name": device.name, "state": device.state.value}


@router.get("/devices/{device_id}")
async def device(work: WorkDep, device_id: UUID) -> dict[str, Any]:
    """Whether the device is believed, and where its chain ends."""
    found = await work.session.get(Device, device_id)
    if found is None:
        raise rules.UnknownDevice(device_id)
    return {
        "id": str(found.id), "name": found.name, "state": found.state.value, "state_label": found.state.text,
        "last_seq": found.last_seq,
    }


@router.post("/batches")
async def receive(work: WorkDep, body: BatchRequest) -> dict[str, Any]:
    """Verify and replay; the same batch again answers the same report."""
    scans = [proof.Sent(**entry.model_dump()) for entry in body.entries]
    batch, kept = await commands.receive(
        work, device_id=body.device, batch_id=body.batch, scans=scans, signature=body.signature
    )
    return {
        **queries.report_json(batch, kept), "url": f"/reader/offline/batches/{batch.number}",
    }


@router.get("/batches/{number}")
async def report(work: WorkDep, number: str) -> dict[str, Any]:
    """The report of a batch."""
    batch = await queries.batch_by_number(work.session, number)
    return queries.report_json(batch, await queries.scans_of(work.session, batch.id))
