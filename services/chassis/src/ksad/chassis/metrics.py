"""Prometheus metrics of one process, in a registry of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The metrics that every service has, and gauges that read a number when asked."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self._service = service
        self.requests = Counter(
            "ksad_requests_total", "HTTP requests", ["service", "method", "route", "status"], registry=self.registry
        )
        self.request_seconds = Histogram(
            "ksad_request_seconds", "Time to answer", ["service"], registry=self.registry, buckets=LATENCY_BUCKETS
        )

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """A gauge such as ``log_head`` or ``follower_lag_events``."""
        gauge = Gauge(f"ksad_{name}", text, ["service"], registry=self.registry)
        gauge.labels(self._service).set_function(read)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """One answered request. Callers choose neither labels nor their number: ``route`` is a pattern of ours."""
        method = method if method in METHODS else "other"
        self.requests.labels(self._service, method, route, str(status)).inc()
        self.request_seconds.labels(self._service).observe(seconds)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
