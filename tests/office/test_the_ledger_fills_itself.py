"""The work ledger. covers: OFF-ADM-01"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import func, select

from services.office.ledger_verify import walk
from services.office.people.ledger.model import LedgerEntry
from services.office.people.ledger.queries import verify
from services.office.people.ledger.rules import counted, entry_of, seal, sentence_of
from shared.events.reader import CardStateChanged, ChargeMade, ItemLent
from shared.events.tech import PatrolMissed
from shared.i18n import speaking
from shared.identity import Actor
from shared.settings import Settings
from tests.office.conftest import ADM, DESK, DIRECTOR, EQP, LOG
from tests.office.facts import envelope, heard, patrol
from tests.support.departments import client

LENT = ItemLent(barcode="A000001", title="活着", loan_id="1", card="R0001", due_on=date(2026, 12, 1))
TODAY = date(2026, 11, 23)


def about(actor: Actor, **more):
    return replace(envelope(LENT, actor), **more)


def test_a_fact_counts_for_the_duties_of_the_posts_its_actor_holds() -> None:
    assert counted(LENT.duties, about(DESK)) == ("RDR-DSK-BAS-02",)
    assert counted(LENT.duties, about(ADM)) == ()


def test_a_rank_duty_counts_only_with_that_rank() -> None:
    assert counted(["RDR-DSK-MID-02"], about(DESK)) == ("RDR-DSK-MID-02",)
    assert counted(["RDR-DSK-MID-02"], about(DESK, rank="senior")) == ()


def test_a_place_duty_counts_in_that_place_or_when_no_place_is_recorded() -> None:
    head = about(DESK, posts=("RDR-LED",))
    assert counted(["RDR-LED-FRD-03"], head) == ("RDR-LED-FRD-03",)
    assert counted(["RDR-LED-FRD-03"], replace(head, subposts=("FRD",))) == ("RDR-LED-FRD-03",)
    assert counted(["RDR-LED-FRD-03"], replace(head, subposts=("CAF",))) == ()
    assert counted(["RDR-LED-FRD-03"], replace(head, subposts=("UTM",))) == ("RDR-LED-FRD-03",), "a place of another post"


def test_patrons_and_the_system_have_no_duties() -> None:
    assert counted(LENT.duties, about(DESK, actor_kind="patron")) == ()
    assert counted(LENT.duties, about(DESK, actor_kind="system")) == ()


def test_the_hash_covers_every_field_and_the_row_before() -> None:
    row = entry_of(LENT, about(DESK), LENT.model_dump(mode="json"), duty="RDR-DSK-BAS-02", position=2, prev_hash="ab")
    known = row.hash
    for name, value in (("person", "S9999"), ("duty", "X"), ("payload", {}), ("at", datetime.now(UTC)), ("prev_hash", "cd")):
        was = getattr(row, name)
        setattr(row, name, value)
        assert seal(row) != known, name
        setattr(row, name, was)
    assert seal(row) == known


async def rows(works) -> list[LedgerEntry]:
    async with works.open() as work:
        return list(await work.session.scalars(select(LedgerEntry).order_by(LedgerEntry.position)))


async def test_the_same_fact_delivered_twice_is_credited_once(works) -> None:
    first = await heard(works, LENT, DESK)
    await heard(works, LENT, DESK, event_id=first.event_id)
    assert [(r.position, r.person, r.duty) for r in await rows(works)] == [(1, "S0030", "RDR-DSK-BAS-02")]


async def test_a_row_tells_what_happened_in_both_languages(works) -> None:
    await heard(works, LENT, DESK)
    row, = await rows(works)
    assert (row.case_ref, row.link, row.department) == ("item:A000001", "/reader/items/A000001", "reader")
    with speaking("zh"):
        assert sentence_of(row) == "《活着》借出，应还 2026-12-01"
    with speaking("en"):
        assert "活着" in sentence_of(row)


async def test_the_ledger_of_deeds_never_learns_for_which_patron_with_which_book(works) -> None:
    made = ChargeMade(
        charge_id="c1", card=LENT.card, kind="overdue", kind_label="逾期费", amount_cents=120, barcode="A000001"
    )
    blocked = CardStateChanged(card=LENT.card, state="loss_blocked", state_label="挂失")
    for fact in (LENT, made, blocked):
        await heard(works, fact, DESK)
    found = await rows(works)
    assert {row.name: row.payload["card"] for row in found} == {
        LENT.name: "", made.name: "", blocked.name: LENT.card,  # a card alone is no book
    }
    assert {row.case_ref for row in found} == {"item:A000001", f"patron:{LENT.card}"}
    async with works.open() as work:
        assert (await verify(work.session)).ok


async def test_a_fact_without_duties_or_beyond_our_catalogue_leaves_no_row(works) -> None:
    await heard(works, PatrolMissed(on=TODAY, walker="S0020", minutes=10), LOG)
    newer = replace(about(DESK), version=99)
    from services.office.app import service

    async with works.open() as work:
        await service.handlers.handle(work, newer, {"anything": 1})
    assert await rows(works) == []


async def test_many_deliveries_at_once_make_one_gapless_chain(works) -> None:
    await asyncio.gather(*(heard(works, LENT, DESK) for _n in range(8)))
    assert [r.position for r in await rows(works)] == list(range(1, 9))
    async with works.open() as work:
        assert (await verify(work.session)).ok


@pytest.mark.parametrize(
    ("crime", "position", "kind"),
    [
        ("UPDATE ledger SET person = 'S9999' WHERE position = 3", 3, "content"),
        ("UPDATE ledger SET payload = payload || '{\"title\": \"x\"}' WHERE position = 2", 2, "content"),
        ("DELETE FROM ledger WHERE position = 4", 4, "gap"),
        ("UPDATE ledger SET prev_hash = 'x' WHERE position = 5", 5, "chain"),
        ("DELETE FROM ledger WHERE position = 6", 6, "missing"),
        ("UPDATE ledger_head SET hash = 'x'", 7, "head"),
    ],
)
async def test_whoever_changes_a_row_behind_the_systems_back_is_found_out(works, database, crime, position, kind) -> None:
    for _n in range(6):
        await heard(works, LENT, DESK)
    with psycopg.connect(database("office").admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(crime)
    verdict = await walk(Settings(service="office", database_url=database("office").url))
    assert verdict.broken
    assert (verdict.broken.position, verdict.broken.kind) == (position, kind)


@pytest.mark.parametrize("statement", ["UPDATE ledger SET person = 'x'", "DELETE FROM ledger", "TRUNCATE ledger"])
async def test_the_database_itself_refuses_to_change_rows(works, database, statement) -> None:
    await heard(works, LENT, DESK)
    refused = {"url": psycopg.errors.InsufficientPrivilege, "owner_url": psycopg.errors.RestrictViolation}
    for role, error in refused.items():
        address = getattr(database("office"), role)
        with psycopg.connect(address, autocommit=True) as link, pytest.raises(error):
            link.execute(statement)
    assert len(await rows(works)) == 1


async def test_staff_read_their_own_rows_and_leaders_all(app, works) -> None:
    await heard(works, LENT, DESK)
    await heard(works, patrol(TODAY, 60, 60), LOG, at=datetime.now(UTC) - timedelta(days=40))
    async with client(app, DESK) as desk, client(app, DIRECTOR) as director, client(app, None) as nobody:
        mine = (await desk.get("/api/office/ledger")).json()
        assert [i["person"] for i in mine["items"]] == ["S0030"]
        assert (await desk.get("/api/office/ledger?person=S0020")).status_code == 403
        assert (await desk.get("/api/office/ledger/verify")).status_code == 403
        assert (await director.get("/api/office/ledger")).json()["total"] == 2
        assert (await director.get("/api/office/ledger?duty=TEC-LOG-03")).json()["total"] == 1
        yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
        assert (await director.get(f"/api/office/ledger?since={yesterday}")).json()["total"] == 1
        assert (await director.get("/api/office/ledger?since=gestern")).status_code == 422
        first = (await director.get("/api/office/ledger?limit=1")).json()
        second = (await director.get(first["next"])).json()
        assert [first["items"][0]["position"], second["items"][0]["position"]] == [2, 1]
        assert second["next"] is None
        found = (await director.get("/api/office/ledger/verify")).json()
        assert (found["ok"], found["rows"], found["broken_at"]) == (True, 2, None)
        assert (await nobody.get("/api/office/ledger")).status_code == 401


async def test_work_on_a_screen_reaches_the_ledger_over_the_bus(database, infra, tmp_path) -> None:
    from services.office.app import service
    from services.office.money.supplies.register import ITEMS
    from shared.testing.tokens import jwks_file
    from tests.support.bus import empty_bus

    await empty_bus(infra.nats_url)
    settings = Settings(
        service="office", database_url=database("office").url, nats_url=infra.nats_url, migrate=False,
        data=tmp_path / "data", jwks_url=jwks_file(tmp_path),
    )
    app = service.app(settings)
    async with app.router.lifespan_context(app):
        works = app.state.kit.works
        async with works.open(ADM) as work:
            await ITEMS.open(work, name="档案盒", category="paper", unit="个", unit_price=100)
        async with asyncio.timeout(20):
            while True:
                async with works.open() as work:
                    if await work.session.scalar(select(func.count()).select_from(LedgerEntry)):
                        break
                await asyncio.sleep(0.05)
    row, = await rows(works)
    assert (row.person, row.duty, row.name) == ("S0010", "OFF-ADM-05", "office.case.moved")


def test_both_patrol_posts_are_credited_to_whoever_walked() -> None:
    walked = patrol(TODAY, 60, 60)
    assert counted(walked.duties, envelope(walked, LOG)) == ("TEC-LOG-03",)
    assert counted(walked.duties, envelope(walked, EQP)) == ("TEC-EQP-04",)
