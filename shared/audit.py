"""Every write leaves who, when, from where, before and after; nobody has to remember to.

The session hook below writes one row per changed object. A table that is filled by other facts
(a read model, a cursor) opts out with `__audit__ = False`.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    event,
    func,
    inspect,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.database import KIT

audit = Table(
    "audit", KIT,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("actor", Text, nullable=False),
    Column("posts", Text, nullable=False, server_default=""),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("correlation", Uuid),
    Column("origin", Text, nullable=False, server_default=""),
    # What a seal needs of a row that loses its person later (shared/sealing): nobody guesses past the salt.
    Column("salt", Uuid, nullable=False, server_default=func.gen_random_uuid()),
    Column("was", LargeBinary),
    Column("forgot", BigInteger),
    Index("ix_audit_subject", "subject", "subject_id"),
    Index("ix_audit_actor", "actor", "at"),
)


def plain(value: Any) -> Any:
    """A column value as JSON."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, list | tuple | set):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return value


def _changes(obj: Any, *, created: bool) -> dict[str, Any]:
    state = inspect(obj)
    hidden = getattr(obj, "__audit_hide__", ())
    found: dict[str, Any] = {}
    for attr in state.mapper.column_attrs:
        key = attr.key
        if created:
            value = state.dict.get(key)
            if value is not None:
                found[key] = "•" if key in hidden else plain(value)
            continue
        history = state.attrs[key].history
        if history.has_changes():
            before = history.deleted[0] if history.deleted else None
            after = history.added[0] if history.added else None
            found[key] = ["•", "•"] if key in hidden else [plain(before), plain(after)]
    return found


@event.listens_for(Session, "before_flush")
def _write_audit(session: Session, _context: Any, _instances: Any) -> None:
    note_changes(session)


def note_changes(session: Session) -> None:
    """Give the work of this session an audit row for every object that is about to be written."""
    work = session.info.get("work")
    if work is None:
        return
    rows = []
    for objects, action in ((session.new, "create"), (session.dirty, "update"), (session.deleted, "delete")):
        for obj in objects:
            if not getattr(obj, "__audit__", True):
                continue
            changes = _changes(obj, created=action != "update")
            if not changes:
                continue
            rows.append(work.audit_row(action, obj.__tablename__, str(obj.id), changes))
    if rows:
        work.audit_rows.extend(rows)
