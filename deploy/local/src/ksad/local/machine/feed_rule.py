"""A new platform begins with the newest version of the feed rule; an old one waits for a decision."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ksad.chassis.client import ProblemError
from ksad.chassis.terminal import warn

if TYPE_CHECKING:
    from ksad.chassis.client import Client

OPERATOR = "operator"
PATH = "/feed-rule"
UNAVAILABLE = 503
WAIT_SECONDS = 10.0
LOOK_SECONDS = 0.02
LATER = "reporting does not answer in time, so the feeds keep their rule; the next start tries again"


def begin_feed_rule(client: Client) -> bool:
    """Adopts the newest version if no feed has an entry yet; ``True`` if it did.

    It first waits until reporting has seen all that the registry recorded, so that feeds that are only late do not look
    like feeds that are empty. A reporting that does not get there in ten seconds keeps its version, which is said.
    """
    head = client.get("registry", "/status", OPERATOR)["head"]
    try:
        rule: dict[str, Any] = client.get("reporting", PATH, OPERATOR, not_older_than=f"registry:{head}")
        deadline = time.monotonic() + WAIT_SECONDS
        while rule["lag_events"] and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            rule = client.get("reporting", PATH, OPERATOR)
        if rule["lag_events"]:
            warn("feed-rule", LATER)
            return False
        if rule["adopted"] == rule["newest"] or not rule["untold"]:
            return False
        key = f"feed-rule-{rule['newest']}"
        recorded = client.post("reporting", PATH, OPERATOR, key, {"version": rule["newest"]})
        # From here on the first entry of any feed is selected by this version, whatever is recorded next.
        client.get("reporting", PATH, OPERATOR, not_older_than=recorded["position"])
    except ProblemError as error:
        if error.status != UNAVAILABLE:
            raise
        warn("feed-rule", LATER)
        return False
    return True
