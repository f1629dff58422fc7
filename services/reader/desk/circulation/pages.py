"""A patron with all they have, an item with all it went through, and what is overdue."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from services.reader.desk import DESK, HEAD
from services.reader.desk.charges.model import TAKEN, Kind
from services.reader.desk.charges.queries import entries_of, open_charges
from services.reader.desk.charges.rules import sentence_of as charge_sentence
from services.reader.desk.circulation import asking_back, commands, queries
from services.reader.desk.circulation.rules import sentence_of
from services.reader.desk.codes import clean
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.condition.queries import open_slip_of, slips_of, stepper
from services.reader.desk.discs.model import KIND
from services.reader.desk.discs.queries import discs_of
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.queries import holds_of, queue_of, ready_hold, waiting_count
from services.reader.desk.holds.rules import CANCEL_REASONS
from services.reader.desk.items import commands as items
from services.reader.desk.items.model import Circulation
from services.reader.desk.items.queries import former_barcodes, item_by_barcode, renamed
from services.reader.desk.items.rules import availability, word
from services.reader.desk.listing import SIZE, offset, paged
from services.reader.desk.looks import look
from services.reader.desk.losses.queries import losses_of_item, losses_of_patron
from services.reader.desk.patrons.queries import names_of, notes_of, patron_by_card
from services.reader.desk.patrons.rules import (
    NEED_ORIENTATION,
    blocks,
    limit_block,
    standing,
    verbs,
)
from services.reader.desk.patrons.tabs import tabs
from services.reader.desk.policies.rules import rule_text
from services.reader.desk.processing.queries import label_waits
from services.reader.desk.processing.rules import not_in_hand
from services.reader.desk.signing.rules import about as sign_about
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
    entries = await entries_of(work.session, found.id, limit=20)
    if history:
        look(work, "read-loan-history", found.card, rows=len(past))
    if entries:
        look(work, "read-charges", found.card, rows=len(entries))
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
        entries=entries, history=history, past=past,
        verbs=verbs(found), tabs=tabs(found), notes=await notes_of(work.session, found, work.today),
        today=work.today, sentence_of=sentence_of, rule_text=rule_text, methods=list(TAKEN), kinds=list(Kind),
        is_head=work.actor.holds(HEAD), charge_sentence=charge_sentence,
        losses=await losses_of_patron(work.session, found.id), needs_orientation=found.category in NEED_ORIENTATION,
        sign_about=sign_about,
    )


@open_router.get("/items")
async def find_item(request: Request, work: WorkDep, q: str = "") -> Response:
    """A box for a barcode; a hit leads to the item."""
    if q.strip():
        asked = clean(q)
        await item_by_barcode(work.session, asked)
        return see_other(request, f"/reader/items/{quote(asked)}")  # by a former barcode the page says so
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
    former = await former_barcodes(work.session, found.id)
    numbers = await numbers_of(work.session, [found.instance_id])
    return page(
        request, "circulation/item.html", page_title=found.title, item=found, free=free, why=why,
        crumbs=[(_(N_("单册状态")), "/reader/items"), (found.barcode, "")], word=word(found),
        slip=slip, stages=stepper(slip) if slip else [], loan=loan, slips=slips, ready=ready,
        waiting=await waiting_count(work.session, found.instance_id),
        queue=await queue_of(work.session, found.instance_id, limit=10) if at_desk else [],
        history=history, loans=loans, at_desk=at_desk,
        readers=await names_of(work.session, [one.patron_id for one in loans if one.patron_id]),
        names=await people.names(work, [*(one.reported_by for one in slips), *(one.ended_by for one in former)]),
        kinds=list(DamageKind), grades=list(Grade), today=work.today, Circulation=Circulation, sentence_of=sentence_of,
        losses=await losses_of_item(work.session, found.id) if at_desk else [],
        renamed=renamed(found, clean(barcode)), former=former, number=numbers.get(found.instance_id, ""),
        can_relabel=at_desk and not not_in_hand(found), label_waits=await label_waits(work.session, found.id),
        is_disc=found.kind == KIND, discs=await discs_of(work.session, found) if found.kind != KIND else [], word_of=word,
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
