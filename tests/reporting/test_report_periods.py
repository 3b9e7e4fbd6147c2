"""A report of a period is about that period, in the words of an office; other periods have reports of their own."""

from datetime import date

import pytest

from ksad.contracts.dates import Period
from ksad.contracts.law import packaged
from ksad.ledger.figures import telling
from ksad.ledger.figures.period import Span

SPAN = Span.of(Period.parse("2026-S1"))


@pytest.mark.clause("P8", "P12", "P13")
@pytest.mark.parametrize(
    ("begun", "closed", "touches"),
    [
        ("2025-11-10", None, True),
        ("2025-11-10", "2025-12-31", False),
        ("2025-11-10", "2026-01-01", True),
        ("2026-06-30", None, True),
        ("2026-06-30", "2026-07-09", True),
        ("2026-07-01", None, False),
    ],
)
def test_what_ran_in_the_period_is_reported(begun: str, closed: str | None, touches: bool) -> None:
    """What closed before the period, or began after it, is left out; what is still open stays in every report."""
    assert SPAN.touches(begun, closed) is touches


@pytest.mark.clause("P12")
def test_tasks_and_cooperations_of_the_period() -> None:
    """A cooperation counts until its end or withdrawal, a task until it is completed or cancelled."""

    def cooperation(key: str, on: str, **over: object) -> tuple[str, dict[str, object]]:
        return key, {"key": key, "detail": {"registered_on": on, "ended": None, **over}}

    listed = [
        cooperation("z", "2020-01-01"),
        cooperation("ended", "2020-01-01", ended={"on": "2025-12-31"}),
        cooperation("withdrawn", "2020-01-01", withdrawn={"on": "2025-12-31"}),
        cooperation("later", "2026-07-02"),
        cooperation("a", "2020-01-01", ended={"on": "2026-02-01"}),
    ]
    assert [key for key, _ in SPAN.cooperations(listed)] == ["a", "z"]

    def task(key: str, on: str, completed: str | None = None, **detail: object) -> tuple[str, dict[str, object]]:
        row = {"completed_on": completed, "due_on": "2026-03-01", "clause": "P11"}
        return key, {**row, "detail": {"scheduled_on": on, **detail}}

    tasks = [
        task("b", "2026-03-01"),
        task("done", "2025-10-01", "2025-11-01"),
        task("gone", "2025-10-01", cancelled_on="2025-11-01"),
        task("a", "2025-10-01", "2026-01-05"),
        task("later", "2026-07-01"),
    ]
    assert [key for key, _ in SPAN.tasks(tasks)] == ["a", "b"]
    problems = {"old": {"on": "2025-01-01", "resolved_on": "2025-02-01"}, "open": {"on": "2025-01-01"}}
    assert list(SPAN.matters(problems, "resolved_on")) == ["open"]


def test_keys_are_told_in_words() -> None:
    """Grounds, reminders, evaluations and papers are told as an office writes, not as the log keys them."""
    row = {"detail": {"profile": "ksdd-2018"}}
    assert telling.ground(packaged(), row, "mutual") == "para pihak sepakat mengakhiri kerja sama"
    assert telling.ground(packaged(), row, "of another law") == "of another law"
    assert telling.ground(packaged(), row, None) is None
    assert telling.reminder("2026-12-31/90") == "90 hari sebelum rencana pengakhiran 31 Desember 2026"
    assert telling.reminder("2026-12-31/notice") == "pemberitahuan pengakhiran lebih awal"
    task = {
        "clause": "P10.d.2",
        "duty": "d.2",
        "completed_on": "2026-03-09",
        "detail": {"evaluation": {"recommendation": "expand", "rating": 5}},
    }
    assert telling.paper(task) == "Pasal 10 huruf d angka 2, 9 Maret 2026"
    assert telling.evaluation(task) == "9 Maret 2026: diperluas, nilai 5"
    assert telling.late("Pertimbangan atas permasalahan", task, "Sampah", 12) == (
        "Selesaikan Pertimbangan atas permasalahan (Pasal 10 huruf d angka 2) pada Sampah: terlambat 12 hari."
    )


def test_the_legal_basis_says_how_it_stands() -> None:
    """Laws are cited as lawyers do, each once; what is revoked, or only reported to be, says so with its mark."""
    lines = {line.clause: line for line in telling.legal_basis(packaged())}
    assert list(lines) == [
        "UU 32/2004",
        "PP 50/2007",
        "Permendagri 22/2009",
        "Permendagri 23/2009",
        "UU 23/2014",
        "PP 28/2018",
        "Permendagri 22/2020",
    ]
    assert "dicabut dengan PP 28/2018 Pasal 51" in lines["PP 50/2007"].text
    for name in ("Permendagri 22/2009", "Permendagri 23/2009"):
        assert lines[name].text.endswith("dilaporkan dicabut oleh Permendagri 22/2020; perlu diverifikasi")
    assert {name for name, line in lines.items() if line.basis == "memory"} == {
        "Permendagri 22/2009",
        "Permendagri 22/2020",
    }
    assert packaged().profile("ksad-2009").status.label in lines["Permendagri 23/2009"].text


def test_a_period_ends_with_its_last_day() -> None:
    """The span is first and last day, both in it."""
    assert Span.of(Period.parse("2025")) == ("2025-01-01", date(2025, 12, 31).isoformat())
