"""What tests of the registry share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.platforms.speaking import Speak, speaking


@pytest.fixture
def tables() -> str:
    """The databases of these tests have registry's tables."""
    return "registry"


@pytest.fixture
def speak(database_url: str, nats_url: str, tmp_path: Path) -> Iterator[Speak]:
    """The running service, with reference data adopted; gives a client for an office."""
    with speaking(database_url, nats_url, tmp_path) as clients:
        yield clients
