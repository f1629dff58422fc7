"""Who may do what with a task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.office.people.tasks.model import Task, TaskState, Urgency
from shared.duties import DUTIES
from shared.events.office import TaskAssigned
from shared.i18n import N_, _
from shared.refusals import Refusal
from shared.states import Life

GIVERS = ("director", "head")
OVERSEERS = ("director", "head", "OFF-ADM")
MOST_ASSIGNEES = 30

T = TaskState
OPEN = (T.given, T.queried, T.accepted, T.in_progress, T.reported, T.returned)

# The giver is `created_by`; the assignee reports, and only the giver confirms.
LIFE: Life[TaskState] = {
    (T.given, "accept"): T.accepted,
    (T.given, "query"): T.queried,
    (T.given, "decline"): T.declined,
    (T.given, "cancel"): T.cancelled,
    (T.queried, "answer"): T.given,
    (T.queried, "cancel"): T.cancelled,
    (T.accepted, "start"): T.in_progress,
    (T.accepted, "report"): T.reported,
    (T.accepted, "cancel"): T.cancelled,
    (T.in_progress, "report"): T.reported,
    (T.in_progress, "cancel"): T.cancelled,
    (T.reported, "confirm"): T.confirmed,
    (T.reported, "return"): T.returned,
    (T.returned, "report"): T.reported,
    (T.returned, "cancel"): T.cancelled,
    (T.confirmed, "close"): T.closed,
    (T.declined, "reassign"): T.given,
    (T.declined, "cancel"): T.cancelled,
}

# Every post has its own duty of taking tasks; a report is evidence of the reporter's.
DUTIES_SERVED: tuple[str, ...] = tuple(d.id for d in DUTIES.values() if d.capability == "tasks")


class AssigneesUnclear(Refusal):
    """A task goes to other people, each once, who work here."""

    code = "assignees-unclear"
    status = 422
    message = N_("承办人须为在职馆员，不含交办人本人，且不超过 {most} 人：{who}")


def everyone(first: str, others: Sequence[str]) -> list[str]:
    """The assignees, each once, in the order they were named."""
    return list(dict.fromkeys(n.strip().upper() for n in (first, *others) if n.strip()))


def check_assignees(wanted: Sequence[str], working: set[str], giver: str) -> None:
    """Refuse people who do not work here, the giver, or a crowd."""
    wrong = [n for n in wanted if n not in working or n == giver]
    if wrong or not 0 < len(wanted) <= MOST_ASSIGNEES:
        raise AssigneesUnclear(most=MOST_ASSIGNEES, who="、".join(wrong) or "—")


def number_of(base: str, place: int, among: int) -> str:
    """The number of one assignee's part."""
    return base if among == 1 else f"{base}-{place}"


def assigned(task: Task) -> TaskAssigned:
    """What the assignee's portal is told."""
    return TaskAssigned(
        number=task.no, title=task.title, giver=task.created_by, assignees=(task.assignee,),
        due_on=task.due_on, urgency=str(task.urgency),
    )


def is_overdue(task: Task, today: date) -> bool:
    """Whether the task should have been reported by now."""
    return task.state in OPEN and task.state != T.reported and task.due_on < today


def time_left(task: Task, today: date) -> str:
    """How the due date stands, in words; nothing for a task that is over."""
    if task.state not in OPEN:
        return ""
    days = (task.due_on - today).days
    if days < 0:
        return _(N_("逾期 {n} 天"), n=-days)
    return _(N_("今天到期")) if days == 0 else _(N_("还有 {n} 天"), n=days)


def due_for(urgency: Urgency, due_on: date, today: date) -> date:
    """A same-day task is due today, whatever else was written."""
    return today if urgency == Urgency.same_day else due_on
