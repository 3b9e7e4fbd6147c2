"""Go's opinion, for every test of the transparency logs that asks for it."""

from collections.abc import Iterator

import pytest

from tests.support.servers.oracle import Oracle, build


@pytest.fixture(scope="session")
def go() -> Iterator[Oracle]:
    """Go's x/mod/sumdb, running once per worker."""
    with Oracle(build()) as oracle:
        yield oracle
