"""加随书光盘: the form of a disc that lies with a book."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.resources.cataloguing.items import accompanying, queries, rules
from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.cataloguing.records.queries import by_key
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _, pick
from shared.refusals import Invalid, NotFound
from shared.web.pages import page, see_other
from shared.web.register.fields import fen_of
from shared.work import Work

router = Router(prefix="/resources/items", tags=["items"], dependencies=[allow(*rules.CATALOGUERS)])


async def _book(work: Work, barcode: str) -> Item:
    book = await queries.by_barcode(work.session, barcode.strip().upper())
    if book is None:
        raise NotFound(barcode)
    return book


async def _form(
    request: Request, work: Work, book: Item, values: dict[str, str], wrong: dict[str, str] | None = None
) -> Response:
    record = await by_key(work.session, str(book.instance_id))
    places = (await queries.locations(work.session)).values()
    errors = wrong or {}
    fields: list[dict[str, Any]] = [
        {"name": "barcode", "label": _(N_("条码")), "required": True, "maxlength": 30,
         "help": _(N_("光盘自己的条码；已填好下一个可用条码，也可扫描预印条码"))},
        {"name": "location", "label": _(N_("馆藏地")), "kind": "select", "required": True,
         "options": [(place.no, pick(place.name, place.name_en)) for place in places]},
        {"name": "pieces", "label": _(N_("张数")), "kind": "number", "required": True, "min": 1, "max": rules.MOST_PIECES},
        {"name": "price_cents", "label": _(N_("价格")), "kind": "money", "help": _(N_("随书不另计价时留空"))},
        {"name": "note", "label": _(N_("备注")), "span": 12, "maxlength": 200},
        {"name": "in_process", "label": _(N_("在加工室")), "kind": "switch", "span": 12,
         "placeholder": _(N_("新书，加工后随交接单送到服务点；不选则视为已在架"))},
    ]
    title = _(N_("加随书光盘 {barcode}"), barcode=book.barcode)
    back = f"/resources/records/{record.number}"
    return page(
        request, "items/disc.html", status=422 if wrong else 200, page_title=title, item=book, record=record, cancel=back,
        fields=[{**one, "value": values.get(one["name"], ""), "error": errors.get(one["name"], "")} for one in fields],
        wrong=list(errors.values()), crumbs=[(_(N_("书目记录")), "/resources/records"), (record.number, back), (title, "")],
    )


@router.get("/{barcode}/disc")
async def ask(request: Request, work: WorkDep, barcode: str) -> Response:
    """Ask for the disc that lies with a book; place and workroom are the book's until said otherwise."""
    book = await _book(work, barcode)
    return await _form(request, work, book, {
        "barcode": await queries.next_barcode(work.session, rules.DISC), "location": book.location, "pieces": "1",
        "in_process": "on" if book.life is ItemLife.in_process else "",
    })


@router.post("/{barcode}/disc")
async def add(request: Request, work: WorkDep, barcode: str) -> Response:
    """加随书光盘; what is wrong stands beside what was typed."""
    book = await _book(work, barcode)
    typed = {key: str(value)[:200] for key, value in (await request.form()).items()}
    try:
        fen = fen_of(typed.get("price_cents", "").strip() or "0")
    except ValueError as error:
        return await _form(request, work, book, typed, {"price_cents": _(str(error))})
    if fen < 0:
        return await _form(request, work, book, typed, {"price_cents": _(N_("价格不能小于零"))})
    pieces = typed.get("pieces", "").strip()
    try:
        disc = await accompanying.add_disc(
            work, book=book.barcode, barcode=typed.get("barcode", ""), location=typed.get("location", ""),
            pieces=int(pieces) if pieces.isdecimal() and len(pieces) < 4 else 0, price_cents=fen,
            note=typed.get("note", ""), in_process="in_process" in typed,
        )
    except Invalid as refusal:
        return await _form(request, work, book, typed, refusal.errors)
    except (rules.BadBarcode, rules.BarcodeTaken) as refusal:
        return await _form(request, work, book, typed, {"barcode": str(refusal)})
    except rules.UnknownLocation as refusal:
        return await _form(request, work, book, typed, {"location": str(refusal)})
    record = await by_key(work.session, str(disc.instance_id))
    said = _(N_("已加随书光盘 {barcode}"), barcode=disc.barcode)
    return see_other(request, f"/resources/records/{record.number}#item-{disc.barcode}", toast=said)
