"""The supervisor: what dies comes back, what was left is cleared, nothing outlives a stop."""

import os
import signal
import socket
import stat
import urllib.request

import pytest

from deploy.local import backup
from deploy.local.processes import NotStarted, birth, wait_until


def says(suite, name):
    with urllib.request.urlopen(f"{suite.url_of(name)}/", timeout=3) as answer:
        return answer.read().decode()


def forget(suite):
    """Leave a suite as a killed supervisor would: its locks are gone, its children run on."""
    suite._watch.end()
    for lock in (suite._lock, suite.postgres._lock, suite.nats._lock):
        os.close(lock._file)
        lock._file = None


def test_every_part_that_dies_is_started_again(a_suite):
    suite = a_suite()
    suite.start()
    pids = {name: suite.pid(name) for name in ("reader", "nats", "postgres")}
    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: sum("runs again" in line for line in suite.said) == 3, within=15)
    assert not {suite.pid(name) for name in pids} & {None, *pids.values()}
    assert "reader was killed by signal 9; starting it again in 0.5 s" in suite.said


def test_a_part_killed_on_purpose_stays_down_until_it_is_started(a_suite):
    suite = a_suite()
    suite.start()
    suite.kill("tech")
    assert suite.pid("tech") is None
    suite.start_one("tech")
    assert says(suite, "tech") == "tech"


def test_stopping_leaves_no_process_behind(a_suite):
    suite = a_suite()
    suite.start()
    pids = [suite.pid(name) for name in ("postgres", "nats", "reader", "tech", "gateway")]
    suite.stop()
    assert [birth(pid) for pid in pids] == [None] * 5


def test_a_second_suite_on_the_same_folder_is_refused(a_suite):
    first = a_suite()
    first.start()
    with pytest.raises(NotStarted, match="in use by process"):
        a_suite().start()
    assert says(first, "reader") == "reader"


def test_what_a_killed_supervisor_left_running_is_cleared_at_the_next_start(a_suite):
    killed = a_suite()
    killed.start()
    left = {name: killed.pid(name) for name in ("postgres", "nats", "reader", "tech", "gateway")}
    forget(killed)

    again = a_suite()
    again.start()
    assert says(again, "gateway") == "gateway"
    assert not {again.pid(name) for name in left} & set(left.values())
    assert "A run that was killed had left" in again.said[0]


def test_a_taken_port_is_named(a_suite):
    suite = a_suite()
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", suite.port))
        stranger.listen()
        with pytest.raises(NotStarted, match=f"Port {suite.port} is taken"):
            suite.start()
    suite.start()
    assert says(suite, "gateway") == "gateway"


def test_a_service_that_cannot_start_is_reported_with_its_own_words(a_suite):
    suite = a_suite()
    suite._command = lambda _: ["python3", "-S", "-c", "raise SystemExit('no shelf to stand on')"]
    with pytest.raises(NotStarted, match="no shelf to stand on"):
        suite.start()


def test_secrets_are_for_their_owner_only(a_suite):
    suite = a_suite()
    suite.start()
    files = list((suite.var / "secrets").iterdir())
    assert len(files) > 10
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_backup_brings_rows_and_files_back(a_suite):
    import psycopg

    suite = a_suite(services=("office", "resources", "tech", "reader", "institute", "gateway"))
    suite.start()
    with psycopg.connect(suite.database_url("reader", owner=True), autocommit=True) as owner:
        owner.execute("create table loan as select 'A001' as barcode")
    page = suite.var / "files/reader/page.txt"
    page.parent.mkdir(parents=True)
    page.write_text("first edition")
    archive = backup.write(suite.var, None, suite.said.append)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600

    with psycopg.connect(suite.database_url("reader"), autocommit=True) as app:
        app.execute("select barcode from loan")
    with psycopg.connect(suite.database_url("reader", owner=True), autocommit=True) as owner:
        owner.execute("drop table loan")
    page.write_text("spoiled")
    with pytest.raises(NotStarted, match="Stop the suite first"):
        backup.restore(suite.var, archive, suite.said.append)
    suite.stop()
    backup.restore(suite.var, archive, suite.said.append)

    assert page.read_text() == "first edition"
    suite = a_suite(services=suite.services)
    suite.start()
    with psycopg.connect(suite.database_url("reader")) as app:
        assert app.execute("select barcode from loan").fetchall() == [("A001",)]


def test_a_damaged_archive_replaces_nothing(a_suite):
    suite = a_suite(services=("office", "resources", "tech", "reader", "institute", "gateway"))
    suite.start()
    (suite.var / "files").mkdir()
    (suite.var / "files/page.txt").write_text("what was saved")
    archive = backup.write(suite.var, None, suite.said.append)
    suite.stop()
    spoiled = archive.read_bytes().replace(b"what was saved", b"what was SAVED")
    archive.write_bytes(spoiled)
    with pytest.raises(NotStarted, match="damaged: files/page"):
        backup.restore(suite.var, archive, suite.said.append)
    assert (suite.var / "files/page.txt").read_text() == "what was saved"
