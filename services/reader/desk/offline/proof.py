r"""What a device proves: that the scans are its own, complete, and in order.

Two texts are hashed and signed exactly as shared/web/static/js/offline.js writes them:
a scan is `seq\nat\nby\nmode\ncard\ncode\nprev`, a batch `guanwu-offline-1\ndevice\nbatch\nn\nlast hash`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256


@dataclass(frozen=True, slots=True)
class Sent:
    """A scan as it was sent; `at` is the very text the device wrote."""

    seq: int
    at: str
    by: str
    mode: str
    card: str
    code: str
    prev: str

    def hash(self) -> str:
        """The link the next scan names as its `prev`."""
        said = [str(self.seq), self.at, self.by, self.mode, self.card, self.code, self.prev]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def chained(scans: Sequence[Sent], *, last_seq: int, last_hash: str) -> bool:
    """Whether the scans follow the ones we have seen, without a gap and without a changed letter."""
    for scan in scans:
        if scan.seq != last_seq + 1 or scan.prev != last_hash:
            return False
        if "\n" in f"{scan.at}{scan.by}{scan.mode}{scan.card}{scan.code}":
            return False  # a line break inside a field could stand for two fields
        last_seq, last_hash = scan.seq, scan.hash()
    return True


def batch_text(device: UUID, batch: UUID, scans: Sequence[Sent]) -> str:
    """What the device signs: the hash of the last scan stands for all of them."""
    return "\n".join(["guanwu-offline-1", str(device), str(batch), str(len(scans)), scans[-1].hash()])


def public_key(jwk: dict[str, Any]) -> ec.EllipticCurvePublicKey | None:
    """The key, if it is a point of P-256."""
    try:
        if jwk["kty"] != "EC" or jwk["crv"] != "P-256":
            return None
        x, y = (int.from_bytes(_bytes(jwk[name]), "big") for name in ("x", "y"))
        return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def signed(jwk: dict[str, Any], text: str, signature: str) -> bool:
    """Whether the device's key made this signature; browsers write r and s side by side."""
    key = public_key(jwk)
    try:
        raw = _bytes(signature)
    except ValueError:
        return False
    if key is None or len(raw) != 64:
        return False
    pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        key.verify(pair, text.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
