"""What tests of projections share."""

import pytest


@pytest.fixture
def tables() -> str:
    """The databases of these tests have reporting's tables."""
    return "reporting"
