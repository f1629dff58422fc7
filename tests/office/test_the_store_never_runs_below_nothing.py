"""Office supplies. covers: OFF-ADM-05"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import psycopg
import pytest
from sqlalchemy import select

from services.office.money.supplies.commands import post_move
from services.office.money.supplies.model import (
    MoveKind,
    Purchase,
    PurchaseState,
    Requisition,
    RequisitionState,
    StockMove,
    SupplyItem,
)
from services.office.money.supplies.queries import item_named, last_move
from services.office.money.supplies.register import ITEMS, MOVES, PURCHASES, REQUISITIONS
from services.office.money.supplies.rules import (
    PURCHASE_LIFE,
    REQUISITION_LIFE,
    MoreThanAsked,
    NotEnough,
    after_issue,
    check_receiver,
    is_fixed_asset,
    next_move,
    to_issue,
)
from shared.identity import Actor
from shared.messaging.tables import outbox
from shared.refusals import SamePerson
from shared.states import NotFromHere, step
from shared.testing.registers import keeps_its_promises
from tests.office.conftest import ADM, DESK, DIRECTOR, HEAD, SEC
from tests.support.days import local_day
from tests.support.departments import client

PAPER = {"name": "A4 复印纸", "name_en": "A4 paper", "category": "paper", "unit": "包", "unit_price": 2250, "minimum": 10, "location": "A-1"}


def item(**more) -> SupplyItem:
    return SupplyItem(no="WP1", name="纸", unit="包", created_by="x", category="paper", **more)


def test_stock_follows_from_its_moves() -> None:
    first = next_move(item(), None, kind=MoveKind.receipt, quantity=10, unit_price=5)
    second = next_move(item(), first, kind=MoveKind.issue, quantity=-4, unit_price=5)
    assert (second.serial, second.balance, second.cost) == (2, 6, 20)
    with pytest.raises(NotEnough):
        next_move(item(), second, kind=MoveKind.issue, quantity=-7, unit_price=5)


def test_no_more_is_issued_than_was_asked() -> None:
    asked = Requisition(no="SL1", item="WP1", item_name="纸", qty=10, issued=4, needed_by=date(2026, 1, 1), reason="x", created_by="x")
    assert to_issue(asked, None) == 6
    assert to_issue(asked, 2) == 2
    with pytest.raises(MoreThanAsked):
        to_issue(asked, 7)
    assert after_issue(asked) == RequisitionState.part_issued
    asked.issued = 10
    assert after_issue(asked) == RequisitionState.issued


@pytest.mark.parametrize(
    ("total", "people", "refused"),
    [
        (100_000, ("a", "b", "b"), False), (100_001, ("a", "b", "b"), True),
        (100_001, ("a", "b", "a"), True), (100_001, ("a", "b", "c"), False),
    ],
)
def test_above_the_limit_approver_buyer_and_receiver_are_three(total, people, refused) -> None:
    approved, bought, receiver = people
    purchase = Purchase(
        no="GZ1", item="WP1", item_name="x", qty=1, unit_price=total, total=total, reason="x", created_by="x",
        approved_by=approved, bought_by=bought,
    )
    if refused:
        with pytest.raises(SamePerson):
            check_receiver(purchase, receiver)
    else:
        check_receiver(purchase, receiver)


@pytest.mark.parametrize(("durable", "fen", "asset"), [(True, 100_000, True), (True, 99_999, False), (False, 200_000, False)])
def test_durable_goods_from_a_thousand_are_fixed_assets(durable, fen, asset) -> None:
    assert is_fixed_asset(item(durable=durable), fen) is asset


@pytest.mark.parametrize(
    ("life", "states"), [(REQUISITION_LIFE, RequisitionState), (PURCHASE_LIFE, PurchaseState)], ids=["requisition", "purchase"]
)
def test_each_paper_moves_only_as_its_life_says(life, states) -> None:
    for state in states:
        for action in {name for _s, name in life}:
            if (state, action) in life:
                assert step(life, state, action) in states
            else:
                with pytest.raises(NotFromHere):
                    step(life, state, action)


async def stocked(works, quantity: int = 10, **more) -> SupplyItem:
    async with works.open(ADM) as work:
        made = await ITEMS.open(work, **{**PAPER, **more})
        if quantity:
            await post_move(work, made, kind=MoveKind.receipt, quantity=quantity, reason="期初库存")
        return made


def form(**more) -> dict:
    return {"item": "A4 复印纸", "qty": 5, "needed_by": (local_day() + timedelta(days=3)).isoformat(), "reason": "总台打印凭条", **more}


async def post(app, actor, url: str, **body) -> tuple[int, dict]:
    async with client(app, actor) as browser:
        answer = await browser.post(f"/api/office/{url}", json=body)
        return answer.status_code, answer.json()


async def approved(app, who: Actor = DESK, **more) -> str:
    _status, made = await post(app, who, "requisitions", **form(**more))
    url = f"requisitions/{made['no']}"
    await post(app, who, f"{url}/submit")
    await post(app, ADM if who is not ADM else HEAD, f"{url}/approve")
    return url


async def on_hand(works, name: str = "A4 复印纸") -> int:
    async with works.open() as work:
        found = await item_named(work.session, name)
        assert found
        last = await last_move(work.session, found.id)
        assert found.on_hand == (last.balance if last else 0)
        return found.on_hand


async def test_a_requisition_runs_from_draft_to_signature(app, staffed) -> None:
    await stocked(staffed)
    status, made = await post(app, DESK, "requisitions", **form())
    assert (status, made["state"], made["dept"], made["amount"]) == (201, "draft", "reader", 11250)
    url = f"requisitions/{made['no']}"
    assert (await post(app, SEC, f"{url}/submit"))[0] == 403
    await post(app, DESK, f"{url}/submit")
    assert (await post(app, DESK, f"{url}/approve"))[0] == 403
    assert (await post(app, ADM, f"{url}/approve"))[1]["approved_by"] == "S0010"
    assert (await post(app, ADM, f"{url}/issue", quantity=2))[1]["state"] == "part_issued"
    assert (await post(app, ADM, f"{url}/issue", quantity=4))[1]["code"] == "more-than-asked"
    assert (await post(app, ADM, f"{url}/issue"))[1]["state"] == "issued"
    assert await on_hand(staffed) == 5
    assert (await post(app, ADM, f"{url}/sign"))[0] == 403
    assert (await post(app, DESK, f"{url}/sign"))[1]["state"] == "signed"


async def test_whoever_asks_does_not_approve(app, staffed) -> None:
    await stocked(staffed)
    _status, made = await post(app, ADM, "requisitions", **form())
    await post(app, ADM, f"requisitions/{made['no']}/submit")
    assert (await post(app, ADM, f"requisitions/{made['no']}/approve"))[1]["code"] == "same-person"
    assert (await post(app, HEAD, f"requisitions/{made['no']}/approve"))[0] == 200


async def test_twenty_issues_at_once_never_take_more_than_there_is(app, staffed) -> None:
    await stocked(staffed, 30)
    urls = [await approved(app) for _n in range(10)]
    answers = await asyncio.gather(*(post(app, ADM, f"{url}/issue") for url in urls for _twice in (1, 2)))
    assert sorted(status for status, _body in answers) == [200] * 6 + [409] * 14
    assert await on_hand(staffed) == 0
    async with staffed.open() as work:
        moves = (await work.session.scalars(select(StockMove).order_by(StockMove.serial))).all()
    assert [m.serial for m in moves] == list(range(1, 8))
    assert sum(m.quantity for m in moves) == 0
    assert sorted(m.no[-4:] for m in moves if m.kind == MoveKind.issue) == [f"{n:04}" for n in range(1, 7)], "no number is lost"


async def test_a_count_writes_the_difference_with_its_reason(app, staffed) -> None:
    made = await stocked(staffed)
    assert (await post(app, ADM, f"supplies/{made.no}/count", counted=10, reason="年度盘点"))[1]["code"] == "count-agrees"
    assert (await post(app, ADM, f"supplies/{made.no}/count", counted=8))[0] == 422
    assert (await post(app, SEC, f"supplies/{made.no}/count", counted=8, reason="年度盘点"))[0] == 403
    assert (await post(app, ADM, f"supplies/{made.no}/count", counted=8, reason="受潮报废 2 包"))[0] == 200
    async with staffed.open() as work:
        last = await last_move(work.session, made.id)
    assert (last.kind, last.quantity, last.balance, last.reason, last.no[:2]) == (MoveKind.difference, -2, 8, "受潮报废 2 包", "PD")


async def test_a_dear_purchase_needs_three_people_and_becomes_an_asset(app, staffed) -> None:
    await stocked(staffed, 0, name="手持扫描枪", name_en="Scanner", durable=True)
    _status, made = await post(app, ADM, "purchases", item="手持扫描枪", qty=2, unit_price=128000, reason="总台增设借还位")
    assert (made["total"], made["fixed_asset"]) == (256000, True)
    url = f"purchases/{made['no']}"
    await post(app, ADM, f"{url}/submit")
    assert (await post(app, ADM, f"{url}/approve"))[0] == 403
    await post(app, HEAD, f"{url}/approve")
    assert (await post(app, ADM, f"{url}/buy", supplier="江畔电子", unit_price=126000))[1]["total"] == 252000
    assert (await post(app, ADM, f"{url}/receive"))[1]["code"] == "same-person"
    assert (await post(app, SEC, f"{url}/receive"))[1]["state"] == "received"
    assert await on_hand(staffed, "手持扫描枪") == 2
    async with staffed.open() as work:
        told = (await work.session.scalars(
            select(outbox.c.payload).where(outbox.c.subject == "guanwu.office.asset.purchased.v1")
        )).all()
        bought = await item_named(work.session, "手持扫描枪")
    assert [(t["item"], t["quantity"], t["unit_price_cents"]) for t in told] == [("手持扫描枪", 2, 126000)]
    assert bought
    assert bought.unit_price == 126000


async def test_the_month_adds_up_by_department_and_short_items_are_listed(app, staffed) -> None:
    await stocked(staffed)
    url = await approved(app)
    await post(app, ADM, f"{url}/issue")
    async with client(app, SEC) as sec, client(app, DESK) as desk:
        month = await sec.get("/office/issue-report")
        assert "¥112.50" in month.text
        assert "应补货" in month.text
        assert (await desk.get("/office/issue-report")).status_code == 403
        assert (await sec.get("/office/issue-report/export")).headers["content-type"].startswith("application/vnd.openxml")
        assert "A4 复印纸" not in (await sec.get("/office/issue-report?month=2020-01")).text.split("应补货")[0]
        assert (await sec.get("/api/office/supplies?short=true")).json()["total"] == 1


async def test_the_database_keeps_stock_moves(staffed, database) -> None:
    await stocked(staffed)
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with psycopg.connect(database("office").url, autocommit=True) as service_role, refused:
        service_role.execute("UPDATE stock_move SET quantity = 99")
    with psycopg.connect(database("office").owner_url, autocommit=True) as owner:
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute("DELETE FROM stock_move")
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute(
                "INSERT INTO stock_move SELECT (jsonb_populate_record(m, "
                "'{\"balance\": -1, \"serial\": 9, \"no\": \"X\", \"id\": \"00000000-0000-7000-8000-000000000001\"}')).* FROM stock_move m"
            )


SETTLING = {"approve": "approved_by", "buy": "bought_by"}


async def test_the_books_of_the_store_keep_their_promises(app, staffed) -> None:
    await stocked(staffed, 500)
    ask = {"reject": {"reject_reason": "数量偏多"}, "issue": {"quantity": 5}, "buy": {"supplier": "商行", "unit_price": 100}}
    await keeps_its_promises(REQUISITIONS, app, form, ask=ask)
    await keeps_its_promises(
        PURCHASES, app, lambda: {"item": "A4 复印纸", "qty": 2, "unit_price": 100, "reason": "库存低于下限"}, ask=ask
    )


async def test_the_book_of_items_keeps_its_promises(app, staffed) -> None:
    names = iter(range(1000))
    await keeps_its_promises(
        ITEMS, app, lambda: {**PAPER, "name": f"纸 {next(names)}"}, ask={"count": {"counted": 3, "reason": "盘点"}}
    )


async def test_the_book_of_moves_shows_what_happened(app, staffed) -> None:
    await stocked(staffed)
    async with client(app, ADM) as adm, client(app, DESK) as desk:
        assert "RK" in (await adm.get(MOVES.path)).text
        assert (await adm.get(MOVES.path + "/new")).status_code == 404
        assert (await desk.get(MOVES.path)).status_code == 403
        assert (await adm.get(MOVES.path + "/export")).status_code == 200


async def test_a_director_may_approve_too(app, staffed) -> None:
    await stocked(staffed)
    _status, made = await post(app, DESK, "requisitions", **form())
    await post(app, DESK, f"requisitions/{made['no']}/submit")
    assert (await post(app, DIRECTOR, f"requisitions/{made['no']}/reject"))[0] == 422
    assert (await post(app, DIRECTOR, f"requisitions/{made['no']}/reject", reject_reason="暂缓"))[1]["state"] == "rejected"
