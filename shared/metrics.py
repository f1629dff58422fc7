"""Figures a department shows at `/metrics` (Prometheus text format)."""

from __future__ import annotations

from prometheus_client import REGISTRY, Counter, Histogram, generate_latest
from starlette.responses import Response

REQUESTS = Histogram(
    "guanwu_http_seconds", "Seconds to answer a request, by route and status.",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
REFUSALS = Counter("guanwu_refusals_total", "Refusals by code.", ["code"])
FAILURES = Counter("guanwu_failures_total", "Requests that ended in an unexpected error.", ["route"])


def page() -> Response:
    """The exposition of this process."""
    return Response(generate_latest(REGISTRY), media_type="text/plain; version=0.0.4")
