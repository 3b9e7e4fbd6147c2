"""All processes at once: who is silent, who is not ready, and roles that nobody or several lead."""

import pytest

from ksad.local.cluster.nodes import NodeRole, NodeStatus, PlatformStatus
from ksad.local.settings import NodesSettings
from tests.support.platforms.command import ksad
from tests.support.servers.doorway import doorway
from tests.support.servers.served import served


def test_roles_without_a_leader_or_with_two_are_told() -> None:
    """One leader of each role is as it should be."""
    nodes = [NodeStatus(f"https://n{number}:9102", "supervision", True, [], {}) for number in (1, 2)]
    addresses = [one.address for one in nodes]

    def findings(*leaders: str) -> list[str]:
        return PlatformStatus(nodes, [NodeRole("supervision", "follower", list(leaders))]).findings()

    assert findings(addresses[0]) == []
    assert findings() == ["nobody leads follower of supervision"]
    assert findings(*addresses) == ["2 lead follower of supervision: https://n1:9102, https://n2:9102"]


def test_who_does_not_answer_is_not_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The others are told nevertheless, and the exit code is 1; an address that is none is refused."""
    with served(doorway(tmp_path_factory.mktemp("doorway"))) as port:
        here = f"http://127.0.0.1:{port}"
        monkeypatch.setenv("KSAD_NODE_URLS", here)
        assert ksad("cluster", "status", "--json").json["nodes"] == [
            {"address": here, "service": "doorway", "ready": True, "leads": [], "checks": {}}
        ]
        monkeypatch.setenv("KSAD_NODE_URLS", f"{here}/, http://127.0.0.1:1")
        answer = ksad("cluster", "status", "--json")
    assert answer.code == 1
    assert answer.json["findings"] == ["a service at http://127.0.0.1:1 is not ready"]
    monkeypatch.setenv("KSAD_NODE_URLS", "n1.example")
    with pytest.raises(SystemExit, match=r"KSAD_NODE_URLS: .*'n1.example' is no https://HOST:PORT"):
        NodesSettings.from_environment()
