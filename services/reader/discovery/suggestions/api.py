"""JSON door of suggestions: one's own, and what staff write down for a reader."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from services.reader.discovery.account.queries import own_patron
from services.reader.discovery.suggestions import commands, queries, rules
from shared.doors import Router, WorkDep, allow

router = Router(prefix="/api/reader", tags=["suggestions"])
PATRON = [allow("patron")]


class ProposalFor(rules.Proposal):
    """A proposal somebody makes at the desk."""

    card: str = Field(min_length=1, max_length=40)


@router.get("/my/suggestions", dependencies=PATRON)
async def mine(work: WorkDep) -> dict[str, Any]:
    """My wishes, newest first, with their stages."""
    patron = await own_patron(work)
    return {"items": [rules.wish_json(wish) for wish in await queries.mine(work.session, patron.id)], "limit": rules.OPEN_MAX}


@router.get("/my/suggestions/check", dependencies=PATRON)
async def check(work: WorkDep, title: str = "", isbn: str = "") -> dict[str, Any]:
    """Is it here, or on its way?"""
    wish = rules.Proposal(title=title or isbn, isbn=isbn).tidy()
    return (await queries.look(work.session, wish)).as_json()


@router.post("/my/suggestions", status_code=201, dependencies=PATRON)
async def propose(work: WorkDep, body: rules.Proposal) -> dict[str, Any]:
    """Propose a title."""
    patron = await own_patron(work)
    return rules.wish_json(await commands.submit(work, card=patron.card, wish=body))


@router.post("/my/suggestions/{number}/withdraw", dependencies=PATRON)
async def withdraw(work: WorkDep, number: str) -> dict[str, Any]:
    """Take it back."""
    return rules.wish_json(await commands.withdraw(work, number=number))


@router.post("/suggestions", status_code=201, dependencies=[allow(*rules.STAFF)])
async def propose_for(work: WorkDep, body: ProposalFor) -> dict[str, Any]:
    """Write down what a reader asked for at the desk."""
    wish = rules.Proposal(**body.model_dump(exclude={"card"}))
    return rules.wish_json(await commands.submit(work, card=body.card, wish=wish))
