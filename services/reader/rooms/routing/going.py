"""Slips: made when an issue is checked in, passed from station to station, taken back at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.reader.rooms.routing import queries, rules
from services.reader.rooms.routing.model import (
    Absence,
    RoutingSlip,
    RoutingStep,
    SlipState,
    StepState,
    Who,
)
from services.reader.rooms.serials import rules as serial_rules
from services.reader.rooms.serials.model import (
    Claim,
    IssueState,
    SerialIssue,
    SerialTitle,
    Shelf,
)
from services.reader.rooms.serials.queries import Row as IssueRow
from services.reader.rooms.serials.telling import tell_missing
from shared.events.reader import RoutingEnded, RoutingOverdue, RoutingPassed
from shared.i18n import N_
from shared.identity import SYSTEM
from shared.refusals import Invalid
from shared.states import step
from shared.work import Work

AT_ONCE = 200


@dataclass(slots=True)
class Slip:
    """A slip with everything a step needs."""

    slip: RoutingSlip
    issue: SerialIssue
    title: SerialTitle
    steps: list[RoutingStep] = field(default_factory=list)


async def _locked(work: Work, number: str) -> Slip:
    (slip, issue, title), steps = await queries.slip_by_number(work.session, number.strip().upper(), lock=True)
    return Slip(slip, issue, title, steps)


def _by(work: Work) -> str:
    """The colleague who did it; a reader's own act bears no name."""
    return work.actor.id if work.actor.kind == "staff" else ""


def _tell(work: Work, event: RoutingPassed | RoutingEnded | RoutingOverdue) -> None:
    # A reader's own act would tie their card to the title in the log.
    work.emit(event, by=None if work.actor.kind != "patron" else SYSTEM)


def _about(one: Slip) -> dict[str, str]:
    return {
        "slip": one.slip.number, "number": one.title.number, "title": one.title.title, "issue": str(one.issue.id), "label": one.issue.label,
        "subscription": one.title.subscription,
    }


async def begin(work: Work, rows: Sequence[IssueRow]) -> list[RoutingSlip]:
    """Issues that were just checked in: each list in force whose copy came makes a slip, the first copies first."""
    lists = await queries.in_force(work.session, [title.id for _issue, title in rows])
    made = []
    for issue, title in rows:
        gone = await queries.copies_routed(work.session, issue.id) if title.id in lists else set()
        for one in lists.get(title.id, ())[:issue.arrived]:
            if one.copy_no in gone:
                continue
            stations = await queries.stations_of(work.session, one.id, one.version)
            slip = RoutingSlip(
                number=await work.number(rules.SLIPS), issue_id=issue.id, list_id=one.id, version=one.version, copy_no=one.copy_no,
                made_at=work.now, made_by=work.actor.id,
            )
            work.session.add(slip)
            await work.session.flush()
            dead = await queries.dead_cards(work.session, [s.who for s in stations if s.kind is Who.patron], work.today)
            steps = []
            for station in stations:
                absence = rules.absent(station, work.today) or (Absence.card if station.who in dead else None)
                steps.append(RoutingStep(
                    slip_id=slip.id, position=station.position, kind=station.kind, who=station.who, place=station.place,
                    days=station.days or one.days, note=station.note, state=StepState.skipped if absence else StepState.waiting, absence=absence,
                ))
            work.session.add_all(steps)
            await work.session.flush()
            await _onward(work, Slip(slip, issue, title, steps))
            made.append(slip)
        await place(work, issue, title)
    return made


async def place(work: Work, issue: SerialIssue, title: SerialTitle) -> None:
    """The issue's place says the truth: on its way while every copy is, else where it was or where it goes now."""
    away = len(await queries.slips_of(work.session, [issue.id]))
    if issue.state is not IssueState.arrived:
        return
    if away and away >= issue.arrived and issue.shelf in (Shelf.none, Shelf.displayed):
        issue.shelf = step(serial_rules.SHELF_LIFE, issue.shelf, "route")
    elif away < issue.arrived and issue.shelf is Shelf.routed:
        newer = await queries.newer_on_rack(work.session, issue)
        goes = rules.rack_after(newer, serial_rules.shown(title))
        issue.shelf = step(serial_rules.SHELF_LIFE, issue.shelf, "take_down" if goes is Shelf.down else "return")
        if goes is Shelf.down:
            issue.down_on, issue.down_by = work.today, work.actor.id
    await work.session.flush()


async def _onward(work: Work, one: Slip) -> None:
    """To the next station that is there; when there is none, home."""
    following = rules.following(one.steps)
    if following is None:
        one.slip.state = step(rules.LIFE, one.slip.state, "finish")
        one.slip.due_on, one.slip.told_on = work.today, None
    else:
        following.state = step(rules.STEP_LIFE, following.state, "send")
        following.here_on = work.today
        one.slip.due_on, one.slip.told_on = rules.leave_by(following, work.today), None
    await work.session.flush()
    _tell(work, RoutingPassed(
        **_about(one), position=following.position if following else 0, of=len(one.steps), due_on=one.slip.due_on,
        place=following.place if following else "", holder=following.who if following and following.kind is Who.staff else "",
    ))


async def receive(work: Work, *, number: str) -> Slip:
    """The station has it in hand; said twice, it counts once."""
    one = await _locked(work, number)
    here = rules.here(one.steps)
    if not rules.may_move(work.actor, here, await queries.own_numbers(work)):
        raise rules.NotYours
    if here is None:
        step(rules.LIFE, one.slip.state, "pass")
    elif here.state is StepState.coming:
        here.state = step(rules.STEP_LIFE, here.state, "receive")
        here.received_at, here.received_by = work.now, _by(work)
    await work.session.flush()
    return one


async def pass_on(work: Work, *, number: str, position: int) -> Slip:
    """`position` gives it to the next; a station that has given it on already is answered as it stands."""
    one = await _locked(work, number)
    asked = next((s for s in one.steps if s.position == position), None)
    if not rules.may_move(work.actor, asked, await queries.own_numbers(work)):
        raise rules.NotYours
    if asked is not None and asked.state in (StepState.passed, StepState.skipped):
        return one
    step(rules.LIFE, one.slip.state, "pass")
    if asked is None or asked is not rules.here(one.steps):
        raise rules.NotYours
    if asked.received_at is None:
        asked.received_at, asked.received_by = work.now, _by(work)
    asked.state = step(rules.STEP_LIFE, asked.state, "pass")
    asked.passed_at, asked.passed_by = work.now, _by(work)
    await _onward(work, one)
    return one


async def scan(work: Work, *, number: str) -> Slip:
    """A slip under the scanner: received, the next time passed on; at the end, taken back by the desk."""
    one = await _locked(work, number)
    here = rules.here(one.steps)
    if one.slip.state is SlipState.returning:
        return await take_back(work, number=number)
    if here is None:
        step(rules.LIFE, one.slip.state, "pass")
        raise rules.NotYours
    return await (receive(work, number=number) if here.state is StepState.coming else pass_on(work, number=number, position=here.position))


async def skip(work: Work, *, number: str, position: int, absence: Absence, reason: str = "") -> Slip:
    """A station is passed over, with a reason; if it has the issue, that goes to the next."""
    work.actor.require(*rules.HANDS)
    one = await _locked(work, number)
    if absence in (Absence.other, Absence.recalled) and not reason.strip():
        raise Invalid({"reason": N_("请写明跳过的原因")})
    asked = next((s for s in one.steps if s.position == position), None)
    step(rules.LIFE, one.slip.state, "pass")
    if asked is None:
        raise rules.UnknownSlip(f"{number} {position}")
    await _skip(work, one, asked, absence, reason)
    return one


async def _skip(work: Work, one: Slip, asked: RoutingStep, absence: Absence, reason: str = "") -> None:
    was_here = asked is rules.here(one.steps)
    asked.state = step(rules.STEP_LIFE, asked.state, "skip")
    asked.absence, asked.reason, asked.passed_at, asked.passed_by = absence, reason.strip()[:200], work.now, _by(work)
    await work.session.flush()
    if was_here:
        await _onward(work, one)


async def pass_over(work: Work, who: str) -> None:
    """A colleague has left: slips do not wait for them."""
    for number in await queries.slips_awaiting(work.session, who):
        one = await _locked(work, number)
        for asked in one.steps:
            if asked.who == who and asked.state in (*rules.HERE, StepState.waiting):
                await _skip(work, one, asked, Absence.left)


async def take_back(work: Work, *, number: str, reason: str = "") -> Slip:
    """The desk has it again; before its round is done that needs a reason, and the rest is passed over."""
    work.actor.require(*rules.HANDS)
    one = await _locked(work, number)
    early = one.slip.state is SlipState.running
    if early and not reason.strip():
        raise Invalid({"reason": N_("传阅还没有结束，提前收回请写明原因")})
    one.slip.state = step(rules.LIFE, one.slip.state, "recall" if early else "take_back")
    await _end(work, one, N_("提前收回") if early else N_("传阅完毕，已收回"), "recalled" if early else "back", reason)
    await place(work, one.issue, one.title)
    return one


async def lose(work: Work, *, number: str, reason: str) -> Slip:
    """A copy was lost under way: it is one copy fewer, and a gap when it was the only one."""
    work.actor.require(*rules.HANDS)
    if not reason.strip():
        raise Invalid({"reason": N_("请写明在哪一站遗失、怎样发现")})
    one = await _locked(work, number)
    one.slip.state = step(rules.LIFE, one.slip.state, "lose")
    issue = one.issue
    await _end(work, one, N_("传阅中遗失"), "lost", reason)
    issue.arrived -= 1
    issue.damaged = min(issue.damaged, issue.arrived)
    if issue.arrived:
        await place(work, issue, one.title)
        return one
    issue.state, issue.shelf, issue.claim = step(serial_rules.LIFE, issue.state, "lose"), Shelf.none, Claim.told
    issue.arrived_at = issue.arrived_on = issue.stamped_at = None
    issue.arrived_by = issue.stamped_by = ""
    await work.session.flush()
    await tell_missing(work, one.title, issue)
    return one


async def _end(work: Work, one: Slip, outcome_label: str, outcome: str, note: str = "") -> None:
    for asked in one.steps:
        if asked.state in (*rules.HERE, StepState.waiting):
            asked.state, asked.absence = StepState.skipped, Absence.recalled
    one.slip.due_on, one.slip.ended_at, one.slip.ended_by, one.slip.note = None, work.now, _by(work), note.strip()[:200]
    await work.session.flush()
    _tell(work, RoutingEnded(**_about(one), outcome=outcome, outcome_label=outcome_label))


async def undo(work: Work, issue: SerialIssue, title: SerialTitle) -> None:
    """The arrival is taken back: slips nobody has had become void; one that was handed on forbids it."""
    for slip in await queries.slips_of(work.session, [issue.id], lock=True):
        steps = list(await queries.steps_of(work.session, slip.id))
        if any(one.received_at for one in steps):
            raise rules.UnderWay(title=title.title, label=issue.label, number=slip.number)
        slip.state = SlipState.void
        await _end(work, Slip(slip, issue, title, steps), N_("记到撤销，传阅单作废"), "void")
    if issue.shelf is Shelf.routed:
        issue.shelf = Shelf.none


async def tell_overdue(work: Work, limit: int = AT_ONCE) -> int:
    """Each morning: who keeps an issue beyond the term is told, once a station."""
    rows = await queries.overdue(work.session, work.today, limit)
    for slip, issue, title in rows:
        slip.told_on = work.today
        one = Slip(slip, issue, title, list(await queries.steps_of(work.session, slip.id)))
        here = rules.here(one.steps)
        assert slip.due_on is not None
        _tell(work, RoutingOverdue(
            **_about(one), position=here.position if here else 0, days=rules.late_days(slip.due_on, work.today),
            place=here.place if here else "", holder=here.who if here and here.kind is Who.staff else "",
        ))
    await work.session.flush()
    return len(rows)
