"""Arithmetic with closed days. `closed` is any collection of dates; nothing here reads a clock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from shared.i18n import N_
from shared.refusals import Refusal

ONE = timedelta(days=1)
# How far ahead closed days are read: the longest loan a rule can give, and a vacation after it.
HORIZON = 400


class AlreadyClosed(Refusal):
    """The day is marked as closed already."""

    code = "day-already-closed"
    message = N_("{day} 已是闭馆日")


def next_open(day: date, closed: Collection[date]) -> date:
    """The day itself, or the first open day after it."""
    while day in closed:
        day += ONE
    return day


def after_open_days(day: date, count: int, closed: Collection[date]) -> date:
    """The `count`-th open day after `day`."""
    while count > 0:
        day += ONE
        if day not in closed:
            count -= 1
    return day


def open_days_between(start: date, end: date, closed: Collection[date]) -> tuple[int, int]:
    """Days after `start` up to and including `end`: (open ones, closed ones)."""
    total = max((end - start).days, 0)
    shut = sum(1 for day in set(closed) if start < day <= end)
    return total - shut, shut
