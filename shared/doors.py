"""The edge of a department: one request is one transaction, opened and closed here.

A route of a `Router` finds its `Work` with the `WorkDep` annotation. GETs read in autocommit; any
other method runs in one transaction that commits before the answer leaves. Either is repeated once
when the database asks for it (deadlock, serialization) or had gone away: after a restart of the
database every pooled connection is dead, and the first request to notice it has done nothing yet.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlparse
from uuid import UUID

import psycopg
import structlog
from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import Response

from shared import idempotency
from shared.identity import Actor
from shared.refusals import (
    Away,
    Busy,
    Conflict,
    NotAllowed,
    NotSignedIn,
    Strained,
    Unstorable,
    Unsure,
)
from shared.work import Work

if TYPE_CHECKING:
    from shared.service import Kit

log = structlog.get_logger()

SAFE = {"GET", "HEAD", "OPTIONS"}
ANONYMOUS = Actor(id="anonymous", kind="anonymous")
RETRY = {"40001", "40P01"}
SHUT_DOWN = {"57P01", "57P02", "57P03"}
# A lock that was not let go, a question that took too long.
WAITED = {"55P03", "57014"}
# The claim of a key waits in its transaction while a large file comes over a slow line.
SLOW_UPLOAD = text("SET LOCAL idle_in_transaction_session_timeout = '15min'")


def check_origin(request: Request) -> None:
    """Refuse a write that another site's page made the browser send (CSRF)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise NotAllowed
        return
    origin = request.headers.get("origin")
    if origin:  # `null` is a page without an origin of its own, such as a sandboxed frame: not ours
        host = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
        if urlparse(origin).netloc != host:
            raise NotAllowed


async def identify(request: Request) -> Actor:
    """The actor of the request's bearer token; anonymous without one."""
    header = request.headers.get("authorization", "")
    if not header.startswith("Bearer "):
        return ANONYMOUS
    kit: Kit = request.app.state.kit
    return await kit.verifier.verify(header[7:])


def _is_upload(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/")


def correlation_of(request: Request) -> UUID | None:
    """The correlation id the gateway gave the request, if it is one."""
    try:
        return UUID(request.headers["x-correlation-id"])
    except (KeyError, ValueError):
        return None


def _sqlstate(error: DBAPIError | psycopg.Error) -> str | None:
    return getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)


def _unstorable(error: DBAPIError | psycopg.Error) -> bool:
    """Whether what was sent is beyond any column: a NUL in a text, a number of forty digits, a day before all days."""
    return isinstance(error.orig if isinstance(error, DBAPIError) else error, psycopg.DataError)


def gone(error: DBAPIError | psycopg.Error) -> bool:
    """Whether the connection broke under a statement, whichever way the statement was sent."""
    broke = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(broke, psycopg.OperationalError) and (broke.sqlstate is None or broke.sqlstate in SHUT_DOWN)


def _check_strained(error: DBAPIError | psycopg.Error) -> None:
    """Refuse what the database had no room or no time for; it has rolled all of it back."""
    state = _sqlstate(error) or ""
    if state.startswith("53"):
        log.error("the database has no room left", sqlstate=state, error=str(getattr(error, "orig", error))[:200])
        raise Strained from error
    if state in WAITED:
        log.warning("the database waited too long", sqlstate=state)
        raise Busy from error


@asynccontextmanager
async def _work(request: Request, actor: Actor, *, safe: bool) -> AsyncIterator[Work]:
    kit: Kit = request.app.state.kit
    sessions = kit.reading if safe else kit.sessions
    origin = request.headers.get("x-forwarded-for", request.client.host if request.client else "")
    async with sessions() as session:
        yield Work(
            session, actor, service=kit.settings.service,
            correlation=correlation_of(request), origin=origin.split(",")[0].strip(),
        )


class Door(APIRoute):
    """A route whose handler runs inside one `Work`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        original = super().get_route_handler()

        async def read(request: Request) -> Response:
            async with _work(request, request.state.actor, safe=True) as work:
                request.state.work = work
                response = await original(request)
                if work.audit_rows:  # a sensitive read is written down before it is shown
                    await work.finish()
                return response

        async def write(request: Request) -> Response:
            kit: Kit = request.app.state.kit
            actor: Actor = request.state.actor
            key = request.headers.get("idempotency-key", "")[:200]
            async with _work(request, actor, safe=False) as work:
                request.state.work = work
                if key:
                    if _is_upload(request):
                        await work.session.execute(SLOW_UPLOAD)
                    print_ = await idempotency.fingerprint(request)
                    if done := await idempotency.claim(work.session, actor.id, key, print_):
                        return done
                response = await original(request)
                if response.status_code >= 400:
                    await work.session.rollback()
                    return response
                stated = await work.finish()
                if key:
                    await idempotency.remember(work.session, actor.id, key, response)
                request.state.sealing = True
                await work.session.commit()
            if stated:
                kit.poke()
            for callback in work.after_commit:
                callback()
            return response

        async def handle(request: Request) -> Response:
            request.state.actor, request.state.sealing = await identify(request), False
            act = read if request.method in SAFE else write
            if act is write:
                check_origin(request)
            try:
                return await act(request)
            except (DBAPIError, psycopg.OperationalError, psycopg.DataError) as error:
                if _unstorable(error):
                    log.warning("a value no column takes", route=self.path, sqlstate=_sqlstate(error))
                    raise Unstorable from error
                _check_strained(error)
                if gone(error):
                    if request.state.sealing:
                        raise Unsure from error  # a caller with a key may ask again and will be told
                    await request.app.state.kit.engine.dispose()
                    if _is_upload(request):
                        raise Away from error
                elif act is read or _sqlstate(error) not in RETRY:
                    raise
            try:
                return await act(request)
            except (DBAPIError, psycopg.OperationalError) as error:
                if gone(error):
                    raise (Unsure if request.state.sealing else Away) from error
                if _sqlstate(error) in RETRY:
                    raise Conflict from error
                _check_strained(error)
                raise

        return handle


class Router(APIRouter):
    """An `APIRouter` whose routes are doors."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"route_class": Door, **options})


# Coroutines on purpose: FastAPI runs plain functions in a thread, which costs a quarter of a millisecond each.
async def _work_of(request: Request) -> Work:
    return request.state.work  # type: ignore[no-any-return]


WorkDep = Annotated[Work, Depends(_work_of)]


class Allow:
    """Route dependency that declares and checks who may pass: `dependencies=[allow("RDR")]`."""

    def __init__(self, *rights: str) -> None:
        self.rights = rights

    async def __call__(self, request: Request) -> None:
        """Refuse the request unless a right is held; nobody signed in is asked to sign in."""
        actor: Actor = request.state.actor
        if "*" in self.rights or actor.holds(self.rights):
            return
        raise NotSignedIn if actor.kind == "anonymous" else NotAllowed


def allow(*rights: str) -> Any:
    """Who may use a route: post codes or prefixes, `staff`, `patron`, `director`, `*`."""
    return Depends(Allow(*rights))
