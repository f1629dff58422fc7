"""What the desk's facts about losses do to the stock.

They may come late, twice, or about something we do not have: a loss that is not where a fact expects
it stays where it is, and what is not ours stands on the list until somebody has looked.
"""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import select

from services.resources.cataloguing.items.model import Item, ItemLife
from services.resources.cataloguing.items.queries import by_barcode, locations
from services.resources.cataloguing.records.model import Instance
from services.resources.collections.losses import commands, queries, rules, writing_off
from services.resources.collections.losses.model import LostItem, LostState
from services.resources.collections.losses.register import copies, losses
from services.resources.collections.weeding.commands import open_line
from shared.events.reader import AboutLoss, ItemLost, ItemRecovered, ItemReplaced, OriginalFound
from shared.i18n import N_
from shared.refusals import Refusal
from shared.settings import LOCAL
from shared.web.register.moves import tell
from shared.work import Work

log = structlog.get_logger()
OPEN = (LostState.lost, LostState.proposed)


async def _item(work: Work, barcode: str) -> Item | None:
    """Our item of that barcode, locked."""
    known = await by_barcode(work.session, barcode)
    return await commands.lock_item(work, known.id) if known else None


async def _open(
    work: Work, fact: AboutLoss, item: Item | None, state: LostState, *, how: str = "", last_copy: bool = False,
    price_cents: int = 0,
) -> LostItem:
    place = (await locations(work.session)).get(item.location) if item else None
    day = work.cause.at.astimezone(LOCAL).date() if work.cause else work.today
    who = work.cause.actor if work.cause else work.actor.id
    found: LostItem = await losses.open(
        work, no=fact.number, barcode=item.barcode if item else fact.barcode, item_id=item.id if item else None,
        title=fact.title, call_number=fact.call_number, location_name=fact.location, how=how, last_copy=last_copy,
        price_cents=price_cents or (item.price_cents if item else 0), lost_on=day, created_by=who,
        write_off_on=rules.term_of(day, ours=item is not None, special=bool(place and place.special)),
        note="" if item else N_("本部没有这个条码，请核实"), correlation=work.correlation,
    )
    found.state = state
    if item is not None:
        item.loss = fact.number
    else:
        log.warning("the desk speaks of an item we do not have", barcode=fact.barcode, loss=fact.number)
    return found


async def lost(work: Work, fact: ItemLost) -> None:
    """The item is not there; a candidate for weeding stays one."""
    if await queries.loss_by_no(work.session, fact.number) is not None:
        return
    item = await _item(work, fact.barcode)
    loss = await _open(
        work, fact, item, LostState.lost, how=fact.how, last_copy=fact.last_copy, price_cents=fact.price_cents
    )
    if item is None:
        return
    if item.life is ItemLife.candidate:
        line = await open_line(work, item.barcode)
        loss.state, loss.weeding = LostState.proposed, line.no if line else ""
    commands.move_item(item, "lose")


async def recovered(work: Work, fact: ItemRecovered) -> None:
    """The item is there again. Found before it was ever lost here: it is noted, so that a late loss changes nothing."""
    loss = await queries.loss_by_no(work.session, fact.number)
    item = await _item(work, fact.barcode)
    if loss is None:
        await _open(work, fact, item, LostState.recovered)
        return
    if LostState(loss.state) is LostState.written_off:
        await _there_again(work, loss, fact.damaged)
    elif LostState(loss.state) in OPEN:
        await _end(work, loss, "recover", N_("原书找回"))
        if item is not None:
            commands.move_item(item, "recover")


async def replaced(work: Work, fact: ItemReplaced) -> None:
    """A copy stands in its place: ours to process, linked to the lost one for ever."""
    loss = await queries.loss_by_no(work.session, fact.number)
    item = await _item(work, fact.barcode)
    if loss is None:
        loss = await _open(work, fact, item, LostState.replaced, price_cents=fact.price_cents)
    elif LostState(loss.state) in OPEN:
        await _end(work, loss, "replace", N_("已赔书替换"))
    loss.new_barcode = fact.new_barcode
    if item is not None and item.life is not ItemLife.withdrawn:
        commands.move_item(item, "replace")
        if item.life is ItemLife.replaced:
            item.custodian = "resources"
    if await queries.copy_for(work.session, fact.number) is None:
        await _take_copy(work, fact, loss, item)
    if loss.original_at is not None and commands.move(loss, "turn_up"):
        _say(work, loss, "turn_up")


async def _take_copy(work: Work, fact: ItemReplaced, loss: LostItem, old: Item | None) -> None:
    """The copy as an item in process; without a barcode or a record of its own it waits for a person."""
    taken = await by_barcode(work.session, fact.new_barcode)
    record = await work.session.get(Instance, old.instance_id) if old else None
    new = None
    if taken is None and record is not None:
        new = await commands.new_copy(
            work, record, barcode=fact.new_barcode, like=old, price_cents=fact.price_cents, loss=fact.number,
            note=f"赔书，替换 {fact.barcode}",
        )
    await copies.open(
        work, loss=fact.number, barcode=fact.new_barcode, lost_barcode=fact.barcode, item_id=new.id if new else None,
        title=fact.new_title or fact.title, edition=fact.new_edition, year=fact.new_year, isbn=fact.new_isbn,
        record=record.number if record else "", location=old.location if old else "",
        price_cents=new.price_cents if new else fact.price_cents, created_by=loss.created_by,
        note="" if new else N_("条码已有主，请另贴条码") if taken is not None else N_("本部没有原书，请指定书目记录"),
        correlation=loss.correlation,
    )


async def original_found(work: Work, fact: OriginalFound) -> None:
    """The original is in our hands although a copy stands for it: somebody decides."""
    loss = await queries.loss_by_no(work.session, fact.number)
    if loss is None:
        loss = await _open(work, fact, await _item(work, fact.barcode), LostState.lost)
    if loss.original_at is not None:
        return
    loss.original_at, loss.damaged = work.cause.at if work.cause else work.now, fact.damaged
    if commands.move(loss, "turn_up"):
        _say(work, loss, "turn_up")


async def _there_again(work: Work, loss: LostItem, damaged: bool) -> None:
    loss.original_at, loss.damaged = work.cause.at if work.cause else work.now, damaged
    if commands.move(loss, "turn_up"):
        _say(work, loss, "turn_up")


async def _end(work: Work, loss: LostItem, action: str, reason: str) -> None:
    """The loss ends; a weeding line about it is closed without a decision."""
    commands.move(loss, action)
    await work.session.flush()
    await writing_off.take_off(work, loss, reason)
    _say(work, loss, action)


def _say(work: Work, loss: LostItem, action: str) -> None:
    tell(losses, work, loss, action, losses.verbs[action].label)


async def propose_overdue(work: Work, _due: Any) -> None:
    """Every night: what has been lost for its whole term is listed for weeding."""
    for no in await queries.overdue(work.session, work.today):
        try:
            await losses.move(work, no, "propose", decision=N_("遗失满期，未找回也未赔书"))
        except Refusal as refusal:
            log.warning("a loss could not be listed for weeding", loss=no, why=refusal.code)
            loss = await work.session.scalar(select(LostItem).where(LostItem.no == no).with_for_update())
            if loss is not None:
                loss.write_off_on, loss.note = None, str(refusal)
