"""Which tasks a person may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_

from services.office.people.tasks.model import Task
from services.office.people.tasks.rules import OVERSEERS
from shared.work import Work


def visible(work: Work) -> Sequence[Any]:
    """Leaders and the office assistant see all, others what they gave or were given."""
    if work.actor.holds(OVERSEERS):
        return ()
    return (or_(Task.assignee == work.actor.id, Task.created_by == work.actor.id),)
