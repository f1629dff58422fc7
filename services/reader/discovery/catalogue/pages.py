"""The public pages: search, one work, placing a hold."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk.codes import clean
from services.reader.desk.consortium.queries import usual_pickup
from services.reader.desk.holds import commands as holds
from services.reader.desk.items.queries import items_of
from services.reader.desk.items.rules import availability, word
from services.reader.discovery.catalogue import listing, queries, waiting
from services.reader.discovery.catalogue.asking import FIELDS, SIZES, SORTS, Sort, asked
from services.reader.discovery.catalogue.availability import due_dates, own_hold
from services.reader.discovery.catalogue.citation import citation, coins
from services.reader.discovery.catalogue.formats import FORMATS
from services.reader.discovery.catalogue.linked import about, address, data_block
from services.reader.discovery.catalogue.outputs import base_of, redirect_moved, visible
from services.reader.discovery.catalogue.vocabulary import (
    CLASSES,
    class_name,
    language_name,
    material_of,
)
from services.reader.discovery.lists.queries import lists_of_card
from services.reader.discovery.ondemand.queries import matching
from services.reader.discovery.shelves.queries import places_of, racks_beside
from services.reader.discovery.shelves.rules import place_text, plan
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.refusals import NotAllowed, NotFound
from shared.web.pages import page, see_other

router = Router(prefix="/reader/catalogue", tags=["catalogue"])
OPEN = [allow("*")]
TITLE = N_("馆藏检索")


@router.get("", dependencies=OPEN)
async def search(request: Request, work: WorkDep) -> Response:
    wish, session = asked(request.query_params), work.session
    values: dict[str, Any] = {
        "asked": wish, "fields": FIELDS, "sizes": SIZES, "class_name": class_name, "material_of": material_of,
        "classes": CLASSES,
        "sorts": {k: v for k, v in SORTS.items() if wish.q or k is not Sort.relevance},
    }
    if not wish.something:
        newest = await queries.newest(session)
        return page(
            request, "catalogue/search.html", block="results", page_title=_(TITLE), found=None, newest=newest,
            by_class=await queries.by_class(session), **values,
        )
    found = await queries.search(session, wish)
    few = bool(wish.q) and 0 < found.total <= listing.FEW and wish.page == 1
    meant = await listing.meant(session, wish, found.total) if few else None
    return page(
        request, "catalogue/search.html", block="results", page_title=_(TITLE), found=found,
        hits=await listing.hits(session, found.ids), facets=listing.facets(wish, found),
        chosen=await listing.chosen(session, wish, found.places), short=listing.SHORT,
        pages=max(-(-found.looked // wish.size), 1),
        suggestions=[] if found.total else await listing.suggestions(session, wish), meant=meant,
        on_demand=await matching(session, wish.q) if wish.page == 1 else (), **values,
    )


@router.get("/{number}", dependencies=OPEN)
async def one(request: Request, work: WorkDep, number: str) -> Response:
    record = await queries.record_by_number(work.session, number)
    if record is None:
        if moved := await redirect_moved(work, number):
            return moved
        raise NotFound(number)
    session, actor = work.session, work.actor
    copies = await items_of(session, record.instance_id)
    hit = (await listing.hits(session, [record.instance_id]))[0]
    base = base_of(request)
    places = await places_of(session, copies)
    # The way is shown to a copy that can be fetched, else to any.
    fetch = next((places[i.id] for i in sorted(copies, key=lambda i: bool(availability(i)[1])) if i.id in places), None)
    own = await own_hold(session, actor.card, record.instance_id) if actor.kind == "patron" else None
    return page(
        request, "catalogue/record.html", page_title=record.title,
        crumbs=[(_(TITLE), "/reader/catalogue"), (record.title, None)], record=record,
        hit=hit, link=address(base, record), linked=data_block(about(record, hit.state, base)), formats=FORMATS,
        places=places, fetch=fetch, place_text=place_text,
        plan=plan(await racks_beside(session, fetch), fetch) if fetch else None,
        lists=await lists_of_card(session, actor.card) if actor.kind == "patron" else [],
        copies=[(item, word(item), availability(item)[1]) for item in copies],
        due=await due_dates(session, copies), citation=citation(record), coins=coins(record),
        shelf=await queries.neighbours(session, record), language_name=language_name,
        material_of=material_of, class_name=class_name, own=own,
        wish=await waiting.choices(work, record.instance_id, copies) if actor.kind == "patron" and not own else None,
        sent_to=(await usual_pickup(session, actor.card))[1] if actor.kind == "patron" else "",
    )


@router.post("/{number}/hold", dependencies=OPEN)
async def hold(
    request: Request, work: WorkDep, number: str, pickup: Annotated[str | None, Form()] = None,
    barcode: Annotated[str, Form()] = "",
) -> Response:
    """Wait for the title, or for one copy of it, to be fetched at a point."""
    here = f"/reader/catalogue/{quote(number, safe='')}"
    if work.actor.kind == "anonymous":
        return see_other(request, f"/login?next={quote(here)}")
    if work.actor.kind != "patron":
        raise NotAllowed
    record = await visible(work, number)
    if pickup is None:  # a button without a choice, such as in a list: where they fetched last
        pickup = await waiting.usual_point(work)
    copy = await waiting.copy_of(work, record.instance_id, clean(barcode)) if barcode.strip() else ""
    _hold, place = await holds.place(
        work, card=work.actor.card, instance_id=record.instance_id, barcode=copy, pickup=clean(pickup)
    )
    said = _(N_("已预约《{title}》，排第 {n} 位；到馆后通知您"), title=record.title, n=place)
    return see_other(request, here, toast=said)


@router.get("/{number}/hold", dependencies=OPEN)
async def back(request: Request, number: str) -> Response:
    """Somebody came here by signing in or by the back button: the book's page has the button."""
    return see_other(request, f"/reader/catalogue/{quote(number, safe='')}")
