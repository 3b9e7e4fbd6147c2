"""A report is proved from its prefix: root, figures and content recomputed; anything else is named."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from chassis.auth import Caller
from chassis.clock import SimulatedClock, set_simulated
from chassis.database import Database
from chassis.documents import Documents
from chassis.edge import Command
from chassis.store import EventStore
from contracts import canonical
from contracts.identifiers import command_id, report_id
from contracts.reporting import ReportKind
from reporting.application import Reporting
from reporting.audit.archive import EVENTS, Lines, read_events
from reporting.audit.proving import prove
from reporting.journal import Journal
from reporting.projections.runner import Runner
from tests.support.audited import PLATFORM, made
from tests.support.fed import reference_facts
from tests.support.histories import arrivals, generated

OFFICE, PERIOD = "joint_secretariat", "2015-S1"
REPORT = str(report_id("R1", OFFICE, PERIOD))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """What an archive holds of a platform with one compiled report."""
    set_simulated(tmp_path / "clock", datetime(2015, 7, 6, 2, tzinfo=UTC))
    database = Database(f"sqlite:///{tmp_path / 'reporting.sqlite'}")
    store, log = EventStore(database), Journal(database)
    runner, documents = Runner(database, log), Documents(tmp_path / "data" / "documents" / "reporting")
    clock, source = SimulatedClock(tmp_path / "clock"), f"urn:ksad:{PLATFORM}:reporting"
    cases = Reporting(store, log, documents, clock, source, PLATFORM)
    begun = datetime(2015, 1, 1, tzinfo=UTC)
    adopted = [made(fact, "reference/adopted", n, begun) for n, fact in enumerate(reference_facts(), 1)]
    facts = [*adopted, *generated(300)]
    with database.write() as connection:
        log.admit(connection, arrivals(facts))
    runner.catch_up()
    asked = Command(Caller(OFFICE, "uji"), command_id(OFFICE, "k"), hashlib.sha256(b"k").hexdigest(), None)
    cases.compile(asked, ReportKind.R1, OFFICE, PERIOD)
    reports = [event.to_bytes() for event in store.stream(f"report/{REPORT}")]
    write(tmp_path / "data", [*(fact.to_bytes() for fact in facts), *reports])
    database.close()
    return tmp_path / "data"


def write(data: Path, leaves: list[bytes]) -> None:
    """Make these the events of an archive."""
    with Lines(data / "events", EVENTS) as lines:
        lines.write(leaves)


def verdicts(data: Path, scratch: Path) -> dict[str, int | None]:
    """The checks that fail, with their leaf."""
    scratch.mkdir()
    return {check.name: check.first_bad for check in prove(data, REPORT, scratch) if not check.ok}


def test_an_honest_report_is_proved(data: Path, tmp_path: Path) -> None:
    """Prefix, documents, every figure and the whole content of an untouched report hold; another id is not found."""
    assert verdicts(data, tmp_path / "scratch") == {}
    with pytest.raises(LookupError):
        prove(data, "00000000-0000-5000-8000-000000000000", tmp_path)


def _figure(fact: dict[str, object]) -> None:
    figures = fact["figures"]
    assert isinstance(figures, dict)
    figures["cooperations"] += 1


def _range(fact: dict[str, object]) -> None:
    fact["prefix_size"] = 200


@pytest.mark.parametrize(("change", "check"), [(_figure, "version 1 figures"), (_range, "version 1 prefix")])
def test_a_forged_report_is_named(
    data: Path, tmp_path: Path, change: Callable[[dict[str, object]], None], check: str
) -> None:
    """Row 19: one figure more, or another range of the log, is not what the leaves give."""
    leaves = list(read_events(data / "events"))
    event = orjson.loads(leaves[-1])
    change(event["data"])
    write(data, [*leaves[:-1], canonical.encode(event)])

    assert verdicts(data, tmp_path / "scratch").get(check) == len(leaves) - 1


def test_a_changed_printout_is_named(data: Path, tmp_path: Path) -> None:
    """Row 19: a PDF with another byte no longer has the hash that the report's event names."""
    pdf = next(path for path in (data / "documents").rglob("*") if path.is_file() and b"%PDF" in path.read_bytes()[:8])
    pdf.write_bytes(pdf.read_bytes() + b"\n")

    assert "version 1 documents" in verdicts(data, tmp_path / "scratch")
