"""One untouched data folder with an archive; attacks work on copies of it."""

import shutil
from pathlib import Path

import pytest

from ksad.reporting.checkpoints.keys import load_key
from ksad.reporting.checkpoints.signing import SigningKey
from tests.support.forgers.audited import Audited, audited
from tests.support.forgers.reported import reported


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """A platform's data folder of some 400 facts and four days, signed and archived. Nobody writes to it."""
    return audited(tmp_path_factory.mktemp("audited"))


@pytest.fixture
def log_key(whole: Audited) -> SigningKey:
    """The national log's own key, in the hands of the attacker."""
    return load_key(whole.source.keys / "logs" / "national.key")


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an archive holds of a province whose TKKSD has reported twice, and whose Governor on both."""
    return reported(tmp_path_factory.mktemp("honest"))


@pytest.fixture
def data(honest: Path, tmp_path: Path) -> Path:
    """A copy to forge."""
    return Path(shutil.copytree(honest, tmp_path / "data"))
