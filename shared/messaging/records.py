"""One line of a department's log, and its two written forms: a message of the stream, an answer over the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

from shared.events.base import Envelope, name_of

# `guanwu.…` is stored by the streams; control words have another first token, so no stream takes them.
CONTROL = "guanwu-ctl"


def log_subject(source: str) -> str:
    """Where a department answers questions about its log."""
    return f"{CONTROL}.{source}.log"


def head_subject(source: str) -> str:
    """Where a department says how far its log has been published."""
    return f"{CONTROL}.{source}.head"


@dataclass(frozen=True, slots=True)
class Record:
    """An event with its place: it follows `prev` in the producer's log and has position `seq`.

    `prev` is `seq - 1` except where a restored producer began a new epoch; a reader may apply the
    record when its own cursor lies between the two.
    """

    source: str
    seq: int
    prev: int
    event_id: UUID
    subject: str
    aggregate: str
    epoch: UUID | None
    payload: dict[str, Any]
    context: dict[str, Any]

    def envelope(self) -> Envelope:
        """The circumstances as handlers see them."""
        name, version = name_of(self.subject)
        said = self.context
        return Envelope(
            event_id=self.event_id,
            name=name,
            version=version,
            source=self.source,
            seq=self.seq,
            at=datetime.fromisoformat(said["at"]),
            actor=said.get("actor") or "system",
            actor_kind=said.get("kind") or "system",
            posts=tuple(said.get("posts") or ()),
            subposts=tuple(said.get("subposts") or ()),
            rank=said.get("rank") or "",
            correlation=_uuid(said.get("correlation")),
            cause=_uuid(said.get("cause")),
        )

    def as_json(self) -> dict[str, Any]:
        """The form in which the log is read out."""
        return {
            "seq": self.seq,
            "prev": self.prev,
            "id": str(self.event_id),
            "subject": self.subject,
            "aggregate": self.aggregate,
            "payload": self.payload,
            "context": self.context,
        }


def from_json(source: str, epoch: str | None, line: dict[str, Any]) -> Record:
    """A line of a log read out by its department."""
    return Record(
        source=source,
        seq=line["seq"],
        prev=line["prev"],
        event_id=UUID(line["id"]),
        subject=line["subject"],
        aggregate=line["aggregate"],
        epoch=_uuid(epoch),
        payload=line["payload"],
        context=line["context"],
    )


def headers_of(
    *,
    seq: int,
    prev: int,
    event_id: UUID,
    aggregate: str,
    epoch: UUID | None,
    context: dict[str, Any],
) -> dict[str, str]:
    """NATS headers of one event; header values must be ASCII, so free text is quoted."""
    return {
        "Nats-Msg-Id": str(event_id),
        "Guanwu-Seq": str(seq),
        "Guanwu-Prev": str(prev),
        "Guanwu-Epoch": str(epoch or ""),
        "Guanwu-Aggregate": quote(aggregate, safe=":-_./"),
        "Guanwu-Context": json.dumps(context, separators=(",", ":")),
    }


def from_message(source: str, subject: str, headers: dict[str, str] | None, data: bytes) -> Record:
    """An event as the stream delivers it; `ValueError` when it is none of ours."""
    if not headers or "Guanwu-Seq" not in headers:
        msg = f"no position on a message of {subject}"
        raise ValueError(msg)
    seq = int(headers["Guanwu-Seq"])
    return Record(
        source=source,
        seq=seq,
        prev=int(headers.get("Guanwu-Prev") or seq - 1),
        event_id=UUID(headers["Nats-Msg-Id"]),
        subject=subject,
        aggregate=unquote(headers.get("Guanwu-Aggregate", "")),
        epoch=_uuid(headers.get("Guanwu-Epoch")),
        payload=json.loads(data),
        context=json.loads(headers.get("Guanwu-Context") or "{}"),
    )


def _uuid(value: str | None) -> UUID | None:
    return UUID(value) if value else None
