"""Reads of consents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.reader.desk.circulation.model import Loan
from services.reader.desk.consents.model import Consent
from services.reader.desk.patrons.model import Patron
from services.reader.desk.patrons.queries import patron_by_card
from shared.refusals import NotAllowed
from shared.work import Work


async def own_patron(work: Work) -> Patron:
    """The patron who asks; the card comes from the token and from nowhere else."""
    if work.actor.kind != "patron" or not work.actor.card:
        raise NotAllowed
    return await patron_by_card(work.session, work.actor.card)


async def open_consent(
    session: AsyncSession, *, principal_id: UUID, delegate_id: UUID, lock: bool = False
) -> Consent | None:
    """The consent between the two that nobody has revoked; it may have run out."""
    query = select(Consent).where(
        Consent.principal_id == principal_id, Consent.delegate_id == delegate_id,
        Consent.revoked_at.is_(None),
    ).execution_options(populate_existing=True)
    return await session.scalar(query.with_for_update() if lock else query)


async def consents_of(session: AsyncSession, patron_id: UUID) -> Sequence[Consent]:
    """What a patron gave and was given, newest first."""
    return (await session.scalars(
        select(Consent).where(or_(Consent.principal_id == patron_id, Consent.delegate_id == patron_id))
        .order_by(Consent.given_at.desc()).limit(100)
    )).all()


async def fetched_for(session: AsyncSession, patron_id: UUID) -> Sequence[Loan]:
    """What delegates have fetched for a patron and is still out."""
    return (await session.scalars(
        select(Loan).where(
            Loan.patron_id == patron_id, Loan.returned_at.is_(None), Loan.delegate_card != ""
        ).order_by(Loan.lent_at.desc())
    )).all()


async def listed(
    session: AsyncSession, q: str, *, limit: int, offset: int
) -> tuple[Sequence[Consent], int]:
    """The desk's list: by number or by the beginning of either card."""
    where = []
    if q:
        where.append(or_(
            Consent.number == q, Consent.paper == q, Consent.principal.startswith(q, autoescape=True),
            Consent.delegate.startswith(q, autoescape=True),
        ))
    total = await session.scalar(select(func.count()).select_from(Consent).where(*where))
    found = await session.scalars(
        select(Consent).where(*where).order_by(Consent.given_at.desc()).limit(limit).offset(offset)
    )
    return found.all(), int(total or 0)


def consent_json(consent: Consent) -> dict[str, Any]:
    """A consent on the wire."""
    return {
        "number": consent.number, "principal": consent.principal, "delegate": consent.delegate,
        "until": consent.until, "paper": consent.paper, "given_at": consent.given_at,
        "revoked_at": consent.revoked_at,
    }
