"""A folder knows its stores: a forgotten setting or another database starts no second system of record."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ksad.chassis.database import Database
from ksad.chassis.places import SERVICES
from ksad.chassis.store import EventStore
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import running
from ksad.local.machine.stores import FILE, OtherStoreError, recorded
from tests.support.histories.events import event, write
from tests.support.platforms.command import ksad
from tests.support.servers.schemas import migrated

FORGOTTEN = pytest.mark.fault(
    "operator F3",
    kind="A setting that is forgotten or mistaken makes another database the system of record.",
    looked="up, every verb on a data folder, backup, restore; all three services; kinds and contents of databases.",
    found="The address of one service's database given to another; a folder of the release before, whose stores are on "
    "PostgreSQL, started without its settings.",
)
Choose = Callable[[str, str | None], None]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty folder."""
    (tmp_path / "data").mkdir()
    return Folder(tmp_path / "data")


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Sets the address of a service's database, or takes it away."""

    def set_one(service: str, url: str | None) -> None:
        name = f"KSAD_DATABASE_URL_{service.upper()}"
        if url is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, url)

    return set_one


@pytest.fixture
def chosen(new_database: Callable[[], str], choose: Choose) -> dict[str, str]:
    """An empty database for each service, all of one kind."""
    urls = {service: new_database() for service in SERVICES}
    for service, url in urls.items():
        choose(service, url)
    return urls


def begun(url: str, stream: int) -> str:
    """A store whose first event is of this stream."""
    database = migrated(Database(url), "registry")
    write(EventStore(database), [event(stream)])
    database.close()
    return url


@FORGOTTEN
def test_the_first_start_decides(folder: Folder, chosen: dict[str, str]) -> None:
    """What is there when a folder is started first are its stores; later their first events are known."""
    folder.recognise_stores()
    kinds = {one.kind for one in recorded(folder.root).values()}
    before = recorded(folder.root)["registry"].first
    begun(chosen["registry"], 1)
    folder.recognise_stores()

    assert len(kinds) == 1
    assert before is None
    assert recorded(folder.root)["registry"].first is not None


@FORGOTTEN
def test_another_store_is_refused(
    folder: Folder, chosen: dict[str, str], choose: Choose, new_database: Callable[[], str]
) -> None:
    """A database with another history is refused, an empty one is taken, and the own one still after that."""
    begun(chosen["registry"], 1)
    begun(chosen["supervision"], 2)
    folder.recognise_stores()
    known = recorded(folder.root)

    choose("registry", begun(new_database(), 3))
    with pytest.raises(OtherStoreError, match="the database of registry is not this folder's"):
        folder.recognise_stores()
    choose("registry", chosen["supervision"])
    with pytest.raises(OtherStoreError, match="KSAD_DATABASE_URL_REGISTRY"):
        folder.recognise_stores()
    choose("registry", new_database())
    folder.recognise_stores()
    choose("registry", chosen["registry"])
    folder.recognise_stores()

    assert recorded(folder.root) == known


@FORGOTTEN
def test_another_kind_is_refused_by_every_verb(
    folder: Folder, chosen: dict[str, str], choose: Choose, postgres_dsn: str
) -> None:
    """Where a setting is forgotten, or one too many, each verb on the folder says it in one sentence."""
    folder.recognise_stores()
    (folder.root / "platform").write_text("local\n")
    choose("reporting", postgres_dsn if chosen["reporting"].startswith("sqlite:") else None)

    for words in (("up",), ("backup", folder.root / "b"), ("audit", "reconcile"), ("rebuild",)):
        answer = ksad(*words, "--data-dir", folder.root)
        assert answer.code == 1, words
        assert "KSAD_DATABASE_URL_REPORTING" in answer.err
        assert len(answer.err.splitlines()) == 1
    assert not (folder.root / "reporting.sqlite").exists()


@FORGOTTEN
@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
def test_forgotten_settings_start_no_second_register(folder: Folder, chosen: dict[str, str], choose: Choose) -> None:
    """Without the settings of all its stores on PostgreSQL a platform starts nothing, and makes no file."""
    begun(chosen["registry"], 1)
    folder.recognise_stores()
    known = recorded(folder.root)
    for service in SERVICES:
        choose(service, None)

    with pytest.raises(OtherStoreError, match="set KSAD_DATABASE_URL_REGISTRY, as it was"), running(folder):
        pass

    assert {one.kind for one in known.values()} == {"postgresql"}
    assert known["registry"].first is not None
    assert list(folder.root.glob("*.sqlite*")) == []
    assert not folder.logs.exists() or list(folder.logs.iterdir()) == []


@FORGOTTEN
def test_a_folder_that_signed_has_stores(folder: Folder, choose: Choose) -> None:
    """A folder of the release before, without a record: where it has signed and no store is here, one is missing."""
    for service in SERVICES:
        choose(service, None)
    (folder.keys / "logs").mkdir(parents=True)
    (folder.keys / "logs" / "national.signed").write_text("x")

    with pytest.raises(OtherStoreError, match="none of its stores is here"):
        folder.recognise_stores()

    assert not (folder.root / FILE).exists()


def test_a_damaged_record_is_told(folder: Folder) -> None:
    """Nothing is guessed."""
    (folder.root / FILE).write_bytes(b"")

    with pytest.raises(OtherStoreError, match="cannot be read"):
        folder.database_url("registry")
