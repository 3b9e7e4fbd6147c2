"""The legal profile: bound at registration, again at signing, and pinned by an operator with a reason."""

from datetime import date

import pytest

from ksad.contracts.registry import ProfileBound
from tests.support.histories.cooperations import BOTH, KARANGANYAR, SOLO, Case

PARTIES = (SOLO, KARANGANYAR)
BEFORE, AFTER = date(2018, 7, 12), date(2018, 7, 13)


@pytest.mark.clause("P14")
@pytest.mark.parametrize(
    ("on", "profile"), [(date(1999, 1, 1), "ksad-2009"), (BEFORE, "ksad-2009"), (AFTER, "ksdd-2018")]
)
def test_registration_binds_the_profile_in_force(on: date, profile: str) -> None:
    """The profile of the day of registration is in the fact; before all profiles it is the first."""
    case = Case(PARTIES, on)
    assert (case.last.profile, case.state.profile) == (profile, profile)


@pytest.mark.clause("P14")
def test_signing_binds_the_profile_of_that_day() -> None:
    """An agreement that is signed under the law of 2018 moves an older cooperation to it, by a fact of its own."""
    case = Case(PARTIES, date(2015, 1, 1), stage="signing", legacy=True)
    case.do("sign-accord", date(2016, 1, 1), numbers=BOTH, legacy=True)
    assert case.state.profile == "ksad-2009"
    case.do("sign-agreement", date(2020, 1, 1), numbers=BOTH, legacy=True)
    assert case.last == ProfileBound(profile="ksdd-2018", occasion="signing", reason=None)
    assert case.state.profile == "ksdd-2018"


@pytest.mark.clause("PP 28/2018 Pasal 48")
def test_what_was_signed_before_keeps_its_law() -> None:
    """Signed before 13 July 2018 a cooperation stays with the profile of then, also when it is amended or extended."""
    case = Case(PARTIES, date(2015, 1, 1), stage="signing", legacy=True)
    case.do("sign-agreement", BEFORE, numbers=BOTH, ends_on="2030-01-01", legacy=True)
    assert not any(isinstance(fact, ProfileBound) for fact in case.facts)
    case.do("extend", numbers=BOTH, ends_on="2032-01-01").do("amend", numbers=BOTH)
    assert case.state.profile == "ksad-2009"


def test_an_operator_pins_another_profile_with_a_reason() -> None:
    """The pin is a fact with its reason, holds for every rule from then on, and stays when the agreement is signed."""
    case = Case().agreed().do("pin-profile", profile="ksad-2009", reason="diperjanjikan menurut hukum lama")
    assert case.last == ProfileBound(profile="ksad-2009", occasion="pinned", reason="diperjanjikan menurut hukum lama")
    case.do("sign-agreement", numbers=BOTH, ends_on="2030-01-01").do(
        "enter-stage", stage="implementation_and_termination"
    )
    assert case.state.profile == "ksad-2009"
    case.refused("ending-ground", "end", ground="mutual")
    case.do("give-termination-notice", ground="agreed_procedure", planned_end_on="2027-01-01")


def test_a_pin_names_a_profile_that_was_adopted() -> None:
    """An unknown profile is refused with those that there are."""
    error = Case().refused("profile-known", "pin-profile", profile="ksad-1999", reason="x")
    assert "ksad-2009, ksdd-2018" in error.detail
