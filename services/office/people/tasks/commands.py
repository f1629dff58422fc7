"""Giving tasks and passing them on."""

from __future__ import annotations

from collections.abc import Sequence

from services.office.people.personnel.queries import active_staff
from services.office.people.tasks.model import Task, TaskState
from services.office.people.tasks.rules import assigned, check_assignees, due_for
from shared.states import Choice
from shared.work import Work


async def check_people(work: Work, wanted: Sequence[str]) -> None:
    """Refuse assignees who do not work here."""
    working = {staff.no for staff in await active_staff(work.session)}
    check_assignees(wanted, working, work.actor.id)


async def assign(work: Work, task: Task) -> None:
    """The task reaches its assignee."""
    task.due_on = due_for(task.urgency, task.due_on, work.today)
    work.emit(assigned(task), correlation=task.correlation)


async def reassign(work: Work, task: Task) -> Choice:
    """Somebody else is asked after the first declined."""
    task.assignee = task.assignee.strip().upper()
    await check_people(work, [task.assignee])
    task.decline_reason = ""
    await assign(work, task)
    return TaskState.given


async def note_report(work: Work, task: Task) -> None:
    """The giver is asked to confirm."""
    task.reported_at = work.now


async def note_confirmation(work: Work, task: Task) -> None:
    """The work is accepted as done; it counts from here."""
    task.confirmed_at = work.now
