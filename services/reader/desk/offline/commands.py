"""Devices are vouched for by a head; batches are believed, replayed, and settled by a person."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk import DESK, HEAD
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.codes import clean
from services.reader.desk.items.queries import lock_items
from services.reader.desk.offline import proof, rules
from services.reader.desk.offline.model import Batch, Decision, Device, Result, Scan
from services.reader.desk.offline.queries import open_count, scans_of
from services.reader.desk.offline.replay import as_of, do, replay
from services.reader.desk.patrons.model import Patron
from shared.events.reader import OfflineReplayed, OfflineSettled
from shared.i18n import N_
from shared.refusals import Invalid
from shared.states import step
from shared.work import Work


async def register(work: Work, *, device_id: UUID, name: str, key: dict[str, Any]) -> Device:
    """Ask that this browser may scan offline; asking again with the same key changes nothing."""
    work.actor.require(*DESK)
    if not name.strip():
        raise Invalid({"name": N_("请给设备起名，如“总台一号机”")})
    if proof.public_key(key) is None:
        raise rules.BadKey
    kept = {part: str(key[part]) for part in ("kty", "crv", "x", "y")}
    await work.session.execute(
        insert(Device).values(
            id=device_id, name=name.strip()[:60], key=kept, asked_at=work.now, asked_by=work.actor.id,
            state="asked", decided_by="", last_seq=0, last_hash="",
        ).on_conflict_do_nothing()
    )
    device = await work.get(Device, device_id)
    if device.key != kept:
        raise rules.BadKey
    work.note("ask", "offline_device", str(device_id), name=device.name)
    return device


async def decide_device(work: Work, *, device_id: UUID, action: str) -> Device:
    """批准, 停用: whose scans are believed is for a head to say."""
    work.actor.require(*HEAD)
    device = await work.lock(Device, Device.id == device_id, what=str(device_id))
    device.state = step(rules.LIFE, device.state, action)
    device.decided_at, device.decided_by = work.now, work.actor.id
    return device


async def receive(
    work: Work, *, device_id: UUID, batch_id: UUID, scans: Sequence[proof.Sent], signature: str
) -> tuple[Batch, Sequence[Scan]]:
    """Verify a batch and replay it; the same batch again only shows its report."""
    work.actor.require(*DESK)
    if not 0 < len(scans) <= rules.LARGEST:
        raise Invalid({"entries": N_("一批须有 1 至 500 条")})
    device = await work.session.scalar(
        select(Device).where(Device.id == device_id)
        .with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if device is None:
        raise rules.UnknownDevice(device_id)
    text = proof.batch_text(device_id, batch_id, scans)
    if not proof.signed(device.key, text, signature):
        raise rules.BadSignature
    print_ = hashlib.sha256(text.encode()).hexdigest()
    known = await work.session.get(Batch, batch_id)
    if known is not None:
        if known.print_ != print_:
            raise rules.OtherBatch
        return known, await scans_of(work.session, batch_id)
    rules.believed(device)
    if not proof.chained(scans, last_seq=device.last_seq, last_hash=device.last_hash):
        raise rules.BrokenChain
    batch = Batch(
        id=batch_id, number=await work.number(rules.NUMBERS), device_id=device_id, at=work.now,
        by=work.actor.id, print_=print_,
    )
    work.session.add(batch)
    device.last_seq, device.last_hash = scans[-1].seq, scans[-1].hash()
    await work.session.flush()
    await _lock_all(work, scans)
    kept = [await _replay(work, batch, sent) for sent in scans]
    open_ = sum(one.result in rules.OPEN for one in kept)
    work.emit(OfflineReplayed(
        number=batch.number, device=device.name, done=len(kept) - open_, open=open_
    ))
    return batch, kept


async def _lock_all(work: Work, scans: Sequence[proof.Sent]) -> None:
    # Everything in one order before anything is moved: desks that work meanwhile wait, and never in a circle.
    # An item may be scanned by a former barcode, a patron by the chip: the order is that of their ids.
    await lock_items(work.session, {clean(one.code) for one in scans})
    cards = {clean(one.card) for one in scans if one.card}
    if cards:
        await work.session.execute(
            select(Patron.id).where(or_(Patron.card.in_(cards), Patron.chip.in_(cards))).order_by(Patron.id)
            .with_for_update(key_share=True)
        )


async def _replay(work: Work, batch: Batch, sent: proof.Sent) -> Scan:
    scan = Scan(
        batch_id=batch.id, seq=sent.seq, at=rules.moment(datetime.fromisoformat(sent.at), work.now),
        by=sent.by, mode=sent.mode, card=clean(sent.card), code=clean(sent.code), result=Result.refused,
    )
    await replay(work, scan)
    work.session.add(scan)
    await work.session.flush()
    return scan


async def settle(work: Work, *, scan_id: UUID, decision: Decision, note: str = "") -> Scan:
    """A person decides what the replay could not."""
    work.actor.require(*DESK)
    scan = await work.lock(Scan, Scan.id == scan_id, what=str(scan_id))
    if scan.decision is not None or scan.result not in rules.OPEN:
        raise rules.AlreadyDecided
    if decision is Decision.dismissed:
        if not note.strip():
            raise Invalid({"note": N_("请写明核对结果")})
    elif decision is Decision.taken_over:
        if not rules.can_take_over(scan):
            raise Invalid({"decision": N_("这一条不能先还后借")})
        with as_of(work, scan.at):
            await circulation.take_back(work, barcode=scan.code)
            await work.session.flush()
            await do(work, scan)
    else:
        with as_of(work, scan.at):
            await do(work, scan)
    scan.decision, scan.note = decision, note.strip()[:300]
    scan.decided_at, scan.decided_by = work.now, work.actor.id
    work.note("settle", "offline_scan", str(scan.id), decision=decision.value, note=scan.note)
    await work.session.flush()
    if not await open_count(work.session, scan.batch_id):
        batch = await work.get(Batch, scan.batch_id)
        work.emit(OfflineSettled(number=batch.number))
    return scan
