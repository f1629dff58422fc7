"""What the `database` and `bus` fixtures promise to the tests of every service."""

import nats
import psycopg
import pytest

EVENT = (
    "insert into outbox (event_id, subject, aggregate, payload)"
    " values (gen_random_uuid(), 'guanwu.institute.course.opened.v1', 'course-1', '{}')"
)


@pytest.mark.parametrize("turn", ["first", "second"])
def test_rows_of_one_test_are_gone_in_the_next(database, turn):
    institute = database("institute")
    with psycopg.connect(institute.url, autocommit=True) as app:
        assert app.execute("select count(*) from outbox").fetchone() == (0,)
        app.execute(EVENT)
        assert app.execute("select count(*) from outbox").fetchone() == (1,)


@pytest.mark.parametrize("turn", ["first", "second"])
def test_rows_the_migrations_wrote_are_there_every_time(database, turn):
    with psycopg.connect(database("institute").owner_url, autocommit=True) as owner:
        found = owner.execute("select name, seq from outbox_state order by 1").fetchall()
        assert found == [("assign", 0), ("publish", 0)]
        owner.execute("delete from outbox_state")


def test_asking_twice_in_one_test_keeps_the_rows(database):
    with psycopg.connect(database("institute").url, autocommit=True) as app:
        app.execute(EVENT)
    with psycopg.connect(database("institute").url) as app:
        assert app.execute("select count(*) from outbox").fetchone() == (1,)


def test_the_app_role_of_tests_has_no_more_rights_than_in_production(database):
    with psycopg.connect(database("institute").url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("create table mine (a int)")


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_the_bus_is_empty_at_the_start_of_every_test(bus, turn):
    link = await nats.connect(bus)
    sent = await link.jetstream().publish("guanwu.institute.course.opened.v1", b"{}")
    await link.close()
    assert sent.seq == 1
