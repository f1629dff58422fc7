"""Writing down what is missing, and what is there again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.resources.collections.missing import rules
from services.resources.collections.missing.model import MissingItem
from services.resources.collections.weeding.model import Reason
from services.resources.collections.weeding.register import weeding
from shared.events.resources import ItemsFound, ItemsMissing, SoughtItem
from shared.work import Work

CHUNK = 200
# Missed again by another stock-take, an item is missing since it was missed first; found in between, it begins anew.
_MISS = text("""
INSERT INTO missing_item AS m (id, no, version, correlation, created_by, created_at, updated_at, state, item_id, barcode, title,
    call_number, location, location_name, price_cents, stocktake, rounds, missing_on, since_at, found_by, found_where, weeding)
SELECT gen_random_uuid(), i.barcode, 1, CAST(:correlation AS uuid), :by, :now, :now, 'missing', i.id, i.barcode, r.title, i.call_number,
    i.location, coalesce(l.name, i.location), i.price_cents, :stocktake, 1, :today, :now, '', '', ''
FROM item i JOIN instance r ON r.id = i.instance_id LEFT JOIN location l ON l.no = i.location
WHERE i.id = ANY(:items) ORDER BY i.id
ON CONFLICT (item_id) DO UPDATE SET state = CASE WHEN m.state = 'proposed' THEN m.state ELSE 'missing' END,
    rounds = CASE WHEN m.state = 'found' THEN 1 WHEN m.stocktake = EXCLUDED.stocktake THEN m.rounds ELSE m.rounds + 1 END,
    missing_on = CASE WHEN m.state = 'found' THEN EXCLUDED.missing_on ELSE m.missing_on END,
    since_at = EXCLUDED.since_at, stocktake = EXCLUDED.stocktake, barcode = EXCLUDED.barcode, location = EXCLUDED.location,
    location_name = EXCLUDED.location_name, call_number = EXCLUDED.call_number, found_at = NULL, found_by = '', found_where = '',
    correlation = EXCLUDED.correlation, version = m.version + 1, updated_at = EXCLUDED.updated_at
RETURNING item_id, barcode, title, call_number, location
""")
_FIND = text("""
UPDATE missing_item SET state = 'found', found_at = :now, found_by = :by, found_where = :place, version = version + 1, updated_at = :now
WHERE item_id = ANY(:items) AND state <> 'found' RETURNING item_id, barcode, title, call_number, location
""")
_SEEN = text("""
UPDATE missing_item m SET state = 'found', found_at = s.at, version = m.version + 1, updated_at = s.at
FROM sighting s
WHERE s.barcode = m.barcode AND m.barcode = ANY(:codes) AND m.state = 'missing' AND s.place <> 'missing' AND s.at > m.since_at
""")


def _sought(rows: Sequence[Any]) -> list[SoughtItem]:
    return [
        SoughtItem(item_id=str(r.item_id), barcode=r.barcode, title=r.title, call_number=r.call_number, location=r.location)
        for r in sorted(rows, key=lambda row: str(row.barcode))
    ]


async def miss(work: Work, items: Sequence[UUID], *, stocktake: str) -> int:
    """These items are not there: the desk hides them and looks."""
    rows = (await work.session.execute(_MISS, {
        "items": list(items), "stocktake": stocktake, "by": work.actor.id, "now": work.now, "today": work.today,
        "correlation": work.correlation,
    })).all()
    told = _sought(rows)
    for at in range(0, len(told), CHUNK):
        work.emit(ItemsMissing(number=stocktake, total=len(told), items=tuple(told[at:at + CHUNK])))
    return len(told)


async def find(work: Work, items: Sequence[UUID], *, stocktake: str, place: str = "") -> int:
    """What of these items was looked for is there again: the desk shows it to readers."""
    rows = (await work.session.execute(
        _FIND, {"items": list(items), "now": work.now, "by": work.actor.id, "place": place}
    )).all()
    told = _sought(rows)
    for at in range(0, len(told), CHUNK):
        work.emit(ItemsFound(number=stocktake, items=tuple(told[at:at + CHUNK])))
    return len(told)


async def seen_at_desk(work: Work, codes: Sequence[str]) -> None:
    """What the desk holds in its hands again needs no more looking for."""
    await work.session.execute(_SEEN, {"codes": list(codes)})


async def rename(work: Work, former: str, barcode: str) -> None:
    """The item bears another barcode from now on."""
    await work.session.execute(
        text("UPDATE missing_item SET barcode = :barcode WHERE barcode = :former"), {"barcode": barcode, "former": former}
    )


async def found_by_hand(work: Work, line: MissingItem, form: Any) -> None:
    """Somebody holds it in the hand."""
    line.found_at, line.found_by, line.found_where = work.now, work.actor.id, form.found_where.strip()
    work.emit(ItemsFound(number=line.stocktake, items=(SoughtItem(
        item_id=str(line.item_id), barcode=line.barcode, title=line.title, call_number=line.call_number, location=line.location,
    ),)))


async def propose(work: Work, line: MissingItem, _form: Any) -> None:
    """Others decide whether it leaves the stock."""
    if not rules.ripe(line, work.today):
        raise rules.TooSoon(title=line.title, barcode=line.barcode, rounds=line.rounds, day=rules.ripe_on(line))
    listed = await weeding.open(
        work, barcode=line.barcode, reason=Reason.missing, note="", proposer=work.actor.id, correlation=line.correlation,
    )
    line.weeding = listed.no
