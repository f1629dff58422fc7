"""The promise a work order makes, in working time. covers: TEC-SYS-01 TEC-SYS-05"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.tech.support.helpdesk import rules
from services.tech.support.helpdesk.model import Kind, OrderState, Priority, WorkOrder
from shared.settings import LOCAL
from shared.states import step


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-23 09:00", 120, "2026-11-23 11:00"),  # a Monday, inside the day
        ("2026-11-23 15:00", 120, "2026-11-24 09:00"),  # runs over the evening
        ("2026-11-27 15:30", 60, "2026-11-30 08:30"),  # over a weekend
        ("2026-11-28 11:00", 30, "2026-11-30 08:30"),  # begins on a Saturday
        ("2026-11-23 06:00", 480, "2026-11-23 16:00"),  # before opening: the whole day
        ("2026-11-23 20:00", 3 * 480, "2026-11-26 16:00"),  # three days after closing
    ],
)
def test_working_minutes_skip_nights_and_weekends(start: str, minutes: int, end: str) -> None:
    assert rules.deadline(at(start), minutes) == at(end)


def test_a_stopped_service_is_answered_round_the_clock() -> None:
    assert rules.deadline(at("2026-11-28 23:50"), 30, round_the_clock=True) == at("2026-11-29 00:20")


def order(**values: object) -> WorkOrder:
    made = WorkOrder(
        no="BX1", place="大厅", kind=Kind.computer, title="坏了", note="坏了", priority=Priority.P3,
        reporter="G1", created_by="G1", state=OrderState.reported, **values,
    )
    made.created_at = at("2026-11-23 09:00")
    rules.promise(made, made.created_at)
    return made


def test_waiting_for_parts_stops_the_clock() -> None:
    one = order()
    promised = one.solve_by
    rules.wait(one, "等硒鼓", at("2026-11-23 10:00"))
    rules.resume(one, at("2026-11-23 13:00"))
    assert one.solve_by == promised + timedelta(hours=3)
    assert one.paused_minutes == 180


def test_reopening_raises_the_priority_and_starts_the_clocks_anew() -> None:
    one = order(owner="E1")
    one.state = OrderState.resolved
    rules.resolve(one, "换线", at("2026-11-23 11:00"))
    fact = rules.reopen(one, "还是不行", at("2026-11-24 09:00"))
    assert (one.priority, one.owner, one.reopened) == (Priority.P2, "", 1)
    assert one.solve_by == at("2026-11-25 09:00")
    assert fact.holders == rules.HOLDERS[Kind.computer]


def test_a_closed_order_is_not_reopened_after_a_week() -> None:
    one = order()
    one.state, one.resolved_at = OrderState.confirmed, at("2026-11-01 09:00")
    with pytest.raises(rules.TooLateToReopen):
        rules.reopen(one, "又坏了", at("2026-11-23 09:00"))


def test_lateness_is_of_the_promise_that_runs_now() -> None:
    one = order()
    assert rules.lateness(one, at("2026-11-23 09:30")) == "ok"
    assert rules.lateness(one, at("2026-11-24 09:30")) == "late"
    one.state = OrderState.working
    assert rules.lateness(one, at("2026-11-24 09:30")) == "ok"
    one.state = OrderState.resolved
    assert rules.lateness(one, datetime(2030, 1, 1, tzinfo=UTC)) == "ok"


@pytest.mark.parametrize(("key", "target"), list(rules.LIFE.items()), ids=str)
def test_every_row_of_the_life_moves(key: tuple[OrderState, str], target: OrderState) -> None:
    assert step(rules.LIFE, *key) is target
