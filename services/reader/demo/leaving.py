"""People who leave: one clear and gone, one clear, one with a book at home, one who stays after all."""

from __future__ import annotations

from sqlalchemy import select

from services.reader.demo.supply import Supply
from services.reader.desk.clearance import colleges
from services.reader.desk.clearance import commands as clearance
from services.reader.desk.clearance.model import Clearance, ClearanceState, LeavingKind
from services.reader.desk.notices import commands as notices
from services.reader.desk.patrons.queries import patron_by_card


async def seed(supply: Supply) -> None:
    """The clearances of this month."""
    stays, gone = supply.reader(again=False), supply.reader(again=False)
    with_book, _barcode = await supply.lent(11, again=False)
    cases = (
        (with_book, 6, -12, LeavingKind.graduation), (supply.reader(again=False), 5, -9, LeavingKind.transfer),
        (gone, 8, 1, LeavingKind.withdrawal), (stays, 9, -20, LeavingKind.suspension),
    )
    for card, ago, leaves, kind in cases:
        async with supply.work("rdr-dsk", supply.at(ago, 14)) as work:
            case = await clearance.open_case(work, card=card, leaving_on=supply.day(leaves), kind=kind)
    async with supply.work("rdr-led", supply.at(3, 9)) as work:
        await clearance.cancel(work, number=case.number, reason="休学申请已撤回")
    async with supply.work("rdr-dsk", supply.at(0, 8)) as work:
        await clearance.close_due(work)
    await _college(supply, with_book)


async def _college(supply: Supply, card: str) -> None:
    """The college of whoever has still a book is asked for help."""
    async with supply.work("rdr-led", supply.at(2, 10)) as work:
        patron = await patron_by_card(work.session, card)
        case = await work.session.scalar(select(Clearance).where(Clearance.patron_id == patron.id))
        if case is None or not patron.college or case.state is not ClearanceState.waiting:
            return
        await notices.save_contact(work, college=patron.college, name="学工办", email="students@college.yunshan.example")
        await colleges.tell_now(work, number=case.number)
