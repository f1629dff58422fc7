"""What stays away: found by the clock, told to those who buy, and how they get on with it."""

from __future__ import annotations

from uuid import UUID

from services.reader.rooms.serials import queries, rules
from services.reader.rooms.serials.model import Claim, IssueState
from services.reader.rooms.serials.recurrence import ONE
from services.reader.rooms.serials.telling import close_gap, tell_missing
from shared.events.resources import SerialClaimed, SerialDelivered
from shared.i18n import N_
from shared.states import step
from shared.work import Work

S = IssueState
AT_ONCE = 500
STEPS = {"claimed": Claim.claimed, "promised": Claim.promised, "refused": Claim.refused, "credited": Claim.refused}


async def find(work: Work) -> int:
    """Whatever was due longer ago than its tolerance is missing from now on; a second look finds nothing more."""
    found = await queries.overdue(work.session, work.today, AT_ONCE)
    for issue, _title in found:
        issue.state, issue.claim = step(rules.LIFE, issue.state, "miss"), Claim.told
    await work.session.flush()
    open_: dict[UUID, int] = {}
    for issue, title in found:
        if title.id not in open_:
            open_[title.id] = await queries.open_gaps(work.session, title.id)
        await tell_missing(work, title, issue, open_[title.id])
    return len(found)


async def follow_claim(work: Work, event: SerialClaimed) -> None:
    """The desk sees that the supplier was asked, or what it said; without hope the gap ends."""
    for issue, title in await queries.lock_issues(work.session, [UUID(event.issue)]):
        if issue.state not in (S.missing, S.expected) or event.step not in STEPS:
            continue
        issue.claim, issue.claim_no, issue.claim_round = STEPS[event.step], event.number, event.round
        issue.promised_on, issue.claim_note = event.promised_on, event.answer
        if issue.claim is Claim.refused:
            issue.state = step(rules.LIFE, issue.state, "give_up")
            await work.session.flush()
            await close_gap(work, title, issue, "unavailable", N_("无法补到"))


async def follow_delivery(work: Work, event: SerialDelivered) -> None:
    """What the supplier sent after all is on its way here: it stands on today's list again."""
    for line in event.issues:
        for issue, title in await queries.lock_issues(work.session, [UUID(line.issue)]):
            if (issue.state, "resend") in rules.LIFE:
                issue.state = step(rules.LIFE, issue.state, "resend")
                issue.claim, issue.due_on = Claim.sent, work.today
                issue.late_on = work.today + ONE * rules.tolerance(title)
