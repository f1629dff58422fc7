"""How a suggestion is decided, by whom and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from services.resources.acquiring.suggestions.model import Source, Suggestion, SuggestionState, Vote
from services.resources.cataloguing.handover.rules import working_day
from shared.events.resources import SuggestionDecided
from shared.i18n import N_
from shared.identity import Actor
from shared.refusals import Refusal

BUYERS = ("RES-ACQ", "head-resources")
READERS = ("RES", "RDR", "head", "director", "deputy", "auditor")
ANSWER_DAYS = 5
HELD_DAYS = 60

S = SuggestionState
LIFE: Mapping[tuple[SuggestionState, str], SuggestionState] = {
    (S.open, "accept"): S.accepted,
    (S.open, "hold"): S.held,
    (S.open, "refuse"): S.refused,
    (S.held, "accept"): S.accepted,
    (S.held, "refuse"): S.refused,
    (S.open, "join"): S.accepted,
    (S.held, "join"): S.accepted,
    (S.open, "drop"): S.dropped,
    (S.held, "drop"): S.dropped,
}


class OwnSuggestion(Refusal):
    """Whoever asked does not decide."""

    code = "suggestions.own"
    message = N_("您自己荐购的书须由他人决定")


class AlreadyHeld(Refusal):
    """Another copy of what stands on the shelf is bought on purpose or not at all."""

    code = "suggestions.already-held"
    message = N_("《{title}》在藏 {n} 册（{record}）；确需复本请勾选“增购复本”")


def answer_by(today: date) -> date:
    """The last day for an answer."""
    return working_day(today, ANSWER_DAYS)


def held_until(today: date) -> date:
    """When a held suggestion is looked at again."""
    return today + timedelta(days=HELD_DAYS)


def own(votes: Iterable[Vote], actor: Actor) -> bool:
    """Whether the person is among those who asked."""
    mine = {actor.id, actor.card} - {""}
    return any(mine & {vote.by, vote.card} for vote in votes)


def source_of(case: Suggestion) -> Source:
    """Who asks, from what was counted."""
    if case.votes and case.holds:
        return Source.both
    return Source.reader if case.votes else Source.demand


def decided(case: Suggestion, wishes: Iterable[str], decision: str, *, progress: str = "") -> SuggestionDecided:
    """What the readers hear."""
    return SuggestionDecided(
        number=case.no, title=case.title, wishes=tuple(wishes), decision=decision, reason=case.answer, title_no=case.title_no,
        progress=progress, answer_by=case.answer_by if decision == "held" else None,
    )
