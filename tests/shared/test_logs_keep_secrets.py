"""What a failing room writes into the log: where it failed, and never the values it had in hand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import new_engine
from shared.settings import Settings
from tests.support.databases import Database

FAILING = """
import sys
import structlog
from shared import logs

logs.set_up("office", sys.argv[1])

def sign_in(name, password):
    hashed = "$argon2id$" + password
    raise RuntimeError(f"no such door for {name}")

try:
    sign_in("lin", "hunter2-in-hand")
except RuntimeError as error:
    structlog.get_logger().error("request failed", exc_info=error)
"""


@pytest.mark.parametrize("style", ["json", "console"])
def test_a_traceback_shows_lines_and_no_values(style: str) -> None:
    said = subprocess.run([sys.executable, "-c", FAILING, style], capture_output=True, text=True, check=True).stdout
    assert "no such door for lin" in said
    assert "sign_in" in said
    assert "hunter2" not in said


async def test_an_error_of_the_database_names_no_values(database: Callable[[str], Database]) -> None:
    """SQLAlchemy would put the parameters of the statement into its message, and so into the log."""
    engine = new_engine(Settings(service="tech", database_url=database("tech").url))
    with pytest.raises(DBAPIError) as refused:
        async with engine.connect() as link:
            await link.execute(text("SELECT CAST(:secret AS text) || chr(0)"), {"secret": "hunter2-in-hand"})
    await engine.dispose()
    assert "hunter2" not in str(refused.value)
