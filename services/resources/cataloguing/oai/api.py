"""The open door of harvesters: `/oai`, without sign-in, at the pace the gateway allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.resources.cataloguing.address import posted, public_address
from services.resources.cataloguing.oai import answers, commands, queries, rules
from services.resources.cataloguing.oai.queries import House
from services.resources.cataloguing.oai.rules import Asked, Fault, Place
from shared.database import uuid7
from shared.doors import Router, allow
from shared.service import Kit

router = Router(tags=["oai"], dependencies=[allow("*")])
MEDIA = "text/xml; charset=utf-8"
# Records fetched and written at a time: what a harvest holds in memory, however large its page is.
CHUNK = 100
LONGEST_FORM = 8_000
# Harvesters share so many connections to the database; our own people have the rest.
_turns = asyncio.Semaphore(4)


@router.get("/oai", include_in_schema=False)
async def asked_by_get(request: Request) -> Response:
    """A request in the address."""
    return await _answer(request, request.url.query)


@router.post("/oai", include_in_schema=False)
async def asked_by_post(request: Request) -> Response:
    """The same request as a form."""
    return await _answer(request, await posted(request, LONGEST_FORM))


@dataclass(frozen=True, slots=True)
class Call:
    """What every answer needs to know of the request."""

    kit: Kit
    us: House
    base: str
    now: datetime
    pairs: Sequence[tuple[str, str]]
    agent: str
    network: str


async def _answer(request: Request, query: str) -> Response:
    kit: Kit = request.app.state.kit
    async with kit.reading() as session:
        us = await queries.house(session, kit.settings)
        now, due = await queries.clock(session)
    if not us.open:
        return Response("This repository is closed for now.\n", 503, {"retry-after": "3600"}, "text/plain")
    if due:
        await commands.stamp_all(kit.works)
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        pairs = []
    near = request.headers.get("x-forwarded-for", request.client.host if request.client else "")
    call = Call(
        kit, us, public_address(request, "/oai"), now, pairs, rules.shown_agent(request.headers.get("user-agent", "")),
        rules.network_of(near.split(",")[0].strip()),
    )
    try:
        asked = rules.read(pairs)
        if asked.verb in ("ListRecords", "ListIdentifiers"):
            return await _list(call, asked)
        body = await _single(call, asked)
    except Fault as fault:
        return Response(answers.refused(call.base, now, pairs, fault), media_type=MEDIA)
    return Response(answers.head(call.base, now, pairs) + body + answers.FOOT, media_type=MEDIA)


async def _single(call: Call, asked: Asked) -> str:
    """Every verb but the two lists."""
    async with _turns, call.kit.reading() as session:
        if asked.verb == "Identify":
            first = await queries.earliest(session) or call.now
            return answers.identify(call.base, call.us, first, "B0000001")
        if asked.verb == "ListSets":
            if asked.token:
                raise Fault("badResumptionToken", "The list of sets comes whole.")
            return answers.sets(await queries.sets(session))
        if asked.verb == "ListMetadataFormats" and not asked.identifier:
            return answers.formats(rules.FORMATS)
        row = await queries.header(session, rules.number_of(call.us.domain, asked.identifier))
        if row is None:
            raise Fault("idDoesNotExist", "There is no such identifier here.")
        fits = [prefix for prefix, dialects in rules.DIALECTS.items() if not dialects or row.dialect in dialects]
        if asked.verb == "ListMetadataFormats":
            return answers.formats(fits)
        if asked.prefix not in fits:
            raise Fault("cannotDisseminateFormat", "This record is not to be had in that format.")
        found = {} if row.deleted else await queries.contents(session, [row.instance_id], asked.prefix)
        told = found.get(row.instance_id)
        return f"<GetRecord>{answers.record(call.us, row, told, asked.prefix)}</GetRecord>\n"


async def _list(call: Call, asked: Asked) -> Response:
    """A page of a list: its keys now, what the records say while it is sent."""
    place = Place(uuid7())
    if asked.token:
        asked, place = rules.unseal(call.us.secret, asked, call.now)
    async with _turns, call.kit.reading() as session:
        rows = await queries.after(session, asked, place, call.us.page_size + 1)
        if not rows:
            raise Fault("noRecordsMatch", "Nothing (more) matches from, until, set and metadataPrefix.")
        size = place.size or await queries.size(session, asked)
    more, rows = len(rows) > call.us.page_size, rows[: call.us.page_size]
    reached = Place(place.harvest, rows[-1].stamp, rows[-1].instance_id, place.given + len(rows), size)
    end = ""
    if more:
        expires = call.now + timedelta(days=rules.TOKEN_DAYS)
        end = answers.token(rules.seal(call.us.secret, asked, reached, expires), place.given, size, expires)
    elif place.given:
        end = answers.token("", place.given, size, None)
    pieces = _pieces(call, asked, rows, end, reached, done=not more)
    return StreamingResponse(pieces, media_type=MEDIA)


async def _pieces(
    call: Call, asked: Asked, rows: Sequence[Any], end: str, reached: Place, *, done: bool
) -> AsyncIterator[str]:
    yield f"{answers.head(call.base, call.now, call.pairs)}<{asked.verb}>\n"
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        if asked.verb == "ListIdentifiers":
            yield "".join(answers.header(call.us, row, deleted=row.deleted) + "\n" for row in chunk)
            continue
        # A connection is held for the question only, never while a slow line takes the answer.
        ids = [row.instance_id for row in chunk if not row.deleted]
        async with _turns, call.kit.reading() as session:
            told = await queries.contents(session, ids, asked.prefix) if ids else {}
        yield "".join(answers.record(call.us, row, told.get(row.instance_id), asked.prefix) for row in chunk)
    yield f"{end}</{asked.verb}>\n{answers.FOOT}"
    async with call.kit.works.open() as work:
        await commands.note_harvest(work, {
            "id": reached.harvest, "agent": call.agent, "network": call.network, "prefix": asked.prefix,
            "set_spec": asked.set_spec, "from_at": asked.since, "until_at": asked.until,
            "headers_only": asked.verb == "ListIdentifiers", "size": reached.size, "records": reached.given,
            "done": done, "started_at": call.now, "last_at": work.now,
        })
