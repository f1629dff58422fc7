"""A database that starts late, is full or lets one wait too long: programs wait for it, and a request is refused in words.

covers: TEC-SYS-03
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from services.tech.app import service
from shared.identity import Actor
from shared.schema import answering
from tests.support.databases import Database
from tests.support.departments import client, opened

CLERK = Actor("S001", "林晓雯", posts=("RDR-DSK",), dept="reader")
FAULT = {"place": "三层东区", "kind": "computer", "note": "打印机卡纸"}


class Engine:
    """Lets nobody in for so many times."""

    def __init__(self, closed: int) -> None:
        self.closed = closed

    @asynccontextmanager
    async def connect(self) -> Any:
        self.closed -= 1
        if self.closed >= 0:
            raise OperationalError("", None, psycopg.OperationalError("the database system is starting up"))
        yield self


async def test_a_program_waits_for_its_database_but_not_for_ever() -> None:
    late = Engine(2)
    await answering(late, patience=30)  # type: ignore[arg-type]
    assert late.closed == -1
    with pytest.raises(OperationalError):
        await answering(Engine(10), patience=0)  # type: ignore[arg-type]


@pytest.mark.parametrize(("sqlstate", "code"), [("53100", "no-room"), ("53200", "no-room"), ("55P03", "busy"), ("57014", "busy")])
async def test_what_the_database_has_no_room_or_time_for_is_refused_and_not_kept(
    sqlstate: str, code: str, database: Callable[[str], Database], tmp_path: Path
) -> None:
    here = database("tech")
    async with opened(service, here, tmp_path) as app, client(app, CLERK) as desk:
        with psycopg.connect(here.admin_url, autocommit=True) as link:
            link.execute(
                "CREATE OR REPLACE FUNCTION cannot() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION 'cannot' USING ERRCODE = '{sqlstate}'; END $$"
            )
            link.execute("CREATE OR REPLACE TRIGGER cannot BEFORE INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION cannot()")
            try:
                refused = await desk.post("/api/tech/faults", json=FAULT, headers={"idempotency-key": "one"})
            finally:
                link.execute("DROP FUNCTION cannot CASCADE")
        assert (refused.status_code, refused.json()["code"]) == (503, code)
        assert said(here) == 0
        # The same key once there is room again: done, and done once.
        done = [await desk.post("/api/tech/faults", json=FAULT, headers={"idempotency-key": "one"}) for _ in range(2)]
        assert [answer.status_code for answer in done] == [201, 201]
        assert done[0].json()["no"] == done[1].json()["no"]
        assert said(here) > 0


def said(here: Database) -> int:
    """How many facts there are."""
    with psycopg.connect(here.admin_url) as link:
        row = link.execute("SELECT count(*) FROM outbox").fetchone()
    return row[0] if row else 0
