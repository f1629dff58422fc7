"""Writing down what the desk says: a hundred facts of one delivery cost one statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, text

from services.resources.collections.missing import commands as missing
from services.resources.collections.sightings.model import Sighting, Whereabouts
from shared.work import Work

# The desk's facts come in their order, each once: the last one said is right, whatever its clock said.
_SEEN = text(
    "INSERT INTO sighting (barcode, place, at) "
    "SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:places AS text[]), CAST(:moments AS timestamptz[])) "
    "ON CONFLICT (barcode) DO UPDATE SET place = EXCLUDED.place, at = EXCLUDED.at"
)


def saw(work: Work, barcodes: Iterable[str], place: Whereabouts) -> None:
    """The desk says these items are there; written with others at the end of the delivery."""
    at = work.cause.at if work.cause else work.now
    for barcode in barcodes:
        work.gather(_write, (barcode, place, at))


async def _write(work: Work, rows: list[Any]) -> None:
    last: dict[str, tuple[Whereabouts, datetime]] = {barcode: (place, at) for barcode, place, at in rows}
    codes = sorted(last)
    await work.session.execute(_SEEN, {
        "codes": codes, "places": [last[code][0].value for code in codes], "moments": [last[code][1] for code in codes],
    })
    await missing.seen_at_desk(work, codes)


async def rename(work: Work, former: str, barcode: str) -> None:
    """The item bears another barcode from now on."""
    await work.write_gathered()
    await work.session.execute(delete(Sighting).where(Sighting.barcode == barcode))
    await work.session.execute(
        text("UPDATE sighting SET barcode = :barcode WHERE barcode = :former"), {"barcode": barcode, "former": former}
    )
    await missing.rename(work, former, barcode)
