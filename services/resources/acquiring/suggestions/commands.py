"""Joining readers' wishes to the case of their title, and deciding it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update

from services.resources.acquiring.checking import queries as checking
from services.resources.acquiring.checking.rules import Known, Title, title_of
from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata.model import Origin, TitleState
from services.resources.acquiring.desiderata.queries import by_numbers, on_its_way
from services.resources.acquiring.suggestions import queries, rules
from services.resources.acquiring.suggestions.model import Source, Suggestion, SuggestionState, Vote
from shared.database import uuid7
from shared.events.reader import DemandUnmet, SuggestionSubmitted
from shared.events.resources import SuggestionChecked, SuggestionDropped
from shared.i18n import N_
from shared.states import step
from shared.work import Work

NUMBER = "JG"


async def submit(work: Work, fact: SuggestionSubmitted) -> Suggestion:
    """A reader asks: joined to the case of the title, or a case of its own; at once accepted when it is coming."""
    await work.session.flush()  # several facts may come in one delivery
    asked = title_of(fact.title, fact.author, fact.isbn)
    case = await queries.open_case(work.session, asked.key) or await queries.accepted_case(work.session, asked.key)
    if case is None:
        case = await _open(work, asked, fact, Source.reader)
    by = work.cause.actor if work.cause else work.actor.id
    at = work.cause.at if work.cause else work.now
    undecided = case.state in {SuggestionState.open, SuggestionState.held}
    work.session.add(Vote(
        suggestion_id=case.id, wish=fact.number, card=fact.card if undecided else "", by=by if undecided else "",
        reason=fact.reason, at=at,
    ))
    case.votes += 1
    case.source = rules.source_of(case)
    if case.state == SuggestionState.open and case.coming:
        await _join(work, case)
        return case
    work.emit(_checked(case, fact.number), correlation=case.correlation)
    if not undecided:
        wanted = (await by_numbers(work.session, [case.title_no]))[case.title_no]
        work.emit(rules.decided(case, [fact.number], "accepted", progress=str(wanted.state)), correlation=case.correlation)
    return case


async def demand(work: Work, fact: DemandUnmet) -> Suggestion:
    """Readers wait in vain: on the case of the title, or a new one."""
    await work.session.flush()  # several facts may come in one delivery
    asked = title_of(fact.title, fact.author, fact.isbn)
    case = await queries.open_case(work.session, asked.key) or await queries.accepted_case(work.session, asked.key)
    new = case is None
    if case is None:
        case = await _open(work, asked, fact, Source.demand)
    case.holds = fact.holds
    case.source = rules.source_of(case)
    if new and case.coming:
        await _join(work, case)
    elif new:
        work.emit(_checked(case, ""), correlation=case.correlation)
    return case


async def withdraw(work: Work, *, wish: str) -> None:
    """A reader does not want it any more; with the last one the case is over."""
    await work.session.flush()
    case = await queries.case_of_wish(work.session, wish)
    if case is None or (SuggestionState(case.state), "drop") not in rules.LIFE:
        return
    await work.session.execute(delete(Vote).where(Vote.wish == wish))
    case.votes -= 1
    case.source = rules.source_of(case)
    if not case.votes and not case.holds:
        case.state = step(rules.LIFE, SuggestionState(case.state), "drop")
        work.emit(SuggestionDropped(number=case.no, title=case.title), correlation=case.correlation)


async def accept(work: Work, case: Suggestion, *, copies: int, more: bool, answer: str) -> None:
    """The title is wanted, or joins the one that is on its way; `more`: one more although we have it."""
    await _not_own(work, case)
    found = await _look(work, case)
    if found.copies and not more:
        raise rules.AlreadyHeld(title=case.title, n=found.copies, record=found.record)
    wish = await on_its_way(work.session, case.isbn)
    if wish is None or more:
        wish = await desiderata.want(
            work, title=case.title, author=case.author, publisher=case.publisher, year=case.year, isbn=case.isbn, copies=copies,
            origin=Origin.suggestion if case.votes else Origin.demand, origin_no=case.no, again=more,
        )
    case.title_no, case.answer, case.copies = wish.no, answer, copies
    await _settle(work, case, "accepted", progress=str(wish.state))


async def hold(work: Work, case: Suggestion, *, answer: str) -> None:
    """Not now; it comes up again."""
    await _not_own(work, case)
    case.answer, case.answer_by = answer, rules.held_until(work.today)
    wishes = [vote.wish for vote in await queries.votes_of(work.session, case.id)]
    work.emit(rules.decided(case, wishes, "held"), correlation=case.correlation)


async def refuse(work: Work, case: Suggestion, *, answer: str) -> None:
    """It will not be bought, and why."""
    await _not_own(work, case)
    case.answer = answer
    await _settle(work, case, "refused")


async def answered(work: Work, wanted: dict[str, str]) -> int:
    """Titles that are wanted for another reason (key → number of the wanted title) answer whoever asked for them."""
    await work.session.flush()
    cases = await queries.open_cases(work.session, list(wanted))
    for case in cases:
        case.state = step(rules.LIFE, SuggestionState(case.state), "join")
        case.title_no, case.answer = wanted[case.key], N_("已列入采购")
        await _settle(work, case, "accepted", progress=TitleState.wanted.value)
    return len(cases)


async def _open(work: Work, asked: Title, fact: SuggestionSubmitted | DemandUnmet, source: Source) -> Suggestion:
    found = (await checking.look(work.session, [asked]))[0]
    case = Suggestion(
        id=uuid7(), no=await work.number(NUMBER), state=SuggestionState.open, title=asked.title, author=asked.author,
        publisher=fact.publisher, year=fact.year, isbn=asked.isbn or fact.isbn.strip(), key=asked.key, source=source, votes=0, holds=0,
        record=found.record, copies_held=found.copies, coming=found.coming, answer_by=rules.answer_by(work.today),
        correlation=work.correlation, created_by=work.actor.id, created_at=work.now,
    )
    work.session.add(case)
    await work.session.flush()
    return case


async def _join(work: Work, case: Suggestion) -> None:
    """Nothing to decide: the title is on its way already, for others."""
    await work.session.flush()
    wanted = (await by_numbers(work.session, [case.coming]))[case.coming]
    case.state = step(rules.LIFE, SuggestionState(case.state), "join")
    case.title_no, case.answer = case.coming, N_("已在采购途中")
    await _settle(work, case, "accepted", progress=str(TitleState(wanted.state)))


async def _settle(work: Work, case: Suggestion, decision: str, *, progress: str = "") -> None:
    """Everybody who asked hears it; who they were is nobody's business from now on."""
    await work.session.flush()
    case.decided_by, case.decided_at = work.actor.id, work.now
    wishes = [vote.wish for vote in await queries.votes_of(work.session, case.id)]
    await work.session.execute(update(Vote).where(Vote.suggestion_id == case.id).values(card="", by=""))
    work.emit(rules.decided(case, wishes, decision, progress=progress), correlation=case.correlation)


async def _not_own(work: Work, case: Suggestion) -> None:
    if rules.own(await queries.votes_of(work.session, case.id), work.actor):
        raise rules.OwnSuggestion


async def _look(work: Work, case: Suggestion) -> Known:
    found = (await checking.look(work.session, [title_of(case.title, case.author, case.isbn)]))[0]
    case.record, case.copies_held, case.coming = found.record, found.copies, found.coming
    return found


def _checked(case: Suggestion, wish: str) -> Any:
    return SuggestionChecked(
        number=case.no, title=case.title, wish=wish, votes=case.votes, copies=case.copies_held, record=case.record,
        coming=case.coming, answer_by=case.answer_by,
    )
