"""The demonstration of routing: a journal for two stations, a magazine with a copy for an office; one issue under way, one back."""

from __future__ import annotations

from services.reader.demo.supply import Supply
from services.reader.rooms.routing import commands, going
from services.reader.rooms.routing.model import Who
from services.reader.rooms.routing.rules import Station
from services.reader.rooms.serials import queries
from services.reader.rooms.serials.model import IssueState, Shelf
from shared.demo import person

LISTS = (
    ("时事周刊", "馆领导传阅", 1, (Station(Who.place, place="馆长室", days=2), Station(Who.place, place="学科服务部", note="请阅目次"))),
    ("数字人文学刊", "学科馆员传阅", 1, (Station(Who.place, place="学科服务部"), Station(Who.place, place="特藏部", days=5))),
)


async def seed(supply: Supply) -> None:
    """Lists, and slips for the latest issue of each title that is there."""
    for title, name, copy_no, stations in LISTS:
        async with supply.kit.works.open(person("rdr-cir"), now=supply.now) as work:
            found, _n = await queries.titles(work.session, q=title)
            if not found:
                continue
            await commands.draw_up(work, title_number=found[0].number, name=name, copy_no=copy_no, days=3, stations=stations)
            came = [one for one in await queries.issues_of(work.session, found[0].id, supply.today.year) if one.state is IssueState.arrived and one.shelf is not Shelf.down]
            for slip in await going.begin(work, [(came[-1], found[0])] if came else []):
                if name.startswith("馆领导"):
                    await going.pass_on(work, number=slip.number, position=1)
