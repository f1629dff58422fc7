"""The day's delivery: tick, scan, count, stamp, take back a wrong tick, hand the day over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from services.reader.rooms.routing import going
from services.reader.rooms.serials import queries, rules
from services.reader.rooms.serials.model import (
    Claim,
    IssueState,
    SerialHandover,
    SerialIssue,
    Shelf,
)
from services.reader.rooms.serials.numbering import Facts, Kind, Style, label
from services.reader.rooms.serials.patterns import Pattern
from services.reader.rooms.serials.recurrence import Frequency, Recurrence
from services.reader.rooms.serials.telling import close_gap, tell_missing
from shared.database import uuid7
from shared.events.reader import SerialsHandedOver, SerialsStamped
from shared.i18n import N_
from shared.refusals import Invalid
from shared.states import step
from shared.work import Work

S = IssueState


@dataclass(slots=True)
class CheckedIn:
    """What a step did: issues taken in now, and those that had been before."""

    done: list[queries.Row] = field(default_factory=list)
    again: list[queries.Row] = field(default_factory=list)


async def arrive(work: Work, *, copies: Mapping[UUID, int | None]) -> CheckedIn:
    """These issues came, with that many copies (None: all of them). Ticking one again changes nothing."""
    work.actor.require(*rules.HANDS)
    if not copies:
        raise rules.NothingTicked
    if any(n is not None and not 1 <= n <= rules.MOST_COPIES for n in copies.values()):
        raise Invalid({"copies": N_("份数为 1–99")})
    found = CheckedIn()
    rows = await queries.lock_issues(work.session, list(copies))
    for issue, title in rows:
        if issue.state is S.arrived:
            found.again.append((issue, title))
            continue
        was = issue.state
        issue.state, issue.was = step(rules.LIFE, was, "arrive"), was
        issue.arrived = copies[issue.id] or issue.copies
        issue.arrived_at, issue.arrived_on, issue.arrived_by = work.now, work.today, work.actor.id
        found.done.append((issue, title))
    await work.session.flush()
    for issue, title in found.done:
        await close_gap(work, title, issue, "arrived", N_("已补到"))
    await going.begin(work, found.done)
    return found


async def scan(work: Work, *, code: str) -> tuple[CheckedIn, bool]:
    """What lies under the scanner is taken in; the second value says that everything near was here already."""
    work.actor.require(*rules.HANDS)
    read = rules.read_code(code)
    titles = await queries.titles_called(work.session, read) if read.issn or read.other else []
    if not titles:
        raise rules.UnknownCode(code.strip())
    awaited = await queries.open_issues(work.session, [title.id for title in titles])
    issue = rules.likeliest(awaited, work.today, read.add_on)
    if issue is None:
        today = [row for row in await queries.came(work.session, work.today) if row[1].id == titles[0].id]
        if today:
            return CheckedIn(again=today[:1]), True
        raise rules.NothingAwaited(title=titles[0].title)
    return await arrive(work, copies={issue.id: None}), False


async def _one(work: Work, issue_id: UUID) -> queries.Row:
    rows = await queries.lock_issues(work.session, [issue_id])
    if not rows:
        raise rules.NoSuchIssue
    return rows[0]


async def undo(work: Work, *, issue_id: UUID) -> queries.Row:
    """A wrong tick: the issue is awaited or missing as it was; what is on the rack stays."""
    work.actor.require(*rules.HANDS)
    issue, title = await _one(work, issue_id)
    if issue.state is not S.arrived:
        return issue, title
    await going.undo(work, issue, title)
    if issue.shelf is not Shelf.none:
        raise rules.AlreadyShelved(title=title.title, label=issue.label)
    if issue.slot.startswith("x-"):
        await work.session.delete(issue)
        await work.session.flush()
        return issue, title
    issue.state, issue.arrived, issue.damaged, issue.damage = issue.was, 0, 0, ""
    issue.arrived_at = issue.arrived_on = issue.stamped_at = None
    issue.arrived_by = issue.stamped_by = ""
    if issue.state is S.missing:
        issue.claim = Claim.told
    await work.session.flush()
    if issue.state is S.missing:
        await tell_missing(work, title, issue)
    return issue, title


async def note_damage(work: Work, *, issue_id: UUID, copies: int, words: str) -> queries.Row:
    """So many copies came damaged; 0 takes the remark away."""
    work.actor.require(*rules.HANDS)
    issue, title = await _one(work, issue_id)
    if issue.state is not S.arrived or not 0 <= copies <= issue.arrived:
        raise Invalid({"damaged": N_("破损份数不能超过已到份数")})
    if copies and not words.strip():
        raise Invalid({"damage": N_("请写明破损情况")})
    issue.damaged, issue.damage = copies, words.strip() if copies else ""
    return issue, title


async def stamp(work: Work, *, ids: Sequence[UUID]) -> int:
    """盖章分拣: these bear the stamp and lie sorted for their racks."""
    work.actor.require(*rules.HANDS)
    if not ids:
        raise rules.NothingTicked
    done = 0
    for issue, _title in await queries.lock_issues(work.session, ids):
        if issue.state is S.arrived and issue.stamped_at is None:
            issue.stamped_at, issue.stamped_by = work.now, work.actor.id
            done += 1
    await work.session.flush()
    if done:
        work.emit(SerialsStamped(on=work.today, count=done))
    return done


async def skip(work: Work, *, issue_id: UUID, again: bool = False) -> queries.Row:
    """未出版: the publisher brought none out; `again` awaits it after all."""
    work.actor.require(*rules.HANDS)
    issue, title = await _one(work, issue_id)
    issue.state = step(rules.LIFE, issue.state, "await" if again else "skip")
    await work.session.flush()
    if not again:
        await close_gap(work, title, issue, "skipped", N_("未出版"))
    return issue, title


async def take_extra(
    work: Work, *, number: str, kind: Kind, day: date, issue_no: int | None = None, issue_to: int | None = None,
    caption: str = "", copies: int = 1,
) -> queries.Row:
    """What nobody foresaw came: a supplement, a special, an issue outside the pattern. It belongs to its title."""
    work.actor.require(*rules.HANDS)
    title = await queries.title_by_number(work.session, number, lock=True)
    wrong = {}
    if not 1 <= copies <= rules.MOST_COPIES:
        wrong["copies"] = N_("份数为 1–99")
    if not date(1900, 1, 1) <= day <= work.today + timedelta(days=366):
        wrong["day"] = N_("出版日期不对")
    if issue_to is not None and (issue_no is None or issue_to <= issue_no):
        wrong["issue_to"] = N_("合刊的止期须大于起期")
    if wrong:
        raise Invalid(wrong)
    found = await queries.pattern_of(work.session, title.id)
    pattern = found[1] if found else Pattern(Recurrence(Frequency.irregular), day)
    style = pattern.style if found else (Style.year_number if issue_no is not None else Style.day)
    facts = Facts(day, kind, number=issue_no, number_to=issue_to, caption=caption.strip())
    values = rules.row(title, facts, f"x-{uuid7()}", pattern, ())
    values |= {"style": style.value, "label": label(facts, style), "due_on": day, "late_on": day, "copies": copies}
    for known in await queries.issues_of(work.session, title.id, day.year):
        if known.label == values["label"] and known.issued_on == day:
            raise rules.AlreadyThere(title=title.title, label=known.label)
    issue = SerialIssue(
        **values, state=S.arrived, was=S.arrived, arrived=copies, arrived_at=work.now, arrived_on=work.today, arrived_by=work.actor.id,
    )
    work.session.add(issue)
    await work.session.flush()
    await going.begin(work, [(issue, title)])
    return issue, title


async def hand_over(work: Work, *, room: str, sender: str, note: str = "") -> SerialHandover:
    """The day of a room is counted and taken over; once a day."""
    work.actor.require(*rules.HANDS)
    if not sender.strip():
        raise Invalid({"sender": N_("请填写交方（投递员或送报人）")})
    if (known := await queries.handover_of(work.session, work.today, room)) is not None:
        raise rules.HandedOver(on=work.today, number=known.number)
    counts = await queries.day_counts(work.session, work.today, room)
    made = SerialHandover(
        number=await work.number(rules.HANDOVERS), on=work.today, room=room, sender=sender.strip(), note=note.strip(),
        received_at=work.now, received_by=work.actor.id, **counts,
    )
    work.refuse_on("uq_serial_handover_on_room", rules.HandedOver(on=work.today, number=rules.HANDOVERS))
    work.session.add(made)
    await work.flush()
    work.emit(SerialsHandedOver(number=made.number, on=made.on, room=room, **{k: v for k, v in counts.items() if k != "unstamped"}))
    return made
