"""The sender: takes what is due, writes each letter as things stand now, and lets it go.

A letter is claimed by locks that last until its outcome is committed, so two replicas never send
the same one. The one gap left: a process that dies between the server's "250" and our commit sends
that single letter again, with the same Message-ID.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from services.reader.desk.notices import rules, validity
from services.reader.desk.notices.composing import Draft, Receiver, compose, receiver_of
from services.reader.desk.notices.model import Letter, Notice, NoticeState
from services.reader.desk.notices.queries import sent_since
from services.reader.desk.notices.smtp import Later, Post, Refused, Trouble
from shared.i18n import N_
from shared.service import Kit
from shared.settings import Settings
from shared.states import step
from shared.work import Work, Works

log = structlog.get_logger()

TICK = 5.0
LONGEST_TICK = 120.0
GRACE = 10.0
MOST_PER_ROUND = 500
# A mail server that thinks long keeps the transaction of its one letter open.
PATIENCE = text("SET LOCAL idle_in_transaction_session_timeout = '10min'")
DECLINED = N_("读者不接收这类通知")
NO_ADDRESS = N_("没有可用的电子邮箱")
NO_CONTACT = N_("该学院没有登记联系人的电子邮箱，登记后请重发")
MAIL_OFF = N_("未配置邮件服务器")
STOP = "trouble"


async def send_due(
    works: Works, settings: Settings, post: Post | None, *, now: datetime | None = None,
    halt: asyncio.Event | None = None,
) -> Counter[str]:
    """Everything that is due, one letter per transaction; says how many of each outcome there were."""
    done: Counter[str] = Counter()
    busy: list[str] = []
    for _round in range(MOST_PER_ROUND):
        if halt and halt.is_set():
            break
        async with works.open(now=now) as work:
            outcome = await _next(work, settings, post, busy)
        if outcome is None:
            break
        done[outcome] += 1
        if outcome == STOP:
            break
    return done


async def _next(work: Work, settings: Settings, post: Post | None, busy: list[str]) -> str | None:
    """Claim one party's notices and settle them; None when nothing (more) may be sent now."""
    if post and await sent_since(work.session, work.now - timedelta(minutes=1)) >= settings.smtp_per_minute:
        return None
    party = await work.session.scalar(
        select(Notice.party)
        .where(Notice.state == NoticeState.queued, Notice.next_at <= work.now, Notice.party.not_in(busy))
        .order_by(Notice.next_at, Notice.id).limit(1).with_for_update(skip_locked=True)
    )
    if party is None:
        return None
    # A party is one replica's at a time: what arrives for it meanwhile goes into the next letter.
    if not await work.session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(party, 0)))):
        busy.append(party)
        return "busy"
    notices = list(await work.session.scalars(
        select(Notice).where(Notice.state == NoticeState.queued, Notice.party == party, Notice.at <= work.now)
        .order_by(Notice.at, Notice.id).limit(rules.MOST_IN_ONE).with_for_update()
        .execution_options(populate_existing=True)
    ))
    if not notices:
        busy.append(party)
        return "busy"
    receiver = await receiver_of(work.session, notices[0])
    left = await _still_true(work, notices, receiver)
    if not left:
        return "dropped"
    draft = await compose(work.session, settings, left, receiver, work.today)
    return await _let_go(work, post, left, draft)


async def _still_true(work: Work, notices: Sequence[Notice], receiver: Receiver) -> list[Notice]:
    left = []
    for notice in notices:
        reason = await validity.why_not(work.session, notice, work.today)
        if not reason and not notice.address and not receiver.wants(notice.hook):
            reason = DECLINED
        if reason:
            notice.state, notice.answer = step(rules.LIFE, notice.state, "drop"), reason
        else:
            left.append(notice)
    return left


async def _let_go(work: Work, post: Post | None, notices: list[Notice], draft: Draft) -> str:
    if notices[0].hook in rules.TO_COLLEGE and not rules.address_ok(draft.address):
        # A college has no account to find the letter in: somebody must see that it reached nobody.
        return await _settle(work, notices, draft, "fail", NO_CONTACT)
    if post is None or not rules.address_ok(draft.address):
        return await _settle(work, notices, draft, "keep", MAIL_OFF if rules.address_ok(draft.address) else NO_ADDRESS)
    await work.session.execute(PATIENCE)
    ids = [notice.id.hex for notice in notices]
    try:
        await post.send(draft, ids, work.now)
    except Refused as no:
        return await _settle(work, notices, draft, "fail", no.answer)
    except Later as no:
        attempts = max(notice.attempts for notice in notices) + 1
        if attempts >= rules.MOST_ATTEMPTS:
            return await _settle(work, notices, draft, "fail", no.answer)
        for notice in notices:
            notice.attempts, notice.answer = attempts, no.answer
            notice.next_at = rules.next_try(work.now, attempts)
        return "later"
    except Trouble as no:
        for notice in notices:
            notice.answer, notice.next_at = no.answer, work.now + rules.AFTER_TROUBLE
        return STOP
    return await _settle(work, notices, draft, "send", "")


async def _settle(work: Work, notices: list[Notice], draft: Draft, action: str, answer: str) -> str:
    first = notices[0]
    state = step(rules.LIFE, first.state, action)
    letter = Letter(
        hook=first.hook, state=state, patron_id=first.patron_id if not first.college else None,
        college=first.college, address=draft.address, language=draft.language, wording=draft.version,
        subject=draft.subject, text=draft.text, answer=answer, made_at=work.now,
    )
    work.session.add(letter)
    await work.session.flush()
    for notice in notices:
        notice.state, notice.answer, notice.letter_id = state, answer, letter.id
    return state.value


class Sender:
    """The background task of one process."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.halt = asyncio.Event()

    async def start(self, kit: Kit) -> None:
        """Begin to send; without a mail server letters are written and left in the accounts."""
        self.halt = asyncio.Event()
        self.task = asyncio.create_task(self._run(kit, self.halt), name="notices")

    async def stop(self, _kit: Kit) -> None:
        """Stop; a letter on its way is finished first, the rest waits in the queue."""
        self.halt.set()
        if self.task:
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(self.task, GRACE)
            self.task = None

    async def _run(self, kit: Kit, halt: asyncio.Event) -> None:
        post, pause = Post.of(kit.settings), TICK
        while not halt.is_set():
            try:
                done = await send_due(kit.works, kit.settings, post, halt=halt)
            except (SQLAlchemyError, OSError) as error:
                log.warning("notices will be tried again", error=type(error).__name__)
            except Exception:
                log.exception("notices could not be sent")
            else:
                if done:
                    log.info("notices settled", **done)
                pause = min(pause * 2, LONGEST_TICK) if STOP in done else TICK
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(halt.wait(), pause)
