"""One fictional colleague per post, a second one where four eyes are needed, and the leaders."""

from __future__ import annotations

from datetime import date

from services.office.people.obligations.rules import period_of
from services.office.people.personnel.queries import staff_by_no
from services.office.people.personnel.register import REGISTER
from services.office.people.post_duties.commands import give_post
from services.office.people.post_duties.queries import history_of
from shared.demo import COLLEAGUES, Colleague
from shared.service import Kit


def hired_on(colleague: Colleague) -> date:
    """The first four places of a staff number are the year of joining."""
    return date(int(colleague.no[:4]), 7, 1)


async def employ_everybody(kit: Kit) -> None:
    """Everybody joins and takes up their post."""
    for one in COLLEAGUES:
        async with kit.works.open() as work:
            if await staff_by_no(work.session, one.no) is None:
                await REGISTER.open(
                    work, no=one.no, name=one.name, name_en=one.name_en, dept=one.dept, title=one.title,
                    rank=one.rank, login=one.login, employment=one.employment, hired_on=hired_on(one).isoformat(),
                )
            if not await history_of(work.session, one.no):
                await give_post(
                    work, staff_no=one.no, post=one.post, subposts=one.subposts,
                    valid_from=period_of("term", work.today).first, reason="学期聘任",
                )
