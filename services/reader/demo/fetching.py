"""Holds in every list and journeys in both directions: ready, to take off, to fetch, resting, late, never come."""

from __future__ import annotations

from services.reader.demo.supply import GUESTS, Supply
from services.reader.desk.circulation import asking_back
from services.reader.desk.holds import adjusting
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import Hold


async def _wanted(supply: Supply, ago: int, *, pickup: str = "MAIN", card: str = "") -> tuple[str, Hold]:
    """A book lent ten days before and asked for since: the barcode and the hold."""
    _owner, barcode = await supply.lent(ago + 10)
    title = await supply.title_of(barcode)
    asks = card or supply.reader()
    async with supply.work("rdr-led", supply.at(ago)) as work:
        hold, _place = await holds.place(
            work, card=asks, instance_id=title, pickup=pickup, override=True, note="读者只要这一种"
        )
    return barcode, hold


async def seed(supply: Supply) -> None:
    """Everything the two lists of work show on a good day."""
    barcode, _hold = await _wanted(supply, 3, card=GUESTS[1])  # ready for one who signs in
    await supply.back(barcode, supply.at(0, 8.4), point="MAIN")
    barcode, hold = await _wanted(supply, 4)  # given up while it stood ready: to be taken off
    await supply.back(barcode, supply.at(1, 9), point="MAIN")
    async with supply.work("rdr-dsk", supply.at(0, 8.5)) as work:
        await holds.cancel(work, hold_id=hold.id, reason="读者不再需要")
    barcode, _hold = await _wanted(supply, 16)  # nobody came
    await supply.back(barcode, supply.at(14, 9), point="MAIN")
    async with supply.work("rdr-led", supply.at(2, 7.5)) as work:
        await holds.expire(work)
    await _errands(supply)
    await _journeys(supply)
    barcode, hold = await _wanted(supply, 5)  # rests while its patron is away; the loan is asked back for another
    async with supply.work("rdr-dsk", supply.at(2)) as work:
        await adjusting.pause(work, hold_id=hold.id, until=supply.day(-10))
    _card, barcode = await supply.lent(17)
    async with supply.work("rdr-led", supply.at(1, 10)) as work:
        await asking_back.recall(work, barcode=barcode, reason="列为本学期教学参考书")


async def _errands(supply: Supply) -> None:
    """Two books on their shelves for which somebody waits; a colleague is on the way to one."""
    for n, barcode in enumerate(supply.books(2)):
        async with supply.work("rdr-led", supply.at(0, 8)) as work:
            await holds.place(
                work, card=supply.reader(), barcode=barcode, pickup="EAST" if n else "MAIN", override=True,
                note="读者行动不便，请代为取书",
            )
        if n == 0:
            async with supply.work("rdr-dsk2", supply.at(0, 8.8)) as work:
                await holds.claim(work, barcode=barcode)


async def _journeys(supply: Supply) -> None:
    """From the east: one has arrived, one is late, one never came; and one is on the way there."""
    arrived, late, gone = [(await _wanted(supply, ago))[0] for ago in (5, 7, 9)]
    await supply.back(arrived, supply.at(2, 11), who="rdr-dsk2", point="EAST")
    await supply.back(arrived, supply.at(1, 15), point="MAIN")
    await supply.back(late, supply.at(6, 11), who="rdr-dsk2", point="EAST")
    lost = await supply.back(gone, supply.at(8, 11), who="rdr-dsk2", point="EAST")
    if lost.transit is not None:
        async with supply.work("rdr-led", supply.at(1, 16)) as work:
            await holds.lost_on_the_way(work, number=lost.transit.number, reason="两处转运箱均未见")
    there, _hold = await _wanted(supply, 2, pickup="EAST")
    await supply.back(there, supply.at(0, 8.7), point="MAIN")
