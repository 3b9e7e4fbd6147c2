"""A service that hears nothing of the broker knows nothing of what the others record, and says so by itself."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ksad.registry.app import build as build_registry
from ksad.registry.settings import RegistrySettings
from ksad.reporting.app import build as build_reporting
from ksad.reporting.settings import ReportingSettings
from ksad.supervision.app import build as build_supervision
from ksad.supervision.settings import SupervisionSettings
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import at

STUCK_SECONDS = 8.0


@pytest.fixture
def services(nats_server: NatsServer, tmp_path: Path) -> Iterator[dict[str, TestClient]]:
    """The three services on one broker."""
    given = {"nats_url": nats_server.url, "issuer_keys_dir": tmp_path / "issuer", "stuck_seconds": STUCK_SECONDS}

    def told(name: str) -> dict[str, object]:
        folder = tmp_path / name
        folder.mkdir()
        url = at(f"sqlite:///{folder / 'store.sqlite'}", name)
        return given | {"database_url": url, "documents_dir": folder / "documents"}

    apps = {
        "registry": build_registry(RegistrySettings.model_validate(told("registry"))),
        "supervision": build_supervision(SupervisionSettings.model_validate(told("supervision"))),
        "reporting": build_reporting(
            ReportingSettings.model_validate(told("reporting") | {"keys_dir": tmp_path / "keys"})
        ),
    }
    with ExitStack() as stack:
        yield {name: stack.enter_context(TestClient(app)) for name, app in apps.items()}


def found(services: dict[str, TestClient], check: str) -> list[str]:
    """What a check of each service says first."""
    return [one.get("/readyz").json()["checks"][check].partition(":")[0] for one in services.values()]


@pytest.mark.fault("operator F6")
def test_a_service_that_hears_nothing_is_not_ready(nats_server: NatsServer, services: dict[str, TestClient]) -> None:
    """With the broker frozen every service turns red although nobody asked it before, and green when it is back."""
    wait_until(lambda: all(one.get("/readyz").is_success for one in services.values()), what="the services")
    assert found(services, "storage") == ["ok"] * 3
    assert nats_server.process is not None
    os.kill(nats_server.process.pid, signal.SIGSTOP)
    try:
        wait_until(lambda: found(services, "broker") == ["FAILED"] * 3, what="all red", every=0.5)
        assert not any(one.get("/readyz").is_success for one in services.values())
    finally:
        os.kill(nats_server.process.pid, signal.SIGCONT)
    wait_until(lambda: found(services, "broker") == ["ok"] * 3, what="all green")
