"""What an officer's click brought about is found in the log of every service, under one trace."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.portal.conftest import FIRST, Browsers
from tests.support.servers.processes import wait_until

pytestmark = pytest.mark.xdist_group("portal")

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def called(log: Path, page: Mapping[str, Any]) -> bool:
    """Whether a log has a line of a request that a page has made."""
    lines = map(json.loads, log.read_text().splitlines())
    return any((one.get("trace_id"), one.get("parent_id")) == (page["trace_id"], page["span_id"]) for one in lines)


def test_services_write_under_the_trace_of_the_page(browsers: Browsers) -> None:
    """Each call of a page stands in the called service's log with the page's trace, and the page's line as its parent.

    A page that came with a trace goes on with it; one without begins its own.
    """
    browser = browsers.officer(FIRST)
    for sent in ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, {}):
        with capture_logs(processors=[merge_contextvars]) as lines:
            assert browser.get("/meja-saya", headers=sent).is_success
        [page] = [one for one in lines if one["event"] == "request"]
        assert (page["trace_id"] == TRACE) == bool(sent)
        for service in ("supervision", "reporting"):
            log = browsers.platform.folder.logs / f"{service}.log"
            wait_until(partial(called, log, page), what=f"lines of {service}", seconds=10)
