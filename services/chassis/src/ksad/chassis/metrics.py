"""Prometheus metrics of one process, in its own registry."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Upper bounds in seconds.
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The metrics of every service, and gauges that call a function when read."""

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
        """Adds a gauge ``ksad_<name>``, such as ``log_head``; ``text`` is its help text.

        :param read: returns the number. If it fails, for example because the database is away, the value is NaN and
            all other metrics are still reported: alarms are made of them.
        """
        gauge = Gauge(f"ksad_{name}", text, ["service"], registry=self.registry)
        gauge.labels(self._service).set_function(_known(read))

    def labelled(self, name: str, text: str, label: str, reads: Mapping[str, Callable[[], float]]) -> None:
        """Adds a gauge ``ksad_<name>`` with one more label.

        :param reads: returns the number, for each value of the label.
        """
        gauge = Gauge(f"ksad_{name}", text, ["service", label], registry=self.registry)
        for value, read in reads.items():
            gauge.labels(self._service, value).set_function(_known(read))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts an answered request.

        :param route: the pattern of the route. Clients must not be able to create labels, so it is never a path they
            chose.
        """
        method = method if method in METHODS else "other"
        self.requests.labels(self._service, method, route, str(status)).inc()
        self.request_seconds.labels(self._service).observe(seconds)

    def text(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self.registry)


def _known(read: Callable[[], float]) -> Callable[[], float]:
    """The number that a function returns, or NaN where it fails."""

    def number() -> float:
        try:
            return float(read())
        except Exception:  # noqa: BLE001 - whatever failed, this number is not known
            return math.nan

    return number
