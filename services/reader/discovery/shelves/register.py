"""The table of shelf ranges (架位表)."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from services.reader.desk import DESK
from services.reader.discovery.shelves import commands, queries, rules
from services.reader.discovery.shelves.model import ShelfRange, Side
from shared.i18n import N_
from shared.web.register import Col, F, Import, Register
from shared.work import Work


async def places(work: Work, typed: str) -> Sequence[tuple[str, str]]:
    """Locations while one types."""
    return await queries.locations(work.session, typed)


class RangeForm(BaseModel):
    """Which call numbers stand where."""

    location: str = F(N_("馆藏地代码"), min_length=1, max_length=40, source=places, help=N_("与单册的馆藏地一致"))
    floor: str = F(N_("楼层"), min_length=1, max_length=20, placeholder=N_("二层"))
    from_call: str = F(N_("起号"), min_length=1, max_length=60, placeholder="I247.5")
    to_call: str = F(N_("止号"), min_length=1, max_length=60, placeholder="I247.59", help=N_("含止号及其下位类"))
    hall: str = F(N_("库室"), min_length=1, max_length=40, placeholder=N_("文学库"))
    rack: int = F(N_("排"), ge=1, le=999)
    side: Side = F(N_("面"), Side.both)
    note: str = F(N_("备注"), "", max_length=200, span=12)


shelf_ranges = Register(
    "shelf-ranges", ShelfRange, dept="reader", title=N_("架位表"), icon="map-2",
    help=N_("每排书架放哪一段索书号；书目页据此告诉读者去哪里取书"), number="JW", form=RangeForm,
    serves=("RDR-CIR-OTH-04", "RDR-CIR-BAS-03"), read=DESK, create=commands.KEEPERS, edit=commands.KEEPERS, delete=commands.KEEPERS,
    on_create=commands.settle, on_edit=commands.settle, sort="from_call",
    columns=[
        Col("no", N_("编号"), "ref"), Col("location", N_("馆藏地"), value=lambda place: place.location_name or place.location),
        Col("from_call"), Col("to_call"), Col("floor"), Col("hall"),
        Col("rack", kind="num"), Col("side", kind="chip"), Col("note", detail_only=True),
    ],
    search=["no", "location", "from_call", "hall", "note"], filters={"location": N_("馆藏地代码"), "floor": N_("楼层")},
    title_of=rules.place_text, import_=Import(),
)
