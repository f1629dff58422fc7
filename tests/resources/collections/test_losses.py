"""What the desk reports lost, and what becomes of it in the stock. covers: RES-MGT-01, RES-MGT-04"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.resources.cataloguing.items.commands import add_item
from services.resources.cataloguing.items.model import Item
from services.resources.collections.losses import rules
from services.resources.collections.losses.following import propose_overdue
from services.resources.collections.losses.model import LostItem
from services.resources.collections.losses.register import copies, losses
from services.resources.collections.weeding.register import weeding
from shared.database import uuid7
from shared.events.reader import ItemLost, ItemRecovered, ItemReplaced, OriginalFound
from shared.identity import SYSTEM, Actor
from shared.refusals import NotAllowed, Refusal, SamePerson
from shared.testing.registers import keeps_its_promises
from tests.resources.conftest import CATALOGUER, DIRECTOR, EXPERT, RECORDS, House

CLERK = Actor("S020", "林晓雯", posts=("RDR-DSK",), dept="reader")
NO = "YS2026-0001"
NEW = "N000001"


@pytest.fixture
async def barcode(house: House) -> str:
    """An item whose title has a second copy."""
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    ((found, number),) = [tuple(r) for r in await house.rows(
        "SELECT min(i.barcode), min(r.number) FROM item i JOIN instance r ON r.id = i.instance_id "
        "GROUP BY i.instance_id HAVING count(*) = 1 ORDER BY 1 LIMIT 1"
    )]
    async with house.work() as work:
        await add_item(work, number=number, barcode="A009000019", location="sk-2f")
    return str(found)


def fact(kind: type, barcode: str, number: str = NO, **more: Any) -> Any:
    return kind(**{"barcode": barcode, "title": "活着", "number": number, "card": "20231001", **more})


def lost(barcode: str, **more: Any) -> ItemLost:
    return fact(ItemLost, barcode, **{"how": "declared", "price_cents": 3800, **more})


def replaced(barcode: str, **more: Any) -> ItemReplaced:
    return fact(ItemReplaced, barcode, **{
        "new_barcode": NEW, "new_title": "活着", "new_year": 2020, "price_cents": 3800, **more,
    })


async def life(house: House, barcode: str) -> tuple[str, str]:
    ((found, custodian),) = [tuple(r) for r in await house.rows("SELECT life, custodian FROM item WHERE barcode = :b", b=barcode)]
    return found, custodian


async def case(house: House, no: str = NO) -> LostItem:
    async with house.kit.reading() as session:
        return (await session.scalars(select(LostItem).where(LostItem.no == no))).one()


async def act(house: House, register: Any, no: str, action: str, actor: Actor, **asked: Any) -> Any:
    async with house.work(actor) as work:
        return await register.move(work, no, action, **asked)


async def write_off(house: House, line: str) -> None:
    """The whole way of the weeding register."""
    leader = Actor("S601", posts=("head-resources",), dept="resources")
    for action, actor, asked in (
        ("view", EXPERT, {"view": "withdraw", "opinion": "同意"}), ("approve", leader, {"meeting_no": "馆〔2026〕1"}),
        ("write_off", EXPERT, {"asset_no": "资〔2026〕9"}),
    ):
        await act(house, weeding, line, action, actor, **asked)


async def test_a_loss_told_twice_is_one_and_the_item_says_so(house: House, barcode: str) -> None:
    chain = uuid7()
    for _ in range(2):
        await house.heed(lost(barcode), correlation=chain)
    found = await case(house)
    assert (found.state, found.barcode, found.price_cents, found.correlation) == ("lost", barcode, 3800, chain)
    assert found.write_off_on == found.lost_on + timedelta(days=365)
    assert await life(house, barcode) == ("lost", "reader")
    async with house.client(CATALOGUER) as web:
        shown = await web.get(f"/resources/items/{barcode}", follow_redirects=True)
        assert ("遗失" in shown.text, f"/resources/losses/{NO}" in shown.text) == (True, True)
    assert len(await house.rows("SELECT 1 FROM lost_item")) == 1


async def test_found_again_it_is_stock_and_told_late_or_twice_it_stays(house: House, barcode: str) -> None:
    await house.heed(lost(barcode))
    await house.heed(fact(ItemRecovered, barcode))
    assert ((await case(house)).state, await life(house, barcode)) == ("recovered", ("in_stock", "reader"))
    for late in (fact(ItemRecovered, barcode), lost(barcode)):
        await house.heed(late)
    assert ((await case(house)).state, (await life(house, barcode))[0]) == ("recovered", "in_stock")


async def test_a_recovery_heard_before_its_loss_wins(house: House, barcode: str) -> None:
    await house.heed(fact(ItemRecovered, barcode))
    await house.heed(lost(barcode))
    assert ((await case(house)).state, (await life(house, barcode))[0]) == ("recovered", "in_stock")


async def test_a_copy_is_in_process_until_two_people_have_compared_and_entered_it(house: House, barcode: str) -> None:
    await house.heed(lost(barcode))
    for _ in range(2):
        await house.heed(replaced(barcode))
    assert ((await case(house)).state, await life(house, barcode)) == ("replaced", ("replaced", "resources"))
    assert await life(house, NEW) == ("in_process", "resources")
    before = len(await house.said("resources.item.catalogued"))
    ((no,),) = [tuple(r) for r in await house.rows("SELECT no FROM replacement_copy")]
    with pytest.raises(NotAllowed):
        await act(house, copies, no, "check", CLERK, record="x", location="sk-2f", price_cents="38.00")
    ((record, other),) = [tuple(r) for r in await house.rows(
        "SELECT r.number, (SELECT min(number) FROM instance o WHERE o.id <> r.id) FROM instance r JOIN item i ON i.instance_id = r.id WHERE i.barcode = :b", b=barcode
    )]
    with pytest.raises(Refusal):
        await act(house, copies, no, "check", CATALOGUER, record=record, location="nowhere", price_cents="38.00")
    await act(house, copies, no, "check", CATALOGUER, record=other, location="sk-2f", price_cents="45.00")
    await act(house, copies, no, "recheck", CATALOGUER, note="是同一版")
    await act(house, copies, no, "check", CATALOGUER, record=record, location="sk-2f", price_cents="45.00")
    with pytest.raises(SamePerson):
        await act(house, copies, no, "register", CATALOGUER, accession_no="ZC2026-1")
    await act(house, copies, no, "register", EXPERT, accession_no="ZC2026-1")
    assert await life(house, NEW) == ("in_stock", "reader")
    said = await house.said("resources.item.catalogued")
    assert len(said) == before + 1
    assert (said[-1][1]["barcode"], said[-1][1]["price_cents"], said[-1][1]["location"]) == (NEW, 4500, "sk-2f")


async def test_replaced_before_the_loss_was_heard_ends_the_same(house: House, barcode: str) -> None:
    await house.heed(replaced(barcode))
    await house.heed(lost(barcode))
    assert ((await case(house)).state, (await life(house, barcode))[0]) == ("replaced", "replaced")
    assert (await life(house, NEW))[0] == "in_process"


async def test_an_item_we_do_not_have_stands_on_the_list_until_somebody_looked(house: House, barcode: str) -> None:
    await house.heed(lost("X999999", number="YS2026-0002"))
    found = await case(house, "YS2026-0002")
    assert (found.state, found.item_id, found.write_off_on, bool(found.note)) == ("lost", None, None, True)
    ((holders,),) = [tuple(r) for r in await house.rows(
        "SELECT payload->'holders' FROM outbox WHERE payload->>'number' = 'YS2026-0002'"
    )]
    assert holders == ["RES-MGT"]
    with pytest.raises(Refusal):
        await act(house, losses, found.no, "propose", CATALOGUER, decision="追不回")
    await act(house, losses, found.no, "dismiss", CATALOGUER, decision="他馆图书")
    await house.heed(replaced("X999998", number="YS2026-0003", new_barcode=barcode))  # both unknown and taken
    ((no, item),) = [tuple(r) for r in await house.rows("SELECT no, item_id FROM replacement_copy")]
    assert item is None
    ((record,),) = [tuple(r) for r in await house.rows("SELECT min(number) FROM instance")]
    asked = {"record": record, "location": "sk-2f", "price_cents": "20.00"}
    with pytest.raises(rules.NoItemYet):
        await act(house, copies, no, "check", CATALOGUER, **asked)
    await act(house, copies, no, "check", CATALOGUER, **asked, new_barcode="n000002")
    await act(house, copies, no, "register", EXPERT, accession_no="ZC2026-2")
    assert (await life(house, "N000002"))[0] == "in_stock"


async def nightly(house: House, days: int) -> None:
    from shared.work import Works

    kit = house.kit
    found = await case(house)
    async with Works(kit.sessions, "resources").open(SYSTEM) as work:
        work.now += timedelta(days=days)
        await propose_overdue(work, work.now)
    assert found.no == NO


async def test_after_its_term_a_loss_is_listed_written_off_and_gone(house: House, barcode: str) -> None:
    await house.heed(lost(barcode))
    await nightly(house, 364)
    assert (await case(house)).state == "lost"
    for _ in range(2):
        await nightly(house, 366)
    found = await case(house)
    assert (found.state, (await life(house, barcode))[0]) == ("proposed", "candidate")
    await write_off(house, found.weeding)
    assert ((await case(house)).state, (await life(house, barcode))[0]) == ("written_off", "withdrawn")
    ((state,),) = [tuple(r) for r in await house.rows("SELECT state FROM weeding_line WHERE no = :no", no=found.weeding)]
    assert state == "disposed"  # no paper is left
    ((_name, gone),) = await house.said("resources.item.withdrawn")
    assert (gone["barcode"], gone["reason"]) == (barcode, "lost")


async def test_recovered_or_replaced_while_others_decide_it_leaves_the_weeding_register(house: House, barcode: str) -> None:
    await house.heed(lost(barcode))
    await act(house, losses, NO, "propose", CATALOGUER, decision="读者已离校")
    await house.heed(fact(ItemRecovered, barcode))
    assert ((await case(house)).state, (await life(house, barcode))[0]) == ("recovered", "in_stock")
    await house.heed(lost(barcode, number="YS2026-0002"))
    await act(house, losses, "YS2026-0002", "propose", CATALOGUER, decision="读者已离校")
    await house.heed(replaced(barcode, number="YS2026-0002"))
    assert ((await case(house, "YS2026-0002")).state, (await life(house, barcode))[0]) == ("replaced", "replaced")
    states = [tuple(r) for r in await house.rows("SELECT state FROM weeding_line")]
    assert states == [("kept",), ("kept",)]


async def test_kept_by_the_weeding_register_it_is_still_lost(house: House, barcode: str) -> None:
    await house.heed(lost(barcode))
    await act(house, losses, NO, "propose", CATALOGUER, decision="读者已离校")
    line = (await case(house)).weeding
    await act(house, weeding, line, "keep", EXPERT, keep_reason="再追一年")
    found = await case(house)
    assert (found.state, found.weeding, (await life(house, barcode))[0]) == ("lost", "", "lost")


async def test_an_original_that_turns_up_is_kept_as_a_further_copy(house: House, barcode: str) -> None:
    await house.heed(lost(barcode))
    await house.heed(replaced(barcode))
    for _ in range(2):
        await house.heed(fact(OriginalFound, barcode, damaged=True, new_barcode=NEW))
    found = await case(house)
    assert (found.state, found.damaged, (await life(house, barcode))[0]) == ("found_again", True, "replaced")
    with pytest.raises(NotAllowed):
        await act(house, losses, NO, "keep", CLERK, decision="留")
    done = await asyncio.gather(
        act(house, losses, NO, "keep", CATALOGUER, decision="需要复本"),
        act(house, losses, NO, "let_go", EXPERT, decision="复本已够"), return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in done) == 1


@pytest.mark.parametrize("first", ["original", "copy"])
async def test_whether_the_original_or_the_copy_is_heard_of_first_somebody_decides(house: House, barcode: str, first: str) -> None:
    await house.heed(lost(barcode))
    both = [fact(OriginalFound, barcode), replaced(barcode)]
    for one in both if first == "original" else both[::-1]:
        await house.heed(one)
    assert (await case(house)).state == "found_again"
    await act(house, losses, NO, "keep", CATALOGUER, decision="需要复本")
    ((_name, said),) = await house.said("resources.item.readmitted")
    assert (said["barcode"], said["number"], said["reason"]) == (barcode, NO, "需要复本")
    assert await life(house, barcode) == ("in_stock", "reader")
    assert (await case(house)).state == "kept"


async def test_an_original_nobody_needs_goes_to_the_weeding_register(house: House, barcode: str) -> None:
    await house.heed(lost(barcode))
    await house.heed(replaced(barcode))
    await house.heed(fact(OriginalFound, barcode))
    await act(house, losses, NO, "let_go", CATALOGUER, decision="复本已够")
    assert (await life(house, barcode))[0] == "candidate"
    await write_off(house, (await case(house)).weeding)
    assert (await life(house, barcode))[0] == "withdrawn"


async def test_what_was_written_off_and_is_found_may_become_stock_again(house: House, barcode: str) -> None:
    async with house.work() as work:  # the only copy: its title vanishes and comes back
        (await work.session.scalars(select(Item).where(Item.barcode == "A009000019"))).one().life = "withdrawn"  # type: ignore[assignment]
    await house.heed(lost(barcode, last_copy=True))
    await act(house, losses, NO, "propose", CATALOGUER, decision="读者已离校")
    line = (await case(house)).weeding
    leader = Actor("S601", posts=("head-resources",), dept="resources")
    for action, actor, asked in (
        ("view", EXPERT, {"view": "withdraw", "opinion": "同意"}), ("approve", leader, {"meeting_no": "馆〔2026〕1"}),
        ("approve_last", DIRECTOR, {"second_reason": "追索无果"}), ("write_off", EXPERT, {"asset_no": "资〔2026〕9"}),
    ):
        await act(house, weeding, line, action, actor, **asked)
    assert len(await house.said("resources.record.suppressed")) == 1
    before = len(await house.said("resources.record.added"))
    await house.heed(fact(ItemRecovered, barcode, damaged=False))
    assert (await case(house)).state == "found_again"
    await act(house, losses, NO, "keep", CATALOGUER, decision="孤本")
    assert ((await life(house, barcode))[0], (await case(house)).state) == ("in_stock", "kept")
    assert len(await house.said("resources.record.added")) == before + 1
    ((state,),) = [tuple(r) for r in await house.rows("SELECT state FROM weeding_line WHERE no = :no", no=line)]
    assert state == "kept"


def test_special_collections_are_never_written_off_by_themselves() -> None:
    day = date(2026, 11, 23)
    assert rules.term_of(day, ours=True, special=False) == date(2027, 11, 23)
    assert rules.term_of(day, ours=True, special=True) is None
    assert rules.term_of(day, ours=False, special=False) is None


async def test_the_pages_say_what_is_to_be_done(house: House, barcode: str) -> None:
    await house.heed(lost(barcode))
    await house.heed(replaced(barcode))
    await house.heed(fact(OriginalFound, barcode))
    for lang in ("zh", "en"):
        async with house.client(CATALOGUER, lang) as web:
            for url in ("/resources/losses", f"/resources/losses/{NO}", "/resources/replacements"):
                assert (await web.get(url)).status_code == 200, url
    async with house.client(CATALOGUER) as web:
        page = (await web.get(f"/resources/losses/{NO}")).text
        assert all(word in page for word in ("留作复本", "不再入藏", "/resources/replacements/PB"))
        assert f"/reader/losses/{NO}" not in page  # the desk's case would refuse her


async def test_the_registers_keep_their_promises(house: House, barcode: str) -> None:
    count = iter(range(10, 9999))

    def fill() -> dict[str, Any]:
        n = next(count)
        return {"no": f"YS2026-{n:04d}", "barcode": f"Z{n:06d}", "title": "Title", "lost_on": date(2026, 11, 1)}

    ask = {name: {"decision": "Because"} for name in ("keep", "let_go", "propose", "dismiss")}

    async def prepare(work: Any, record: Any, action: str) -> None:
        if action in {"keep", "let_go", "propose"}:
            item = await work.session.scalar(select(Item).where(Item.barcode == barcode))
            record.item_id, record.barcode = item.id, item.barcode
            if action == "let_go":
                item.life = "withdrawn"
            elif action == "propose":
                item.life = "lost"

    await keeps_its_promises(losses, house.app, fill, ask=ask, prepare=prepare)
