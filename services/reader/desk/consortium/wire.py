"""The union on the wire: one shape per thing, money in fen as `…_cents`."""

from __future__ import annotations

from typing import Any

from services.reader.desk.consortium import rules
from services.reader.desk.consortium.lists import UnionFile, UnionRow
from services.reader.desk.consortium.model import (
    Box,
    BoxItem,
    Deposit,
    Line,
    Member,
    Settlement,
    UnionCard,
)
from services.reader.desk.holds.model import HoldState
from services.reader.desk.patrons.model import Patron


def paged(items: list[dict[str, Any]], total: int, offset: int) -> dict[str, Any]:
    """A page of a list and where the next one begins."""
    after = offset + len(items)
    return {"items": items, "total": total, "next": after if after < total else None}


def member(one: Member) -> dict[str, Any]:
    """A library of the union."""
    return {
        "code": one.code, "name": one.name, "short": one.short, "contact": one.contact, "pattern": one.pattern,
        "active": one.active, "rate_cents": one.rate_fen, "compensation_cents": one.compensation_fen,
        "pickup_point": one.point or None,
    }


def box(one: Box, home: Member, items: int) -> dict[str, Any]:
    """A transit box."""
    return {
        "number": one.number, "member": home.code, "state": one.state.value, "state_label": one.state.text, "items_count": items,
        "opened_at": one.opened_at, "sent_at": one.sent_at, "carrier": one.carrier, "received_at": one.received_at,
        "signed_by": one.signed_by,
    }


def box_item(one: BoxItem, title: str | None, hold: HoldState | None) -> dict[str, Any]:
    """What lies in a box: a member's item, or ours on its transit slip to a reader there."""
    return {
        "barcode": one.barcode, "ours": bool(one.transit), "transit": one.transit or None, "title": title or "",
        "hold_state": hold.value if hold else None, "returned_on": one.returned_on, "at": one.at, "home": one.home,
    }


def card(one: UnionCard, patron: Patron, home: Member) -> dict[str, Any]:
    """A union card and where its deposit is."""
    stage = rules.stage(one)
    return {
        "card": patron.card, "name": patron.name, "member": home.code, "valid_to": patron.valid_to,
        "card_state": patron.state.value, "issued_here": one.ours, "issued_at": one.issued_at,
        "stage": stage.value, "stage_label": stage.text, "deposit_cents": patron.deposit_fen,
        "refund_number": one.refund_no, "refund_refused": one.refund_refused,
    }


def deposit(one: Deposit) -> dict[str, Any]:
    """A posting of held money."""
    return {
        "receipt": one.receipt, "posting": one.posting.value, "posting_label": one.posting.text,
        "amount_cents": one.amount_fen, "method": one.method.value if one.method else None, "voucher": one.voucher or None,
        "settles": one.settles or None,
        "at": one.at,
    }


def settlement(one: Settlement, home: Member, owed: int) -> dict[str, Any]:
    """A month with a member; positive money is what the member owes us."""
    return {
        "number": one.number, "member": home.code, "month": f"{one.month:%Y-%m}", "state": one.state.value,
        "state_label": one.state.text, "amount_cents": owed, "drafted_by": one.drafted_by, "checked_by": one.checked_by,
        "closed_by": one.closed_by, "closed_at": one.closed_at,
    }


def line(one: Line) -> dict[str, Any]:
    """A line of a settlement with the rows it counted."""
    return {
        "id": str(one.id), "kind": one.kind.value, "kind_label": one.kind.text, "counted": one.counted,
        "quantity": one.quantity, "rate_cents": one.rate_fen, "amount_cents": one.amount_fen, "note": one.note,
        "corrects": one.corrects or None, "rows": one.rows,
    }


def file(one: UnionFile, home: Member) -> dict[str, Any]:
    """A list a member sent."""
    return {
        "number": one.number, "member": home.code, "subject": one.subject.value, "subject_label": one.subject.text,
        "state": one.state.value, "state_label": one.state.text, "file_name": one.file_name, "counts": one.counts,
        "created_at": one.created_at, "finished_at": one.finished_at,
    }


def row(one: UnionRow) -> dict[str, Any]:
    """A line of a file and what becomes of it."""
    return {
        "line": one.line, "ref": one.ref, "fate": one.fate.value, "fate_label": one.fate.text,
        "reasons": [{"code": note["code"], "message": rules.said([note])} for note in one.notes],
    }
