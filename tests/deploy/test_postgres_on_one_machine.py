"""PostgreSQL from its wheel, as `make run` keeps it."""

import os
import signal
from pathlib import Path

import psycopg
import pytest

from deploy.local.databases import Roles, login, provide
from deploy.local.processes import NotStarted, wait_until


def test_what_was_committed_survives_a_kill(a_cluster):
    server = a_cluster()
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as link:
        link.execute("create table kept as select 42 as answer")
    server.kill()

    again = a_cluster()
    again.start()
    with psycopg.connect(again.url()) as link:
        assert link.execute("select answer from kept").fetchone() == (42,)


def test_a_server_left_by_a_killed_supervisor_is_stopped_before_the_next_start(a_cluster):
    left = a_cluster()
    left.start()
    pid = left.child.pid
    os.close(left._lock._file)  # the kernel does this when a supervisor is killed
    left._lock._file = None

    again = a_cluster()
    again.start()
    assert again.child.pid != pid
    left.child.process.wait(5)


def test_one_data_folder_has_one_supervisor(a_cluster):
    a_cluster_one = a_cluster()
    a_cluster_one.start()
    with pytest.raises(NotStarted, match=f"in use by process {os.getpid()}"):
        a_cluster().start()
    assert a_cluster_one.child.pid


def test_stopping_is_fast_even_with_sessions_open(a_cluster):
    server = a_cluster()
    server.start()
    child = server.child
    link = psycopg.connect(server.url())
    server.stop()
    assert child.exit_code == 0
    with pytest.raises(psycopg.OperationalError):
        link.execute("select 1")


def test_a_data_folder_of_another_major_version_is_refused_in_plain_words(a_cluster):
    server = a_cluster()
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(NotStarted, match="made by PostgreSQL 17"):
        a_cluster().start()


def test_nobody_gets_in_without_the_password(a_cluster):
    server = a_cluster()
    server.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url(password="guessed"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to lend PostgreSQL another user")
def test_root_runs_it_as_a_user_without_rights(a_cluster):
    server = a_cluster()
    server.start()
    assert Path(f"/proc/{server.child.pid}").stat().st_uid == server.account.uid != 0


@pytest.fixture
def two_services(a_cluster):
    server = a_cluster()
    server.start()
    for service in ("reader", "tech"):
        provide(server.url(), service, Roles(f"{service}-o", f"{service}-a"))
    with psycopg.connect(login(server.url(), "reader", "reader_owner", "reader-o"), autocommit=True) as owner:
        owner.execute("create table loan (id bigint generated always as identity, barcode text)")
    return server


def test_the_app_role_works_with_rows_and_cannot_change_tables(two_services):
    with psycopg.connect(login(two_services.url(), "reader", "reader_app", "reader-a"), autocommit=True) as app:
        app.execute("insert into loan (barcode) values ('A001')")
        assert app.execute("select barcode from loan").fetchall() == [("A001",)]
        for statement in (
            "alter table loan add note text", "drop table loan", "truncate loan", "create table mine (a int)",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)


@pytest.mark.parametrize("role", ["owner", "app"])
def test_a_service_cannot_enter_another_services_database(two_services, role):
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(login(two_services.url(), "tech", f"reader_{role}", f"reader-{role[0]}"))


def test_trigrams_know_chinese(two_services):
    with psycopg.connect(login(two_services.url(), "reader")) as link:
        found = link.execute("select similarity('图书馆学概论', '图书馆学概论新编') > 0.3").fetchone()
    assert found == (True,)


def test_providing_twice_changes_nothing_but_passwords(two_services):
    provide(two_services.url(), "reader", Roles("new-o", "new-a"))
    with psycopg.connect(login(two_services.url(), "reader", "reader_app", "new-a")) as app:
        assert app.execute("select count(*) from loan").fetchone() == (0,)


def test_a_server_that_dies_is_noticed(a_cluster):
    server = a_cluster()
    server.start()
    os.kill(server.child.pid, signal.SIGKILL)
    assert wait_until(lambda: server.child.exit_code == -signal.SIGKILL, within=5)
