"""A gift goes from the offer to the decision, the receipt, the certificate, the shelf and the thanks.

covers: RES-ACQ-04
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import text

from services.resources.acquiring.donations import commands, rules
from services.resources.acquiring.donations.model import (
    Condition,
    DonationLine,
    DonationState,
    Rule,
    Verdict,
)
from services.resources.acquiring.donations.queries import by_no
from services.resources.acquiring.donations.register import donations
from shared.events.resources import RecordAdded
from shared.identity import Actor
from shared.refusals import NotAllowed
from shared.testing.registers import keeps_its_promises
from tests.resources.collections.shelf import ISBNS, get, post, shelf
from tests.resources.conftest import CATALOGUER, CLERK, House

BUYER = Actor("S010", "邵采访", posts=("RES-ACQ",), dept="resources")
OFFICE = Actor("S030", "办公室", posts=("OFF-ADM",), dept="office")
WORDS = {"decline": {"reason": "不合范围"}, "withdraw": {"reason": "家人不同意"}, "thank": {"thanked_where": "馆网新闻"}}
OFFER = {"subject": "地方文献一批", "donor": "吴念祖", "phone": "13812345678", "offered_on": "2026-01-05"}


async def begin(house: House, **more: Any) -> str:
    async with house.work(BUYER) as work:
        one = await donations.open(work, **{**OFFER, "location": "sk-2f", **more})
        return str(one.no)


async def move(house: House, number: str, action: str, actor: Actor = BUYER) -> str:
    async with house.work(actor) as work:
        return str((await donations.move(work, number, action, **WORDS.get(action, {}))).state)


async def offer(house: House, number: str, *rows: dict[str, str]) -> None:
    async with house.work(BUYER) as work:
        await commands.add(work, number, rows)


async def by_rule(house: House, number: str) -> int:
    async with house.work(BUYER) as work:
        return await commands.decide_lines(work, number, [], verdict=Verdict.open, rule=Rule.none, by_rule=True)


async def received(house: House, number: str) -> None:
    await by_rule(house, number)
    await move(house, number, "decide")
    await move(house, number, "receive")


async def give_back(house: House, number: str) -> None:
    async with house.work(BUYER) as work:
        await commands.withdraw(work, await by_no(work.session, number), None)


async def test_a_gift_is_looked_up_decided_received_certified_processed_and_thanked_for(house: House, tmp_path: Any) -> None:
    numbers = await shelf(house, tmp_path, D=3, F=1)
    number = await begin(house, shelf="吴氏专架", thanks=True, thanks_as="校友吴念祖")
    with pytest.raises(rules.NoTitles):
        await move(house, number, "decide")
    await offer(
        house, number, {"title": "题名", "isbn": ISBNS[0], "price": "20"}, {"title": "题名", "isbn": ISBNS[1], "price": "30", "copies": "2"},
        {"title": "农机具图谱", "year": "1974"}, {"title": "霉书", "condition": "poor"},
    )
    with pytest.raises(rules.StillOpen):
        await move(house, number, "decide")
    assert await by_rule(house, number) == 4
    found = await house.rows("SELECT held, record, verdict, rule FROM donation_line ORDER BY row")
    assert [tuple(row) for row in found] == [
        (3, numbers["D"], "pass_on", "duplicate"), (1, numbers["F"], "keep", "wanted"), (0, "", "keep", "wanted"), (0, "", "refuse", "condition"),
    ]
    assert await move(house, number, "decide") == "decided"
    with pytest.raises(rules.Unchangeable):
        await by_rule(house, number)
    assert await move(house, number, "receive") == "received"
    ((_name, told),) = await house.said("resources.donation.received")
    assert (told["copies"], told["thanks_as"], told["receipt"][:2]) == (4, "校友吴念祖", "JS")
    assert "吴念祖" not in str(await house.said("resources.case.moved"))
    with pytest.raises(rules.Unpriced):
        await move(house, number, "process")
    ((bare,),) = await house.rows("SELECT id FROM donation_line WHERE title = '农机具图谱'")
    assert (await post(house, f"/resources/donations/{number}/titles/{bare}/price", BUYER, data={"price": "自定"})).status_code == 422
    await post(house, f"/resources/donations/{number}/titles/{bare}/price", BUYER, data={"price": "15.5"})
    assert await move(house, number, "process") == "received"  # one record is a draft
    assert await move(house, number, "process") == "received"  # again makes nothing twice
    made = "SELECT i.price_cents, i.life, i.note FROM donated_item d JOIN item i ON i.id = d.item_id ORDER BY i.barcode"
    rows = await house.rows(made)
    assert [(row[0], row[1]) for row in rows] == [(3000, "in_process")] * 2
    assert all("吴氏专架" in row[2] for row in rows)
    ((draft, record),) = await house.rows("SELECT r.number, r.id FROM instance r WHERE r.state = 'draft'")
    async with house.kit.engine.begin() as db:
        await db.execute(text("UPDATE instance SET state = 'released' WHERE id = :id"), {"id": record})
    await house.heed(RecordAdded(instance_id=str(record), title="农机具图谱", number=draft))
    assert len(await house.rows(made)) == 3
    assert (await house.rows("SELECT state FROM donation"))[0][0] == "processed"
    assert await move(house, number, "certify") == "processed"
    assert "承蒙惠赠" in (await get(house, f"/resources/donations/{number}/paper/certificate", BUYER)).text
    assert await move(house, number, "thank", OFFICE) == "processed"
    assert [fact["where"] for _n, fact in await house.said("resources.donation.thanked")] == ["馆网新闻"]
    with pytest.raises(rules.Processed):  # what is ours is not handed out by a slip
        await give_back(house, number)
    # The book of the stock knows that they were given.
    async with house.kit.engine.begin() as db:
        await db.execute(text("UPDATE item SET life = 'in_stock' WHERE id IN (SELECT item_id FROM donated_item)"))
    assert {row[0] for row in await house.rows(
        "SELECT source FROM holding_move WHERE item_id IN (SELECT item_id FROM donated_item)")} == {"donated"}


async def test_a_donor_may_take_an_unprocessed_gift_back_with_a_slip(house: House) -> None:
    await house.place()
    number = await begin(house)
    await offer(house, number, {"title": "家谱", "price": "10"})
    await received(house, number)
    assert await move(house, number, "withdraw") == "returned"
    slip = (await get(house, f"/resources/donations/{number}/paper/return", BUYER)).text
    assert "家谱" in slip
    assert "家人不同意" in slip
    assert [fact["receipt"][:2] for _n, fact in await house.said("resources.donation.returned")] == ["TH"]


async def test_receipts_count_without_gaps(house: House) -> None:
    await house.place()
    for _n in range(2):
        number = await begin(house)
        await offer(house, number, {"title": "家谱", "price": "10"})
        await received(house, number)
    first, second = [row[0] for row in await house.rows("SELECT receipt_no FROM donation ORDER BY receipt_no")]
    assert int(second[-4:]) == int(first[-4:]) + 1


async def test_a_list_comes_as_a_file_and_wrong_input_loses_nothing(house: House) -> None:
    await house.place()
    number = await begin(house)
    book = Workbook()
    for row in (("书名", "作者", "ISBN", "定价", "册数"), ("家谱", "吴某", "", "10", 3), ("县志", "", "9787020002207", "98.00", 1)):
        book.active.append(row)
    sheet = io.BytesIO()
    book.save(sheet)
    at = f"/resources/donations/{number}"
    answer = await post(house, f"{at}/file", BUYER, files={"file": ("清单.xlsx", sheet.getvalue())})
    assert answer.status_code == 303, answer.text
    assert [tuple(row) for row in await house.rows("SELECT title, copies, price_cents, isbn FROM donation_line ORDER BY row")] == [
        ("家谱", 3, 1000, ""), ("县志", 1, 9800, "9787020002207"),
    ]
    assert (await post(house, f"{at}/file", BUYER, files={"file": ("清单.xlsx", b"nothing")})).status_code == 422
    wrong = await post(house, f"{at}/titles", BUYER, data={"title": "志书", "price": "一百", "condition": "good"})
    assert wrong.status_code == 422
    assert "志书" in wrong.text
    ids = [str(row[0]) for row in await house.rows("SELECT id FROM donation_line ORDER BY row")]
    assert (await post(house, f"{at}/verdicts", BUYER, data={"ids": ids[:1], "verdict": "refuse", "rule": "wanted"})).status_code == 422
    assert (await post(house, f"{at}/verdicts", BUYER, data={"ids": ids[:1], "verdict": "refuse", "rule": "copyright"})).status_code == 303
    assert (await post(house, f"{at}/verdicts", CLERK, data={"ids": ids, "verdict": "keep"})).status_code == 403
    assert "版权不明" in (await get(house, f"{at}/titles", BUYER)).text


async def test_donors_are_masked_and_each_look_is_noted(house: House) -> None:
    await house.place()
    number = await begin(house)
    listed = (await get(house, "/resources/donations", CATALOGUER)).text
    assert "吴**" in listed
    assert "吴念祖" not in listed
    assert "13812345678" not in (await get(house, f"/resources/donations/{number}", CATALOGUER)).text
    assert "13812345678" in (await get(house, f"/resources/donations/{number}", BUYER)).text
    assert "13812345678" not in (await get(house, f"/api/resources/donations/{number}", CATALOGUER)).text
    assert (await get(house, f"/resources/donations/{number}", CLERK)).status_code == 403
    assert (await house.rows("SELECT count(*) FROM audit WHERE subject = 'donation' AND action = 'read'"))[0][0] >= 2
    with pytest.raises(NotAllowed):
        async with house.work(CLERK) as work:
            await commands.add(work, number, [{"title": "x"}])


async def test_the_register_keeps_its_promises(house: House) -> None:
    await house.place()

    async def ready(work: Any, one: Any, action: str) -> None:
        one.location, one.thanks, one.thanked_on, one.certificate_no = "sk-2f", True, None, ""
        if action == "decide":
            work.session.add(DonationLine(donation_id=one.id, row=1, title="家谱", price_cents=100, verdict=Verdict.keep))
            await work.session.flush()

    await keeps_its_promises(donations, house.app, lambda: OFFER, ask=WORDS, prepare=ready)


def test_the_rule_proposes_and_ten_working_days_are_counted() -> None:
    assert rules.suggested(0, Condition.good, "x") == (Verdict.keep, Rule.wanted)
    assert rules.suggested(3, Condition.good, "x") == (Verdict.pass_on, Rule.duplicate)
    assert rules.suggested(3, Condition.good, "")[0] is Verdict.keep
    assert rules.suggested(0, Condition.poor, "")[1] is Rule.condition
    assert rules.certificate_due(date(2026, 11, 27)) == date(2026, 12, 11)  # from a Friday to the Friday after next
    ends = {state for state in DonationState if not any(s is state and t is not s for (s, _a), t in rules.LIFE.items())}
    assert ends == {DonationState.processed, DonationState.declined, DonationState.returned}
