"""The database comes back: nobody at the desk sees an error, and nothing is done twice. covers: RDR-DSK-BAS-01"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest

from services.reader.app import service
from tests.reader.desk.conftest import CLERK
from tests.support.departments import client, opened

CUT = """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'guanwu-reader'"""


@pytest.fixture
async def app(database, desk, tmp_path) -> AsyncIterator[object]:
    desk.now = datetime.now(UTC)
    async with opened(service, database("reader"), tmp_path) as made:
        yield made


def cut_all(database) -> int:
    """End every connection of the service's own, as a restart does; how many there were."""
    with psycopg.connect(database("reader").admin_url, autocommit=True) as admin:
        return len(admin.execute(CUT).fetchall())


async def test_the_first_request_after_a_restart_is_answered_and_done_once(app, desk, database) -> None:
    patron = await desk.patron()
    barcodes = [await desk.item(instance=f"t{n}") for n in range(3)]
    async with client(app, CLERK) as api:
        assert (await api.get(f"/api/reader/items/{barcodes[0]}")).status_code == 200
        for barcode in barcodes:  # lending sends its statements past SQLAlchemy, reading through it
            assert cut_all(database) > 0
            lent = await api.post("/api/reader/loans", json={"card": patron, "barcode": barcode})
            assert lent.status_code == 201, lent.text
            assert cut_all(database) > 0
            assert (await api.get(f"/api/reader/items/{barcode}")).json()["circulation"] == "on_loan"
        assert (await api.get(f"/api/reader/patrons/{patron}")).json()["open_loans"] == 3


async def test_a_database_that_stays_away_is_said_plainly(app, database) -> None:
    async with client(app, CLERK) as api:
        with psycopg.connect(database("reader").admin_url, autocommit=True) as admin:
            name = admin.info.dbname
            with psycopg.connect(database("reader").admin_url, dbname="postgres", autocommit=True) as above:
                above.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
                try:
                    admin.execute(CUT)
                    away = await api.post("/api/reader/patrons", json={"card": "20231001", "name": "张雨桐", "category": "undergraduate"})
                finally:
                    above.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert (away.status_code, away.json()["code"]) == (503, "database-away")
        made = await api.post("/api/reader/patrons", json={"card": "20231001", "name": "张雨桐", "category": "undergraduate"})
        assert made.status_code == 201
