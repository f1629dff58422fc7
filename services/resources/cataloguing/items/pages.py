"""What is done with items on a record's page."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.resources.cataloguing.items import commands, queries, rules
from services.resources.cataloguing.records.pages import show
from services.resources.cataloguing.records.queries import by_key
from services.resources.collections.layout import commands as layout
from services.resources.collections.layout.rules import Elsewhere
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.refusals import NotFound
from shared.web.pages import page, see_other
from shared.web.register.fields import fen_of

router = Router(prefix="/resources", tags=["items"])


@router.get("/items/{barcode}", dependencies=[allow("staff")])
async def where(work: WorkDep, barcode: str) -> Response:
    """An item is shown on the page of its record."""
    item = await queries.by_barcode(work.session, barcode.strip().upper())
    if item is None:
        raise NotFound(barcode)
    record = await by_key(work.session, str(item.instance_id))
    return RedirectResponse(f"/resources/records/{record.number}#item-{item.barcode}", status_code=303)


@router.post("/records/{number}/items", dependencies=[allow(*rules.CATALOGUERS)])
async def add(
    request: Request, work: WorkDep, number: str, barcode: Annotated[str, Form()] = "",
    location: Annotated[str, Form()] = "", call_number: Annotated[str, Form()] = "",
    price_cents: Annotated[str, Form()] = "", volume: Annotated[str, Form()] = "", note: Annotated[str, Form()] = "",
    in_process: Annotated[str, Form()] = "", layout_reason: Annotated[str, Form()] = "",
) -> Response:
    typed = {"barcode": barcode, "location": location, "call_number": call_number, "price": price_cents,
             "volume": volume, "note": note, "in_process": in_process, "layout_reason": layout_reason}
    wrong: dict[str, str] = {}
    fen = 0
    try:
        fen = fen_of(price_cents.strip() or "0")
    except ValueError as error:
        wrong["price_cents"] = _(str(error))
    if fen < 0:
        wrong["price_cents"] = _(N_("价格不能小于零"))
    try:
        if not wrong:
            record = await by_key(work.session, number)
            other = await layout.check(work, record, location, reason=layout_reason[:200], call_number=call_number[:80])
            item = await commands.add_item(
                work, number=number, barcode=barcode, location=location, call_number=call_number[:80],
                price_cents=fen, volume=volume[:80], note=note[:200], in_process=bool(in_process),
            )
            if other is not None:
                await work.session.flush()
                await layout.write_down(work, other, item, record.title, reason=layout_reason[:200])
            said = _(N_("已加入馆藏：{barcode}"), barcode=item.barcode)
            return see_other(request, f"/resources/records/{number}#item-{item.barcode}", toast=said)
    except Elsewhere as refusal:
        wrong["layout_reason"] = str(refusal)
    except (rules.BadBarcode, rules.BarcodeTaken, rules.UnknownLocation) as refusal:
        wrong["location" if isinstance(refusal, rules.UnknownLocation) else "barcode"] = str(refusal)
    record = await by_key(work.session, number, whole=True)
    return await show(request, work, record, adding={"typed": typed, "errors": wrong}, status=422)



@router.get("/items/{barcode}/relocate", dependencies=[allow("RES-MGT")])
async def relocation(request: Request, work: WorkDep, barcode: str) -> Response:
    """Ask where the item shall stand."""
    item = await queries.by_barcode(work.session, barcode.strip().upper())
    if item is None:
        raise NotFound(barcode)
    record = await by_key(work.session, str(item.instance_id))
    places = (await queries.locations(work.session)).values()
    fields = [
        {"name": "location", "label": _(N_("馆藏地")), "kind": "select", "required": True, "value": item.location,
         "options": [(place.no, pick(place.name, place.name_en)) for place in places]},
        {"name": "call_number", "label": _(N_("索书号")), "value": item.call_number, "maxlength": 80},
    ]
    title = _(N_("改藏 {barcode}"), barcode=item.barcode)
    back = f"/resources/records/{record.number}"
    return page(
        request, "items/relocate.html", page_title=title, item=item, fields=fields, cancel=back,
        crumbs=[(_(N_("书目记录")), "/resources/records"), (record.number, back), (title, "")],
    )


@router.post("/items/{barcode}/relocate", dependencies=[allow("RES-MGT")])
async def relocate(
    request: Request, work: WorkDep, barcode: str, location: Annotated[str, Form()] = "",
    call_number: Annotated[str, Form()] = "",
) -> Response:
    item = await commands.relocate(work, barcode.strip().upper(), location=location, call_number=call_number[:80])
    record = await by_key(work.session, str(item.instance_id))
    return see_other(request, f"/resources/records/{record.number}#item-{item.barcode}", toast=_(N_("已改藏")))
