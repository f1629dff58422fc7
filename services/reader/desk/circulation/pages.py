"""A patron with all they have, an item with all it went through, and what is overdue."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.charges.model import Kind, Method
from services.reader.desk.charges.queries import entries_of, open_charges
from services.reader.desk.charges.rules import sentence_of as charge_sentence
from services.reader.desk.circulation import asking_back, commands, queries
from services.reader.desk.circulation.rules import sentence_of
from services.reader.desk.codes import clean
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.condition.queries import open_slip_of, slips_of, stepper
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.queries import holds_of, queue_of, ready_hold, waiting_count
from services.reader.desk.holds.rules import CANCEL_REASONS
from services.reader.desk.items import commands as items
from services.reader.desk.items.model import Circulation
from services.reader.desk.items.queries import item_by_barcode
from services.reader.desk.items.rules import availability, word
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.losses.queries import losses_of_item, losses_of_patron
from services.reader.desk.patrons.queries import names_of, notes_of, patron_by_card
from services.reader.desk.patrons.rules import blocks, limit_block, standing, verbs
from services.reader.desk.patrons.tabs import tabs
from services.reader.desk.policies.rules import rule_text
from services.reader.discovery.catalogue.queries import numbers_of
from shared.doors import Router, WorkDep, allow
from shared.i18n import N_, _
from shared.web.pages import PageNo, page, see_other
from shared.web.register import people

router = Router(prefix="/reader", tags=["circulation"], dependencies=[allow(*DESK)])
# Any member of staff may ask where a book is; who waits for it and who had it is for the desk.
open_router = Router(prefix="/reader", tags=["circulation"], dependencies=[allow("staff")])


@router.get("/patrons/{card}")
async def patron(request: Request, work: WorkDep, card: str, history: bool = False) -> Response:
    """The patron's account; the reading history is shown on request and the look is written down."""
    found = await patron_by_card(work.session, clean(card))
    loans = await queries.loans_of(work.session, found.id, limit=200)
    past = await queries.history_of(work.session, found.id) if history else []
    if history:
        work.note("read-loan-history", "patron", found.card, rows=len(past))
    out, terms = await queries.standing_now(work.session, found, work.today)
    state = standing(found, work.today)
    return page(
        request, "circulation/patron.html", page_title=found.name, patron=found, state=state,
        crumbs=[(_(N_("读者与证件")), "/reader/patrons"), (found.name, "")], terms=terms,
        alerts=blocks(
            found, today=work.today, earliest_due=out.earliest_due, standing=out, terms=terms
        ) + limit_block(found, terms),
        loans=loans,
        holds=await holds_of(work.session, found.id), due=await open_charges(work.session, found.id),
        entries=await entries_of(work.session, found.id, limit=20), history=history, past=past,
        verbs=verbs(found), tabs=tabs(found), notes=await notes_of(work.session, found, work.today),
        today=work.today, sentence_of=sentence_of, rule_text=rule_text, methods=list(Method), kinds=list(Kind),
        is_head=work.actor.holds(HEAD), charge_sentence=charge_sentence,
        losses=await losses_of_patron(work.session, found.id),
    )


@open_router.get("/items")
async def find_item(request: Request, work: WorkDep, q: str = "") -> Response:
    """A box for a barcode; a hit leads to the item."""
    if q.strip():
        found = await item_by_barcode(work.session, clean(q))
        return see_other(request, f"/reader/items/{found.barcode}")
    return page(request, "circulation/find.html", page_title=_(N_("单册状态")))


@open_router.get("/items/{barcode}")
async def item(request: Request, work: WorkDep, barcode: str, history: bool = False) -> Response:
    """Where an item stands on every axis, why it cannot be had, and its damages."""
    found = await item_by_barcode(work.session, clean(barcode))
    free, why = availability(found)
    at_desk = work.actor.holds(DESK)
    history = history and at_desk
    loans = await queries.loans_of_item(work.session, found.id) if history else []
    if history:
        work.note("read-loan-history", "item", found.barcode, rows=len(loans))
    slip = await open_slip_of(work.session, found.id)
    loan = await queries.open_loan_of_item(work.session, found.id)
    slips = await slips_of(work.session, found.id)
    ready = await ready_hold(work.session, found.id)
    numbers = await numbers_of(work.session, [found.instance_id])
    return page(
        request, "circulation/item.html", page_title=found.title, item=found, free=free, why=why,
        crumbs=[(_(N_("单册状态")), "/reader/items"), (found.barcode, "")], word=word(found),
        slip=slip, stages=stepper(slip) if slip else [], loan=loan, slips=slips, ready=ready,
        waiting=await waiting_count(work.session, found.instance_id),
        queue=await queue_of(work.session, found.instance_id, limit=10) if at_desk else [],
        history=history, loans=loans, at_desk=at_desk,
        readers=await names_of(work.session, [one.patron_id for one in loans if one.patron_id]),
        names=await people.names(work, [one.reported_by for one in slips]),
        kinds=list(DamageKind), grades=list(Grade), today=work.today, Circulation=Circulation, sentence_of=sentence_of,
        losses=await losses_of_item(work.session, found.id) if at_desk else [], number=numbers.get(found.instance_id, ""),
    )


@router.post("/items/{barcode}/shelve")
async def shelve(request: Request, work: WorkDep, barcode: str) -> Response:
    """已上架."""
    found = await items.shelve(work, barcode=clean(barcode))
    return see_other(request, f"/reader/items/{found.barcode}", toast=_(N_("已上架")))


@router.post("/items/{barcode}/recall")
async def recall(
    request: Request, work: WorkDep, barcode: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """召回."""
    loan = await asking_back.recall(work, barcode=clean(barcode), reason=reason)
    return see_other(
        request, f"/reader/items/{loan.barcode}", toast=_(N_("已召回，应还日提前至 {day}"), day=loan.due_on)
    )


@router.post("/items/{barcode}/hold")
async def hold(
    request: Request, work: WorkDep, barcode: str, card: Annotated[str, Form()],
    override: Annotated[bool, Form()] = False, note: Annotated[str, Form()] = "",
    recall: Annotated[bool, Form()] = False,
) -> Response:
    """Place a hold on the item's title for a patron, and call the item back if they cannot wait."""
    found = await item_by_barcode(work.session, clean(barcode))
    _hold, place = await holds.place(
        work, card=clean(card), instance_id=found.instance_id, override=override, note=note[:300]
    )
    if recall:
        await asking_back.recall(work, barcode=found.barcode, reason=N_("读者预约，请求召回"))
    return see_other(
        request, f"/reader/items/{found.barcode}", toast=_(N_("已预约，排第 {n} 位"), n=place)
    )


@router.get("/overdue")
async def overdue(request: Request, work: WorkDep, page_no: PageNo = 1) -> Response:
    """Whom to remind, longest first."""
    found, total = await queries.overdue(
        work.session, work.today, limit=SIZE, offset=offset(page_no)
    )
    return page(
        request, "circulation/overdue.html", block="list", page_title=_(N_("超期催还")), loans=found,
        patrons=await names_of(work.session, [one.patron_id for one in found if one.patron_id]),
        today=work.today, **paged(page_no, total),
    )


@router.post("/loans/{barcode}/renew")
async def renew(
    request: Request, work: WorkDep, barcode: str, override: Annotated[bool, Form()] = False,
    note: Annotated[str, Form()] = "",
) -> Response:
    """续借 from the patron's page."""
    loan, patron = await commands.renew(work, barcode=clean(barcode), override=override, note=note[:300])
    return see_other(
        request, f"/reader/patrons/{patron.card}", toast=_(N_("续借至 {day}"), day=loan.due_on)
    )


@router.post("/holds/{hold_id}/cancel")
async def cancel(
    request: Request, work: WorkDep, hold_id: UUID, back: Annotated[str, Form()] = "/reader/holds",
    reason: Annotated[int | None, Form()] = None,
) -> Response:
    """取消预约, with one of the listed reasons."""
    listed = reason is not None and 0 <= reason < len(CANCEL_REASONS)
    await holds.cancel(work, hold_id=hold_id, reason=CANCEL_REASONS[reason or 0] if listed else N_("借还台取消"))
    safe = back if back.startswith("/reader/") else "/reader/holds"
    return see_other(request, safe, toast=_(N_("预约已取消")))
