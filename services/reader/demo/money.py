"""Money: tills counted every evening and banked, charges of every kind, and what is done about lost books."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from services.reader.demo.supply import Supply
from services.reader.desk.cash import commands as cash
from services.reader.desk.cash.model import Shift, ShiftState
from services.reader.desk.cash.queries import open_shift_of, takings
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Entry, Kind, Method, Posting
from services.reader.desk.charges.queries import open_charges
from services.reader.desk.circulation import losing
from services.reader.desk.condition.model import DamageKind, Grade
from services.reader.desk.losses import commands as losses_commands
from services.reader.desk.losses import refunds
from services.reader.desk.losses.model import Loss
from services.reader.desk.patrons.queries import patron_by_card
from shared.demo import person
from shared.service import Kit

COLLEAGUES = {"rdr-dsk": "rdr-dsk2", "rdr-dsk2": "rdr-dsk"}


async def close_tills(kit: Kit, at: datetime) -> None:
    """The evening: a colleague counts what lies in each drawer."""
    for cashier, counts in COLLEAGUES.items():
        async with kit.works.open(person(counts), now=at) as work:
            shift = await open_shift_of(work.session, person(cashier).id)
            if shift is not None:
                sums = (await takings(work.session, [shift.id]))[shift.id]
                await cash.count(work, no=shift.no, counted_fen=sums.expected)


async def count_and_bank(supply: Supply) -> None:
    """Two slips of the bank, shifts that wait for the next one, the last of them short by a coin, and a till that is open."""
    async with supply.work("rdr-dsk", supply.at(2)) as work:
        await charges.charge_by_rule(work, card=supply.reader(), kind=Kind.damage, number=3, reason="第 12–14 页划线")
    for cashier, ago, method in (
        ("rdr-dsk", 7, Method.cash), ("rdr-dsk2", 4, Method.mobile), ("rdr-dsk", 1, Method.cash), ("rdr-dsk", 0, Method.cash),
    ):
        at, card = supply.at(ago, 15), supply.reader()
        async with supply.work(cashier, at) as work:
            await charges.charge_by_rule(work, card=card, kind=Kind.card, reason="补证")
            await work.session.flush()
            await charges.pay(work, card=card, method=method)
        if ago > 1:
            await close_tills(supply.kit, supply.at(ago, 21.3))
        elif ago == 1:
            await _count_short(supply)
    for ago, slip in ((6, "ICBC20480117"), (3, "ICBC20480164")):
        async with supply.work("rdr-dsk2", supply.at(ago, 9.5)) as work:
            ready = list(await work.session.scalars(select(Shift.no).where(
                Shift.state == ShiftState.counted, Shift.counted_at < supply.at(ago, 0)
            )))
            if ready:
                await cash.bank(work, slip_no=slip, shifts=ready)
    async with supply.work("rdr-led", supply.at(1, 11)) as work:
        settled = select(Entry.charge_id).where(Entry.charge_id.is_not(None))
        owed = await work.session.scalar(select(Entry.id).where(
            Entry.posting == Posting.charge, Entry.kind == Kind.overdue, Entry.id.not_in(settled)
        ).order_by(Entry.at).limit(1))
        if owed is not None:
            await charges.waive(work, charge_id=owed, reason="读者住院期间到期，有诊断证明")


async def _count_short(supply: Supply) -> None:
    """Last evening's drawer: ten fen are missing, and the reason is written down."""
    async with supply.work("rdr-dsk2", supply.at(1, 21.4)) as work:
        shift = await open_shift_of(work.session, person("rdr-dsk").id)
        if shift is not None:
            sums = (await takings(work.session, [shift.id]))[shift.id]
            await cash.count(work, no=shift.no, counted_fen=max(sums.expected - 10, 0), reason="找零差 0.10 元，已当面复点")


async def _lost(supply: Supply, ago: int, price: int = 3800) -> tuple[Loss, str]:
    """Somebody lost a book: the case with its compensation posted."""
    card, barcode = await supply.lent(ago + 12, again=False)
    async with supply.work("rdr-dsk", supply.at(ago)) as work:
        loss = await losing.declare_lost(work, barcode=barcode, note="读者填写遗失声明")
        await work.session.flush()
    async with supply.work("rdr-dsk", supply.at(ago, 10.2)) as work:
        loss = await losses_commands.compensate(work, no=loss.no, given={"price_fen": price, "year": 2015})
    return loss, card


async def _paid(supply: Supply, ago: int) -> tuple[Loss, str]:
    """The same, paid in cash: the case and the receipt."""
    loss, card = await _lost(supply, ago)
    async with supply.work("rdr-dsk", supply.at(ago, 10.4)) as work:
        patron = await patron_by_card(work.session, card)
        due = [one.id for one in await open_charges(work.session, patron.id)]
        receipt, _rows = await charges.pay(work, card=card, charges=due)
    await close_tills(supply.kit, supply.at(ago, 21))
    return loss, receipt


async def losses(supply: Supply) -> None:
    """A case at every step: looked for, undecided, owed, paid, a copy in hand, replaced, found, money going back."""
    _card, barcode = await supply.lent(20, again=False)
    async with supply.work("rdr-dsk", supply.at(1, 14)) as work:
        await losing.claim_returned(work, barcode=barcode, note="读者称上周投还书箱")
    _card, barcode = await supply.lent(16, again=False)
    async with supply.work("rdr-dsk2", supply.at(0, 9)) as work:
        await losing.declare_lost(work, barcode=barcode, note="高铁上遗失")
    await _lost(supply, 4)
    await _paid(supply, 5)
    for ago, done, serial in ((3, 2, ""), (9, 5, "A90900017")):
        await _by_a_copy(supply, ago, steps=done, barcode=serial)
    found, _card = await _lost(supply, 8)
    await supply.back(found.barcode, supply.at(6, 16))
    for ago, asked in ((7, False), (10, True)):
        loss, receipt = await _paid(supply, ago)
        await supply.back(loss.barcode, supply.at(ago - 4, 16))
        if asked:
            async with supply.work("rdr-dsk2", supply.at(1, 9.5)) as work:
                await refunds.ask(work, no=loss.no, receipt=receipt)
    loss, _receipt = await _paid(supply, 6)
    async with supply.work("rdr-dsk2", supply.at(2, 16)) as work:  # found again, but torn: the money stays
        await losing.found(work, barcode=loss.barcode, damage=(DamageKind.torn, Grade.medium))


async def _by_a_copy(supply: Supply, ago: int, *, steps: int, barcode: str) -> None:
    """The patron brought a newer edition, and it has gone through so many steps."""
    _card, lost = await supply.lent(ago + 15, again=False)
    async with supply.work("rdr-dsk", supply.at(ago)) as work:
        loss = await losing.declare_lost(work, barcode=lost)
        await work.session.flush()
        await losses_commands.replace(work, no=loss.no, title=loss.title, year=2024, edition="第 3 版", isbn="9787040506945")
        for step in ("stamp", "label", "barcode", "strip", "record")[:steps]:
            await losses_commands.tick(work, no=loss.no, step=step, barcode=barcode)
