"""What attacks on a data folder and on reports work with; the untouched ones are made once for all tests."""

import shutil
from pathlib import Path

import pytest

from ksad.reporting.checkpoints.keys import load_key
from ksad.reporting.checkpoints.signing import SigningKey
from tests.support.forgers.audited import Audited
from tests.support.forgers.reported import reported
from tests.support.once import once


@pytest.fixture
def log_key(whole: Audited) -> SigningKey:
    """The national log's own key, in the hands of the attacker."""
    return load_key(whole.source.keys / "logs" / "national.key")


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an archive holds of a province whose TKKSD has reported twice, and whose Governor on both."""
    return once(tmp_path_factory, "honest", reported)


@pytest.fixture
def data(honest: Path, tmp_path: Path) -> Path:
    """A copy to forge."""
    return Path(shutil.copytree(honest, tmp_path / "data"))
