"""What is said of gaps: an issue is missing, an issue is missing no longer."""

from __future__ import annotations

from services.reader.rooms.serials import queries
from services.reader.rooms.serials.model import Claim, SerialIssue, SerialTitle, TitleKind
from shared.events.reader import SerialGapClosed, SerialMissing
from shared.work import Work


async def tell_missing(work: Work, title: SerialTitle, issue: SerialIssue, open_: int | None = None) -> None:
    """Those who buy hear of it, and the head of the room."""
    if open_ is None:
        open_ = await queries.open_gaps(work.session, title.id)
    work.emit(SerialMissing(
        number=title.number, title=title.title, issue=str(issue.id), label=issue.label, subscription=title.subscription,
        issn=title.issn, kind="newspaper" if title.kind is TitleKind.newspaper else "journal", issued_on=issue.issued_on,
        due_on=issue.due_on, copies=issue.copies, open=open_,
    ))


async def close_gap(work: Work, title: SerialTitle, issue: SerialIssue, outcome: str, outcome_label: str) -> None:
    """If those who buy were told of it, they hear how it ended."""
    if issue.claim is not Claim.none:
        work.emit(SerialGapClosed(
            number=title.number, title=title.title, issue=str(issue.id), label=issue.label, subscription=title.subscription,
            outcome=outcome, outcome_label=outcome_label, open=await queries.open_gaps(work.session, title.id),
        ))
