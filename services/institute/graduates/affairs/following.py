"""What the library's word does to a leaving. It may come late or twice: then the case stays where it is."""

from __future__ import annotations

from sqlalchemy import select

from services.institute.graduates.affairs.model import Leaving, LeavingState
from services.institute.graduates.affairs.register import leavings
from services.institute.graduates.affairs.rules import LIFE
from shared.work import Work


async def hear(work: Work, *, student_case: str, action: str, clearance: str, note: str = "") -> None:
    """Take the step on the student's case when it is possible from where the case stands."""
    found = (await work.session.scalars(
        select(Leaving).where(Leaving.no == student_case).with_for_update()
    )).one_or_none()
    if found is None or (LeavingState(found.state), action) not in LIFE:
        return
    await leavings.move(work, student_case, action, **({"note": note} if note else {}))
    found.clearance = clearance
