"""A service that cannot do its work does not look as if it could."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ksad.chassis.health import Health
from ksad.chassis.service import GRACE_SECONDS

BROKEN = """
import asyncio, sys
from contextlib import asynccontextmanager
from ksad.contracts.access import AccessTable
from ksad.chassis.service import Background, create_app, serve
from ksad.chassis.settings import Settings

async def work(stop):
    if sys.argv[1] == "raises":
        raise RuntimeError("poison")

@asynccontextmanager
async def lifespan(app):
    async with Background(app.health) as background:
        background.run("relay", work)
        yield

settings = Settings()
serve(create_app(settings, "broken", "broken", AccessTable(()), (), lifespan), settings, "broken")
"""


@pytest.mark.parametrize("how", ["raises", "returns"])
def test_a_dead_task_ends_its_process(tmp_path: Path, how: str) -> None:
    """A background task that ends before the service does takes the process with it, which exits with an error."""
    environment = {
        "KSAD_DATABASE_URL": f"sqlite:///{tmp_path / 'store.sqlite'}",
        "KSAD_NATS_URL": "nats://127.0.0.1:1",
        "KSAD_DOCUMENTS_DIR": str(tmp_path / "documents"),
        "KSAD_ISSUER_KEYS_DIR": str(tmp_path / "keys"),
    }
    command = [sys.executable, "-c", BROKEN, how]
    ended = subprocess.run(command, env=os.environ | environment, timeout=60 + GRACE_SECONDS, check=False)
    assert ended.returncode == 1


def test_a_dead_task_turns_readiness_red() -> None:
    """Until the process has ended, ``/readyz`` names the task that ended."""
    health = Health()
    assert health.check_all()[0]
    health.broken = "relay"
    ready, found, _ = health.check_all()
    assert not ready
    assert "relay" in found["background"]
