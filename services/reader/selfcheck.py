"""`python -m services.reader.selfcheck`: answer self-check machines on `SIP2_PORT` (6001; 0 or empty is off)."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import resource
import signal
import sys
from pathlib import Path

import structlog
import uvloop

from services.reader.desk.selfcheck.server import Server
from shared import logs, tracing
from shared.database import new_engine, new_sessions
from shared.i18n import speak_for
from shared.schema import at_head
from shared.settings import Settings
from shared.work import Works

log = structlog.get_logger()


def know_tables() -> None:
    """All tables of the department; its pages and forms would cost 30 MB and are never asked for here."""
    here = Path(__file__).parent
    for path in sorted(here.rglob("model.py")):
        importlib.import_module(".".join((__package__ or "services.reader", *path.relative_to(here).with_suffix("").parts)))


def chosen_port(said: str | None) -> int:
    """The port in words of the environment; 0 when the house wants none."""
    said = "6001" if said is None else said.strip()
    if not said:
        return 0
    if not said.isdecimal() or int(said) > 65535:
        raise SystemExit(f"SIP2_PORT must be a port number, 0 or empty, not {said!r}")
    return int(said)


async def serve(settings: Settings, port: int) -> int:
    """Until told to stop; the department's own events leave by the relay of its web process."""
    engine = new_engine(settings)
    if settings.traces:
        tracing.begin("selfcheck", settings.traces, share=settings.traces_share)
    sessions = new_sessions(engine)
    server = Server(
        Works(sessions, settings.service), new_sessions(engine.execution_options(isolation_level="AUTOCOMMIT")),
        library=settings.library_name,
    )
    enough = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, enough.set)
    try:
        while not enough.is_set() and not await at_head(engine, settings.service):
            with contextlib.suppress(TimeoutError):  # the web process migrates
                await asyncio.wait_for(enough.wait(), 0.5)
        if enough.is_set():
            return 0
        try:
            await server.start(settings.host, port)
        except OSError as error:
            log.warning("cannot listen for self-check machines", port=port, why=error.strerror)
            return 1
        log.info("self-check machines welcome", address=f"{settings.host}:{server.port}")
        await enough.wait()
        await server.stop()
        log.info("self-check machines sent home")
    finally:
        await engine.dispose()
        tracing.end()
    return 0


def main() -> int:
    """Listen, unless switched off."""
    port = chosen_port(os.environ.get("SIP2_PORT"))
    settings = Settings.load("reader")
    logs.set_up("reader-selfcheck", settings.log)
    speak_for("reader")
    if not port:
        log.info("SIP2_PORT is 0: self-check machines are not served")
        return 0
    know_tables()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return uvloop.run(serve(settings, port))


if __name__ == "__main__":
    sys.exit(main())
