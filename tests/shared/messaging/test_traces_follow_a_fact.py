"""Traces leave by OTLP, go with a request and its facts to whoever hears them, and name nobody."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError

from gateway.proxy.headers import inbound
from shared import tracing
from shared.web.middleware import Edge
from tests.shared.messaging.rig import Department, arrived, effects, shelved

TRACE, ABOVE = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector:
    """What an operator would run: takes spans over HTTP and keeps them by name."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.services: set[str] = set()
        kept = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                kept.take(self.rfile.read(int(self.headers["content-length"])), self.headers.get("content-encoding"))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_words: Any) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1/traces"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body: bytes, encoding: str | None) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
            ExportTraceServiceRequest,
        )

        for part in ExportTraceServiceRequest.FromString(gzip.decompress(body) if encoding == "gzip" else body).resource_spans:
            self.services |= {one.value.string_value for one in part.resource.attributes if one.key == "service.name"}
            self.spans += [span for scope in part.scope_spans for span in scope.spans]

    def named(self, start: str) -> list[Any]:
        return [span for span in self.spans if span.name.startswith(start)]


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    yield found
    tracing.end()
    found.server.shutdown()
    found.server.server_close()


async def test_a_request_its_statements_and_its_facts_are_one_trace_that_names_nobody(
    reader: Department, office: Department, collector: Collector
) -> None:
    app = FastAPI()

    @app.post("/api/reader/patrons/{card}/books")
    async def shelve(card: str) -> dict[str, str]:
        await reader.rows("SELECT :card AS card", card=card)
        await reader.state(shelved(1))
        return {"carried": tracing.carried()}

    app.add_middleware(Edge, service="reader")
    assert tracing.carried() == ""
    await office.bus(effects())
    tracing.begin("reader", collector.url)
    for place in (reader, office):
        tracing.watch(place.engine)
    await reader.bus()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://reader.test") as api:
        answer = await api.post("/api/reader/patrons/20231001/books?name=Zhang", headers={"traceparent": f"00-{TRACE}-{ABOVE}-01"})
        assert answer.json()["carried"].startswith(f"00-{TRACE}-")
        await api.get("/healthz")
    await arrived(office, [1])
    kept = (await reader.one("SELECT headers FROM outbox"))["trace"]
    tracing.end()
    assert tracing.carried() == ""

    assert collector.services == {"guanwu-reader"}
    (request,) = collector.named("POST ")
    assert (request.name, request.trace_id.hex(), request.parent_span_id.hex()) == ("POST /api/reader/patrons/{card}/books", TRACE, ABOVE)
    (asked,) = [span for span in collector.named("SELECT") if span.parent_span_id == request.span_id]
    (written,) = collector.named("WRITE DOWN")
    assert asked.trace_id == written.trace_id == request.trace_id
    (heard,) = collector.named("hear ")
    assert heard.name == "hear guanwu.reader.item.shelved.v1"
    assert [link.trace_id.hex() for link in heard.links] == [kept.split("-")[1]] == [TRACE]
    assert [span for span in collector.spans if span.parent_span_id == heard.span_id], "what the hearing wrote"
    assert not [span for span in collector.spans if "20231001" in str(span) or "Zhang" in str(span)]


async def test_failures_keep_their_kind_and_not_their_words(reader: Department, collector: Collector) -> None:
    async def fail() -> None:
        with tracing.span("outer"):
            with suppress(DBAPIError):
                await reader.rows("SELECT 1 / CAST(:zero AS int)", zero=0)
            raise ValueError("张雨桐")

    tracing.begin("reader", collector.url)
    tracing.watch(reader.engine)
    with pytest.raises(ValueError, match="张雨桐"):
        await fail()
    tracing.end()
    assert {span.name: span.status.message for span in collector.spans} == {"outer": "ValueError", "SELECT": "DivisionByZero"}
    assert not [span for span in collector.spans if span.events]


def test_a_browsers_word_on_traces_is_not_passed_on() -> None:
    assert inbound([(b"traceparent", f"00-{TRACE}-{ABOVE}-01".encode()), (b"accept", b"*/*")]) == [(b"accept", b"*/*")]
