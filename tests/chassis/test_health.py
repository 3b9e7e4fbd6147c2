"""Health: ready means advancing or caught up, and whoever is not says what stands still."""

import time
from pathlib import Path

import pytest

from ksad.chassis.health import Health, HealthCheck, ProgressCheck, set_aside
from ksad.chassis.relay import RelayStatus
from tests.support.servers.doorway import Visitor


class Belt:
    """A position that a test moves, with what is left behind it."""

    def __init__(self, position: int = 0, left: int = 0) -> None:
        self.place = (position, left)

    def __call__(self) -> tuple[int, int]:
        """Where it is."""
        return self.place


def test_what_is_at_the_head_is_ready() -> None:
    """A position with nothing left is ready however long it stands."""
    progress = ProgressCheck(Belt(7, 0), stuck_seconds=0.0001)
    for _ in range(3):
        time.sleep(0.001)
        assert progress().ok


def test_what_moves_is_ready() -> None:
    """A position that has moved since it was last asked is ready, however much is left."""
    belt = Belt(0, 1_000)
    progress = ProgressCheck(belt, stuck_seconds=0.0001)
    for position in range(3):
        belt.place = (position, 1_000)
        time.sleep(0.001)
        assert progress().ok


def test_what_stands_with_work_left_is_not_ready() -> None:
    """A position that stands while something is left turns red, says where, and green again when it moves."""
    belt = Belt(3, 5)
    progress = ProgressCheck(belt, stuck_seconds=0.0001)
    progress()
    time.sleep(0.001)
    stuck = progress()
    assert not stuck.ok
    assert "at 3, 5 left" in stuck.detail
    belt.place = (4, 4)
    assert progress().ok


def test_a_rare_look_at_a_busy_moment_is_no_alarm() -> None:
    """What was level when it was looked at last, however long ago, is not stuck because an event has just come."""
    belt = Belt(3, 0)
    progress = ProgressCheck(belt, stuck_seconds=0.05)
    assert progress().ok
    time.sleep(0.1)
    belt.place = (3, 1)
    assert progress().ok


def test_a_relay_that_cannot_see_the_log_is_not_level() -> None:
    """While the log cannot be looked at, at least one event counts as missing: nobody knows that all are there."""
    level = RelayStatus(7, 7, 0, 0.0, behind=None, error=None, stream_sequence=7)
    assert level.progress == (7, 0)
    assert level._replace(error="the broker is away").progress == (7, 1)


def test_what_is_set_aside_is_told_and_stops_nobody() -> None:
    """With something parked or quarantined a service stays ready, and its check asks for care."""
    health = Health()
    health.add("parking", lambda: set_aside(0, 0))
    assert health.check_all() == (True, {"parking": "ok: 0 parked, 0 quarantined"}, {})
    health.add("parking", lambda: set_aside(2, 1))
    assert health.check_all() == (True, {"parking": "care: 2 parked, 1 quarantined"}, {})


def test_a_position_may_go_back() -> None:
    """A rebuilt or refilled part begins again: that is movement, too."""
    belt = Belt(9, 1)
    progress = ProgressCheck(belt, stuck_seconds=0.0001)
    progress()
    belt.place = (2, 8)
    assert progress().ok


@pytest.mark.parametrize("fault", [HealthCheck(ok=False, detail="stands"), None])
def test_one_bad_check_turns_the_whole_red(tmp_path: Path, fault: HealthCheck | None) -> None:
    """/readyz is 503 and names the check that failed, or that could not even be asked; the others are told, too."""
    visitor = Visitor(tmp_path)
    health = visitor.app.health
    health.add("relay", lambda: HealthCheck(ok=True, detail="at 3, 0 left"))

    def failing() -> HealthCheck:
        if fault is None:
            raise RuntimeError("no database")
        return fault

    health.add("store", failing)
    answer = visitor.get("/readyz", None)
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["checks"]["relay"] == "ok: at 3, 0 left"
    assert answer.json()["checks"]["store"].startswith("FAILED: ")
    assert visitor.get("/livez", None).status_code == 200


def test_a_service_that_ends_takes_no_more(tmp_path: Path) -> None:
    """While a service drains it is not ready, although it lives."""
    visitor = Visitor(tmp_path)
    with visitor.client as client:
        assert client.get("/readyz").status_code == 200
    assert visitor.app.health.check_all() == (False, {"draining": "FAILED: the service is ending"}, {})
