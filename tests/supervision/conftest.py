"""A registry and a supervision that run, once on each database for all tests over HTTP."""

from collections.abc import Iterator

import pytest

from tests.support.platforms.pair import Pair, running_pair
from tests.support.servers.postgres import PostgresServer


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both services; each test registers cooperations of its own."""
    folder = tmp_path_factory.mktemp("pair")
    registry = f"sqlite:///{folder / 'registry.sqlite'}"
    if request.param == "sqlite":
        with running_pair(folder, registry, f"sqlite:///{folder / 'supervision.sqlite'}") as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.databases() as make, running_pair(folder, registry, make()) as made:
        yield made
