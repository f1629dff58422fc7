"""The demonstration of money: a counted and banked shift, a waiver, losses at every stage, and three violations.

Done with the real commands, after the two weeks at the desk; the caller sees to it that it happens once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from services.reader.desk.books import commands as books
from services.reader.desk.cash import commands as cash
from services.reader.desk.cash.model import Shift, ShiftState
from services.reader.desk.cash.queries import lock_shift, takings
from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation import losing
from services.reader.desk.losses import commands as losses
from services.reader.desk.losses.queries import loss_by_no
from services.reader.desk.losses.rules import STEPS
from services.reader.desk.violations.register import violations
from shared.demo import person
from shared.refusals import Refusal
from shared.service import Kit
from shared.work import Work

FIRST_COPY = 95_000_000


async def seed(kit: Kit, cards: Iterable[str], free: Iterable[str]) -> None:
    """`cards` may borrow, `free` are barcodes on the shelf."""
    await _takings(kit, list(cards))
    await _lost(kit, list(cards), list(free))
    await _violations(kit, list(cards), list(free))


def _ago(days: int, hours: int = 0) -> datetime:
    return datetime.now(UTC) - timedelta(days=days, hours=hours)


async def _takings(kit: Kit, cards: list[str]) -> None:
    """Cash of two cashiers: one shift counted short of a yuan and banked, one still to be counted."""
    for n, (kind, fen, who) in enumerate((
        (Kind.overdue, 350, "rdr-dsk"), (Kind.card, 1000, "rdr-dsk"), (Kind.damage, 1200, "rdr-dsk"), (Kind.overdue, 80, "rdr-dsk2"),
    )):
        async with kit.works.open(person(who), now=_ago(2, 6 - n)) as work:
            entry = await charges.charge(work, card=cards[n], kind=kind, amount_fen=fen, reason="演示")
            await work.session.flush()
            receipt, _rows = await charges.pay(work, card=cards[n], charges=[entry.id])
            await books.note_print(work, receipt=receipt)
    async with kit.works.open(person("rdr-dsk"), now=_ago(2, 1)) as work:
        let_off = await charges.charge(work, card=cards[5], kind=Kind.overdue, amount_fen=260, reason="演示")
        await work.session.flush()
        charge_id = let_off.id
    async with kit.works.open(person("rdr-led"), now=_ago(1, 5)) as work:
        await charges.waive(work, charge_id=charge_id, reason="住院期间无法归还，附诊断证明")
    async with kit.sessions() as session:
        cashier = person("rdr-dsk").id
        no = await session.scalar(select(Shift.no).where(Shift.cashier == cashier, Shift.state == ShiftState.open))
    if no is None:
        return
    async with kit.works.open(person("rdr-dsk2"), now=_ago(1, 4)) as work:
        await cash.count(work, no=no, counted_fen=await _expected(work, no) - 100, reason="找零多付一元")
    async with kit.works.open(person("rdr-dsk2"), now=_ago(1, 3)) as work:
        await cash.bank(work, slip_no=f"YH{_ago(1):%Y%m%d}01")


async def _expected(work: Work, no: str) -> int:
    shift = await lock_shift(work.session, no)
    return (await takings(work.session, [shift.id]))[shift.id].expected


async def _lost(kit: Kit, cards: list[str], free: list[str]) -> None:
    """One to be decided, one paid for, one replaced, and one whose original turned up afterwards."""
    made: list[str] = []
    for n, barcode in enumerate(free):
        if len(made) == 4:
            break
        try:
            async with kit.works.open(person("rdr-dsk"), now=_ago(9, n)) as work:
                await circulation.lend(work, card=cards[6 + n], barcode=barcode)
        except Refusal:
            continue
        async with kit.works.open(person("rdr-dsk"), now=_ago(5, n)) as work:
            made.append((await losing.declare_lost(work, barcode=barcode, note="读者到台报失")).no)
    for n, no in enumerate(made[1:], 1):
        async with kit.works.open(person("rdr-dsk"), now=_ago(4, n)) as work:
            if n == 1:
                await losses.compensate(work, no=no, given={"price_fen": 3800})
            else:
                await losses.replace(work, no=no, title=(await loss_by_no(work.session, no)).title)
        for step in STEPS if n > 1 else ():
            async with kit.works.open(person("rdr-dsk2"), now=_ago(3, n)) as work:
                await losses.tick(work, no=no, step=step, barcode=f"ZC{FIRST_COPY + n}")
    if len(made) == 4:
        async with kit.works.open(person("rdr-dsk"), now=_ago(1, 2)) as work:
            await losing.found(work, barcode=(await loss_by_no(work.session, made[3])).barcode)


async def _violations(kit: Kit, cards: list[str], free: list[str]) -> None:
    """One just found, one decided and open to appeal, one appealed."""
    for n, (what, facts, steps) in enumerate((
        ("disturbance", "阅览区大声通话，经劝阻仍继续", 0), ("tearing", "撕下第 45 至 48 页，当场发现", 2), ("card", "以他人证件入馆借书", 3),
    )):
        async with kit.works.open(person("rdr-cir"), now=_ago(2, 8)) as work:
            no = (await violations.open(
                work, card=cards[20 + n], what=what, facts=facts, place="三层阅览区",
                happened_on=work.today.isoformat(), barcode=free[-1] if what == "tearing" else "",
            )).no
        told: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("prove", "rdr-cir", {"evidence": "现场照片两张，值班馆员在场", "rule": "读者入馆须知第 8 条"}),
            ("decide", "rdr-led", {"measure": "reminder", "decision": "当面教育，写书面检查"}),
            ("appeal", "rdr-cir", {"appeal": "证件为同学遗落，并非转借"}),
        )
        for action, who, asked in told[:steps]:
            async with kit.works.open(person(who), now=_ago(2, 6)) as work:
                await violations.move(work, no, action, **asked)
