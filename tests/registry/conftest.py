"""What tests of the registry share."""

import pytest


@pytest.fixture
def tables() -> str:
    """The databases of these tests have registry's tables."""
    return "registry"
