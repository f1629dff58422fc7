"""What a step of a ticket does besides moving it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from services.resources.cataloguing.items import queries as items
from services.resources.cataloguing.items.commands import called, hand_custody
from services.resources.cataloguing.items.model import ItemLife
from services.resources.cataloguing.records.model import Instance
from services.resources.workshop.digitisation import rules
from services.resources.workshop.digitisation.model import (
    JobKind,
    PagePrice,
    Source,
    Ticket,
    TicketState,
)
from shared.events.resources import ItemDigitised, ItemDigitising
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.work import Work


async def settle(work: Work, ticket: Ticket, _form: Any) -> None:
    """The ticket makes sense: pages of the work, a day to come, an item that is ours."""
    wrong = {}
    if ticket.pages > ticket.work_pages:
        wrong["pages"] = N_("不能多于全书页数")
    if ticket.due_on is not None and ticket.due_on < work.today:
        wrong["due_on"] = N_("要求完成日期不能早于今天")
    for name in ("died_year", "published_year"):
        if (year := getattr(ticket, name)) is not None and year > work.today.year:
            wrong[name] = N_("年份不能晚于今年")
    ticket.barcode = ticket.barcode.strip().upper()
    if ticket.source == Source.own and ticket.kind == JobKind.scan and not ticket.barcode:
        wrong["barcode"] = N_("扫描本馆馆藏要写明条码")
    if ticket.barcode:
        known = await items.by_barcode(work.session, ticket.barcode)
        if known is None:
            wrong["barcode"] = N_("没有这个条码的单册")
        else:
            ticket.barcode = known.barcode
    if wrong:
        raise Invalid(wrong)


async def clear(work: Work, ticket: Ticket, _form: Any) -> None:
    """核定权利: on a ground, or not at all."""
    found = rules.rights(ticket, work.today.year)
    if not found.basis:
        raise rules.NoRight(found.against)
    ticket.basis = found.basis


async def quote(work: Work, ticket: Ticket, _form: Any) -> None:
    """报价: by the price of today."""
    found = await work.session.scalar(
        select(PagePrice).where(PagePrice.kind == ticket.kind, PagePrice.colour.is_(ticket.colour), PagePrice.from_on <= work.today)
        .order_by(PagePrice.from_on.desc()).limit(1)
    )
    if found is None:
        raise rules.NoPrice(kind_label=JobKind(ticket.kind).text)
    ticket.price_cents = rules.price(found.base_cents, found.page_cents, ticket.pages, ticket.copies)
    ticket.priced_on = work.today


async def start(work: Work, ticket: Ticket, _form: Any) -> None:
    """开工: whoever begins is the operator; an item is fetched from its shelf."""
    if ticket.kind == JobKind.scan and not rules.DPI[0] <= ticket.dpi <= rules.DPI[1]:
        raise Invalid({"dpi": N_("扫描用 300–600 dpi")})
    ticket.operator = work.actor.id
    if ticket.barcode:
        await _fetch(work, ticket)


async def _fetch(work: Work, ticket: Ticket) -> None:
    item = await items.by_barcode(work.session, ticket.barcode)
    if item is None or item.life is not ItemLife.in_stock or item.custodian != "reader":
        said = _(N_("没有这个条码的单册")) if item is None else item.life.text if item.life is not ItemLife.in_stock else _(N_("已在资源建设部"))
        raise rules.NotHere(barcode=ticket.barcode, state_label=said)
    await hand_custody(work, ticket.barcode, "resources")
    work.emit(ItemDigitising(**await _item(work, ticket), number=ticket.no), correlation=ticket.correlation)


async def _give_back(work: Work, ticket: Ticket) -> None:
    item = await items.by_barcode(work.session, ticket.barcode) if ticket.barcode else None
    if item is not None:
        item.custodian = "reader"
        work.emit(ItemDigitised(**await _item(work, ticket), number=ticket.no, pages=ticket.pages_done), correlation=ticket.correlation)


async def _item(work: Work, ticket: Ticket) -> dict[str, str]:
    item = await items.by_barcode(work.session, ticket.barcode)
    assert item is not None, "asked for only where it was found before"
    record = await work.get(Instance, item.instance_id)
    return {
        "item_id": str(item.id), "barcode": item.barcode, "title": called(item, record.title), "call_number": item.call_number,
        "location": item.location,
    }


async def progress(_work: Work, ticket: Ticket, form: Any) -> None:
    """进度: so many pages are done now."""
    if form.pages_done > ticket.pages:
        raise Invalid({"pages_done": N_("不能多于应做页数")})


async def submit(_work: Work, ticket: Ticket, form: Any) -> None:
    """送质检: every page is done, and what was made can be told from what it may become."""
    if ticket.pages_done != ticket.pages:
        raise rules.NotDone(pages=ticket.pages, done=ticket.pages_done)
    ticket.checksum = ticket.checksum.strip().lower()
    if not rules.printed(ticket.kind):
        wrong = {name: N_("请填写此项") for name in ("master", "access", "checksum") if not getattr(form, name).strip()}
        if "checksum" not in wrong and not rules.CHECKSUM.fullmatch(ticket.checksum):
            wrong["checksum"] = N_("SHA-256 校验值是 64 位十六进制")
        if wrong:
            raise Invalid(wrong)


async def passed(work: Work, ticket: Ticket, _form: Any) -> None:
    """质检合格: by another person, on enough pages; the item goes back to its shelf."""
    least = rules.sample(ticket.pages)
    if not least <= ticket.sampled <= ticket.pages:
        raise rules.TooFewSampled(pages=ticket.pages, least=least)
    ticket.checked_by, ticket.finished_at = work.actor.id, work.now
    await _give_back(work, ticket)


async def correct(_work: Work, ticket: Ticket, form: Any) -> None:
    """返工: the same operator does the pages again that are named."""
    ticket.round += 1
    ticket.pages_done -= min(ticket.pages_done, form.bad_pages)


async def cancel(work: Work, ticket: Ticket, _form: Any) -> None:
    """取消: what lies on the bench goes back."""
    if ticket.state == TicketState.working:
        await _give_back(work, ticket)


async def hand_over(work: Work, ticket: Ticket, _form: Any) -> None:
    """交付: to whom, when."""
    ticket.handed_at = work.now
