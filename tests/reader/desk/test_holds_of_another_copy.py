"""A hold moved to another copy or edition, fetched elsewhere, or with the borrower asked back. covers: RDR-LED-FRD-01, RDR-DSK-BAS-02"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from services.reader.app import service
from services.reader.desk.holds import adjusting, rules
from services.reader.desk.holds import commands as holds
from services.reader.desk.holds.queries import queue_of
from services.reader.rooms.service_points import commands as points
from shared.identity import Actor
from shared.refusals import NotAllowed
from tests.reader.desk.conftest import CLERK, COLLEAGUE, HEAD, Desk
from tests.support.departments import client, opened


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        await desk.do(points.save, HEAD, code="MAIN", name="总服务台", main=True, new=True)
        await desk.do(points.save, HEAD, code="EAST", name="东区分馆", name_en="East Branch", new=True)
        yield made


async def lent(desk: Desk, instance: str = "t", **facts) -> str:
    barcode = await desk.item(instance=instance, **facts)
    await desk.lend(await desk.patron(), barcode)
    return barcode


async def waiting(desk: Desk, instance: str = "t", **wish) -> tuple[str, object]:
    card = await desk.patron()
    hold, _place = await desk.do(holds.place, card=card, instance_id=instance, **wish)
    return card, hold


async def order(desk: Desk, instance: str) -> list[str]:
    async with desk.works.sessions() as session:
        return [hold.card for hold in await queue_of(session, instance)]


async def test_a_hold_goes_from_any_copy_to_one_copy_and_back_with_the_reason_kept(desk) -> None:
    first, second = await lent(desk), await lent(desk)
    card, hold = await waiting(desk)
    await desk.do(adjusting.retarget, HEAD, hold_id=hold.id, barcode=second, reason="读者要带批注的那册")
    await desk.take_back(first)
    assert (await desk.find_item(first)).circulation == "available"  # not the one that is waited for
    assert (await desk.take_back(second)).hold.card == card
    kept = await desk.rows("SELECT by, from_wanted, wanted, was, became, reason, from_instance FROM hold_move")
    assert [tuple(row) for row in kept] == [(HEAD.id, "", second, 1, 1, "读者要带批注的那册", "t")]

    third = await lent(desk)
    other, theirs = await waiting(desk, barcode=await lent(desk))
    await desk.do(adjusting.retarget, HEAD, hold_id=theirs.id, reason="任一册都可以")
    assert (await desk.take_back(third)).hold.card == other
    assert [p["barcode"] for _n, p, _c in await desk.said("reader.hold.retargeted")] == [second, ""]


async def test_a_hold_goes_to_another_edition_and_keeps_its_turn_by_the_day(desk) -> None:
    await lent(desk, "old")
    await lent(desk, "new")
    early, hold = await waiting(desk, "old")
    late, _theirs = await waiting(desk, "new")
    await desk.do(adjusting.retarget, HEAD, hold_id=hold.id, instance_id="new", reason="旧版已送修")
    assert await order(desk, "new") == [early, late]
    assert await order(desk, "old") == []
    (_name, said, _case), = await desk.said("reader.hold.retargeted")
    assert (said["from_instance"], said["instance_id"], said["position"]) == ("old", "new", 1)


async def test_whoever_was_put_first_is_first_in_the_other_queue_too_and_no_turn_is_shared(desk) -> None:
    await lent(desk, "old")
    await lent(desk, "new")
    await waiting(desk, "old")
    urgent, hold = await waiting(desk, "old")
    await waiting(desk, "new")
    moved, theirs = await waiting(desk, "new")
    await desk.do(adjusting.move, HEAD, hold_id=hold.id, to="first", reason="课程指定")
    await desk.do(adjusting.move, HEAD, hold_id=theirs.id, to="first", reason="课程指定")
    await desk.do(adjusting.retarget, HEAD, hold_id=hold.id, instance_id="new", reason="改用新版")
    assert (await order(desk, "new"))[:2] == [urgent, moved]


async def test_what_cannot_be_waited_for_is_refused_with_all_reasons_and_nothing_moves(desk, reasons) -> None:
    await lent(desk, "old")
    await lent(desk, "new")
    card, hold = await waiting(desk, "old")
    await desk.do(holds.place, card=card, instance_id="new")
    await desk.item(instance="reading", use="reference")
    with pytest.raises(rules.HoldRefused) as twice:
        await desk.do(adjusting.retarget, HEAD, hold_id=hold.id, instance_id="new", reason="改用新版")
    assert reasons(twice) == ["hold-exists"]
    with pytest.raises(rules.HoldRefused) as never:
        await desk.do(adjusting.retarget, HEAD, hold_id=hold.id, instance_id="reading", reason="改用阅览本")
    assert reasons(never) == ["no-copy-to-wait-for"]
    with pytest.raises(rules.UnknownTitle):
        await desk.do(adjusting.retarget, HEAD, hold_id=hold.id, instance_id="nowhere", reason="改用新版")
    with pytest.raises(rules.SameTarget):
        await desk.do(adjusting.retarget, HEAD, hold_id=hold.id, reason="没有变化")
    with pytest.raises(rules.ReasonMissing):
        await desk.do(adjusting.retarget, HEAD, hold_id=hold.id, instance_id="new", reason="")
    with pytest.raises(NotAllowed):
        await desk.do(adjusting.retarget, CLERK, hold_id=hold.id, instance_id="new", reason="我来改")
    assert await order(desk, "old") == [card]
    assert await desk.rows("SELECT 1 FROM hold_move") == []


async def test_two_desks_that_move_one_patrons_holds_into_one_queue_leave_one_there(desk) -> None:
    for instance in ("a", "b", "c"):
        await lent(desk, instance)
    card, one = await waiting(desk, "a")
    other, _place = await desk.do(holds.place, card=card, instance_id="b")
    answers = await asyncio.gather(
        desk.do(adjusting.retarget, HEAD, hold_id=one.id, instance_id="c", reason="并到一处"),
        desk.do(adjusting.retarget, HEAD, hold_id=other.id, instance_id="c", reason="并到一处"), return_exceptions=True,
    )
    assert sorted(type(a).__name__ for a in answers) == ["Hold", "HoldRefused"]
    assert await order(desk, "c") == [card]


async def test_who_is_on_the_way_to_a_book_is_stated_for_the_other_desks(desk) -> None:
    barcode = await desk.item(instance="t")
    for actor, verb in ((CLERK, holds.claim), (CLERK, holds.claim), (CLERK, holds.unclaim), (COLLEAGUE, holds.unclaim)):
        await desk.do(verb, actor, barcode=barcode)
    said = await desk.said("reader.errand.taken", "reader.errand.given-up")
    assert [name for name, _p, _c in said] == ["reader.errand.taken", "reader.errand.given-up"]


# ---- through the doors


async def test_the_head_moves_a_hold_on_the_page_of_its_title_and_the_history_says_so(app, desk) -> None:
    await lent(desk, "old", title="活着（旧版）")
    new = await lent(desk, "new", title="活着（新版）")
    _card, hold = await waiting(desk, "old")
    async with client(app, HEAD) as head, client(app, CLERK) as clerk:
        page = await head.get("/reader/holds/titles/old")
        assert f"/reader/holds/{hold.id}/target" in page.text
        assert f"/reader/holds/{hold.id}/target" not in (await clerk.get("/reader/holds/titles/old")).text
        form = {"barcode": "", "other": new.lower(), "whole": "true", "reason": "旧版送修"}
        assert (await clerk.post(f"/reader/holds/{hold.id}/target", data=form)).status_code == 403
        moved = await head.post(f"/reader/holds/{hold.id}/target", data=form)
        assert (moved.status_code, moved.headers["location"]) == (303, "/reader/holds/titles/new")
        for title in ("old", "new"):  # the history stands on both pages
            history = (await head.get(f"/reader/holds/titles/{title}")).text
            assert "旧版送修" in history
            assert "活着（新版）" in history
        wrong = await head.post(f"/reader/holds/{hold.id}/target", data={**form, "other": "NOPE"})
        assert wrong.status_code == 404
        one = await head.post(f"/api/reader/holds/{hold.id}/target", json={"barcode": new, "reason": "只要这册"})
        assert (one.status_code, one.json()["wanted"], one.json()["position"]) == (200, new, 1)


async def test_the_desk_and_the_patron_change_the_pickup_point_while_waiting(app, desk) -> None:
    await lent(desk)
    card, hold = await waiting(desk, pickup="EAST")
    patron, other = Actor(id=card, kind="patron", card=card), Actor(id="X1", kind="patron", card="X1")
    async with client(app, CLERK) as clerk, client(app, patron) as own, client(app, other) as stranger:
        assert (await clerk.post(f"/reader/holds/{hold.id}/pickup", data={"point": "main"})).status_code == 303
        mine = await own.post(f"/api/reader/holds/{hold.id}/pickup", json={"pickup": "EAST"})
        assert mine.json()["pickup"] == "EAST"
        assert (await stranger.post(f"/api/reader/holds/{hold.id}/pickup", json={"pickup": "MAIN"})).status_code == 404
        nowhere = await own.post(f"/api/reader/holds/{hold.id}/pickup", json={"pickup": "MOON"})
        assert nowhere.json()["code"] == "unknown-service-point"
    assert [p["pickup"] for _n, p, _c in await desk.said("reader.hold.redirected")] == ["MAIN", "EAST"]


async def test_a_hold_by_interface_names_the_point_and_the_copy_and_calls_the_book_back(app, desk) -> None:
    barcode = await lent(desk)
    card = await desk.patron()
    async with client(app, CLERK) as api:
        body = {"card": card, "barcode": barcode.lower(), "pickup": "east", "recall": True}
        made = (await api.post("/api/reader/holds", json=body)).json()
        assert (made["wanted"], made["pickup"], made["position"]) == (barcode, "EAST", 1)
        assert made["recalled"]["due_before"] > made["recalled"]["due_on"]
        # A second patron may wait too, but the loan cannot be called back twice: all reasons, and no hold.
        again = await api.post("/api/reader/holds", json={**body, "card": card})
        assert [r["code"] for r in again.json()["reasons"]] == ["hold-exists", "already-recalled"]
    assert len(await desk.rows("SELECT 1 FROM hold")) == 1
    assert len(await desk.said("reader.loan.recalled")) == 1


async def test_of_a_title_the_copy_is_called_back_that_can_be_here(app, desk) -> None:
    called, free = await lent(desk), await lent(desk)
    async with client(app, CLERK) as api:
        assert (await api.post("/api/reader/recalls", json={"barcode": called, "reason": "教学急用"})).status_code == 200
        made = await api.post(
            "/api/reader/holds", json={"card": await desk.patron(), "instance_id": "t", "recall": True}
        )
        assert (made.status_code, made.json()["recalled"]["barcode"]) == (201, free)
        none = await api.post(
            "/api/reader/holds", json={"card": await desk.patron(), "instance_id": "t", "recall": True}
        )
        assert [r["code"] for r in none.json()["reasons"]] == ["already-recalled"]
    assert len(await desk.rows("SELECT 1 FROM hold")) == 1


async def test_nothing_is_called_back_that_is_not_out_and_patrons_call_nobody_back(app, desk, reasons) -> None:
    await desk.item(instance="home")
    card = await desk.patron()
    async with client(app, CLERK) as api, client(app, Actor(id=card, kind="patron", card=card)) as own:
        answer = await api.post("/api/reader/holds", json={"card": card, "instance_id": "home", "recall": True})
        assert [r["code"] for r in answer.json()["reasons"]] == ["copy-available", "no-copy-on-loan"]
        assert (await own.post("/api/reader/holds", json={"card": card, "instance_id": "home", "recall": True})).status_code == 403
    assert await desk.rows("SELECT 1 FROM hold") == []
