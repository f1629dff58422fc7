"""Opening, scanning, comparing, closing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services.resources.cataloguing.items.queries import locations
from services.resources.collections.missing import commands as missing
from services.resources.collections.stocktake import queries, rules, statements
from services.resources.collections.stocktake.model import (
    Counter,
    How,
    Stocktake,
    StocktakeState,
)
from shared.events.resources import StocktakeClosed, StocktakeCounted
from shared.i18n import N_
from shared.refusals import Invalid
from shared.work import Work

# A million books are frozen or compared in some ten seconds; the usual limit is for screens.
_LONG = text("SET LOCAL statement_timeout = '180s'")


async def plan(work: Work, one: Stocktake, _form: Any) -> None:
    """The scope: places the house has, and a span of call numbers that is not upside down."""
    known = await locations(work.session)
    one.places = list(dict.fromkeys(code.strip() for code in one.places if code.strip()))
    if not one.places or any(code not in known for code in one.places):
        raise Invalid({"places": N_("请选馆藏地")})
    one.place_names = "、".join(known[code].name for code in one.places)
    one.key_from = rules.bound(one.call_from)
    one.key_to = rules.bound(one.call_to) + rules.LAST if one.call_to.strip() else ""
    if one.key_from and one.key_to and one.key_from > one.key_to:
        raise Invalid({"call_to": N_("止于的索书号排在起于之前")})


async def freeze(work: Work, one: Stocktake, _form: Any) -> None:
    """Counting begins: the list of what should be there does not change any more."""
    await work.session.flush()
    await work.session.execute(_LONG)
    done: Any = await work.session.execute(statements.FREEZE, {
        "id": one.id, "places": one.places, "key_from": one.key_from, "key_to": one.key_to,
    })
    if not done.rowcount:
        raise rules.NothingExpected
    one.expected, one.opened_at, one.opened_by = done.rowcount, work.now, work.actor.id


async def scan(
    work: Work, number: str, codes: Sequence[str], *, place: str = "", how: How = How.scan,
) -> list[Any]:
    """These barcodes were seen in this place; one row of what came of each, in the order of their barcodes."""
    work.actor.require(*rules.COUNTERS)
    many = len(codes) > 1
    # Many rows wait for one another as a whole, so that two files never wait in a circle; single scans only keep the door open.
    one = await queries.locked(work.session, number, share=not many)
    if StocktakeState(one.state) not in rules.SCANNING or one.opened_at is None:
        raise rules.NotCounting(title=one.title)
    place = place or (one.places[0] if len(one.places) == 1 else "")
    if place not in one.places:
        raise rules.NoSuchPlace
    if not codes:
        raise rules.NothingScanned
    if many:
        await work.session.execute(_LONG)
    rows = (await work.session.execute(statements.SCAN, {
        "id": one.id, "codes": list(dict.fromkeys(codes)), "place": place, "how": how.value, "by": work.actor.id, "at": work.now,
        "key_from": one.key_from, "key_to": one.key_to,
    })).all()
    await _credit(work, one, place, len(rows))
    here = [row.item_id for row in rows if row.item_id and row.result in {"found", "elsewhere"}]
    if here:
        places = await locations(work.session)
        await missing.find(work, here, stocktake=one.no, place=places[place].name if place in places else place)
    return list(rows)


async def _credit(work: Work, one: Stocktake, place: str, count: int) -> None:
    """The first time somebody counts on a day is told; the rest of the day's scans are the campaign's own rows."""
    new = await work.session.scalar(
        insert(Counter).values(stocktake_id=one.id, person=work.actor.id, day=work.today)
        .on_conflict_do_nothing().returning(Counter.person)
    )
    if new:
        names = await locations(work.session)
        work.emit(StocktakeCounted(
            number=one.no, title=one.title, day=work.today, place=names[place].name if place in names else place, count=count,
        ), correlation=one.correlation)


async def compare(work: Work, one: Stocktake, _form: Any) -> None:
    """The shelves are through: what was not scanned is explained by the desk, or missing."""
    await recompare(work, one)
    one.checked_at, one.checked_by = work.now, work.actor.id


async def recompare(work: Work, one: Stocktake) -> None:
    """Ask the desk's facts anew about what nobody has scanned."""
    await work.session.execute(_LONG)
    await work.session.execute(statements.COMPARE, {"id": one.id, "since": rules.reshelved_since(one.opened_at or work.now)})


async def close(work: Work, one: Stocktake, _form: Any) -> None:
    """A second person puts the result on record; from here on it stands."""
    await recompare(work, one)
    if left := await queries.open_differences(work.session, one.id):
        raise rules.StillOpen(n=left)
    one.report = await queries.figures(work.session, one)
    one.closed_at, one.closed_by = work.now, work.actor.id
    all_ = one.report[-1]
    work.emit(StocktakeClosed(
        number=one.no, title=one.title, expected=all_["expected"], seen=all_["found"] + all_["elsewhere"],
        away=all_["lent"] + all_["away"] + all_["seen"], missing=all_["missing"], misplaced=all_["misplaced"],
        unexpected=all_["unexpected"], lost_permyriad=all_["lost_permyriad"], locations=tuple(one.places),
    ), correlation=one.correlation)
