"""What leaves the stock leaves by the word of different people, and the last copy by two words.

covers: RES-MGT-04
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from services.resources.cataloguing.items.commands import add_item
from services.resources.collections.weeding import rules
from services.resources.collections.weeding.model import WeedingState
from services.resources.collections.weeding.proposing import propose_irreparable
from services.resources.collections.weeding.register import weeding
from shared.identity import Actor
from shared.refusals import NotAllowed, SamePerson
from shared.testing.registers import keeps_its_promises
from shared.work import Work
from tests.resources.conftest import CATALOGUER, DIRECTOR, EXPERT, RECORDS, House

WORDS: dict[str, dict[str, Any]] = {
    "view": {"view": "withdraw", "opinion": "同意"}, "approve": {"meeting_no": "馆〔2026〕1"},
    "approve_last": {"second_reason": "另有电子版"}, "write_off": {"asset_no": "资〔2026〕9"},
    "dispose": {"way": "pulp", "proof": "过磅单 12"}, "keep": {"keep_reason": "仍有读者"}, "restore": {"keep_reason": "错剔"},
}

# A department head approves, so that the director can give a second word.
LEADER = Actor("S601", posts=("head-resources",), dept="resources")


@pytest.fixture
async def barcode(house: House) -> str:
    """An item that is the only one of its title."""
    await house.places()
    await house.read(RECORDS / "bnu.mrc")
    rows = await house.rows(
        "SELECT min(barcode) FROM item GROUP BY instance_id HAVING count(*) = 1 ORDER BY 1 LIMIT 1"
    )
    return str(rows[0][0])


async def second_copy(house: House, barcode: str, location: str = "sk-2f", code: str = "A009000019") -> str:
    async with house.work() as work:
        ((number,),) = [tuple(r) for r in await house.rows(
            "SELECT r.number FROM instance r JOIN item i ON i.instance_id = r.id WHERE i.barcode = :b", b=barcode
        )]
        return (await add_item(work, number=number, barcode=code, location=location)).barcode


async def propose(house: House, barcode: str, actor: Actor = CATALOGUER) -> str:
    async with house.work(actor) as work:
        return (await weeding.open(work, barcode=barcode, reason="excess", note="复本多")).no


async def take(house: House, number: str, action: str, actor: Actor) -> str:
    async with house.work(actor) as work:
        return str((await weeding.move(work, number, action, **WORDS[action])).state)


async def test_a_copy_leaves_by_proposal_view_meeting_and_write_off(house: House, barcode: str):
    await second_copy(house, barcode)
    number = await propose(house, barcode)
    assert (await house.rows("SELECT life FROM item WHERE barcode = :b", b=barcode))[0][0] == "candidate"
    await take(house, number, "view", EXPERT)
    assert await take(house, number, "approve", LEADER) == "approved"
    assert await take(house, number, "write_off", EXPERT) == "withdrawn"
    assert await take(house, number, "dispose", CATALOGUER) == "disposed"
    ((_name, fact),) = await house.said("resources.item.withdrawn")
    assert (fact["barcode"], fact["items_left"], fact["number"]) == (barcode, 1, number)
    assert not await house.said("resources.record.suppressed")
    assert (await house.rows("SELECT life FROM item WHERE barcode = :b", b=barcode))[0][0] == "withdrawn"


async def test_the_last_copy_needs_the_directors_second_word_and_hides_the_record(house: House, barcode: str):
    number = await propose(house, barcode)
    await take(house, number, "view", EXPERT)
    assert await take(house, number, "approve", LEADER) == "second"
    assert await take(house, number, "approve_last", DIRECTOR) == "approved"
    await take(house, number, "write_off", EXPERT)
    ((_name, fact),) = await house.said("resources.item.withdrawn")
    assert fact["items_left"] == 0
    assert len(await house.said("resources.record.suppressed")) == 1
    assert (await house.rows(
        "SELECT r.state FROM instance r JOIN item i ON i.instance_id = r.id WHERE i.barcode = :b", b=barcode
    ))[0][0] == "suppressed"


async def test_a_copy_that_became_the_last_one_meanwhile_goes_back_to_the_meeting(house: House, barcode: str):
    other = await second_copy(house, barcode)
    lines = [await propose(house, one) for one in (barcode, other)]
    for number in lines:
        await take(house, number, "view", EXPERT)
        assert await take(house, number, "approve", LEADER) == "approved"
    assert await take(house, lines[0], "write_off", EXPERT) == "withdrawn"
    assert await take(house, lines[1], "write_off", EXPERT) == "reviewed"
    assert len(await house.said("resources.item.withdrawn")) == 1
    with pytest.raises(rules.KeepYourWord):
        await take(house, lines[1], "approve", DIRECTOR)
    assert await take(house, lines[1], "approve", LEADER) == "second"
    await take(house, lines[1], "approve_last", DIRECTOR)
    assert await take(house, lines[1], "write_off", EXPERT) == "withdrawn"


async def test_nobody_decides_twice_about_the_same_item(house: House, barcode: str):
    number = await propose(house, barcode)
    with pytest.raises(SamePerson):
        await take(house, number, "view", CATALOGUER)
    await take(house, number, "view", EXPERT)
    both = Actor(EXPERT.id, EXPERT.name, posts=("RES-MGT", "director"))
    with pytest.raises(SamePerson):
        await take(house, number, "approve", both)
    with pytest.raises(NotAllowed):
        await take(house, number, "approve", Actor("S777", posts=("RES-MGT",)))
    await take(house, number, "approve", LEADER)
    await take(house, number, "approve_last", DIRECTOR)
    with pytest.raises(SamePerson):
        await take(house, number, "write_off", CATALOGUER)


async def test_what_is_kept_goes_back_to_the_desk(house: House, barcode: str):
    number = await propose(house, barcode)
    assert await take(house, number, "keep", CATALOGUER) == "kept"
    ((_name, fact),) = await house.said("resources.weeding.kept")
    assert (fact["barcode"], fact["reason"]) == (barcode, "仍有读者")
    assert (await house.rows("SELECT life, custodian FROM item WHERE barcode = :b", b=barcode))[0] == ("in_stock", "reader")
    assert await propose(house, barcode)  # and may be proposed again another year


async def test_special_collections_are_never_weeded(house: House, barcode: str):
    ancient = await second_copy(house, barcode, "gj-5f")
    with pytest.raises(rules.SpecialCollection):
        await propose(house, ancient)
    async with house.work() as work:  # nobody can mend it: the register hears of it, and may only keep it
        await propose_irreparable(work, barcode=ancient, note="虫蛀", source="PS2026-0009")
    ((number,),) = await house.rows("SELECT no FROM weeding_line")
    await take(house, number, "view", EXPERT)
    with pytest.raises(rules.SpecialCollection):
        await take(house, number, "approve", LEADER)
    assert await take(house, number, "keep", CATALOGUER) == "kept"


async def test_an_item_stands_on_the_register_once(house: House, barcode: str):
    await propose(house, barcode)
    with pytest.raises(rules.AlreadyListed):
        await propose(house, barcode)


async def test_the_register_keeps_its_promises(house: House, barcode: str):
    made = 0

    async def many() -> list[str]:
        return [await second_copy(house, barcode, code=f"W{n:06d}") for n in range(140)]

    codes = iter(await many())

    def fill() -> dict[str, Any]:
        nonlocal made
        made += 1
        return {"barcode": next(codes), "reason": "excess"}

    async def candidate(work: Work, line: Any, _action: str) -> None:
        line.proposer = line.expert = line.approver = "T-else"
        line.second_by = line.withdrawn_by = "T-else"
        if _action == "restore":
            await work.session.execute(text("UPDATE item SET life = 'withdrawn' WHERE id = :id"), {"id": line.item_id})

    await keeps_its_promises(weeding, house.app, fill, ask=WORDS, prepare=candidate)
    assert made


def test_every_state_of_a_line_can_be_left_or_is_an_end():
    ends = {state for state in WeedingState if not any(s is state for s, _a in rules.LIFE)}
    assert ends == {WeedingState.disposed, WeedingState.kept, WeedingState.restored}
