"""Who is told at once: those on whose desk a case has just landed, and the patron whose book is here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from gateway.live.model import Notice
from gateway.people.queries import holders_today
from gateway.timeline.rules import topic_of
from gateway.work.model import WorkItem
from shared.events.base import Envelope, Event, Waiting
from shared.events.reader import HoldEnded, HoldPostponed, HoldReady
from shared.i18n import N_, _, speaking
from shared.messaging.handlers import Handlers
from shared.work import Work

handlers = Handlers()

# What lay in a backlog for days is on the list; it is not announced as if it happened now.
STALE = timedelta(hours=6)
# A case that waits for a whole department or for everybody is no notice for each of them.
MOST = 12
READY = N_("您预约的《{title}》已到馆，请在 {until} 前到 {shelf} 取书")
POSTPONED = N_("您预约的《{title}》暂不能取：{reason}。仍为您排在第 {position} 位")
ENDED = N_("您预约的《{title}》已结束：{reason}")


async def _notify(
    work: Work, envelope: Envelope, topic: str, people: Iterable[str], **line: Any
) -> None:
    rows = [
        {"person_id": person, "event_id": envelope.event_id, "topic": topic, "at": envelope.at, **line}
        for person in people
    ]
    if rows:
        await work.session.execute(insert(Notice).values(rows).on_conflict_do_nothing())


async def _news_to(work: Work, waiting: Waiting) -> bool:
    """Whether the case is new to these holders; moving on within one desk is no news."""
    held = await work.session.scalar(
        select(WorkItem.holders).where(WorkItem.key == waiting.key, WorkItem.closed_at.is_(None))
    )
    return held is None or set(held) != set(waiting.holders)


def _said_to_patron(event: Event, actor: str) -> tuple[str, dict[str, str], str] | None:
    """What a patron is told of their hold, in both languages, and its tone; nothing of what they did themselves."""
    match event:
        case HoldReady():
            sentence, tone, reason = READY, "ok", ""
        case HoldPostponed():
            sentence, tone, reason = POSTPONED, "warn", event.reason
        case HoldEnded() if event.how != "filled" and actor != event.card:
            sentence, tone, reason = ENDED, "warn", event.how_label
        case _:
            return None
    said = {}
    for lang in ("zh", "en"):
        with speaking(lang):
            said[f"text_{lang}"] = _(sentence, **{**event.model_dump(), "reason": _(reason) if reason else ""})
    return event.card, said, tone


@handlers.on_all()
async def announce_on_any_event(
    work: Work, event: Event | None, envelope: Envelope, _payload: dict[str, Any]
) -> None:
    """A notice for everybody who holds the post the case now waits for, except who sent it there."""
    if event is None or envelope.at < work.now - STALE:
        return
    topic = topic_of(envelope.name, event)
    if told_patron := _said_to_patron(event, envelope.actor):
        card, said, tone = told_patron
        await _notify(work, envelope, topic, [card], **said, url="/reader/my", tone=tone)
    for waiting in event.waiting():
        if not isinstance(waiting, Waiting) or not await _news_to(work, waiting):
            continue
        people = await holders_today(work.session, waiting.holders, work.today)
        told = [person for person in people if person != envelope.actor]
        if len(told) <= MOST:
            await _notify(
                work, envelope, topic, told, text_zh=waiting.text("zh"), text_en=waiting.text("en"),
                url=waiting.url, tone="warn" if waiting.urgent else "info",
            )
