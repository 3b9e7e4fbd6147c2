"""What tests of the chassis share: an issuer of tokens."""

from collections.abc import Iterator

import pytest

from tests.support.servers.issuer import Issuer


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer with one Ed25519 key."""
    with Issuer() as made:
        made.add("a")
        yield made
