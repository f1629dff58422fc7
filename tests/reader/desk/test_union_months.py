"""A month with a member: counted row by row, checked, closed, corrected later. covers: RDR-LED-FRD-04"""

from __future__ import annotations

import asyncio
import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from services.reader.desk.charges import commands as charges
from services.reader.desk.charges.model import Kind
from services.reader.desk.circulation import commands as circulation
from services.reader.desk.circulation import undo
from services.reader.desk.consortium import commands, counting, lending, months, rules, settling
from services.reader.desk.consortium.model import LineKind
from services.reader.desk.patrons.model import Category
from shared.refusals import Invalid, NotAllowed, SamePerson
from tests.reader.desk.conftest import COLLEAGUE, HEAD
from tests.reader.desk.test_consortium import READER, city

NOVEMBER = date(2026, 11, 1)
COLLEGE = {"code": "ZGZ", "name": "镇江高专", "short": "高专", "pattern": "ZG#####", "rate_fen": 70, "compensation_fen": 2000}


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_months_follow_one_another(day: date) -> None:
    first = day.replace(day=1)
    assert months.month_before(months.next_month(first)) == first
    assert months.month_of(f"{first:%Y-%m}") == first
    assert months.month_of("soon") is None


@pytest.mark.parametrize(("number", "class_"), [
    ("I247.57/Y835", "I"), ("TP312/W1", "TP"), ("t-62/K", "T"), ("LIT/3", ""), ("", ""), ("W12", ""), ("Z89", "Z"),
])
def test_a_call_number_tells_its_class(number: str, class_: str) -> None:
    assert months.class_of(number[:2]) == class_


async def test_a_month_is_counted_checked_by_another_and_then_final(desk) -> None:
    await city(desk)
    await desk.do(lending.issue, **READER)
    await desk.lend("U001", await desk.item())
    await desk.lend("U001", await desk.item())
    box, _member, _again = await desk.do(commands.receive_foreign, barcode="ZJT0001")
    await desk.do(commands.send, number=box.number, carrier="赵")
    with pytest.raises(months.MonthNotOver):
        await desk.do(settling.draft, member="ZJT", month=NOVEMBER)
    desk.days_later(10)
    await desk.do(charges.charge, card="U001", kind=Kind.damage, amount_fen=450)
    made = await desk.do(settling.draft, member="ZJT", month=NOVEMBER)
    with pytest.raises(months.MonthExists):
        await desk.do(settling.draft, member="ZJT", month=NOVEMBER)
    await desk.do(settling.add_line, number=made.number, kind=LineKind.loans_there, quantity=5)
    await desk.do(settling.add_line, number=made.number, kind=LineKind.lost_ours, quantity=1)
    wrong = await desk.do(settling.add_line, number=made.number, kind=LineKind.lost_theirs, quantity=9)
    await desk.do(settling.drop_line, number=made.number, line_id=wrong.id)
    await desk.do(settling.recount, number=made.number)
    for kind in (LineKind.loans_here, LineKind.correction):
        with pytest.raises(Invalid):
            await desk.do(settling.add_line, number=made.number, kind=kind, quantity=5)
    found = dict(await desk.rows("SELECT kind, amount_fen FROM union_settlement_line"))
    assert found == {
        "cards": 0, "loans_here": 100, "lent_there": 0, "returns_here": 50, "returns_there": 0, "sent_home": 0, "holds_sent": 0,
        "debts": 0, "loans_there": -250, "lost_ours": 3000,
    }
    assert await desk.rows("SELECT quantity, note FROM union_settlement_line WHERE kind = 'debts'") == [(1, "¥4.50")]
    with pytest.raises(SamePerson):
        await desk.do(settling.check, number=made.number)
    await desk.do(settling.check, COLLEAGUE, number=made.number)
    with pytest.raises(NotAllowed):
        await desk.do(settling.close, number=made.number)
    await desk.do(charges.pay, card="U001")  # what is owed changes every day and is no ground to count again
    await desk.do(settling.close, HEAD, number=made.number)
    assert [p["amount_cents"] for _n, p, _c in await desk.said("reader.settlement.closed")] == [2900]
    for sql in ("UPDATE union_settlement_line SET note = 'x'", "DELETE FROM union_settlement_line",
                "UPDATE union_settlement SET state = 'draft'"):
        with pytest.raises(DBAPIError):
            async with desk.engine.begin() as link:
                await link.exec_driver_sql(sql)


async def test_what_changed_since_the_count_is_not_closed_over(desk) -> None:
    await city(desk)
    card, barcode = await desk.patron(), await desk.item()
    lent = await desk.lend(card, barcode)
    today = desk.today
    await desk.do(commands.come_home, member="ZJT", barcode=barcode, returned_on=today)
    desk.days_later(10)
    made = await desk.do(settling.draft, member="ZJT", month=NOVEMBER)
    await desk.do(settling.check, COLLEAGUE, number=made.number)
    desk.days_later(-10)
    await desk.do(undo.undo, loan_id=lent.loan.id)
    desk.days_later(10)
    with pytest.raises(months.Moved) as refusal:
        await desk.do(settling.close, HEAD, number=made.number)
    assert "本馆图书还到对方" in str(refusal.value)
    await desk.do(settling.send_back, number=made.number)
    await desk.do(settling.recount, number=made.number)
    await desk.do(settling.check, COLLEAGUE, number=made.number)
    await desk.do(settling.close, HEAD, number=made.number)


async def test_a_closed_month_is_corrected_in_a_later_one_and_late_rows_count_there(desk) -> None:
    await city(desk)
    desk.days_later(10)
    made = await desk.do(settling.draft, member="ZJT", month=NOVEMBER)
    await desk.do(settling.check, COLLEAGUE, number=made.number)
    await desk.do(settling.close, HEAD, number=made.number)
    with pytest.raises(Invalid):
        await desk.do(settling.correct, number=made.number, amount_fen=0, note="")
    with pytest.raises(months.NoDraft):
        await desk.do(settling.correct, number=made.number, amount_fen=-120, note="多计两笔")
    # A book returned here in November that only a list of December tells of: for the reader November, for the money December.
    await desk.do(commands.receive_foreign, barcode="ZJT0007", on=date(2026, 11, 29))
    assert await desk.rows("SELECT returned_on, counted_on FROM union_box_item") == [(date(2026, 11, 29), desk.today)]
    desk.days_later(31)
    december = await desk.do(settling.draft, member="ZJT", month=date(2026, 12, 1))
    line = await desk.do(settling.correct, number=made.number, amount_fen=-120, note="多计两笔")
    assert (line.settlement, line.corrects) == (december.number, made.number)
    assert await desk.rows("SELECT sum(amount_fen) FROM union_settlement_line WHERE settlement = :n", n=december.number) == [(50 - 120,)]
    assert await desk.rows("SELECT sum(amount_fen) FROM union_settlement_line WHERE settlement = :n", n=made.number) == [(0,)]


async def test_all_members_are_drafted_at_once_and_only_once(desk) -> None:
    await city(desk)
    await desk.do(commands.save_member, HEAD, **COLLEGE)
    desk.days_later(10)
    tries = await asyncio.gather(*(desk.do(settling.draft_all, month=NOVEMBER) for _ in range(2)), return_exceptions=True)
    assert any(isinstance(one, list) for one in tries)
    assert await desk.do(settling.draft_all, month=NOVEMBER) == []
    assert await desk.rows("SELECT count(*) FROM union_settlement") == [(2,)]
    async with desk.work() as work:
        rows, sums = await counting.settlements_of_month(work.session, NOVEMBER)
    assert [member.code for member, one in rows if one] == ["ZGZ", "ZJT"]
    assert len(sums) == 2


@pytest.mark.parametrize("seed", range(4))
async def test_every_sum_agrees_with_the_rows_behind_it(desk, seed) -> None:
    """Whatever a month brings, counts are rows, money is counts times rates, and no row is counted for two members."""
    chance = random.Random(seed)
    await city(desk)
    await desk.do(commands.save_member, HEAD, **COLLEGE)
    desk.now -= timedelta(days=18)
    for n, member in enumerate(("ZJT", "ZGZ")):
        await desk.do(lending.issue, **{**READER, "card": f"U00{n}", "member": member})
    lent: list[str] = []
    for step in range(16):
        desk.now += timedelta(days=1)
        member = chance.choice(["ZJT", "ZGZ"])
        match chance.randrange(4):
            case 0:
                code = f"ZJT{step:04d}" if member == "ZJT" else f"ZG{step:05d}"
                box, _m, _again = await desk.do(commands.receive_foreign, barcode=code)
                if chance.random() < 0.4:
                    await desk.do(commands.send, number=box.number, carrier="赵")
            case 1:
                barcode = await desk.item()
                loan = (await desk.lend(f"U00{chance.randrange(2)}", barcode)).loan if len(lent) < 4 else None
                if loan is not None and chance.random() < 0.3:
                    await desk.do(undo.undo, loan_id=loan.id)
                elif loan is not None:
                    lent.append(barcode)
            case 2 if lent:
                await desk.do(commands.come_home, member=member, barcode=lent.pop(), returned_on=desk.today)
            case _ if lent:
                await desk.take_back(lent.pop())
    desk.now += timedelta(days=40)
    made = await desk.do(settling.draft_all, month=NOVEMBER)
    rates = {"ZJT": 50, "ZGZ": 70}
    seen: dict[str, list[tuple[str, str]]] = {}
    for one in made:
        async with desk.work() as work:
            _found, home, lines = await counting.settlement_with_lines(work.session, one.number)
        for line in lines:
            assert line.quantity == len(line.rows)
            assert line.amount_fen == months.SIGN[line.kind] * line.quantity * rates[home.code] * bool(line.rate_fen)
            assert all(row["on"].startswith("2026-11") for row in line.rows if line.kind is not LineKind.debts)
            seen.setdefault(line.kind, []).extend((row["ref"], row["on"]) for row in line.rows)
    assert all(len(rows) == len(set(rows)) for rows in seen.values())
    total = await desk.rows(
        "SELECT (SELECT count(*) FROM loan WHERE NOT undone), (SELECT count(*) FROM union_box_item),"
        " (SELECT count(*) FROM union_return_there WHERE NOT undone)"
    )
    assert tuple(total[0]) == tuple(len(seen[k]) for k in (LineKind.loans_here, LineKind.returns_here, LineKind.returns_there))
    with pytest.raises(DBAPIError):
        async with desk.engine.begin() as link:
            await link.exec_driver_sql("UPDATE union_settlement_line SET quantity = quantity + 1")


async def test_union_loans_are_counted_apart_and_renewals_are_no_loans(desk) -> None:
    await city(desk)
    await desk.do(lending.issue, **READER)
    ours = await desk.patron(Category.staff)
    kept = await desk.item()
    await desk.lend("U001", kept)
    slip = (await desk.lend("U001", await desk.item())).loan
    await desk.do(undo.undo, loan_id=slip.id)
    await desk.lend(ours, await desk.item())
    back = await desk.item()
    await desk.lend(ours, back)
    await desk.take_back(back)
    desk.days_later(2)
    await desk.do(circulation.renew, barcode=kept)
    async with desk.work() as work:
        apart = await counting.month_apart(work.session, NOVEMBER)
        by_class = await counting.union_loans_by_class(work.session, NOVEMBER)
    assert apart == {"loans": (2, 1), "renewals": (0, 1), "returns": (1, 0), "holds": (0, 0)}
    assert by_class == {"I": 1}
    with pytest.raises(rules.NoDeposit):
        await desk.do(lending.refuse_refund, card="U001", reason="没有申请过")
