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
def test_cooperations_and_matters_of_the_period() -> None:
    """A cooperation counts until it is closed, not until it ends; a matter until it is over."""

    def cooperation(on: str, closed_on: str | None = None) -> dict[str, object]:
        return {"detail": {"registered_on": on}, "closed_on": closed_on}

    assert SPAN.covers(cooperation("2020-01-01"))
    assert SPAN.covers(cooperation("2020-01-01", "2026-02-01"))
    assert not SPAN.covers(cooperation("2020-01-01", "2025-12-31"))
    assert not SPAN.covers(cooperation("2026-07-02"))
    problems = {"old": {"on": "2025-01-01", "resolved_on": "2025-02-01"}, "open": {"on": "2025-01-01"}, "later": {}}
    assert list(SPAN.matters(problems, "resolved_on")) == ["open"]


def test_keys_are_told_in_words() -> None:
    """Grounds, reminders, evaluations and papers are told as an office writes, not as the log keys them."""
    row = {"detail": {"profile": "ksdd-2018"}}
    assert telling.ground(packaged(), row, "mutual", None) == "para pihak sepakat mengakhiri kerja sama"
    assert telling.ground(packaged(), row, "of another law", None) is None
    assert telling.ground(packaged(), row, None, None) is None
    for scheduled_on, occasion, told in (
        ("2026-10-02", None, "90 hari sebelum rencana pengakhiran 31 Desember 2026"),
        ("2026-12-31", None, "hari rencana pengakhiran, 31 Desember 2026"),
        ("2027-01-30", None, "30 hari setelah berakhir pada 31 Desember 2026; penyelesaiannya belum tuntas"),
        ("2026-03-01", "early-notice", "pemberitahuan pengakhiran lebih awal"),
    ):
        reminder = {"detail": {"scheduled_on": scheduled_on, "occasion": occasion, "rests_on": "2026-12-31"}}
        assert telling.reminder(reminder) == told
    task = {
        "clause": "P10.d.2",
        "duty": "d.2",
        "completed_on": "2026-03-09",
        "detail": {"evaluation": {"recommendation": "expand", "rating": 5}},
    }
    assert telling.paper(task) == "Pasal 10 huruf d angka 2, 9 Maret 2026"
    assert telling.evaluation(task) == "9 Maret 2026: diperluas, nilai 5"


@pytest.mark.fault(
    "law L9",
    kind="what is in force no more, or only recalled, is cited as the ground of an official letter",
    looked="laws and regulations of all profiles, amendments, titles; the adopting decisions of texts",
    found="UU 23/2014 was cited as if it had never been amended; two titles were wrong",
)
def test_the_legal_basis_is_what_is_in_force() -> None:
    """A letter of November 2026 cites, in their rank and as amended, what is in force; the rest is in an attachment."""
    on = date(2026, 11, 1)
    lines = {line.clause: line for line in telling.legal_basis(packaged(), on)}
    assert list(lines) == ["UU 23/2014", "PP 28/2018", "Permendagri 23/2009"]
    assert {line.basis for line in lines.values()} == {"text"}
    assert "sebagaimana telah beberapa kali diubah terakhir dengan Undang-Undang Nomor 6 Tahun 2023" in (
        lines["UU 23/2014"].text
    )
    assert lines["Permendagri 23/2009"].text.endswith(
        "tetap berlaku sepanjang tidak bertentangan dengan PP 28/2018 (Pasal 50)"
    )
    assert not any("perlu diverifikasi" in line.text for line in lines.values())
    past = {line.clause: line for line in telling.legal_history(packaged(), on)}
    assert list(past) == [
        "UU 32/2004",
        "PP 50/2007",
        "Permendagri 22/2009",
        "Permendagri 23/2009",
        "Permendagri 22/2020",
    ]
    assert past["UU 32/2004"].text.endswith("dicabut dengan UU 23/2014")
    assert past["PP 50/2007"].text.endswith("dicabut dengan PP 28/2018 Pasal 51")
    for name in ("Permendagri 22/2009", "Permendagri 23/2009", "Permendagri 22/2020"):
        assert past[name].basis == "memory"
        assert past[name].text.endswith("perlu diverifikasi")
    assert packaged().profile("ksad-2009").status.label == past["Permendagri 23/2009"].text


def test_the_legal_basis_is_that_of_its_day() -> None:
    """What began later is not cited before, nor is it history; an end that is ahead is not told."""
    on = date(2013, 1, 1)
    lines = {line.clause: line.text for line in telling.legal_basis(packaged(), on)}
    assert list(lines) == ["UU 32/2004", "PP 50/2007", "Permendagri 23/2009"]
    assert lines["UU 32/2004"] == "Undang-Undang Nomor 32 Tahun 2004 tentang Pemerintahan Daerah"
    assert "UU 23/2014" not in {line.clause for line in telling.legal_history(packaged(), on)}
    younger = {line.clause: line.text for line in telling.legal_basis(packaged(), date(2016, 1, 1))}
    # The amendment of 2015 is only recalled.
    assert younger["UU 23/2014"] == "Undang-Undang Nomor 23 Tahun 2014 tentang Pemerintahan Daerah"


def test_a_period_ends_with_its_last_day() -> None:
    """The span is first and last day, both in it."""
    assert Span.of(Period.parse("2025")) == ("2025-01-01", date(2025, 12, 31).isoformat())
