"""What several system tests share: a running platform that histories are played into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ksad.folder import Folder
from ksad.platform import Platform
from tests.support.desk import Desk
from tests.support.published import running


@pytest.fixture(scope="session")
def history_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A running platform for all tests of the group `import`, which are on one worker."""
    with running(Folder(tmp_path_factory.mktemp("import") / "data")) as started:
        yield started


@pytest.fixture
def desk(history_platform: Platform, tmp_path: Path) -> Desk:
    """A desk with an empty file."""
    return Desk(history_platform, tmp_path)
