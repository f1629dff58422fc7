"""What resource development tells about a title, as its readers follow it; the first hold when it comes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.rules import HoldRefused, UnknownTitle
from services.reader.desk.merging.commands import bring_home, carry, followed, parted
from services.reader.desk.merging.queries import title_now
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices.model import Hook
from services.reader.desk.patrons.model import Patron
from services.reader.discovery.catalogue.rules import sort_title
from services.reader.discovery.suggestions import queries, rules
from services.reader.discovery.suggestions.model import (
    ComingTitle,
    Promise,
    Suggestion,
    TitleDemand,
)
from shared.events.resources import SuggestionChecked, SuggestionDecided, TitleProgressed
from shared.i18n import N_
from shared.states import step
from shared.work import Work

HOLDABLE = ("catalogued", "on_shelf")


async def checked(work: Work, fact: SuggestionChecked) -> None:
    """It was looked up and has a case; everybody on the case sees how many ask."""
    for wish in await queries.locked(work.session, Suggestion.no == fact.wish) if fact.wish else ():
        wish.case_no, wish.answer_by = fact.number, fact.answer_by
        rules.add_step(wish, "checked", work.now)
    for wish in await queries.locked(work.session, Suggestion.case_no == fact.number, Suggestion.state.in_(rules.OPEN)):
        wish.votes = fact.votes


async def decided(work: Work, fact: SuggestionDecided) -> None:
    """The answer, for all who asked."""
    action = rules.DECISIONS[fact.decision]
    for wish in await queries.locked(work.session, Suggestion.no.in_(fact.wishes)):
        if (wish.state, action) not in rules.LIFE:  # withdrawn meanwhile
            continue
        wish.state = step(rules.LIFE, wish.state, action)
        wish.case_no, wish.answer, wish.answer_by = fact.number, fact.reason, fact.answer_by
        wish.title_no, wish.progress = fact.title_no, fact.progress
        wish.ended_at = work.now if wish.state not in rules.OPEN else None
        rules.add_step(wish, fact.decision, work.now, fact.reason)
        await _tell(work, wish, fact.decision, fact.reason)


async def coming(work: Work, fact: TitleProgressed) -> None:
    """The title and how far it is, whoever asked for it."""
    values = {
        "title": fact.title, "sort_title": sort_title(fact.title), "isbn": fact.isbn, "progress": fact.progress,
        "at": work.cause.at if work.cause else work.now,
    }
    row = insert(ComingTitle).values(number=fact.number, **values)
    await work.session.execute(row.on_conflict_do_update(index_elements=["number"], set_=values))


async def progressed(work: Work, fact: TitleProgressed) -> None:
    """A stage further; catalogued, the first holds are theirs who asked."""
    wishes = await queries.locked(work.session, Suggestion.title_no == fact.number, Suggestion.state.in_(rules.OPEN))
    for wish in wishes:
        wish.progress = fact.progress
        rules.add_step(wish, fact.progress, work.now, fact.reason)
        if fact.instance_id and fact.progress in HOLDABLE and wish.promise is Promise.none:
            wish.promise, wish.instance_id = Promise.due, await title_now(work.session, fact.instance_id)
        if ends := rules.ENDS.get(fact.progress):
            wish.state = step(rules.LIFE, wish.state, ends) if (wish.state, ends) in rules.LIFE else wish.state
            wish.ended_at = work.now
            wish.answer = fact.reason or wish.answer
        await _tell(work, wish, fact.progress, fact.reason)
    if fact.instance_id and wishes:
        await keep_promises(work, instance_id=await title_now(work.session, fact.instance_id))


async def keep_promises(work: Work, *, instance_id: str = "") -> int:
    """The holds of those who asked (for one title, or all), in the order of asking.

    What no copy has come of yet stays promised; run every few minutes, for copies may come after their title.
    """
    placed = 0
    wishes: Sequence[Suggestion] = await queries.promised(work.session, instance_id)
    for wish in wishes:
        patron = await work.session.get(Patron, wish.patron_id)
        if patron is None:
            continue
        try:
            _hold, place = await holds.place(
                work, card=patron.card, instance_id=wish.instance_id, override=True, note=N_("荐购人首借"),
            )
        except UnknownTitle:
            continue
        except HoldRefused as refusal:  # refused before anything was changed
            if [reason.code for reason in refusal.reasons] == ["hold-exists"]:  # they were quicker
                wish.promise = Promise.placed
                continue
            wish.promise = Promise.impossible
            why = "；".join(str(reason) for reason in refusal.reasons)
            rules.add_step(wish, "no_hold", work.now, why)
            await _tell(work, wish, "no_hold", why)
            continue
        placed += 1
        wish.promise = Promise.placed
        rules.add_step(wish, "hold", work.now)
        await _tell(work, wish, "hold", "", position=place)
    return placed


async def merged(work: Work, *, instance_id: str) -> None:
    """The wishes follow their title; what was told of its queue is counted anew with the other's."""
    if (now := await followed(work, this=instance_id)) is not None:
        await carry(work, "suggestion", this=instance_id, now=now)
        await work.session.execute(delete(TitleDemand).where(TitleDemand.instance_id == instance_id))


async def parted_again(work: Work, *, instance_id: str, into: str) -> None:
    """They go home with it."""
    if (was := await parted(work, this=instance_id, into=into)) is not None:
        await bring_home(work, "suggestion", this=instance_id, was=was)


async def _tell(work: Work, wish: Suggestion, what: str, reason: str, **more: int) -> None:
    if wish.patron_id is not None and what != "wanted":
        await notices.queue(
            work, hook=Hook.suggestion, patron_id=wish.patron_id, about=wish.no, stage=f"{what}/{len(wish.steps)}",
            facts={"title": wish.title, "what_label": rules.STEPS.get(what, what), "reason": reason, "card": wish.card, **more},
        )
