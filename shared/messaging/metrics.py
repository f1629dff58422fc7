"""What an operator must see of the events: what waits, what lags, what was refused."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge

_MADE: WeakKeyDictionary[CollectorRegistry, Figures] = WeakKeyDictionary()


class Figures:
    """The families of one registry; `figures()` hands out one set per registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        own, each = ["service"], ["service", "source"]
        self.connected = Gauge(
            "guanwu_nats_connected", "1 while the bus can be spoken to.", own, registry=registry
        )
        self.unassigned = Gauge(
            "guanwu_outbox_unassigned", "Events without a position yet.", own, registry=registry
        )
        self.unpublished = Gauge(
            "guanwu_outbox_unpublished", "Events not yet in the stream.", own, registry=registry
        )
        self.oldest = Gauge(
            "guanwu_outbox_oldest_seconds",
            "Age of the oldest event not yet in the stream.",
            own,
            registry=registry,
        )
        self.reconciles = Counter(
            "guanwu_relay_reconciles_total",
            "Times the relay compared its log with the stream.",
            own,
            registry=registry,
        )
        self.lag = Gauge(
            "guanwu_consumer_lag",
            "Events a department has stated that we have not handled.",
            each,
            registry=registry,
        )
        self.parked = Gauge(
            "guanwu_inbox_parked",
            "Events set aside because a handler refused them.",
            each,
            registry=registry,
        )
        self.gaps = Counter(
            "guanwu_consumer_gap_total", "Holes found in a stream.", each, registry=registry
        )
        self.log_reads = Counter(
            "guanwu_log_reads_total",
            "Events read from a producer's log, not from the stream.",
            each,
            registry=registry,
        )
        copies = ["service", "copy"]
        self.differing = Gauge(
            "guanwu_copy_differences", "Things of which their owner says something else.", copies, registry=registry,
        )
        self.compared = Gauge(
            "guanwu_copy_compared_timestamp_seconds", "When the copy was last compared.", copies, registry=registry,
        )
        self.audit_found = Gauge(
            "guanwu_audit_findings", "What does not hold of the audit chain.", ["service", "what"], registry=registry,
        )
        self.audit_checked = Gauge(
            "guanwu_audit_checked_timestamp_seconds", "When the audit chain was last walked.", own, registry=registry,
        )

    def introduce(self, service: str, sources: tuple[str, ...]) -> None:
        """Show every figure from the start: a missing one would look like a broken process."""
        for own in (
            self.connected,
            self.unassigned,
            self.unpublished,
            self.oldest,
            self.reconciles,
        ):
            own.labels(service)
        for each in (self.lag, self.parked, self.gaps, self.log_reads):
            for source in sources:
                each.labels(service, source)

    def snapshot(self, service: str) -> dict[str, float]:
        """Every figure of one service by its name (and source)."""
        found: dict[str, float] = {}
        for metric in vars(self).values():
            for family in metric.collect():
                for sample in family.samples:
                    if sample.labels.get("service") == service and not sample.name.endswith(
                        "_created"
                    ):
                        source = sample.labels.get("source") or sample.labels.get("copy") or sample.labels.get("what")
                        found[f"{sample.name}:{source}" if source else sample.name] = sample.value
        return found


def figures(registry: CollectorRegistry = REGISTRY) -> Figures:
    """The set of this registry, made once however many buses a process runs."""
    if registry not in _MADE:
        _MADE[registry] = Figures(registry)
    return _MADE[registry]
