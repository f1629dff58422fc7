"""What can be known of the machine and the departments from outside: figures, disk, backup, certificate."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.settings import Settings

# A certificate is looked at once an hour, not at every glance at the page.
HOUR = 3600.0
GB = 1 << 30
# From these on somebody must do something: seconds, events, hours, days, share of the disk.
WAITS_TOO_LONG, TOO_FAR_BEHIND, OLD_BACKUP, CERTIFICATE_ENDS, DISK_FULL = 120, 500, 26, 14, 0.1


@dataclass(frozen=True, slots=True)
class Figures:
    """What one process says of its events; figures it does not give are None, not nought."""

    unpublished: int | None = None
    oldest: float | None = None
    lag: tuple[tuple[str, int], ...] = ()
    letters: int | None = None
    differing: int | None = None
    # What does not hold of the audit chain, and when it was last walked.
    altered: tuple[str, ...] = ()
    walked_at: datetime | None = None

    @property
    def bad(self) -> bool:
        """Whether something must be done."""
        return bool(
            (self.oldest or 0) > WAITS_TOO_LONG or self.letters or self.differing or self.altered
            or any(behind > TOO_FAR_BEHIND for _, behind in self.lag)
        )


def read_figures(text: str) -> Figures:
    """The page at `/metrics`, as far as it is about events."""
    from prometheus_client.parser import text_string_to_metric_families

    found: dict[str, list[tuple[str, int | float]]] = {}
    try:
        families = list(text_string_to_metric_families(text))
    except ValueError:  # no figures: a page that fails because of it would hide all the others
        return Figures()
    for family in families:
        for sample in family.samples:
            if sample.name.startswith("guanwu_"):
                label = sample.labels.get("source") or sample.labels.get("copy") or sample.labels.get("what") or ""
                found.setdefault(sample.name, []).append((label, sample.value))

    def total(name: str) -> int | None:
        return int(sum(value for _, value in found[name])) if name in found else None

    oldest = found.get("guanwu_outbox_oldest_seconds")
    walked = max((value for _, value in found.get("guanwu_audit_checked_timestamp_seconds", ())), default=0)
    return Figures(
        unpublished=total("guanwu_outbox_unpublished"), oldest=max(value for _, value in oldest) if oldest else None,
        lag=tuple((source, int(value)) for source, value in found.get("guanwu_consumer_lag", ()) if value),
        letters=total("guanwu_inbox_parked"), differing=total("guanwu_copy_differences") or 0,
        altered=tuple(what for what, value in found.get("guanwu_audit_findings", ()) if value),
        walked_at=datetime.fromtimestamp(walked, UTC) if walked else None,
    )


def disk(settings: Settings) -> dict[str, Any] | None:
    """Free and whole size, in GB, of where files are kept; None when they lie elsewhere."""
    if "://" in str(settings.data):
        return None
    try:
        usage = shutil.disk_usage(settings.data if settings.data.exists() else settings.data.parent)
    except OSError:
        return None
    return {
        "free": round(usage.free / GB, 1), "total": round(usage.total / GB, 1),
        "used_percent": round(100 * usage.used / usage.total), "bad": usage.free < usage.total * DISK_FULL,
    }


def last_backup(settings: Settings, now: datetime) -> dict[str, Any] | None:
    """The newest archive in the folder backups go to; None when none can be seen from here."""
    folder = settings.backups or settings.data.parent / "backups"
    try:
        times = [path.stat().st_mtime for path in Path(folder).glob("*.tar") if not path.name.startswith(".")]
    except OSError:
        return None
    if not times:
        return None
    at = datetime.fromtimestamp(max(times), UTC)
    return {"at": at, "bad": (now - at).total_seconds() > OLD_BACKUP * HOUR}


_certificates: dict[str, tuple[float, dict[str, Any]]] = {}


async def certificate(settings: Settings, now: datetime) -> dict[str, Any] | None:
    """Days left of the certificate patrons' browsers see; None where the library is not served over https."""
    address = urlsplit(settings.public_url)
    if address.scheme != "https" or not address.hostname:
        return None
    kept = _certificates.get(settings.public_url)
    if kept is None or kept[0] < time.monotonic():
        kept = (time.monotonic() + HOUR, await _look_at(address.hostname, address.port or 443))
        _certificates[settings.public_url] = kept
    found = kept[1]
    if "ends_at" not in found:
        return found
    days = (found["ends_at"] - now).days
    return {**found, "days": days, "bad": days < CERTIFICATE_ENDS}


async def _look_at(host: str, port: int) -> dict[str, Any]:
    try:
        async with asyncio.timeout(3):
            _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
            seen = writer.get_extra_info("ssl_object").getpeercert()
            writer.close()
    except (OSError, TimeoutError) as error:
        return {"bad": True, "error": getattr(error, "verify_message", "") or type(error).__name__}
    return {"ends_at": datetime.fromtimestamp(ssl.cert_time_to_seconds(seen["notAfter"]), UTC)}
