"""Metrics: names and labels that dashboards rely on, and no label that a caller could choose."""

import math
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from ksad.chassis.metrics import Metrics
from tests.support.servers.doorway import Visitor


def requests(visitor: Visitor) -> dict[tuple[str, str, str], float]:
    """The counts of requests by method, route and status."""
    text = visitor.get("/metrics").text
    return {
        (one.labels["method"], one.labels["route"], one.labels["status"]): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if one.name == "ksad_requests_total"
    }


def test_requests_are_counted_by_method_route_and_status(tmp_path: Path) -> None:
    """A route's pattern is the label, not the path, for those who were refused at the edge too."""
    visitor = Visitor(tmp_path)
    with capture_logs():
        for name in ("a", "b", "as-unknown", "fault"):
            visitor.get(f"/things/{name}")
        visitor.get("/things/a", None)
        visitor.post("/things", None, json={})
        visitor.post("/things", json={"name": "a"}, headers={"Content-Length": "9999999"})
    assert requests(visitor) == {
        ("GET", "/things/{name}", "200"): 2,
        ("GET", "/things/{name}", "404"): 1,
        ("GET", "/things/{name}", "500"): 1,
        ("GET", "/things/{name}", "401"): 1,
        ("POST", "/things", "401"): 1,
        ("POST", "/things", "413"): 1,
    }


def test_callers_cannot_make_labels(tmp_path: Path) -> None:
    """A thousand made-up paths and methods make a handful of time series."""
    visitor = Visitor(tmp_path)
    with capture_logs():
        for number in range(200):
            visitor.get(f"/made/up/{number}")
            visitor.client.request(f"METHOD{number}", "/livez", headers=visitor.headers("auditor"))
    assert set(requests(visitor)) == {("GET", "unknown", "404"), ("other", "/livez", "405")}


def test_every_metric_is_of_the_platform_and_names_its_service() -> None:
    """Names begin with ksad_, each series says which service it is of, and a gauge is read when it is asked for."""
    metrics = Metrics("registry")
    numbers = iter([1.0, 2.0])
    metrics.gauge("log_head", "Newest own event", lambda: next(numbers))
    metrics.observe("GET", "/livez", 200, 0.004)
    read = [list(text_string_to_metric_families(metrics.text().decode())) for _ in range(2)]
    assert [
        one.value for found in read for family in found for one in family.samples if one.name == "ksad_log_head"
    ] == [1, 2]
    for family in read[0]:
        assert re.fullmatch(r"ksad_[a-z_]+", family.name)
        assert family.documentation
        assert {one.labels["service"] for one in family.samples} == {"registry"}


@pytest.mark.fault("operator F7")
def test_a_number_that_cannot_be_read_takes_no_other_with_it() -> None:
    """With the database away its gauges are NaN, and all others are told: an alarm is made of them."""
    metrics = Metrics("registry")

    def away() -> float:
        raise OSError(5, "Input/output error")

    metrics.gauge("log_head", "Newest own event", away)
    metrics.gauge("storage_free_bytes", "Free bytes", lambda: 4096.0)
    families = text_string_to_metric_families(metrics.text().decode())
    found = {one.name: one.value for family in families for one in family.samples}
    assert math.isnan(found["ksad_log_head"])
    assert found["ksad_storage_free_bytes"] == 4096
