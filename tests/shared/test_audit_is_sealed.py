"""The audit trail: added to and never changed, sealed by the hour, and whatever was done to it is found and named.

covers: TEC-SYS-03
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import errors
from sqlalchemy import text

from services.tech.app import service
from shared.database import uuid7
from shared.events.base import AuditSealed, Envelope, name_of
from shared.identity import Actor
from shared.sealing.commands import check, seal
from shared.sealing.queries import verify
from shared.sealing.rules import Trace, chained, compared, pack, unpack
from shared.sealing.walk import across, walk
from shared.settings import Settings
from tests.support.departments import opened

CLERK = Actor("S0042", "职员", posts=("TEC-SYS",))
LATER = timedelta(hours=1)


@pytest.fixture
async def works(database, tmp_path):
    async with opened(service, database("tech"), tmp_path) as app:
        yield app.state.kit.works


async def write(works: Any, *subjects: str) -> None:
    """One audit row each."""
    async with works.open(CLERK) as work:
        for subject in subjects:
            work.note("look", "patron", subject, why="问询")


async def close(works: Any) -> list[str]:
    """Seal what there is and walk the chain; what does not hold."""
    now = datetime.now(UTC) + LATER
    async with works.open(now=now) as work:
        await seal(work)
    async with works.open(now=now) as work:
        return [str(one) for one in (await check(work)).found]


async def hear(work: Any, payload: dict[str, Any]) -> None:
    """As if the gateway had stated it, by the way every fact takes."""
    told = AuditSealed.read({**payload, "department": "gateway"})
    heeds = service.handlers
    assert heeds.wants(told.subject, "gateway")
    assert "gateway" in heeds.sources
    envelope = Envelope(uuid7(), name_of(told.subject)[0], told.version, "gateway", told.no, datetime.now(UTC))
    await heeds.handle(work, envelope, told.model_dump(mode="json"))


async def test_a_changed_a_removed_and_a_slipped_in_row_are_named(works, database) -> None:
    place = database("tech")
    await write(works, "A", "B", "C")
    assert await close(works) == []
    await write(works, "D", "E")
    assert await close(works) == []
    with psycopg.connect(place.admin_url, autocommit=True) as link:
        ids = {row[1]: row[0] for row in link.execute("select id, subject_id from audit")}
        link.execute("set session_replication_role = replica")
        link.execute("update audit set actor = 'S0001' where subject_id = 'A'")
        link.execute("delete from audit where subject_id = 'B'")
        link.execute("insert into audit (id, actor, action, subject, subject_id, changes) overriding system value"
                     " select id - 1, 'S0009', 'look', 'patron', 'X', '{}' from audit where subject_id = 'A'")
    assert await close(works) == [
        f"row {ids['A']} changed (seal 1)", f"row {ids['B']} removed (seal 1)", f"row {ids['A'] - 1} inserted (seal 1)",
    ]
    async with works.open() as work:
        told = (await work.session.execute(text("SELECT rows, seals, found FROM audit_check"))).one()
    assert (told.rows, told.seals, len(told.found)) == (5, 2, 3)


async def test_a_chain_made_anew_disagrees_with_what_was_told(works, database) -> None:
    place = database("tech")
    await write(works, "A")
    assert await close(works) == []
    async with works.open() as work:
        (first,) = (await work.session.execute(text("SELECT payload FROM outbox"))).scalars()
        await hear(work, first)
        await hear(work, first)
    # The row goes, and every trace of it with it: the seal is written anew over what is left.
    with psycopg.connect(place.admin_url, autocommit=True) as link:
        link.execute("set session_replication_role = replica")
        link.execute("delete from audit where subject_id = 'A'; delete from audit_seal")
    await write(works, "B")
    assert await close(works) == []
    await write(works, "C")
    assert await close(works) == []
    walked = await walk(Settings(service="tech", database_url=place.url))
    assert [str(one) for one in across({"gateway": walked})] == ["gateway seal 1 is not what was told"]
    # The next one told goes on from a link that was never told.
    async with works.open() as work:
        second = list((await work.session.execute(text("SELECT payload FROM outbox ORDER BY id"))).scalars())[-1]
        await hear(work, second)
    async with works.open() as work:
        assert [str(one) for one in (await verify(work.session)).found] == [
            "gateway seal 2 does not go on from what was told before"
        ]
    # Changing a seal itself is seen where it stands.
    with psycopg.connect(place.admin_url, autocommit=True) as link:
        link.execute("set session_replication_role = replica")
        link.execute("update audit_seal set chain = 'x' where no = 1")
    assert (await close(works))[0] == "seal 1 changed"


async def test_a_row_that_is_still_being_written_is_not_passed_over(works, database) -> None:
    """Ids are given out before they are committed: the row in hand is sealed with the next seal, not taken for a forgery."""
    with psycopg.connect(database("tech").url) as slow:
        slow.execute("insert into audit (actor, action, subject, subject_id, changes) values ('S1', 'look', 'patron', 'slow', '{}')")
        await write(works, "fast")
        async with works.open(now=datetime.now(UTC) + LATER) as work:
            assert await seal(work) == 0
        slow.commit()
    async with works.open(now=datetime.now(UTC) + LATER) as work:
        assert await seal(work) == 2
    assert await close(works) == []


@pytest.mark.parametrize("name", ["office", "reader", "tech"])
def test_the_service_may_add_and_read_and_nothing_else_and_the_owner_is_held_too(database, name) -> None:
    place = database(name)
    with psycopg.connect(place.admin_url, autocommit=True) as link:
        kept = {row[0] for row in link.execute(
            "select distinct c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid"
            " where p.proname in ('refuse_change', 'audit_only_forgets', 'ledger_is_append_only')"
        )}
        assert {"audit", "audit_seal", "audit_witness"} <= kept
        assert ("ledger" in kept) == (name != "tech")
        for table in kept:
            rights = {right: link.execute("select has_table_privilege(%s, %s, %s)", [f"{name}_app", f"public.{table}", right]).fetchone()[0]
                      for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")}
            assert rights == {"SELECT": True, "INSERT": True, "UPDATE": False, "DELETE": False, "TRUNCATE": False}, table
        link.execute("insert into audit (actor, action, subject, subject_id, changes) values ('S1', 'look', 'patron', 'p', '{}')")
    for statement in ("update audit set actor = 'x'", "delete from audit", "truncate audit"):
        with psycopg.connect(place.url) as as_service, pytest.raises(errors.InsufficientPrivilege):
            as_service.execute(statement)
        with psycopg.connect(place.owner_url) as as_owner, pytest.raises(errors.RestrictViolation):
            as_owner.execute(statement)


def test_the_money_of_the_desk_is_kept_by_privilege_and_by_trigger(database) -> None:
    place = database("reader")
    with psycopg.connect(place.admin_url) as link:
        may = [row[0] for row in link.execute(
            "select column_name from information_schema.column_privileges where grantee = 'reader_app'"
            " and table_name = 'ledger' and privilege_type = 'UPDATE' order by 1")]
    assert may == ["barcode", "loan_id", "title"]  # what a posting loses when its book is forgotten
    for statement in ("update ledger set amount_fen = 1", "delete from ledger", "delete from union_deposit"):
        with psycopg.connect(place.url) as as_service, pytest.raises(errors.InsufficientPrivilege):
            as_service.execute(statement)


@pytest.fixture
def reader(database):
    place = database("reader")
    with psycopg.connect(place.admin_url, autocommit=True) as link:
        link.execute(
            "insert into audit (actor, posts, action, subject, subject_id, changes, at) values"
            " ('S1', 'RDR-DSK', 'create', 'loan', 'L1', '{\"card\": \"T100\", \"item\": \"A1\"}', now() - interval '1 day'),"
            " ('S1', 'RDR-DSK', 'create', 'patron', 'P1', '{\"card\": \"T100\"}', now() - interval '1 day')"
        )
    return place


async def test_a_person_is_forgotten_and_the_chain_still_holds(reader, tmp_path) -> None:
    """covers: RDR-LED-FRD-03"""
    from services.reader.app import service as desk

    async with opened(desk, reader, tmp_path) as app:
        works = app.state.kit.works
        assert await close(works) == []
        async with works.open() as work:
            forget = text("SELECT audit_forget(:about, CAST(:keys AS text[]), 'system')")
            assert await work.session.scalar(forget, {"about": "loan", "keys": ["L1", "L2"]}) == 1
            assert await work.session.scalar(forget, {"about": "loan", "keys": ["L1"]}) == 0
        assert await close(works) == []
        with psycopg.connect(reader.admin_url, autocommit=True) as link:
            (left,) = link.execute("select row_to_json(a)::text from audit a where subject_id = 'L1'").fetchall()
            assert "T100" not in left[0]
            # What was forgotten cannot be used as an excuse to write something else there.
            link.execute("set session_replication_role = replica")
            link.execute("update audit set changes = '{\"item\": \"A2\"}' where subject_id = 'L1'")
        assert [one.split(" ", 2)[2] for one in await close(works)] == ["changed (seal 1)"]
    # Only what the table of terms names can be forgotten at all.
    with psycopg.connect(reader.url) as as_service, pytest.raises(errors.InsufficientPrivilege):
        as_service.execute("select audit_forget('patron', '{P1}', 'x')")


traces = st.dictionaries(st.integers(1, 60), st.text(max_size=5), max_size=12)


@settings(max_examples=25)
@given(before=traces, after=traces)
def test_every_difference_has_its_name(before: dict[int, str], after: dict[int, str]) -> None:
    def rows(found: dict[int, str]) -> list[Trace]:
        return [Trace(n, f"{n}", said) for n, said in sorted(found.items())]

    marks = pack(rows(before))
    found = {(one.kind, one.row) for one in compared(1, unpack(marks), rows(after))}
    assert found == {
        *(("removed", n) for n in before.keys() - after.keys()), *(("inserted", n) for n in after.keys() - before.keys()),
        *(("changed", n) for n in before.keys() & after.keys() if before[n] != after[n]),
    }
    assert chained("", 1, 9, marks) != chained("x", 1, 9, marks)
