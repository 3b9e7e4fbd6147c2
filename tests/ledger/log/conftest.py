"""Go's opinion, for every test of the transparency logs that asks for it."""

from collections.abc import Iterator

import pytest

from tests.support.servers.oracle import Oracle, build


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Oracle]:
    """Go's x/mod/sumdb, built once per run and running once per worker."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with Oracle(build(shared / "oracle")) as oracle:
        yield oracle
