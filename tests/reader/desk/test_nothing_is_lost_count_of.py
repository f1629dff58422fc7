"""Whatever the desk does in whatever order, the counts agree. covers: RDR-DSK-BAS-02, RDR-DSK-BAS-04"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.reader.desk.charges import commands as charges
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation.model import Loan
from services.reader.desk.circulation.undo import undo
from services.reader.desk.condition import commands as condition
from services.reader.desk.condition.handlers import handlers
from services.reader.desk.condition.model import (
    DamageKind,
    Grade,
    Inspection,
    InspectionState,
    Slip,
    SlipState,
)
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.model import Hold, HoldState
from services.reader.desk.patrons.model import Category
from shared.events.resources import RepairCompleted, RepairIrreparable, RepairStarted
from shared.refusals import Refusal
from tests.reader.desk.conftest import COLLEAGUE, HEAD

PATRONS, ITEMS, TITLES = 4, 6, 3
WHO, WHICH, TITLE = st.integers(0, PATRONS - 1), st.integers(0, ITEMS - 1), st.integers(0, TITLES - 1)
STEPS = st.one_of(
    st.tuples(st.just("lend"), WHO, WHICH), st.tuples(st.just("lend"), WHO, WHICH),
    st.tuples(st.just("return"), WHICH, st.sampled_from([None, Grade.light, Grade.medium, Grade.heavy])),
    st.tuples(st.just("return"), WHICH, st.none()),
    st.tuples(st.just("renew"), WHICH), st.tuples(st.just("hold"), WHO, TITLE),
    st.tuples(st.just("cancel"), WHO), st.tuples(st.just("undo"), WHICH), st.tuples(st.just("pay"), WHO),
    st.tuples(st.just("report"), WHICH, st.sampled_from(list(Grade))), st.tuples(st.just("withdraw"), WHICH),
    st.tuples(st.just("workshop"), WHICH, st.sampled_from([RepairStarted, RepairCompleted, RepairIrreparable])),
    st.tuples(st.just("judge"), WHICH, st.booleans()), st.tuples(st.just("expire")),
    st.tuples(st.just("wait"), st.sampled_from([1, 6, 35])),
)


class Play:
    """One run of a desk: the steps by index, refusals swallowed as people do."""

    def __init__(self, desk, cards: list[str], barcodes: list[str], titles: list[str]) -> None:
        self.desk, self.cards, self.barcodes, self.titles = desk, cards, barcodes, titles

    async def one(self, model, *where):
        async with self.desk.works.sessions() as session:
            return (await session.scalars(select(model).where(*where).limit(1))).first()

    async def lend(self, who: int, which: int) -> None:
        await self.desk.lend(self.cards[who], self.barcodes[which])

    async def return_(self, which: int, grade: Grade | None) -> None:
        damage = (DamageKind.torn, grade) if grade else None
        await self.desk.take_back(self.barcodes[which], damage=damage)

    async def renew(self, which: int) -> None:
        await self.desk.do(circulation.renew, barcode=self.barcodes[which])

    async def hold(self, who: int, title: int) -> None:
        await self.desk.do(holds.place, card=self.cards[who], instance_id=self.titles[title])

    async def cancel(self, who: int) -> None:
        found = await self.one(Hold, Hold.card == self.cards[who], Hold.state.in_([HoldState.waiting, HoldState.ready]))
        if found:
            await self.desk.do(holds.cancel, hold_id=found.id)

    async def undo(self, which: int) -> None:
        found = await self.one(Loan, Loan.barcode == self.barcodes[which], Loan.undone.is_(False))
        if found:
            await self.desk.do(undo, HEAD, loan_id=found.id)

    async def pay(self, who: int) -> None:
        await self.desk.do(charges.pay, card=self.cards[who])

    async def report(self, which: int, grade: Grade) -> None:
        await self.desk.do(condition.report, barcode=self.barcodes[which], kind=DamageKind.water, grade=grade)

    async def slip(self, which: int) -> Slip | None:
        return await self.one(Slip, Slip.barcode == self.barcodes[which], Slip.state.not_in([SlipState.passed, SlipState.weeded]))

    async def withdraw(self, which: int) -> None:
        if found := await self.slip(which):
            await self.desk.do(condition.withdraw, number=found.number, reason="误报")

    async def workshop(self, which: int, fact) -> None:
        if found := await self.slip(which):
            told = fact(item_id="x", barcode=found.barcode, title="活着", number="XB1", slip=found.number)
            await self.desk.heed(handlers, told)

    async def judge(self, which: int, passed: bool) -> None:
        found = await self.one(Inspection, Inspection.barcode == self.barcodes[which], Inspection.state == InspectionState.waiting)
        if found:
            await self.desk.do(condition.judge, COLLEAGUE, inspection_id=found.id, passed=passed, note="复查")

    async def expire(self) -> None:
        await self.desk.do(holds.expire)

    async def wait(self, days: int) -> None:
        self.desk.days_later(days)


SOUND = {
    "one open loan per item": "SELECT item_id FROM loan WHERE returned_at IS NULL GROUP BY item_id HAVING count(*) > 1",
    "an item is out exactly while its loan is open": """
        SELECT barcode FROM item i WHERE (circulation = 'on_loan') <> EXISTS (
            SELECT 1 FROM loan l WHERE l.item_id = i.id AND l.returned_at IS NULL)""",
    "an item knows who has it": """
        SELECT i.barcode FROM item i LEFT JOIN loan l ON l.item_id = i.id AND l.returned_at IS NULL
        WHERE i.patron_id IS DISTINCT FROM l.patron_id""",
    "loans are counted": "SELECT card FROM patron p WHERE open_loans <> (SELECT count(*) FROM loan l WHERE l.patron_id = p.id AND returned_at IS NULL)",
    "holds are counted": """
        SELECT card FROM patron p
        WHERE holds_waiting <> (SELECT count(*) FROM hold h WHERE h.patron_id = p.id AND state = 'waiting')
           OR holds_ready <> (SELECT count(*) FROM hold h WHERE h.patron_id = p.id AND state = 'ready')""",
    "money balances": "SELECT card FROM patron p WHERE debt_fen <> (SELECT coalesce(sum(amount_fen), 0) FROM ledger e WHERE e.patron_id = p.id)",
    "nobody's debt is negative": "SELECT card FROM patron WHERE debt_fen < 0",
    "a ready hold has its item on the hold shelf": """
        SELECT h.id FROM hold h JOIN item i ON i.id = h.item_id WHERE h.state = 'ready' AND i.circulation <> 'hold_shelf'""",
    "what stands on a shelf is fit": "SELECT barcode FROM item WHERE circulation IN ('available', 'hold_shelf') AND condition <> 'sound'",
    "damage has one open slip": """
        SELECT barcode FROM item i WHERE (condition <> 'sound') <> EXISTS (
            SELECT 1 FROM damage_slip s WHERE s.item_id = i.id AND s.state NOT IN ('passed', 'withdrawn', 'weeded'))""",
    "re-inspection waits exactly while the slip says so": """
        SELECT s.number FROM damage_slip s WHERE (state = 're_inspection') <> EXISTS (
            SELECT 1 FROM inspection n WHERE n.slip_id = s.id AND n.state = 'waiting')""",
    "the strip is off only outside": "SELECT barcode FROM item WHERE strip_on = (circulation = 'on_loan')",
}


# One statement asks for every breach at once.
BREACHES = " UNION ALL ".join(
    f"SELECT '{rule.replace(chr(39), chr(39) * 2)}' AS rule, found.*::text FROM ({sql}) AS found" for rule, sql in SOUND.items()
)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=8, max_size=24))
async def test_the_desk_keeps_its_books_whatever_happens(desk, steps) -> None:
    titles = [f"t{next(desk.numbers)}" for _ in range(TITLES)]
    cards = [await desk.patron(Category.union) for _ in range(PATRONS)]
    barcodes = [await desk.item(instance=titles[n % TITLES], price_cents=150) for n in range(ITEMS)]
    play = Play(desk, cards, barcodes, titles)
    for name, *facts in steps:
        verb = getattr(play, "return_" if name == "return" else name)
        try:
            await verb(*facts)
        except Refusal:
            pass
        assert not await desk.rows(BREACHES), (name, facts)
