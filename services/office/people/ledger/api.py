"""The work ledger for programs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from services.office.people.ledger.model import LedgerEntry
from services.office.people.ledger.queries import Search, allowed_search, page_of, verify
from services.office.people.ledger.rules import READERS, moment_of, sentence_of
from shared.doors import Router, WorkDep, allow

router = Router()
LONGEST_PAGE = 200


def said(entry: LedgerEntry) -> dict[str, Any]:
    """A row for programs."""
    return {
        "position": entry.position, "person": entry.person, "duty": entry.duty, "event_id": str(entry.event_id),
        "event": entry.name, "at": entry.at.isoformat(), "department": entry.department, "case": entry.case_ref,
        "link": entry.link, "sentence": sentence_of(entry), "quantity": entry.quantity, "hash": entry.hash,
    }


@router.get("/api/office/ledger", dependencies=[allow("staff")])
async def ledger(
    work: WorkDep, person: str = "", duty: str = "", department: str = "", since: str = "", until: str = "",
    limit: int = 50, below: int | None = None,
) -> dict[str, Any]:
    """Rows, newest first; `next` is the address of the following page. Staff see their own."""
    search = allowed_search(work.actor, Search(
        person=work.actor.id if person == "me" else person, duty=duty, department=department,
        since=moment_of(since, "since"), until=moment_of(until, "until", end=True),
    ))
    size = max(1, min(limit, LONGEST_PAGE))
    entries, total = await page_of(work.session, search, limit=size + 1, below=below)
    found: dict[str, Any] = {"items": [said(e) for e in entries[:size]], "total": total, "next": None}
    if len(entries) > size:
        asked = {"person": person, "duty": duty, "department": department, "since": since, "until": until}
        asked |= {"limit": str(size), "below": str(entries[size - 1].position)}
        found["next"] = "/api/office/ledger?" + urlencode({k: v for k, v in asked.items() if v})
    return found


@router.get("/api/office/ledger/verify", dependencies=[allow(*READERS, "TEC-SYS")])
async def verified(work: WorkDep) -> dict[str, Any]:
    """Walk the chain; names the first position that is not as it was written."""
    verdict = await verify(work.session)
    return {
        "ok": verdict.ok, "rows": verdict.rows, "hash": verdict.hash, "seconds": round(verdict.seconds, 3),
        "broken_at": verdict.broken.position if verdict.broken else None,
        "kind": verdict.broken.kind if verdict.broken else None,
    }
