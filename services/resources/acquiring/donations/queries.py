"""Questions about gifts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.acquiring.donations import rules
from services.resources.acquiring.donations.model import (
    DonatedItem,
    Donation,
    DonationLine,
    DonationState,
    Verdict,
)
from services.resources.cataloguing.items.model import Item
from shared.work import Work


async def by_no(session: AsyncSession, number: str) -> Donation:
    """The gift, or a refusal."""
    found = await session.scalar(select(Donation).where(Donation.no == number))
    if found is None:
        raise rules.UnknownDonation(number)
    return found


async def lines(session: AsyncSession, donation_id: UUID, *, verdicts: Sequence[Verdict] = ()) -> Sequence[DonationLine]:
    """The titles in the order they were offered."""
    query = select(DonationLine).where(DonationLine.donation_id == donation_id)
    if verdicts:
        query = query.where(DonationLine.verdict.in_(verdicts))
    return (await session.scalars(query.order_by(DonationLine.row))).all()


async def items(session: AsyncSession, donation_id: UUID) -> dict[UUID, list[Item]]:
    """The items made of each title."""
    rows = await session.execute(
        select(DonatedItem.line_id, Item).join(Item, Item.id == DonatedItem.item_id)
        .join(DonationLine, DonationLine.id == DonatedItem.line_id).where(DonationLine.donation_id == donation_id).order_by(Item.barcode)
    )
    found: dict[UUID, list[Item]] = {}
    for line_id, item in rows:
        found.setdefault(line_id, []).append(item)
    return found


async def of_record(session: AsyncSession, instance_id: UUID) -> Sequence[Donation]:
    """Received gifts that wait for this record."""
    ids = select(Donation.id).join(DonationLine, DonationLine.donation_id == Donation.id).where(DonationLine.instance_id == instance_id)
    query = select(Donation).where(Donation.id.in_(ids), Donation.state == DonationState.received).order_by(Donation.no).with_for_update()
    return (await session.scalars(query)).all()


async def last_row(session: AsyncSession, donation_id: UUID) -> int:
    """The number of the last title."""
    return await session.scalar(select(func.max(DonationLine.row)).where(DonationLine.donation_id == donation_id)) or 0


async def around(work: Work, one: Donation) -> dict[str, Any]:
    """What stands beside a gift: the donor, the sums, the papers."""
    rows = await lines(work.session, one.id)
    made = await items(work.session, one.id)
    kept = [row for row in rows if row.verdict == Verdict.keep]
    return {
        "one": one, "n": len(rows), "copies": sum(row.copies for row in rows), "kept": sum(row.copies for row in kept),
        "cents": sum(row.copies * row.price_cents for row in kept), "made": sum(len(found) for found in made.values()),
        "open": sum(row.verdict == Verdict.open for row in rows), "late": bool(
            one.certificate_due and not one.certificate_no and one.certificate_due < work.today),
        "whole": work.actor.holds((*rules.BUYERS, "director", "auditor")), "masked": rules.masked(one),
    }
