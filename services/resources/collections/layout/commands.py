"""Keeping rules, and holding a chosen location against them."""

from __future__ import annotations

from typing import Any

from services.resources.cataloguing.items.model import Item
from services.resources.cataloguing.items.queries import locations
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.layout import queries, rules
from services.resources.collections.layout.model import LayoutException, LayoutRule
from shared.refusals import Invalid
from shared.work import Work


async def settle(work: Work, rule: LayoutRule, _form: Any) -> None:
    """A rule that makes sense; class marks are kept in capitals, one mark alone means all that begins with it."""
    rule.clc_from, rule.clc_to = rule.clc_from.strip().upper(), rule.clc_to.strip().upper()
    rule.clc_to = rule.clc_to or rule.clc_from
    rule.location, rule.sample_location = rule.location.strip(), rule.sample_location.strip()
    rule.language = rule.language.strip().lower()
    rule.valid_from = rule.valid_from or work.today
    if wrong := rules.errors(rule, await locations(work.session)):
        raise Invalid(wrong)


async def check(work: Work, record: Instance, location: str, *, reason: str, call_number: str = "") -> queries.Proposal | None:
    """The proposal that is overridden, or None where the location is as the rules say; without a reason it is refused."""
    proposal = await queries.propose(work.session, record, work.today, call_number=call_number)
    if proposal is None or proposal.location == location:
        return None
    if len(reason.strip()) < 2:
        place = (await locations(work.session)).get(proposal.location)
        raise rules.Elsewhere(rule=proposal.rule.no, place=place.name if place else proposal.location)
    return proposal


async def write_down(work: Work, proposal: queries.Proposal, item: Item, title: str, *, reason: str) -> None:
    """Who put it elsewhere, and why."""
    work.session.add(LayoutException(
        item_id=item.id, barcode=item.barcode, title=title, rule=proposal.rule.no, proposed=proposal.location,
        chosen=item.location, reason=reason.strip(), by=work.actor.id, at=work.now,
    ))


async def place_for(work: Work, record: Instance) -> str:
    """Where the next copy goes by the rules, or `NoRule`."""
    proposal = await queries.propose(work.session, record, work.today)
    if proposal is None:
        raise rules.NoRule(title=record.title)
    return proposal.location
