"""Queueing what has no fact of its own, sending again, wording, contacts, wishes, forgetting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.reader.desk import DESK, HEAD
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.notices import rules
from services.reader.desk.notices.model import (
    CollegeContact,
    Hook,
    Letter,
    Notice,
    NoticeState,
    Wish,
    Wording,
)
from services.reader.desk.notices.queries import notice_by_id, told_together
from services.reader.desk.notices.wording import words_for
from services.reader.desk.patrons.queries import lock_patron
from shared.database import uuid7
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work


async def queue(
    work: Work, *, hook: Hook, patron_id: UUID, about: str, stage: str = "", facts: dict[str, Any], college: str = "",
) -> bool:
    """Tell a patron (or their `college`) something no fact of the outbox says; False when it was queued before.

    `facts` fill the line of the wording: title, barcode, due_on (ISO), amount_cents, what_label …
    """
    made = await work.session.scalar(
        insert(Notice).values(_row(
            work, hook=hook, about=about, stage=stage, party=f"{hook.value}:{college or patron_id}", patron_id=patron_id,
            college=college, facts=facts,
        )).on_conflict_do_nothing().returning(Notice.id)
    )
    return made is not None


async def call_off(work: Work, *, hook: Hook, about: str, reason: str) -> None:
    """What has not left yet about this need not be told any more."""
    await work.session.execute(
        update(Notice).where(Notice.hook == hook, Notice.about == about, Notice.state == NoticeState.queued)
        .values(state=NoticeState.dropped, answer=reason)
    )


def _row(work: Work, **values: Any) -> dict[str, Any]:
    by = "" if work.actor.kind == "system" else work.actor.id
    return {
        "id": uuid7(), "college": "", "address": "", "state": NoticeState.queued, "at": work.now,
        "next_at": work.now, "attempts": 0, "answer": "", "by": by, **values,
    }


async def warn_of_pickups(work: Work) -> int:
    """Tell those who have one day left to fetch what stands ready; run every morning."""
    last = work.today + timedelta(days=rules.WARN_DAYS_BEFORE_PICKUP_ENDS)
    holds = await work.session.scalars(
        select(Hold).where(Hold.state == HoldState.ready, Hold.until == last).order_by(Hold.id)
    )
    told = 0
    for hold in holds.all():
        told += await queue(
            work, hook=Hook.hold_expiring, patron_id=hold.patron_id, about=str(hold.id), stage=str(hold.until),
            facts={
                "title": hold.title, "barcode": hold.barcode, "shelf": hold.shelf, "until": str(hold.until),
                "card": hold.card,
            },
        )
    return told


async def mail_slip(
    work: Work, *, card: str, about: str, lines: Iterable[dict[str, Any]]
) -> bool:
    """The receipt of a sitting by mail; False when this very slip was asked for before."""
    work.actor.require(*DESK)
    patron = await lock_patron(work.session, card)
    if not rules.address_ok(patron.email):
        raise rules.NoAddress
    new = [
        await queue(work, hook=Hook.slip, patron_id=patron.id, about=about, stage=str(line.pop("id")), facts=line)
        for line in lines
    ]
    return any(new)


async def send_again(work: Work, notice_id: UUID) -> Notice:
    """The whole letter once more, to the address as it is now; what is no longer true is left out."""
    work.actor.require(*DESK)
    notice = await notice_by_id(work.session, notice_id)
    if notice.state is NoticeState.queued or notice.address:
        raise rules.NotAgain
    fresh = None
    for old in await told_together(work.session, notice):
        copy = Notice(**_row(
            work, hook=old.hook, about=old.about, stage=f"{old.id}/again", party=old.party,
            patron_id=old.patron_id, college=old.college, facts=old.facts,
        ))
        work.session.add(copy)
        fresh = copy if old.id == notice.id else fresh
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise rules.SentAgainAlready from error
    work.note("send-again", "notice", str(notice.id))
    assert fresh is not None
    return fresh


async def save_wording(
    work: Work, *, hook: Hook, language: str, words: rules.Words, seen: int
) -> Wording:
    """A new version; `seen` is the one it was written from."""
    work.actor.require(*HEAD)
    rules.check(hook, words)
    newest = await words_for(work.session, hook, language)
    if newest.version != seen:
        raise rules.WordingChanged
    saved = Wording(
        hook=hook, language=language, version=seen + 1, subject=rules.one_line(words.subject),
        text=words.text.replace("\r\n", "\n").strip(), line=rules.one_line(words.line), by=work.actor.id, at=work.now,
    )
    work.session.add(saved)
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise rules.WordingChanged from error
    return saved


async def send_trial(
    work: Work, *, hook: Hook, language: str, address: str, facts: dict[str, Any]
) -> Notice:
    """The saved wording to one's own mailbox."""
    work.actor.require(*HEAD)
    if not rules.address_ok(address):
        raise Invalid({"address": N_("不像电子邮箱地址，请核对")})
    id_ = str(uuid7())
    trial = Notice(**_row(
        work, hook=hook, about=id_, stage="trial", party=f"trial:{id_}", address=address,
        facts={**facts, "name": work.actor.name or work.actor.id, "language": language},
    ))
    work.session.add(trial)
    return trial


async def save_contact(work: Work, *, college: str, name: str, email: str) -> CollegeContact:
    """Whom to write to at a college; an empty address takes it off."""
    work.actor.require(*HEAD)
    college, email = college.strip(), email.strip()
    errors = {}
    if not college:
        errors["college"] = N_("必填")
    if email and not rules.address_ok(email):
        errors["email"] = N_("不像电子邮箱地址，请核对")
    if errors:
        raise Invalid(errors)
    await work.session.execute(
        insert(CollegeContact).values(id=uuid7(), college=college, name="", email="").on_conflict_do_nothing()
    )
    found = (await work.session.scalars(
        select(CollegeContact).where(CollegeContact.college == college).with_for_update()
    )).one()
    found.name, found.email = name.strip(), email
    return found


async def save_wish(
    work: Work, *, patron_id: UUID, language: str, extra: Iterable[str], without: Iterable[str]
) -> Wish:
    """What one patron wants to hear; obligations cannot be declined."""
    await work.session.execute(
        insert(Wish).values(id=uuid7(), patron_id=patron_id, language="zh", extra=[], without=[])
        .on_conflict_do_nothing()
    )
    found = (await work.session.scalars(
        select(Wish).where(Wish.patron_id == patron_id).with_for_update()
    )).one()
    found.language = language if language in rules.LANGUAGES else "zh"
    found.extra = [hook.value for hook in rules.EXTRA if hook.value in set(extra)]
    found.without = [hook.value for hook in rules.COURTESY if hook.value in set(without)]
    return found


async def forget(work: Work) -> int:
    """Letters tie persons to titles: after half a year they are gone; run every night."""
    before = work.now - timedelta(days=rules.KEEP_DAYS)
    gone = await work.session.scalar(select(func.count()).select_from(Notice).where(Notice.at < before))
    if gone:
        await work.session.execute(
            delete(Notice).where(Notice.at < before, Notice.state != NoticeState.queued)
        )
        kept = select(Notice.id).where(Notice.letter_id == Letter.id).exists()
        await work.session.execute(delete(Letter).where(Letter.made_at < before, ~kept))
        work.note("forget", "notice", before.date().isoformat(), rows=gone)
    return int(gone or 0)
