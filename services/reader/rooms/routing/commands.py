"""Lists: drawn up, changed by versions, stopped; a station that is away or has left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.reader.rooms.routing import going, queries, rules
from services.reader.rooms.routing.model import (
    Absence,
    RoutingList,
    RoutingStation,
    RoutingVersion,
    Who,
)
from services.reader.rooms.serials.queries import title_by_number
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.work import Work


async def read_stations(work: Work, text: str) -> list[rules.Station]:
    """One station a line: staff number, card or office, then perhaps `| days | note`. What nobody bears is named by its line."""
    found, wrong = [], []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        who, _bar, rest = line.replace("｜", "|").partition("|")
        days, _bar, note = rest.partition("|")
        who, days, note = who.strip(), days.strip(), note.strip()
        if days and not (days.isascii() and days.isdigit() and len(days) < 4):
            days, note = "", f"{days} {note}".strip()
        kind = Who.place
        if who.isascii():
            if await queries.is_colleague(work.session, who):
                kind = Who.staff
            elif await queries.is_reader(work.session, who):
                kind = Who.patron
            else:
                wrong.append(who[:40])
                continue
        found.append(rules.Station(
            kind, who="" if kind is Who.place else who, place=who[:60] if kind is Who.place else "", days=int(days) if days else None, note=note[:120],
        ))
    if wrong:
        raise Invalid({"stations": _(N_("没有这些工号或证号：{list}"), list=_(N_("、")).join(wrong))})
    return found


async def draw_up(work: Work, *, title_number: str, name: str, copy_no: int, days: int, stations: Sequence[rules.Station]) -> RoutingList:
    """A list for one copy of a title; a copy has one."""
    work.actor.require(*rules.HANDS)
    title = await title_by_number(work.session, title_number)
    wrong = rules.wrong_in(name, days, copy_no, title.copies, stations)
    taken = rules.CopyTaken(title=title.title, copy=copy_no)
    if copy_no in {one.copy_no for one in (await queries.in_force(work.session, [title.id])).get(title.id, ())}:
        wrong.setdefault("copy_no", str(taken))
    if wrong:
        raise Invalid(wrong)
    made = RoutingList(
        number=await work.number(rules.LISTS), title_id=title.id, name=name.strip(), copy_no=copy_no, days=days, made_at=work.now, made_by=work.actor.id,
    )
    work.refuse_on("uq_routing_list_copy", taken)
    work.session.add(made)
    await work.flush()
    await _write(work, made, stations)
    return made


async def revise(work: Work, *, number: str, name: str, days: int, stations: Sequence[rules.Station]) -> RoutingList:
    """Another version; slips under way keep theirs, and known absences go on."""
    work.actor.require(*rules.HANDS)
    one, title = await queries.list_by_number(work.session, number, lock=True)
    if not one.active:
        raise rules.ListStopped(number=number)
    if wrong := rules.wrong_in(name, days, one.copy_no, max(title.copies, one.copy_no), stations):
        raise Invalid(wrong)
    former = await queries.stations_of(work.session, one.id, one.version)
    (await queries.version_of(work.session, one.id, one.version)).ended_at = work.now
    one.name, one.days, one.version = name.strip(), days, one.version + 1
    await _write(work, one, stations, former)
    return one


async def _write(work: Work, one: RoutingList, stations: Sequence[rules.Station], former: Sequence[RoutingStation] = ()) -> None:
    made = RoutingVersion(list_id=one.id, version=one.version, made_at=work.now, made_by=work.actor.id)
    work.session.add(made)
    await work.session.flush()
    away = {(old.kind, old.who or old.place): old for old in former}
    for position, station in enumerate(stations, 1):
        old = away.get((station.kind, station.who or station.place))
        work.session.add(RoutingStation(
            version_id=made.id, position=position, kind=station.kind, who=station.who, place=station.place, days=station.days, note=station.note,
            absence=old.absence if old else None, away_until=old.away_until if old else None,
        ))
    await work.session.flush()


async def stop(work: Work, *, number: str) -> RoutingList:
    """No further issue goes round by this list; what is under way is finished."""
    work.actor.require(*rules.HANDS)
    one, _title = await queries.list_by_number(work.session, number, lock=True)
    if one.active:
        one.active = False
        (await queries.version_of(work.session, one.id, one.version)).ended_at = work.now
    return one


async def note_absence(work: Work, *, number: str, position: int, absence: Absence | None, until: date | None = None) -> RoutingStation:
    """A station is away (until a day, or for good), or there again: what is made from now on passes over it."""
    work.actor.require(*rules.HANDS)
    one, _title = await queries.list_by_number(work.session, number, lock=True)
    found = [s for s in await queries.stations_of(work.session, one.id, one.version) if s.position == position]
    if not found:
        raise rules.UnknownList(f"{number} {position}")
    if absence is not None and until is not None and until < work.today:
        raise Invalid({"until": N_("止日不能早于今天")})
    found[0].absence, found[0].away_until = absence, until if absence else None
    return found[0]


async def forget_colleague(work: Work, who: str) -> None:
    """A colleague has left: their stations are passed over from now on, on the lists and on what is under way."""
    for station in await queries.stations_held(work.session, who):
        station.absence, station.away_until = Absence.left, None
    await going.pass_over(work, who)
