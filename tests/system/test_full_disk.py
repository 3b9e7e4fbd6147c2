"""A disk that is full: nothing accepted is lost, everybody is told, and with room again all goes on by itself."""

from pathlib import Path

import pytest

from tests.support.platforms.small_disk import RECOVERY_SECONDS, can_mount, filled_and_freed

pytestmark = [
    pytest.mark.skipif(not can_mount(), reason="this user may not mount a small disk for himself"),
    pytest.mark.timeout(300),
]
SERVICES = {"registry", "supervision", "reporting"}


@pytest.mark.fault(
    "operator F1",
    kind="an error of a disk ends for ever what has to go on",
    looked="the watch over the processes, relay, follower, projections, feeds and their publisher, anchors, the signer",
    found="a feeds' publisher that a damaged key ended; a signed head that was not published until the log grew again; "
    "a broker whose stream takes nothing any more after a full disk, and says nothing of it",
)
@pytest.mark.fault(
    "operator F7",
    kind="what cannot be written is answered as if the platform were at fault, and told to nobody",
    looked="everything that writes a file or a transaction, the metrics, the log",
    found="one gauge that could not be read took all metrics with it; a folder of tiles kept half-written files",
)
@pytest.mark.parametrize("which", ["all", pytest.param("logs elsewhere", marks=pytest.mark.torture)])
def test_a_full_disk_is_told_and_outlived(tmp_path: Path, which: str) -> None:
    """Commands get 503 with a problem, readiness says it, and once there is room all goes on without anybody."""
    told = filled_and_freed(tmp_path / "data", which)
    assert told.care.startswith("care: ")
    assert len(told.answers) > 5
    assert {(status, kind) for status, kind, _ in told.answers} == {(503, "application/problem+json")}
    assert {rule for _, _, rule in told.answers} <= {"storage-writable", "database-reachable", "database-free"}
    assert all("storage" in told.red[service] or "answer" in told.red[service] for service in SERVICES)
    assert "full" in told.red["registry"]["storage"]
    assert told.free < 1024 * 1024
    assert min(told.restarts["supervision"], told.restarts["registry"]) >= 1
    assert told.accepted > 0
    assert (told.left, told.dead) == ([], [])
    assert told.seconds < RECOVERY_SECONDS


@pytest.mark.fault("operator F1")
def test_a_broker_that_has_met_a_full_disk_is_started_again(tmp_path: Path) -> None:
    """Its disk alone is full: commands are taken and sent later, and a broker that refuses with room is restarted."""
    told = filled_and_freed(tmp_path / "data", "nats")
    assert {status for status, _, _ in told.answers} == {201}
    assert told.red.keys() >= {"registry"}
    assert {check for failing in told.red.values() for check in failing} <= {"broker", "relay", "feeds", "follower"}
    assert told.restarts["nats-server"] >= 1
    assert told.seconds < RECOVERY_SECONDS
    assert (told.left, told.dead) == ([], [])


@pytest.mark.torture
@pytest.mark.fault("operator F7")
def test_full_logs_cost_lines_and_nothing_else(tmp_path: Path) -> None:
    """With no room for logs alone, no request fails and no service ends; those that are killed come back."""
    told = filled_and_freed(tmp_path / "data", "logs")
    assert told.red.keys() <= {"supervision"}
    assert {name: count for name, count in told.restarts.items() if name in {"nats-server", "reporting"}} == {
        "nats-server": 0,
        "reporting": 0,
    }
    assert (told.left, told.dead) == ([], [])
