"""How much stands in which room: what can be computed from the log's bytes alone is not kept where it is told."""

from collections import Counter

from tests.support.text.source import ROOT, members

REPORTING_MAX = 0.22
"""It was more than two fifths of the code before the ledger and the audit became rooms of their own."""


def lines() -> Counter[str]:
    """The lines of Python of each package, without tests."""
    found = Counter[str]()
    for name, source in members().items():
        found[name] = sum(len(file.read_text().splitlines()) for file in source.rglob("*.py"))
    return found


def test_reporting_is_a_small_part() -> None:
    """Reporting has less than 22 of 100 lines under contracts, services and deploy."""
    found = lines()
    assert set(found) >= {"ksad.contracts", "ksad.ledger", "ksad.reporting", "ksad.local"}
    assert found["ksad.reporting"] < REPORTING_MAX * found.total()


def test_the_count_leaves_nothing_out() -> None:
    """Every line of Python under contracts, services and deploy is counted."""
    folders = [ROOT / name for name in ("contracts", "services", "deploy")]
    files = [file for folder in folders for file in folder.rglob("*.py") if "build" not in file.parts]
    assert lines().total() == sum(len(file.read_text().splitlines()) for file in files)
