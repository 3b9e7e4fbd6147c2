"""What system tests share: folders on either database, and a running platform that histories are played into."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ksad.chassis.places import SERVICES
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import Platform, running
from tests.support.histories.history_importer import HistoryImporter
from tests.support.platforms.subscribed import Ministry, opened
from tests.support.servers import node
from tests.support.servers.postgres import PostgresServer


@pytest.fixture(scope="session")
def history_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A running platform for all tests of the group `import`, which are on one worker."""
    with running(Folder(tmp_path_factory.mktemp("import") / "data")) as started:
        yield started


@pytest.fixture(scope="session")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministry]:
    """A running platform with facts of six provinces, for all tests of the group `feeds`, which are on one worker."""
    with opened(tmp_path_factory.mktemp("feeds") / "data") as running_ministry:
        running_ministry.register("33", "34", count=4)
        running_ministry.register("33.72", "33.11", count=2)
        running_ministry.register("35", "36", count=2)
        yield running_ministry


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A programmer's folder with the page's example client, for tests of the group `feeds`."""
    return node.workplace(tmp_path_factory.mktemp("province"))


@pytest.fixture
def importer(history_platform: Platform, tmp_path: Path) -> HistoryImporter:
    """A desk with an empty file."""
    return HistoryImporter(history_platform, tmp_path)


@pytest.fixture
def on_postgres(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], str]], None]:
    """Has the services of this test keep their stores in databases that the given function makes."""

    def choose(make: Callable[[], str]) -> None:
        for service in SERVICES:
            monkeypatch.setenv(f"KSAD_DATABASE_URL_{service.upper()}", make())

    return choose


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test alone, which it may kill."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, on_postgres: Callable[[Callable[[], str]], None]
) -> Iterator[Folder]:
    """The empty folder of a platform whose stores are SQLite files, or lie on PostgreSQL."""
    if request.param == "sqlite":
        yield Folder(tmp_path / "data")
        return
    with request.getfixturevalue("postgres_server").databases() as make:
        on_postgres(make)
        yield Folder(tmp_path / "data")
