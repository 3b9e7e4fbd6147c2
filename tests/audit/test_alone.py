"""An installation of ``ksad-audit`` does all that an auditor asks for, without any service or its libraries."""

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ksad.chassis.database import Database
from ksad.chassis.places import DataFolder
from ksad.contracts.envelope import Envelope
from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import ReportKind
from ksad.ledger.log.keys import Validity
from ksad.reporting.checkpoints.keys import write_public
from ksad.reporting.keeping.export import export
from tests.support.forgers.audited import Audited, feed_with, fill
from tests.support.histories.report_chain import TEAM, Chain, life
from tests.support.platforms.ministry import Ministry
from tests.support.releases.environment import Environment, install
from tests.support.text.distributions import closure

DISTRIBUTION = "ksad-audit"
MACHINERY = {"sqlalchemy", "eventsourcing", "fastapi", "structlog", "nats-py", "psycopg"}


@pytest.fixture(scope="module")
def alone(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment in which ``ksad-audit`` is installed."""
    return install(tmp_path_factory.mktemp("alone") / "environment", wheels, DISTRIBUTION)


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """An archive of a platform on which a TKKSD has compiled its report."""
    root = tmp_path_factory.mktemp("reported")
    (root / "chain").mkdir()
    chain = Chain(Database(f"sqlite:///{root / 'chain.sqlite'}"), root / "chain")
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    chain.settle()
    with chain.journal.database.read() as connection:
        leaves = [entry.raw for entry in chain.journal.prefix(connection, chain.journal.size(connection))]
    chain.journal.database.close()
    source = DataFolder(root / "data")
    shutil.copytree(root / "chain" / "documents", source.root / "documents")
    kept = fill(source, [Envelope.from_bytes(raw) for raw in leaves], platform="test")
    export(source, root / "archive.tar")
    return Audited(source, source.keys / "public.vkeys", root / "archive.tar", kept)


def audit(alone: Environment, cwd: Path, *words: object) -> str:
    """What the installed command says; it must succeed."""
    done: subprocess.CompletedProcess[str] = alone.run(alone.program("ksad-audit"), *words, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def asked(alone: Environment, cwd: Path, of: Audited, verb: str, *words: object) -> Any:
    """What a verb answers about an archive that it verifies first."""
    return json.loads(audit(alone, cwd, verb, of.archive, *words, "--key", of.keys, "--json"))


def test_no_service_is_needed(alone: Environment, whole: Audited, tmp_path: Path) -> None:
    """An environment of contracts, ledger, audit and what they declare, and nothing else, verifies."""
    assert {name for name in alone.distributions() if name.startswith("ksad-")} == {
        "ksad-contracts",
        "ksad-ledger",
        "ksad-audit",
    }
    assert not MACHINERY & alone.distributions()
    said = audit(alone, tmp_path, "verify", whole.archive, "--key", whole.keys)
    assert said.splitlines()[-1] == "everything holds"


def test_nats_comes_with_its_extra() -> None:
    """The broker's client is there for whoever asks for it, and brings no machinery of a service with it."""
    assert MACHINERY & closure(f"{DISTRIBUTION}[nats]") == {"nats-py"}


def test_what_was_verified_is_replayed_alone(alone: Environment, whole: Audited, tmp_path: Path) -> None:
    """The same environment folds the log into an SQLite file, what was known and what had occurred."""
    for manner in ("--known", "--occurred"):
        into = tmp_path / f"{manner}.sqlite"
        said = asked(alone, tmp_path, whole, "replay", "--as-of", "2015-03-04", manner, "--into", into)
        assert said["rows"]["register"] > 0
        assert into.stat().st_size > 0


def test_two_days_are_compared_alone(alone: Environment, whole: Audited, tmp_path: Path) -> None:
    """The same environment says which rows differ between two days, and by which entries."""
    changes = asked(alone, tmp_path, whole, "diff", "2015-03-01", "2015-03-04")
    assert changes
    assert all(change["causes"] for change in changes)


def test_a_cooperation_is_traced_alone(alone: Environment, whole: Audited, tmp_path: Path) -> None:
    """The same environment tells the history of one cooperation."""
    assert len(asked(alone, tmp_path, whole, "trace", "naskah")) > 1


def test_a_report_is_proved_alone(alone: Environment, reported: Audited, tmp_path: Path) -> None:
    """The same environment compiles a report again, and finds the figures that were reported."""
    said = asked(alone, tmp_path, reported, "prove-report", report_id("R2", TEAM, "2026-S1"))
    assert said["ok"]
    assert len(said["checks"]) > 3


def test_a_feed_is_followed_alone(alone: Environment, whole: Audited, tmp_path: Path) -> None:
    """The same environment takes a province's feed over HTTP, with a token and a key in files, and verifies it."""
    _, _, received = feed_with(whole, 0)
    token, keys, into = tmp_path / "token", tmp_path / "public.vkeys", tmp_path / "feed.sqlite"
    token.write_text("token-of-feed-32\n")
    token.chmod(0o600)
    with Ministry(received) as ministry:
        write_public(keys, {ministry.key.verifier: Validity()})
        places = ("--url", ministry.url, "--token-file", token, "--key", keys, "--into", f"sqlite:{into}")
        said = audit(alone, tmp_path, "follow", "--province", "32", *places, "--once", "--json")
    assert json.loads(said)["stored"] == len(received) > 1
    with closing(sqlite3.connect(into)) as kept:
        stored = [bytes(raw) for (raw,) in kept.execute("SELECT raw FROM confirmed ORDER BY position")]
    assert stored == received
