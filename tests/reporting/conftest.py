"""What several tests of reports share."""

from pathlib import Path

import pytest

from ksad.chassis.database import Database
from tests.support.histories.report_chain import Chain


@pytest.fixture
def tables() -> str:
    """The databases of these tests have reporting's tables."""
    return "reporting"


@pytest.fixture
def chain(database: Database, tmp_path: Path) -> Chain:
    """An empty chain on either database."""
    return Chain(database, tmp_path)
