"""Which request made a fact can be told from the log: by our id, the client's, its trace, and the events' ids."""

from pathlib import Path

import pytest
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.testing import capture_logs

from ksad.chassis import tracing
from tests.support.servers.doorway import Visitor

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.fault(
    "operator F9",
    kind="a file that every account of the machine can read, a log that cannot answer, a promise in an error",
    looked="the line of every request of the three services; what a client sends along is kept in every line",
    found="nothing more",
)
@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("x-request-id", "req-7/a:b=", {"client_request_id": "req-7/a:b="}),
        *[("x-request-id", bad, {}) for bad in ("", "a b", "a\nb", "é", "x" * 129, '{"a"}')],
        ("traceparent", PARENT, {"trace_id": TRACE, "parent_id": SPAN}),
        ("traceparent", f"01-{TRACE}-{SPAN}-01-later", {"trace_id": TRACE, "parent_id": SPAN}),
        *[("traceparent", bad, {}) for bad in (PARENT.upper(), f"{PARENT}-more", f"ff{PARENT[2:]}", PARENT[:-1])],
        *[("traceparent", bad, {}) for bad in (PARENT.replace(TRACE, "0" * 32), PARENT.replace(SPAN, "0" * 16))],
    ],
)
def test_what_a_client_calls_its_request_is_kept(name: str, value: str, kept: dict[str, str]) -> None:
    """A short id in plain characters, and a trace context that is valid, are kept; anything else is left out."""
    assert tracing.trace_fields({name.encode(): value.encode()}) == kept


def test_a_request_without_a_trace_begins_one() -> None:
    """Nothing is passed on outside of a request; within one, its trace and its own span, each time another."""
    assert tracing.trace_headers() == {}
    passed = []
    for headers in ({}, {}, {b"traceparent": PARENT.encode()}):
        fields = tracing.request_fields(headers)
        with bound_contextvars(**fields):
            passed.append(tracing.trace_headers()["traceparent"])
        assert tracing.trace_fields({b"traceparent": passed[-1].encode()}) == {
            "trace_id": fields["trace_id"],
            "parent_id": fields["span_id"],
        }
    assert passed[2].split("-")[1] == TRACE
    assert len({one.split("-")[2] for one in passed} - {SPAN}) == 3
    assert len({one.split("-")[1] for one in passed}) == 3


def test_ours_stays_ours(tmp_path: Path) -> None:
    """The id in the answer is our own; the client's stands beside it in the line of the request."""
    visitor = Visitor(tmp_path)
    with capture_logs(processors=[merge_contextvars]) as lines:
        answer = visitor.get("/things/fault", "auditor", **{"X-Request-Id": "theirs", "traceparent": PARENT})
    ours = answer.headers["x-request-id"]
    assert ours != "theirs"
    assert [line["event"] for line in lines] == ["platform_fault", "request"]
    for line in lines:
        told = line["correlation_id"], line["client_request_id"], line["trace_id"], line["parent_id"]
        assert told == (ours, "theirs", TRACE, SPAN)
