"""What an archive holds of a province that has reported, and the tools of forgers of reports."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ksad.audit.proving import prove
from ksad.audit.reports import Reports
from ksad.chassis.database import Database
from ksad.contracts import canonical
from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import ReportKind
from ksad.ledger.archive.archive import EVENTS, Lines, read_events
from tests.support.histories.report_chain import GOVERNOR, TEAM, Chain, asked, life

FIRST, SECOND = (str(report_id("R2", TEAM, period)) for period in ("2026-S1", "2026-S2"))
BUILT = str(report_id("R3", GOVERNOR, "2026"))


def reported(data: Path) -> Path:
    """The data folder of an archive of a province whose TKKSD has reported twice, and whose Governor on both."""
    chain = Chain(Database(f"sqlite:///{data / 'reporting.sqlite'}"), data)
    for key, period in (("a", "2026-S1"), ("b", "2026-S2")):
        chain.admit(life(key, TEAM))
        chain.compile(ReportKind.R2, TEAM, period=period)
        identity = report_id("R2", TEAM, period)
        chain.cases.submit(asked(TEAM, f"submit {period}"), identity, f"100/{period}")
        chain.cases.accept(asked(GOVERNOR, f"accept {period}"), identity, None)
    chain.compile(ReportKind.R3, GOVERNOR, period="2026")
    chain.settle()
    with chain.journal.database.read() as connection:
        size = chain.journal.size(connection)
        write(data, [entry.raw for entry in chain.journal.prefix(connection, size)])
    chain.journal.database.close()
    return data


def write(data: Path, leaves: list[bytes]) -> None:
    """Make these the events of an archive."""
    with Lines(data / "events", EVENTS) as lines:
        lines.write(leaves)


def compiled(leaves: Iterable[bytes], report: str) -> list[tuple[int, dict[str, Any]]]:
    """Where and what the compiled versions of a report are."""
    return [(one.at, one.event) for one in Reports.read(leaves).versions if one.report == report]


def replaced(data: Path, report: str, change: Callable[[dict[str, object]], None]) -> int:
    """Change what a report's event says; where it stands."""
    leaves = list(read_events(data / "events"))
    at, event = compiled(leaves, report)[-1]
    change(event["data"])
    write(data, [*leaves[:at], canonical.encode(event), *leaves[at + 1 :]])
    return at


def said(data: Path, report: str) -> dict[str, tuple[int | None, str]]:
    """The checks that fail, each with its leaf and what it says."""
    return {
        one.name.removeprefix("version 1 "): (one.first_bad, one.detail) for one in prove(data, report) if not one.ok
    }
