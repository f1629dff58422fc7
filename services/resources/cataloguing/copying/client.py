"""The one place that speaks to other libraries: to the configured addresses, for so long, so much, and nowhere else.

A name is looked up once, every address it has is judged, and the connection goes to a judged address:
between looking and going nothing can change. Redirects are not followed, proxies not used.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from services.resources.cataloguing.copying import z3950
from services.resources.cataloguing.copying.model import Target, Version
from services.resources.cataloguing.copying.rules import (
    LARGEST,
    WANTED,
    Unreachable,
    address,
    question,
)
from services.resources.cataloguing.marc.outcome import Accepted, Outcome
from services.resources.cataloguing.marc.reading import read_one
from shared.reach import reachable

_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(slots=True)
class Given:
    """What one target answered."""

    target: str
    name: str
    total: int = 0
    records: list[Accepted] = field(default_factory=list)
    failure: str = ""
    params: dict[str, Any] = field(default_factory=dict)


class Refusing(AbstractResolver):
    """Looks names up and keeps only addresses we may connect to."""

    def __init__(self, *, inside: bool) -> None:
        self.inside, self._names = inside, ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host; all of them must be allowed, or none is used."""
        found = await self._names.resolve(host, port, family)
        if not all(reachable(one["host"].partition("%")[0], inside=self.inside) for one in found):
            raise Unreachable("private")
        return found

    async def close(self) -> None:
        """Nothing is kept open."""
        await self._names.close()


async def ask(targets: Sequence[Target], asked: dict[str, str]) -> list[Given]:
    """Ask all targets at once; each has its own time, and the failure of one is not the others'."""
    return list(await asyncio.gather(*(_one(target, asked) for target in targets)))


async def _one(target: Target, asked: dict[str, str]) -> Given:
    given = Given(target.no, target.name)
    try:
        async with asyncio.timeout(target.seconds):
            if target.protocol is Version.z3950:
                await _z3950(given, target, asked)
            else:
                content = await fetch(address(target, question(target, asked)), inside=target.inside, seconds=target.seconds)
                await asyncio.to_thread(_read, given, content)
    except Unreachable as why:
        given.failure, given.params = why.code, why.params
    except TimeoutError:
        given.failure, given.params = "timeout", {"seconds": target.seconds}
    except (aiohttp.ClientError, OSError) as error:
        given.failure = why_not(error)
    return given


def why_not(error: BaseException) -> str:
    """What stopped a connection: what we judged ourselves, or nobody there."""
    inner: BaseException | None = error
    while inner is not None and not isinstance(inner, Unreachable):
        inner = inner.__cause__ or inner.__context__
    return inner.code if isinstance(inner, Unreachable) else "no-connection"


async def _z3950(given: Given, target: Target, asked: dict[str, str]) -> None:
    got = await z3950.ask(target, asked)
    given.total, lost = got.total, got.lost
    for raw in got.records:
        lost += not _keep(given, await asyncio.to_thread(read_one, raw))
    if lost:
        given.failure, given.params = "unreadable", {"count": lost}


def _keep(given: Given, outcome: Outcome) -> bool:
    """Whether it is a title somebody can take over."""
    if isinstance(outcome, Accepted) and outcome.record.kind == "bibliographic":
        given.records.append(outcome)
        return True
    return False


async def fetch(
    url: str, *, inside: bool, seconds: int, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """What an address answers, or `Unreachable`; a `body` is posted."""
    host = urlsplit(url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:  # a literal address is never looked up, so it is judged here
        if not reachable(host, inside=inside):
            raise Unreachable("private")
    connector = aiohttp.TCPConnector(resolver=Refusing(inside=inside), limit=2, force_close=True, use_dns_cache=False)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False,
        timeout=aiohttp.ClientTimeout(total=seconds),
        headers={"user-agent": "Guanwu SRU", "accept": "text/xml, application/xml", **(headers or {})},
    ) as http, http.request("GET" if body is None else "POST", URL(url, encoded=True), data=body, allow_redirects=False) as answer:
        if 300 <= answer.status < 400:
            raise Unreachable("redirect")
        if answer.status != 200:
            raise Unreachable("status", status=answer.status)
        content = bytearray()
        # Unpacked bytes are counted, so a packed bomb stops here too.
        async for piece in answer.content.iter_chunked(1 << 16):
            content += piece
            if len(content) > LARGEST:
                raise Unreachable("too-large", mb=LARGEST >> 20)
        return bytes(content)


def _read(given: Given, content: bytes) -> None:
    """The records of an answer, and what the other side had to say."""
    root = tree(content)
    count = next(named(root, "numberOfRecords"), None)
    told = "" if count is None else count.text or ""
    given.total = int(told) if told.isdecimal() and len(told) < 12 else 0
    lost = 0
    for data in list(named(root, "recordData"))[:WANTED]:
        raw = ET.tostring(data[0], encoding="utf-8") if len(data) else (data.text or "").encode()
        lost += not _keep(given, read_one(raw.strip() or b"<record/>"))
    said = diagnostics(root)
    if said and not given.records:
        raise Unreachable("diagnostic", text=said[0][:200])
    if lost:
        given.failure, given.params = "unreadable", {"count": lost}


def tree(content: bytes) -> ET.Element:
    """An answer as XML, or `Unreachable`."""
    if _DOCTYPE.search(content):
        raise Unreachable("bad-xml")
    try:
        return ET.fromstring(content)  # noqa: S314 - no document type, so no entity, gets this far
    except ET.ParseError as error:
        raise Unreachable("bad-xml") from error


def diagnostics(root: ET.Element) -> list[str]:
    """What the other side has to complain of."""
    return [
        " ".join(filter(None, (part.text for name in ("message", "details") for part in named(one, name))))
        for one in named(root, "diagnostic")
    ]


def named(root: ET.Element, name: str) -> Iterator[ET.Element]:
    """Elements of that name, whatever the namespace: servers differ in it."""
    return (one for one in root.iter() if one.tag.rpartition("}")[2] == name)
