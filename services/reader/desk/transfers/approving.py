"""Asking for a transfer, and the word of another person: nothing leaves its shelf before."""

from __future__ import annotations

from services.reader.desk.transfers import rules
from services.reader.desk.transfers.commands import about, in_state
from services.reader.desk.transfers.model import Transfer, TransferState
from services.reader.desk.transfers.queries import lines_of
from shared.events.reader import TransferApproved, TransferSentBack, TransferSubmitted
from shared.states import step
from shared.work import Work

S = TransferState


async def submit(work: Work, *, number: str) -> Transfer:
    """提交审批: the list is complete; a head sees it in their work."""
    work.actor.require(*rules.MOVERS)
    transfer = await in_state(work, number, S.draft)
    lines = await lines_of(work.session, number)
    if not lines:
        raise rules.NothingListed
    transfer.state = step(rules.LIFE, transfer.state, "submit")
    transfer.submitted_at, transfer.submitted_by = work.now, work.actor.id
    work.emit(TransferSubmitted(
        **await about(work, transfer), count=len(lines), submitted_by=work.actor.id, purpose=transfer.reason
    ))
    return transfer


async def approve(work: Work, *, number: str) -> Transfer:
    """批准: by a head who neither made nor handed in the list; from now on books are fetched and scanned out."""
    work.actor.require(*rules.APPROVERS)
    transfer = await in_state(work, number, S.submitted)
    rules.check_approver(transfer, work.actor.id)
    transfer.state = step(rules.LIFE, transfer.state, "approve")
    transfer.approved_at, transfer.approved_by, transfer.sent_back = work.now, work.actor.id, ""
    lines = await lines_of(work.session, number)
    work.emit(TransferApproved(**await about(work, transfer), count=len(lines)))
    return transfer


async def send_back(work: Work, *, number: str, reason: str) -> Transfer:
    """退回: with the reason, to whoever handed it in; they change the list and hand it in again."""
    work.actor.require(*rules.APPROVERS)
    transfer = await in_state(work, number, S.submitted)
    rules.check_approver(transfer, work.actor.id)
    if not reason.strip():
        raise rules.SentBackWhy
    transfer.state = step(rules.LIFE, transfer.state, "send_back")
    transfer.sent_back = reason.strip()
    work.emit(TransferSentBack(
        **await about(work, transfer), reason=transfer.sent_back, submitted_by=transfer.submitted_by
    ))
    return transfer
