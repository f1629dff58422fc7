"""Readers' wishes become one case a title, are looked up at once, decided by somebody else, and wanted.

covers: RES-ACQ-02
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.resources.acquiring.checking import queries as checking
from services.resources.acquiring.checking.rules import Verdict, title_of
from services.resources.acquiring.desiderata import commands as desiderata
from services.resources.acquiring.desiderata.model import Origin
from services.resources.acquiring.suggestions import rules
from services.resources.acquiring.suggestions.model import SuggestionState
from services.resources.acquiring.suggestions.register import suggestions
from shared.events.reader import DemandUnmet, SuggestionSubmitted, SuggestionWithdrawn
from shared.identity import Actor
from shared.refusals import Invalid
from shared.states import NotFromHere
from shared.testing.registers import han_in
from tests.resources.acquiring.test_selections import HELD, marc
from tests.resources.conftest import House

BUYER = Actor("S011", "韩采访", posts=("RES-ACQ",), dept="resources")
ISBN = "9787561722367"


def wish(number: str, *, card: str = "20230001", title: str = "文学理论", **more: Any) -> SuggestionSubmitted:
    return SuggestionSubmitted(number=number, card=card, title=title, **{"isbn": ISBN, **more})


async def case(house: House) -> tuple[str, str, int]:
    rows = await house.rows("SELECT no, state, votes FROM suggestion ORDER BY no")
    assert len(rows) == 1
    return tuple(rows[0])  # type: ignore[return-value]


async def act(house: House, number: str, action: str, actor: Actor = BUYER, **asked: Any) -> Any:
    async with house.work(actor) as work:
        return await suggestions.move(work, number, action, **asked)


async def decisions(house: House) -> list[dict[str, Any]]:
    return [fact for _name, fact in await house.said("resources.suggestion.decided")]


async def test_wishes_of_several_readers_are_one_case_and_all_hear_the_answer(house: House) -> None:
    await house.heed(wish("JY1", reason="写论文要用"), actor="20230001")
    await house.heed(wish("JY2", card="20230002", isbn="7-5617-2236-2"), actor="20230002")
    number, state, votes = await case(house)
    assert (state, votes) == ("open", 2)
    told = [fact for _name, fact in await house.said("resources.suggestion.checked")]
    assert [(fact["wish"], fact["votes"]) for fact in told] == [("JY1", 1), ("JY2", 2)]
    assert all(fact["answer_by"] for fact in told)
    await act(house, number, "accept", copies=2)
    (answer,) = await decisions(house)
    assert (answer["wishes"], answer["decision"], answer["progress"]) == (["JY1", "JY2"], "accepted", "wanted")
    wanted = await house.rows("SELECT no, copies, origin, origin_no FROM desideratum")
    assert [tuple(row) for row in wanted] == [(answer["title_no"], 2, "suggestion", number)]
    # Decided: whose wish it was is nobody's business any more.
    assert {tuple(row) for row in await house.rows("SELECT card, by FROM suggestion_vote")} == {("", "")}
    with pytest.raises(NotFromHere):
        await act(house, number, "refuse", answer="重复")


async def test_who_asks_later_joins_the_title_on_its_way(house: House) -> None:
    async with house.work(BUYER) as work:
        coming = await desiderata.want(work, title="文学理论", isbn=ISBN, origin=Origin.librarian)
        await desiderata.move(work, coming.no, "order", order_no="DD1")
    await house.heed(wish("JY1"))
    await house.heed(wish("JY2", card="20230002"))
    assert (await case(house))[1:] == ("accepted", 2)
    found = await decisions(house)
    assert [(f["wishes"], f["title_no"], f["progress"]) for f in found] == [(["JY1"], coming.no, "ordered"), (["JY2"], coming.no, "ordered")]


async def test_nobody_decides_their_own_wish_and_a_refusal_needs_words(house: House) -> None:
    await house.heed(wish("JY1", card="K900"), actor="K900")
    number = (await case(house))[0]
    for mine in (Actor("S012", "韩某", posts=("RES-ACQ",), card="K900"), Actor("K900", "韩某", posts=("RES-ACQ",))):
        with pytest.raises(rules.OwnSuggestion):
            await act(house, number, "accept", mine)
    with pytest.raises(Invalid):
        await act(house, number, "refuse", answer="")
    await act(house, number, "hold", answer="等下一批书目")
    assert (await case(house))[1] == SuggestionState.held
    await act(house, number, "refuse", answer="非馆藏范围")
    assert [f["decision"] for f in await decisions(house)] == ["held", "refused"]


async def test_what_is_held_is_bought_again_only_on_purpose(house: House, tmp_path: Path) -> None:
    await house.place()
    await house.read(marc(tmp_path / "held.mrc", HELD, barcode="A000001"), location="sk-2f")
    title = "红楼梦研究"
    async with house.kit.reading() as session:
        held, same, new = await checking.look(session, [title_of(title, "", HELD), title_of(title), title_of("没有的书", "", ISBN)])
    assert (held.verdict, held.copies, same.verdict, new.verdict) == (Verdict.held, 1, Verdict.same_title, Verdict.new)
    await house.heed(wish("JY1", title=title, isbn=HELD))
    number = (await case(house))[0]
    with pytest.raises(rules.AlreadyHeld):
        await act(house, number, "accept", copies=1)
    await act(house, number, "accept", copies=1, more=True)
    assert (await case(house))[1] == "accepted"


async def test_demand_joins_the_wish_and_the_last_reader_to_withdraw_ends_the_case(house: House) -> None:
    await house.heed(wish("JY1"))
    await house.heed(wish("JY2", card="20230002"))
    await house.heed(SuggestionWithdrawn(number="JY1", card="20230001", title="文学理论"))
    await house.heed(DemandUnmet(instance_id="i1", title="文学理论", isbn=ISBN, holds=4, copies=1))
    assert (await case(house))[2] == 1
    assert [tuple(r) for r in await house.rows("SELECT source, holds FROM suggestion")] == [("both", 4)]
    await house.heed(SuggestionWithdrawn(number="JY2", card="20230002", title="文学理论"))
    number, state, votes = await case(house)
    assert (state, votes) == ("open", 0)  # readers still wait at the desk
    await act(house, number, "accept", copies=2)
    assert [tuple(r) for r in await house.rows("SELECT origin FROM desideratum")] == [("demand",)]
    await house.heed(wish("JY3", title="没有书号的书", isbn=""))
    await house.heed(SuggestionWithdrawn(number="JY3", card="20230001", title="没有书号的书"))
    assert (await house.rows("SELECT state FROM suggestion ORDER BY no DESC LIMIT 1"))[0][0] == "dropped"


async def test_the_list_and_the_case_show_in_both_languages_to_those_who_may(house: House) -> None:
    await house.heed(wish("JY1", reason="写论文要用"))
    number = (await case(house))[0]
    for lang in ("zh", "en"):
        async with house.client(BUYER, lang) as client:
            for path in ("/resources/suggestions", f"/resources/suggestions/{number}"):
                page = await client.get(path)
                assert page.status_code == 200, page.text[:300]
                assert "文学理论" in page.text
                assert lang == "zh" or not han_in(page.text), han_in(page.text)
            assert "JY1" in page.text
    outsider = Actor("O1", "旁人", posts=("OFF-ADM",))
    async with house.client(outsider) as client:
        assert (await client.get("/resources/suggestions")).status_code == 403
        refused = await client.post(f"/api/resources/suggestions/{number}/accept", json={"copies": 1})
        assert refused.status_code in {403, 404}
