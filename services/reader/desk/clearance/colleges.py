"""The letter to the college of somebody who leaves with something open: a week before, on the last day, and when it is settled."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select

from services.reader.desk import DESK
from services.reader.desk.clearance import rules
from services.reader.desk.clearance.model import Clearance, ClearanceState
from services.reader.desk.notices import commands as notices
from services.reader.desk.notices.model import Hook, Notice, NoticeState
from services.reader.desk.patrons.model import Patron
from shared.i18n import N_
from shared.work import Work

S = ClearanceState
OPEN_STILL = (S.waiting, S.revoked)
CALLED_OFF = N_("离校清理已取消")


async def tell_due(work: Work) -> int:
    """Everybody whose last day is near or over and who has something open; each once for each of the two days."""
    near = work.today + timedelta(days=rules.COLLEGE_DAYS)
    rows = (await work.session.execute(
        select(Clearance, Patron).join(Patron, Patron.id == Clearance.patron_id)
        .where(
            Clearance.state.in_(OPEN_STILL), Clearance.leaving_on <= near, Patron.college != "",
            # What was left open long ago was told then.
            Clearance.leaving_on >= work.today - timedelta(days=rules.COLLEGE_DAYS),
        )
        .order_by(Clearance.leaving_on, Clearance.number).limit(2_000)
    )).all()
    return sum([
        await _queue(work, case, patron, stage=rules.college_stage(case.leaving_on, work.today)) for case, patron in rows
    ])


async def tell_now(work: Work, *, number: str) -> bool:
    """现在函告学院: by hand, once a day; False when it was done today."""
    work.actor.require(*DESK)
    case = await work.lock(Clearance, Clearance.number == number, what=number)
    patron = await work.session.get(Patron, case.patron_id) if case.patron_id else None
    rules.check_college(case, patron)
    assert patron is not None
    return await _queue(work, case, patron, stage=f"by-hand/{work.today}")


async def tell_settled(work: Work, case: Clearance, patron: Patron, *, stage: str) -> None:
    """A college that was asked for help hears that it is over."""
    asked = await work.session.scalar(
        select(Notice.id).where(
            Notice.hook == Hook.college_clearance, Notice.about == case.number,
            or_(Notice.state == NoticeState.sent, Notice.state == NoticeState.kept),
        ).limit(1)
    )
    if asked is not None and patron.college:
        await _queue(work, case, patron, stage=f"settled/{stage}", settled=True)


async def call_off(work: Work, case: Clearance) -> None:
    """The person stays: what has not left yet is not sent."""
    await notices.call_off(work, hook=Hook.college_clearance, about=case.number, reason=CALLED_OFF)


async def _queue(work: Work, case: Clearance, patron: Patron, *, stage: str, settled: bool = False) -> bool:
    return await notices.queue(
        work, hook=Hook.college_clearance, patron_id=patron.id, about=case.number, stage=stage, college=patron.college,
        facts={"card": patron.card, "until": case.leaving_on.isoformat(), "settled": settled},
    )
