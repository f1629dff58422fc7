"""Bring a department's database to this version: Alembic, run by one replica at a time.

`python -m shared.migrations upgrade|baseline <service>`. The lock is polled, never waited for: a
waiting session holds a snapshot, and an index built concurrently would wait for it for ever.
"""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, create_engine, text

import shared.copies.tables
import shared.demonstration
import shared.idempotency
import shared.messaging.tables
import shared.schedules
import shared.sealing.tables
import shared.web.register.tables  # noqa: F401 - these modules add the kit's tables to KIT
from shared.database import KIT
from shared.schema import folder
from shared.settings import Settings


def metadata(service: str) -> list[MetaData]:
    """The kit's tables and the service's own, all models imported."""
    package = "gateway" if service == "gateway" else f"services.{service}"
    importlib.import_module(f"{package}.app")
    module = importlib.import_module(f"{package}.database")
    return [KIT, module.Base.metadata]


def config(service: str, connection: Connection | None = None) -> Config:
    """Alembic's settings, made here so that a service needs no ini file."""
    found = Config()
    found.set_main_option("script_location", str(folder(service)))
    found.set_main_option("path_separator", "os")
    found.attributes["connection"] = connection
    found.attributes["service"] = service
    return found


def run_env() -> None:
    """The whole of a service's `env.py`."""
    from alembic import context

    connection = context.config.attributes["connection"]
    service = context.config.attributes["service"]
    context.configure(
        connection=connection, target_metadata=metadata(service), compare_type=True,
        include_object=_ours,
    )
    with context.begin_transaction():
        context.run_migrations()


def _ours(obj: Any, _name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    # Generated columns and expression indexes are written by hand in migrations.
    return not (kind == "index" and obj.info.get("by_hand"))


def upgrade(service: str, url: str) -> None:
    """To the newest version; returns at once when another replica has done it."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        while not guard.scalar(
            text("SELECT pg_try_advisory_lock(hashtext(current_database()), 1)")
        ):
            time.sleep(0.1)
        try:
            with engine.connect() as connection:
                command.upgrade(config(service, connection), "head")
                connection.commit()
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(hashtext(current_database()), 1)"))
    engine.dispose()


def baseline(service: str, url: str) -> Path:
    """Write the first migration anew from the models (until the first release has users).

    `url` names an empty scratch database.
    """
    versions = folder(service) / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    for old in versions.glob("*.py"):
        old.unlink()
    (folder(service) / "env.py").write_text(
        '"""Alembic\'s entry; everything is in the kit."""\n\n'
        "from shared.migrations import run_env\n\nrun_env()\n"
    )
    (folder(service) / "script.py.mako").write_text(_TEMPLATE)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        command.revision(
            config(service, connection), message="baseline", autogenerate=True, rev_id="0001"
        )
    engine.dispose()
    return versions


_TEMPLATE = '''"""${message}"""

# ruff: noqa
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
% if down_revision is None:
    from shared.migrations import after_baseline

    after_baseline(op, "${config.attributes["service"]}")
% endif


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
'''


def after_baseline(op: Any, service: str) -> None:
    """SQL that no model can express: the kit's functions, then the service's own (`DDL`)."""
    from shared.messaging.ddl import STATEMENTS
    from shared.sealing.ddl import STATEMENTS as SEALING

    package = "gateway" if service == "gateway" else f"services.{service}"
    own = getattr(importlib.import_module(f"{package}.database"), "DDL", ())
    for statement in (*STATEMENTS, *SEALING, *own):
        op.execute(statement)


if __name__ == "__main__":
    verb, name = sys.argv[1:3]
    settings = Settings.load(name)
    target = settings.owner_database_url or settings.database_url
    if verb == "upgrade":
        upgrade(name, target)
    else:
        print(baseline(name, sys.argv[3] if len(sys.argv) > 3 else target))
