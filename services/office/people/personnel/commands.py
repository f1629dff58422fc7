"""What happens when somebody joins, rises, leaves or comes back."""

from __future__ import annotations

from datetime import date

from services.office.people.personnel.model import Staff
from services.office.people.personnel.rules import changed, check_not_self, joined, leave
from services.office.people.post_duties.commands import end_all_posts, refresh_rank
from shared.web.register.people import remember
from shared.work import Work


async def welcome(work: Work, staff: Staff) -> None:
    """The house knows the new colleague by number and name."""
    staff.left_on, staff.destination = None, ""
    await remember(work, staff.no, staff.name)
    work.emit(joined(staff))


async def tell_change(work: Work, staff: Staff) -> None:
    """A new name, department or title reaches the house; posts bring the duties of the new rank."""
    check_not_self(staff.no, work.actor.id)
    await remember(work, staff.no, staff.name)
    work.emit(changed(staff))
    await refresh_rank(work, staff=staff)


async def see_off(work: Work, staff: Staff, *, left_on: date) -> None:
    """The person leaves, and with them every right, the same day."""
    check_not_self(staff.no, work.actor.id)
    event = leave(staff, left_on=left_on, today=work.today)
    await end_all_posts(work, staff_no=staff.no, ends_before=left_on)
    work.emit(event)
