"""Asking the layout where a copy goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.resources.cataloguing.items.model import Item, Location
from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.items.rules import GONE
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.layout import rules
from services.resources.collections.layout.model import LayoutException, LayoutRule


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where the next copies go and by which rule."""

    rule: LayoutRule
    shares: list[rules.Share]

    @property
    def location(self) -> str:
        """Where the very next one goes."""
        return self.shares[0].location


async def all_rules(session: AsyncSession) -> list[LayoutRule]:
    """Every rule, the most specific first; a house has some dozens."""
    return rules.ranked(await session.scalars(select(LayoutRule)))


def closed(places: dict[str, Location], day: date) -> set[str]:
    """Places that take no books on that day."""
    return {code for code, place in places.items() if not place.takes(day)}


def asked_of(record: Instance, call_number: str, day: date) -> rules.Asked:
    """What the rules look at in a copy of this record."""
    return rules.Asked(
        clc=rules.class_of(record.clc, call_number or record.call_number), material=record.material, language=record.language, day=day,
    )


async def in_sample(session: AsyncSession, instance_id: object, location: str) -> int:
    """How many copies of the title stand in the sample stack."""
    if not location:
        return 0
    return int(await session.scalar(select(func.count()).select_from(Item).where(
        Item.instance_id == instance_id, Item.location == location, Item.life.not_in(GONE), Item.book_id.is_(None),
    )) or 0)


async def propose(session: AsyncSession, record: Instance, day: date, *, copies: int = 1, call_number: str = "") -> Proposal | None:
    """Where the next copies of a record go; None where no rule says so."""
    shut = closed(await locations(session), day)
    rule = rules.choose(await all_rules(session), asked_of(record, call_number, day), shut)
    if rule is None:
        return None
    there = await in_sample(session, record.id, rule.sample_location)
    return Proposal(rule, rules.split(rule, copies, in_sample=there, closed=shut))


async def takes_everything(session: AsyncSession, day: date) -> bool:
    """Whether every copy has a place: a rule without conditions is in force."""
    shut = closed(await locations(session), day)
    return rules.choose(await all_rules(session), rules.Asked(material="", day=day), shut) is not None


async def exceptions(session: AsyncSession, *, limit: int, offset: int) -> tuple[Sequence[LayoutException], int]:
    """Copies that went elsewhere, the latest first."""
    total = int(await session.scalar(select(func.count()).select_from(LayoutException)) or 0)
    query = select(LayoutException).order_by(LayoutException.at.desc(), LayoutException.id.desc())
    return (await session.scalars(query.limit(limit).offset(offset))).all(), total
