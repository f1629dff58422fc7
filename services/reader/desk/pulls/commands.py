"""Taking up a list, scanning it, saying how it ended, proposing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.reader.desk.holds import commands as holds
from services.reader.desk.items import commands as items
from services.reader.desk.items import rules as item_rules
from services.reader.desk.items.model import Circulation, Item, Stock
from services.reader.desk.items.queries import find_and_lock, lock_item
from services.reader.desk.pulls import rules
from services.reader.desk.pulls.model import Outcome, PullLine, PullList, PullState
from services.reader.desk.pulls.queries import by_number, open_lines
from services.reader.desk.transfers.queries import is_wanted
from shared.database import uuid7
from shared.events.reader import PulledItem, WeedingPulled, WeedingSuggested
from shared.events.resources import WeedingPullEnded, WeedingPullListed
from shared.i18n import N_, _
from shared.refusals import Invalid
from shared.work import Work


async def take_up(work: Work, fact: WeedingPullListed) -> None:
    """The list, or another part of it; a part that comes twice changes nothing."""
    await work.session.execute(insert(PullList).values(
        id=uuid7(), number=fact.number, title=fact.title, total=fact.total, due_on=fact.due_on, state=PullState.open,
        correlation=work.correlation, heard_at=work.now, closed_by="",
    ).on_conflict_do_nothing())
    await work.session.execute(insert(PullLine).values([{
        "id": uuid7(), "list": fact.number, "barcode": one.barcode, "title": one.title, "call_number": one.call_number,
        "location": one.location, "reason": one.reason_label, "discs": "、".join(one.discs), "outcome": Outcome.open, "why": "", "by": "",
    } for one in fact.items]).on_conflict_do_nothing())


async def _open(work: Work, number: str) -> PullList:
    work.actor.require(*rules.PULLERS)
    one = await by_number(work.session, number, lock=True)
    if one.state is not PullState.open:
        raise rules.PullOver(number=number)
    work.follow(one.correlation)
    return one


async def _line(work: Work, number: str, barcode: str) -> PullLine:
    line = await work.session.scalar(
        select(PullLine).where(PullLine.list == number, PullLine.barcode == barcode).with_for_update()
    )
    if line is None:
        raise rules.NotOnPull(barcode=barcode, number=number)
    return line


async def scan(work: Work, *, number: str, barcode: str) -> PullLine:
    """The book is in the hand: it is taken off, or held back with the reason."""
    item = await lock_item(work.session, barcode)
    await _open(work, number)
    line = await _line(work, number, item.barcode)
    if line.outcome is Outcome.found:
        return line
    why = rules.held_back(item, wanted=await is_wanted(work.session, item.id))
    if why:
        _say(work, line, Outcome.held, _(why))
        return line
    if item.circulation is Circulation.missing:  # looked for as missing, and here it is
        item_rules.move(item, "return", work.now)
    items.take_off(work, item)
    item_rules.learn(item, "stock", "propose")
    item_rules.learn(item, "custodian", "take")
    _say(work, line, Outcome.found, "")
    return line


def _say(work: Work, line: PullLine, outcome: Outcome, why: str) -> None:
    line.outcome, line.why, line.by, line.at = outcome, why, work.actor.id, work.now


async def leave(work: Work, *, number: str, barcode: str, outcome: Outcome, why: str = "") -> PullLine:
    """It is not there, or there is a reason to let it stand."""
    item = await lock_item(work.session, barcode)
    await _open(work, number)
    line = await _line(work, number, item.barcode)
    if outcome is Outcome.held and not why.strip():
        raise rules.WhyHeld
    if line.outcome is Outcome.found:
        await _put_back(work, item)
    _say(work, line, outcome, why.strip())
    return line


async def _put_back(work: Work, item: Item) -> None:
    item_rules.learn(item, "stock", "keep")
    item_rules.learn(item, "custodian", "give_back")
    if item.circulation is Circulation.to_shelve and await holds.offer(work, item) is None:
        items.put_away(work, item)


async def finish(work: Work, *, number: str) -> PullList:
    """The shelves are through: what was not scanned is where the desk knows it to be, or was not found."""
    codes = [line.barcode for line in await open_lines(work.session, number)]
    held = {}
    for code in sorted(codes):  # items first, in one order, like everything at the desk
        item = await find_and_lock(work.session, code)
        if item is not None:
            held[code] = rules.held_back(item, wanted=await is_wanted(work.session, item.id))
    one = await _open(work, number)
    for line in await open_lines(work.session, number):
        why = held.get(line.barcode, "")
        _say(work, line, Outcome.held if why else Outcome.absent, _(why))
    one.state, one.closed_at, one.closed_by = PullState.done, work.now, work.actor.id
    await work.session.flush()
    lines = (await work.session.scalars(select(PullLine).where(PullLine.list == number).order_by(PullLine.barcode))).all()
    n = {kind: sum(line.outcome is kind for line in lines) for kind in Outcome}
    for at in range(0, len(lines), rules.CHUNK):
        part = lines[at:at + rules.CHUNK]
        work.emit(WeedingPulled(
            number=number, found=n[Outcome.found], absent=n[Outcome.absent], held=n[Outcome.held], last=at + rules.CHUNK >= len(lines),
            items=tuple(PulledItem(
                barcode=line.barcode, outcome=line.outcome.value, why=line.why or ("" if line.outcome is Outcome.found else _(N_("取书时未找到"))),
            ) for line in part),
        ))
    return one


async def give_up(work: Work, fact: WeedingPullEnded) -> None:
    """Nothing more is pulled; what was taken goes back to its shelf."""
    one = await work.session.scalar(select(PullList).where(PullList.number == fact.number))
    if one is None or one.state is not PullState.open:
        return
    found = (await work.session.scalars(
        select(PullLine.barcode).where(PullLine.list == fact.number, PullLine.outcome == Outcome.found).order_by(PullLine.barcode)
    )).all()
    for code in found:
        item = await find_and_lock(work.session, code)
        if item is not None and item.stock is Stock.withdrawal_candidate:
            await _put_back(work, item)
    one.state, one.closed_at = PullState.ended, work.now


async def back(work: Work, barcode: str) -> None:
    """What was pulled is kept after all."""
    await work.session.execute(
        update(PullLine).where(PullLine.barcode == barcode, PullLine.outcome == Outcome.found).values(outcome=Outcome.back)
    )


async def propose(work: Work, *, codes: Sequence[str], reason: str) -> int:
    """Books the shelf thinks should leave: resources look at them with their next batch."""
    work.actor.require(*rules.PULLERS)
    errors = {}
    if not reason.strip():
        errors["reason"] = _(N_("请写明理由"))
    known = {row.barcode: row.stock for row in await work.session.execute(
        select(Item.barcode, Item.stock).where(Item.barcode.in_(codes)))}
    if unknown := [code for code in codes if known.get(code) is not Stock.in_stock]:
        errors["codes"] = _(N_("这些条码没有在藏的册：{codes}"), codes="、".join(unknown[:10]))
    if not codes:
        errors["codes"] = _(N_("请扫描或粘贴条码"))
    if errors:
        raise Invalid(errors)
    work.emit(WeedingSuggested(count=len(codes), reason=reason.strip(), barcodes=tuple(codes)))
    return len(codes)
