"""Titles, their patterns, and the issues foreseen from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.calendar.queries import closed_days
from services.reader.desk.calendar.rules import HORIZON
from services.reader.rooms.serials import queries, rules
from services.reader.rooms.serials.model import (
    Claim,
    IssueState,
    SerialIssue,
    SerialPattern,
    SerialTitle,
    TitleKind,
    TitleState,
)
from services.reader.rooms.serials.patterns import Pattern, as_json, predict
from services.reader.rooms.serials.recurrence import ONE
from shared.database import uuid7
from shared.events.resources import SerialSubscribed, SerialUnsubscribed
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work


def _wrong(values: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    if not values["title"]:
        found["title"] = N_("请填写刊名")
    if values["issn"] and not rules.issn(values["issn"]):
        found["issn"] = N_("ISSN 不对，请核对校验位")
    if not 1 <= values["copies"] <= rules.MOST_COPIES:
        found["copies"] = N_("份数为 1–99")
    if values["to_on"] and values["to_on"] < values["from_on"]:
        found["to_on"] = N_("止期不能早于起期")
    return found


async def save(work: Work, *, number: str = "", **values: Any) -> SerialTitle:
    """Register a title, or change one; copies and tolerance reach the issues still awaited."""
    work.actor.require(*rules.HANDS)
    if wrong := _wrong(values):
        raise Invalid(wrong)
    values["issn"] = rules.issn(values["issn"])
    values["rack_key"] = rules.rack_key(values["rack"])
    if values["continues"] and await work.session.scalar(
        select(SerialTitle.id).where(SerialTitle.number == values["continues"], SerialTitle.number != number)
    ) is None:
        raise Invalid({"continues": N_("没有这个报刊编号")})
    if number:
        title = await queries.title_by_number(work.session, number, lock=True)
        for name, value in values.items():
            setattr(title, name, value)
    else:
        title = SerialTitle(number=await work.number(rules.NUMBERS), made_at=work.now, made_by=work.actor.id, **values)
        work.session.add(title)
    await work.session.flush()
    await foresee_anew(work, title)
    return title


async def set_pattern(work: Work, *, number: str, pattern: Pattern) -> int:
    """A new version of the pattern; what is awaited from its first day on follows it. How many issues are foreseen."""
    work.actor.require(*rules.HANDS)
    title = await queries.title_by_number(work.session, number, lock=True)
    version = 1
    if (former := await queries.pattern_of(work.session, title.id)) is not None:
        former[0].active, version = False, former[0].version + 1
        await work.session.flush()
    title.frequency = pattern.recurrence.frequency
    work.session.add(SerialPattern(
        title_id=title.id, version=version, rule=as_json(pattern), made_at=work.now, made_by=work.actor.id
    ))
    await work.session.flush()
    return await foresee_anew(work, title, pattern.first)


async def foresee_anew(work: Work, title: SerialTitle, since: date | None = None) -> int:
    """Forget what is awaited and nobody spoke of, and foresee it once more."""
    where = [
        SerialIssue.title_id == title.id, SerialIssue.state == IssueState.expected, SerialIssue.claim == Claim.none,
        SerialIssue.slot.not_like("x-%"),
    ]
    if since is not None:
        where.append(SerialIssue.issued_on >= since)
    await work.session.execute(delete(SerialIssue).where(*where))
    return await foresee(work, title)


async def foresee(work: Work, title: SerialTitle) -> int:
    """Write down the issues to come, as far as is foreseen; those known already stay as they are."""
    found = await queries.pattern_of(work.session, title.id)
    if found is None or title.state is not TitleState.active:
        return 0
    pattern = found[1]
    until, since = rules.ahead(title, work.today), max(title.from_on, pattern.first)
    closed = await closed_days(work.session, since, work.today + ONE * (HORIZON + rules.AHEAD_DAYS))
    rows = [
        {"id": uuid7(), **rules.row(title, one.facts, one.slot, pattern, closed)} for one in predict(pattern, until, since)
    ]
    made = 0
    for start in range(0, len(rows), 500):
        done = await work.session.execute(
            insert(SerialIssue).values(rows[start:start + 500]).on_conflict_do_nothing(index_elements=["title_id", "slot"])
            .returning(SerialIssue.id)
        )
        made += len(done.all())
    return made


async def foresee_all(work: Work) -> int:
    """For the schedule: every title in force, as far ahead as it is foreseen."""
    found, _total = await queries.titles(work.session, state=TitleState.active.value)
    return sum([await foresee(work, title) for title in found])


async def follow_subscription(work: Work, event: SerialSubscribed) -> SerialTitle:
    """What is subscribed to is awaited: a title that is known (by the subscription, the one it renews, or ISSN) goes on."""
    title = None
    for known, where in (
        (event.number, SerialTitle.subscription == event.number), (event.renews, SerialTitle.subscription == event.renews),
        (event.issn, (SerialTitle.issn == event.issn) & (SerialTitle.subscription == "")),
    ):
        if title is None and known:
            title = await work.session.scalar(select(SerialTitle).where(where).limit(1).with_for_update())
    if title is None:
        title = SerialTitle(
            number=await work.number(rules.NUMBERS), title=event.title, title_en=event.title_en, kind=TitleKind(event.kind),
            foreign=event.foreign, issn=event.issn, cn=event.cn, post_code=event.post_code, from_on=event.from_on,
            made_at=work.now, made_by=work.actor.id,
        )
        work.session.add(title)
    title.subscription, title.supplier, title.copies = event.number, event.supplier, event.copies
    title.to_on, title.state = event.to_on, TitleState.active
    await work.session.flush()
    await foresee_anew(work, title)
    return title


async def end_subscription(work: Work, event: SerialUnsubscribed) -> None:
    """Nothing after the last day is awaited."""
    title = await work.session.scalar(
        select(SerialTitle).where(SerialTitle.subscription == event.number).with_for_update()
    )
    if title is not None:
        title.to_on = event.to_on
        if event.to_on < work.today:
            title.state = TitleState.stopped
        await work.session.flush()
        await foresee_anew(work, title)
