"""What counts for whom, and how a row is bound to the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.office.people.ledger.model import LedgerEntry
from shared.duties import DUTIES, POSTS, credits
from shared.events import Envelope, Event, event_class
from shared.i18n import N_
from shared.refusals import Invalid
from shared.settings import LOCAL

READERS = ("director", "head", "OFF-ADM")
FIELDS = (
    "position", "person", "duty", "event_id", "name", "event_version", "at", "department", "case_ref",
    "link", "quantity", "payload",
)

# What tells which book a fact is about.
_THINGS = ("barcode", "title", "instance_id", "loan_id", "hold_id")


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain is broken, and how."""

    position: int
    kind: str


def counted(duty_ids: Iterable[str], envelope: Envelope) -> tuple[str, ...]:
    """The duties a fact is credited for to its actor; only staff have duties."""
    if envelope.actor_kind != "staff":
        return ()
    found = credits(duty_ids, envelope.posts, envelope.rank or None)
    return tuple(id for id in found if _in_place(id, envelope.subposts))


def _in_place(duty_id: str, subposts: Sequence[str]) -> bool:
    duty = DUTIES[duty_id]
    if duty.subpost is None:
        return True
    recorded = {place.code for place in POSTS[duty.post].subposts} & set(subposts)
    return not recorded or duty.subpost in recorded


def quantity_of(event: Event) -> int:
    """How much was done: what the fact says, else one."""
    stated = getattr(event, "quantity", 1)
    return stated if isinstance(stated, int) and stated > 0 else 1


def impersonal(payload: dict[str, Any]) -> dict[str, Any]:
    """The fact as far as the ledger of deeds needs it: what a colleague did, not for which patron with which book.

    Rows are never changed, so what may not be kept for ever is not written in the first place.
    """
    if any(payload.get(key) for key in _THINGS) and payload.get("card"):
        return {**payload, "card": ""}
    return payload


def entry_of(
    event: Event, envelope: Envelope, payload: dict[str, Any], *, duty: str, position: int, prev_hash: str
) -> LedgerEntry:
    """The row of a fact for one duty, bound to the row before it."""
    kept, refs = impersonal(payload), event.refs()
    if kept is not payload:
        refs = [ref for ref in refs if not ref.startswith("patron:")]
    entry = LedgerEntry(
        position=position, person=envelope.actor, duty=duty, event_id=envelope.event_id,
        name=envelope.name, event_version=envelope.version, at=envelope.at.astimezone(UTC),
        department=envelope.source, case_ref=refs[0] if refs else "", link=event.link(),
        quantity=quantity_of(event), payload=kept, prev_hash=prev_hash,
    )
    entry.hash = seal(entry)
    return entry


def as_row(entry: LedgerEntry) -> dict[str, Any]:
    """The columns of a row as JSON."""
    return {name: _plain(getattr(entry, name)) for name in (*FIELDS, "prev_hash", "hash")}


def seal(entry: LedgerEntry) -> str:
    """SHA-256 over the row as canonical JSON and the hash of the row before."""
    body = {name: _plain(getattr(entry, name)) for name in FIELDS}
    body["prev_hash"] = entry.prev_hash
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value


def check_link(entry: LedgerEntry, *, expected: int, prev_hash: str) -> Break | None:
    """What is wrong with a row that should stand at `expected` after a row with `prev_hash`."""
    if entry.position != expected:
        return Break(expected, "gap")
    if entry.prev_hash != prev_hash:
        return Break(expected, "chain")
    if entry.hash != seal(entry):
        return Break(expected, "content")
    return None


def sentence_of(entry: LedgerEntry) -> str:
    """What happened, in the reader's language; the fact's name when this release cannot read it."""
    cls = event_class(entry.name, entry.event_version)
    if cls is None:
        return entry.name
    try:
        return cls.read(entry.payload).sentence()
    except (ValueError, KeyError):
        return entry.name


def moment_of(text: str, name: str, *, end: bool = False) -> datetime | None:
    """A date or moment somebody typed; a bare date is library time, as an end its whole day counts."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid({name: N_("日期格式应为 2026-01-31")}) from error
    found = found if found.tzinfo else found.replace(tzinfo=LOCAL)
    return found + timedelta(days=1) if end and len(text) == len("2026-01-31") else found
