"""The verb doctor: what is well is said, and of each fault what it is, where, and what mends it."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ksad.chassis.bucket_settings import BucketAccess
from ksad.chassis.database import Database
from ksad.chassis.migrations import migrate
from ksad.chassis.verbs import run
from ksad.registry.__main__ import SERVICE, app
from tests.support.servers.authority import Authority
from tests.support.servers.buckets import BucketServer, settings_of
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.processes import wait_until
from tests.support.servers.standby import Standby

Examine = Callable[..., tuple[int, list[dict[str, str]]]]


@pytest.fixture
def examine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nats_url: str) -> Examine:
    """Calls the verb with a registry's settings, all of them well; returns the exit code and what was found."""
    database = tmp_path / "registry.sqlite"
    seed, documents = tmp_path / "registry.nk", tmp_path / "documents"
    documents.mkdir()
    seed.write_text("SU")
    seed.chmod(0o600)
    with closing(Database(f"sqlite:///{database}")) as made:
        migrate(made, SERVICE.name, SERVICE.steps)
    well = {
        "KSAD_DATABASE_URL": f"sqlite:///{database}",
        "KSAD_NATS_URL": nats_url,
        "KSAD_DOCUMENTS_DIR": str(documents),
        "KSAD_ISSUER_KEYS_DIR": str(tmp_path),
    }

    def call(**changed: object) -> tuple[int, list[dict[str, str]]]:
        for name, value in (well | {name: str(value) for name, value in changed.items()}).items():
            monkeypatch.setenv(name, value)
        out = io.StringIO()
        code: object = 0
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            try:
                run(app, SERVICE.name, ["doctor", "--json"])
            except SystemExit as ended:
                code = ended.code
        return int(str(code or 0)), json.loads(out.getvalue())

    return call


def faults(found: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """What is to be mended: the part, what was seen, and what to do."""
    return [(one["part"], one["seen"], one["mend"]) for one in found if one["mend"]]


def narrow(found: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Without the disk, of which the machine that tests may have little."""
    return [one for one in found if one[0] != "disk"]


def test_what_is_well_is_said(examine: Examine) -> None:
    """Every part of a sound service is listed, with where it is and what was seen."""
    code, found = examine()
    assert narrow(faults(found)) == []
    assert {one["part"] for one in found} == {"version", "schema", "disk", "documents", "broker"}
    assert all(one["where"] and one["seen"] for one in found)
    assert code == bool(faults(found))


def test_each_fault_says_what_mends_it(examine: Examine, tmp_path: Path) -> None:
    """A key that others read, a certificate that ends, a folder that is missing, a broker that is away."""
    issued = Authority(tmp_path / "ca").issue("127.0.0.1", days=5)
    issued.key.chmod(0o644)
    code, found = examine(
        KSAD_TLS_CERTIFICATE_FILE=issued.certificate,
        KSAD_TLS_KEY_FILE=issued.key,
        KSAD_DOCUMENTS_DIR=tmp_path / "away",
        KSAD_NATS_URL="nats://127.0.0.1:1",
        KSAD_NATS_MONITOR_URLS="http://127.0.0.1:1",
    )
    assert code == 1
    told = {(one["part"], one["mend"]) for one in found if one["mend"]}
    assert ("key", f"chmod 600 {issued.key}: others may read it") in told
    assert ("certificate", "renew it; a new file holds from the next start or connection on") in told
    assert ("disk", "make the folder, owned by the user of the service") in told
    assert ("broker", "see the log of nats-server, and docs/production.md") in told
    assert ("broker", "start this nats-server, or see its log") in told


def test_documents_have_to_be_where_all_machines_see_them(examine: Examine) -> None:
    """On several machines a folder on a disk of one is a fault, and so is a bucket that does not lock."""

    def seen(**changed: object) -> tuple[str, str]:
        [one] = [one for one in examine(**changed)[1] if one["part"] == "documents"]
        return one["seen"], one["mend"]

    several = {"KSAD_NATS_REPLICAS": 3, "KSAD_DATABASE_URL": "postgresql://registry@127.0.0.1:1/registry"}
    assert seen()[1] == ""
    assert "set KSAD_DOCUMENTS_BUCKET" in seen(**several)[1]
    with BucketServer() as server:

        def at(access: BucketAccess) -> dict[str, object]:
            return several | {f"KSAD_{name.upper()}": value for name, value in settings_of(access).items()}

        assert seen(**at(server.bucket())) == ("a bucket that locks what it is given", "")
        assert seen(**at(server.bucket(locks=False)))[0] == "has no object lock"
        away = at(server.bucket())
    assert seen(**away)[1] == "see that the bucket's server runs, and who may ask it"


def test_an_old_schema_is_found_and_left_alone(examine: Examine, tmp_path: Path) -> None:
    """The schema is compared and not migrated, and the command that migrates it is named."""
    old = f"sqlite:///{tmp_path / 'old.sqlite'}"
    with closing(Database(old)) as made:
        migrate(made, SERVICE.name, SERVICE.steps[:1])
    code, found = examine(KSAD_DATABASE_URL=old)
    assert code == 1
    assert ("schema", "python -m ksad.registry migrate") in {(one["part"], one["mend"]) for one in found}
    (again,) = [one["seen"] for one in examine(KSAD_DATABASE_URL=old)[1] if one["part"] == "schema"]
    assert "has schema 1" in again


@pytest.fixture(scope="module")
def primary() -> Iterator[PostgresServer]:
    """A PostgreSQL of these tests alone."""
    with PostgresServer() as server:
        yield server


def _set(server: PostgresServer, name: str, value: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")


def test_replication_and_backups_are_examined(examine: Examine, primary: PostgresServer) -> None:
    """On several machines a commit has to be on two of them, and WAL in an archive; a missing stream is told."""
    url = primary.create_database()
    with closing(Database(url)) as made:
        migrate(made, SERVICE.name, SERVICE.steps)

    def seen() -> dict[str, Any]:
        _, found = examine(KSAD_DATABASE_URL=url, KSAD_NATS_REPLICAS=3)
        return {one["part"]: (one["seen"], bool(one["mend"])) for one in found}

    alone = seen()
    assert alone["replication"] == ("0 standbys, 0 of them synchronous", True)
    assert alone["backups"] == ("WAL is not archived", True)
    assert alone["line"] == ("does not leave this machine", False)
    assert not alone["clock"][1]
    assert "stream KSAD_LOG is missing" in alone["broker"][0]
    with Standby(primary):
        _set(primary, "synchronous_standby_names", "*")
        wait_until(
            lambda: seen()["replication"] == ("1 standbys, 1 of them synchronous", False),
            what="a synchronous standby",
            seconds=30,
            every=0.5,
        )
        _set(primary, "synchronous_standby_names", "")
    with psycopg.connect(primary.url(), autocommit=True) as connection:
        connection.execute("ALTER ROLE ksad SET synchronous_commit = off")
    assert seen()["database"] == ("synchronous_commit is off", True)
