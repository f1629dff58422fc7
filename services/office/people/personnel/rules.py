"""Who may join and leave, and what that means."""

from __future__ import annotations

from datetime import date, timedelta

from services.office.people.personnel.model import Dept, Staff, StaffState
from shared.events.office import StaffChanged, StaffJoined, StaffLeft
from shared.i18n import N_
from shared.refusals import Refusal
from shared.states import Life

KEEPERS = ("OFF-ADM",)
LEADERS = ("director", "head")
LATEST_RECORDING = 30

LIFE: Life[StaffState] = {
    (StaffState.active, "promote"): StaffState.active,
    (StaffState.active, "leave"): StaffState.left,
    (StaffState.left, "rejoin"): StaffState.active,
}


class LeavingDateWrong(Refusal):
    """Leaving is recorded on the day it takes effect, or shortly after."""

    code = "leaving-date-wrong"
    status = 422
    message = N_("调离日期只能是今天或之前 {days} 天以内，且不早于入馆日期")


class NotByOneself(Refusal):
    """Nobody settles their own personnel case."""

    code = "not-by-oneself"
    status = 409
    message = N_("不能为本人办理人事事项，请由他人办理")


def check_not_self(staff_no: str, actor: str) -> None:
    """Refuse when the person acting is the person concerned."""
    if staff_no == actor:
        raise NotByOneself


def joined(staff: Staff) -> StaffJoined:
    """What the house is told of a new colleague."""
    return StaffJoined(
        staff_no=staff.no, staff_name=staff.name, staff_name_en=staff.name_en,
        dept=_dept(staff), rank=str(staff.rank), login=staff.login,
    )


def changed(staff: Staff) -> StaffChanged:
    """What the house is told when a name, department or rank is another now."""
    return StaffChanged(
        staff_no=staff.no, staff_name=staff.name, staff_name_en=staff.name_en,
        dept=_dept(staff), rank=str(staff.rank),
    )


def leave(staff: Staff, *, left_on: date, today: date) -> StaffLeft:
    """The person works here until the day before `left_on`."""
    if not max(staff.hired_on, today - timedelta(days=LATEST_RECORDING)) <= left_on <= today:
        raise LeavingDateWrong(days=LATEST_RECORDING)
    staff.left_on = left_on
    return StaffLeft(staff_no=staff.no, left_on=left_on)


def _dept(staff: Staff) -> str:
    # Those above the departments work from the office.
    return "office" if staff.dept == Dept.library else Dept(staff.dept).value
