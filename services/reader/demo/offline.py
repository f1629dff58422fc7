"""A desk that scanned through a power cut: a key of its own, a signed batch, most of it replayed, two to settle."""

from __future__ import annotations

import base64
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from services.reader.demo.supply import Supply
from services.reader.desk.offline import commands as offline
from services.reader.desk.offline import proof
from shared.database import uuid7
from shared.demo import person


def _text(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


async def _device(supply: Supply, name: str, last: str) -> tuple[UUID, ec.EllipticCurvePrivateKey]:
    """A browser that asked, was approved, and perhaps stopped again."""
    key, id_ = ec.generate_private_key(ec.SECP256R1()), uuid7()
    point = key.public_key().public_numbers()
    async with supply.work("rdr-dsk", supply.at(12)) as work:
        await offline.register(
            work, device_id=id_, name=name, key={"kty": "EC", "crv": "P-256", "x": _text(point.x), "y": _text(point.y)}
        )
    async with supply.work("rdr-led", supply.at(12, 11)) as work:
        await offline.decide_device(work, device_id=id_, action="approve")
        if last == "stop":
            await work.session.flush()
            await offline.decide_device(work, device_id=id_, action="stop")
    return id_, key


async def seed(supply: Supply) -> None:
    """Two devices and one batch of the day before yesterday."""
    await _device(supply, "旧笔记本（已报废）", "stop")
    device, key = await _device(supply, "总台一号机", "approve")
    back, other = (await supply.lent(9))[1], (await supply.lent(9))[1]
    scans: list[proof.Sent] = []
    for minute, (mode, code, card) in enumerate((
        ("lend", supply.book(), supply.reader()), ("lend", supply.book(), supply.reader()), ("return", back, ""),
        ("lend", other, supply.reader()), ("return", "A00999997", ""),
    )):
        at = supply.at(2, 19 + minute / 60).isoformat()
        before = scans[-1].hash() if scans else ""
        scans.append(proof.Sent(len(scans) + 1, at, person("rdr-dsk").id, mode, card, code, before))
    batch = uuid7()
    r, s = decode_dss_signature(key.sign(proof.batch_text(device, batch, scans).encode(), ec.ECDSA(SHA256())))
    async with supply.work("rdr-dsk", supply.at(2, 20)) as work:
        await offline.receive(
            work, device_id=device, batch_id=batch, scans=scans,
            signature=base64.urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).rstrip(b"=").decode(),
        )
