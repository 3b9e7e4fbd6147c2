"""The policy: every period is the operator's and says so, and the law is quoted as setting none."""

from datetime import date

import pytest

from ksad.contracts.dates import Holiday, WorkingCalendar
from ksad.contracts.law import PROFILES, Lawbook, ProfileGapsError, check_terms, load_text, packaged, read_policy

TEXT = load_text("policy")
POLICY = read_policy(TEXT)
WORKING = WorkingCalendar(
    (Holiday(date=date(2025, 12, 25), name="Hari Raya Natal"), Holiday(date=date(2026, 1, 1), name="Tahun Baru"))
)


@pytest.mark.parametrize("name", ["ksad-2009", "ksdd-2018"])
def test_every_duty_has_a_term_and_every_recurring_one_a_period(name: str) -> None:
    """No duty of either profile is left without a due date."""
    check_terms(packaged().profile(name), POLICY)
    with pytest.raises(ProfileGapsError, match=r"duty d\.2: jangka waktu opinion tidak ada"):
        check_terms(packaged().profile(name), read_policy(TEXT.replace("[terms.opinion]", "[terms.meaning]")))
    with pytest.raises(ProfileGapsError, match="duty R3: periode R3 tidak ada"):
        check_terms(packaged().profile(name), read_policy(TEXT.replace("[cadences.R3]", "[cadences.R4]")))


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        (TEXT.replace('basis = "policy"\n', "", 1), "terms.guidance.basis"),
        (TEXT.replace('basis = "policy"', 'basis = "text"', 1), "terms.guidance.basis"),
        (TEXT.replace('source = "kebijakan platform"\n', "", 1), "terms.guidance.source"),
        (TEXT.replace("[180, 90, 60, 30, 7, 0]", "[]"), "reminders.lead_days"),
        (TEXT.replace("days = 10", "days = -1", 1), "terms.guidance.days"),
        (TEXT.replace('period = "year"', 'period = "decade"'), "cadences.R3.period"),
    ],
)
def test_a_period_without_basis_is_refused(text: str, gap: str) -> None:
    """A period without source, without basis, or that claims to be law, does not load."""
    assert text != TEXT
    with pytest.raises(ProfileGapsError) as refused:
        read_policy(text)
    assert any(gap in one for one in refused.value.gaps)


@pytest.mark.parametrize("name", ["ksad-2009", "ksdd-2018"])
def test_each_profile_says_what_the_law_sets(name: str) -> None:
    """For monitoring, the reports and the reminders each profile states what the law says of their periods."""
    silences = {one.about: one for one in packaged().profile(name).silences}
    assert list(silences) == ["monitoring", "R1", "R2", "R3", "reminder"]
    silent = [duty.key for duty in packaged().profile(name).duties if packaged().profile(name).silence(duty)]
    assert silent == ["d.1", "d.4", "R1", "R2", "R3"]
    if name == "ksad-2009":
        assert all("peraturan tidak menetapkan" in one.says for one in silences.values())
    assert "tidak menetapkan" in POLICY.says


def test_terms_count_working_days_or_calendar_days() -> None:
    """Ten working days from Friday 19 December 2025 pass over Christmas, New Year and three weekends."""
    assert POLICY.terms["guidance"].due(date(2025, 12, 19), WORKING).day == date(2026, 1, 6)
    assert POLICY.terms["milestone"].due(date(2025, 12, 25), WORKING).day == date(2025, 12, 25)


@pytest.mark.parametrize(
    ("left", "lead"),
    [(181, None), (180, 180), (91, 180), (90, 90), (31, 60), (30, 30), (8, 30), (7, 7), (0, 0), (-5, 0)],
)
@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_lead_time_has_come_when_no_more_days_are_left(left: int, lead: int | None) -> None:
    """The parties are reminded at 180, 90, 60, 30, 7 and 0 days; whoever comes late gets the one that has come."""
    assert POLICY.reminders.lead(left) == lead


def test_periods_are_those_of_the_calendar() -> None:
    """Monitoring, R1 and R2 go by semester, R3 by year."""
    day = date(2026, 11, 24)
    periods = {name: str(cadence.containing(day)) for name, cadence in POLICY.cadences.items()}
    assert periods == {"monitoring": "2026-S2", "R1": "2026-S2", "R2": "2026-S2", "R3": "2026"}


@pytest.mark.fault("bug-reports V4")
def test_a_policy_is_adopted_as_it_is_written() -> None:
    """A number of days in quotes is not adopted, and said so in Indonesian; what was adopted is read as it was."""
    text = load_text("policy").replace("days = 10\n", 'days = "10"\n', 1)
    assert text != load_text("policy")
    with pytest.raises(ProfileGapsError, match="harus berupa bilangan bulat"):
        read_policy(text, strict=True)
    assert read_policy(text) == read_policy(load_text("policy"), strict=True)


@pytest.mark.parametrize("name", PROFILES)
def test_packaged_profiles_can_be_adopted(name: str) -> None:
    """What comes with the software is itself in the form that adoption asks for."""
    Lawbook.from_texts((load_text(one) for one in PROFILES), strictly=load_text(name))
