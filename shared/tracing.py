"""Traces of requests, statements and events across the departments; off unless `GUANWU_TRACES` names a collector (OTLP over HTTP).

While off, nothing of OpenTelemetry is imported and a span costs one comparison. Spans name routes, statements with
placeholders and subjects: never an address, a value, a name or a card.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

# The header of W3C Trace Context, and what a fact's context calls it.
HEADER, CONTEXT = "traceparent", "trace"
LONGEST_STATEMENT = 2000

_tracer: Any = None
_provider: Any = None


def begin(service: str, collector: str, *, share: float = 1.0) -> None:
    """Send spans to a collector such as `http://collector:4318/v1/traces`; `share` of the requests that start here."""
    global _tracer, _provider
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    _provider = TracerProvider(
        resource=Resource.create({"service.namespace": "guanwu", "service.name": f"guanwu-{service}"}),
        sampler=ParentBased(TraceIdRatioBased(share)),
    )
    # A collector that is away costs spans, never a request: they are sent beside it and dropped when too many wait.
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=collector, timeout=5)))
    _tracer = _provider.get_tracer("guanwu")


def end() -> None:
    """Send what waits, then be off."""
    global _tracer, _provider
    if _provider is not None:
        _provider.shutdown()
    _tracer = _provider = None


def on() -> bool:
    """Whether spans are kept."""
    return _tracer is not None


def span(name: str, kind: str = "internal", *, parent: str = "", link: str = "", **about: Any) -> AbstractContextManager[Any]:
    """A span around a block (None while off); `parent` and `link` are words of the header, of whom it is part or what it follows."""
    return nullcontext() if _tracer is None else _span(name, kind, parent, link, about)


@contextmanager
def _span(name: str, kind: str, parent: str, link: str, about: dict[str, Any]) -> Iterator[Any]:
    from opentelemetry.trace import Link, SpanKind, StatusCode

    followed = _remote(link)
    with _tracer.start_as_current_span(
        name, kind=SpanKind[kind.upper()], context=_above(parent), attributes=about, links=[Link(followed)] if followed else (),
        # Its message may be somebody's name.
        record_exception=False, set_status_on_exception=False,
    ) as found:
        try:
            yield found
        except BaseException as error:
            found.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def carried() -> str:
    """The span at hand as a word of the header; empty while off or when this request is not traced."""
    if _tracer is None:
        return ""
    from opentelemetry.trace import get_current_span

    here = get_current_span().get_span_context()
    if not here.is_valid:
        return ""
    return f"00-{here.trace_id:032x}-{here.span_id:016x}-{here.trace_flags:02x}"


def watch(engine: AsyncEngine) -> None:
    """A span for every statement that goes through SQLAlchemy (its own instrumentation refuses version 2.1)."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _begun(connection: Any, _cursor: Any, statement: str, _values: Any, _context: Any, _many: bool) -> None:
        if _tracer is not None and carried():
            from opentelemetry.trace import SpanKind

            word = statement.lstrip().partition(" ")[0].partition("\n")[0].upper()[:20]
            connection.info["span"] = _tracer.start_span(
                word, kind=SpanKind.CLIENT, attributes={"db.system.name": "postgresql", "db.query.text": statement[:LONGEST_STATEMENT]}
            )

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def _done(connection: Any, _cursor: Any, _statement: str, _values: Any, _context: Any, _many: bool) -> None:
        if (found := connection.info.pop("span", None)) is not None:
            found.end()

    @event.listens_for(engine.sync_engine, "handle_error")
    def _failed(context: Any) -> None:
        found = context.connection.info.pop("span", None) if context.connection is not None else None
        if found is not None:
            from opentelemetry.trace import StatusCode

            found.set_status(StatusCode.ERROR, type(context.original_exception).__name__)
            found.end()


def _above(parent: str) -> Any:
    """The context a span begins in; None is the one at hand."""
    known = _remote(parent)
    if known is None:
        return None
    from opentelemetry.trace import NonRecordingSpan, set_span_in_context

    return set_span_in_context(NonRecordingSpan(known))


def _remote(word: str) -> Any:
    """What a word of the header names; None for anything else."""
    parts = word.split("-")
    if len(parts) != 4 or [len(part) for part in parts] != [2, 32, 16, 2]:
        return None
    from opentelemetry.trace import SpanContext, TraceFlags

    try:
        found = SpanContext(int(parts[1], 16), int(parts[2], 16), is_remote=True, trace_flags=TraceFlags(int(parts[3], 16)))
    except ValueError:
        return None
    return found if found.is_valid else None
