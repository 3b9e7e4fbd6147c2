"""The legal profile: bound at registration, again at signing, and pinned by the Ministry by decision."""

from datetime import date

import pytest

from ksad.contracts.dates import PartialDate
from ksad.contracts.registry import AgreementSigned, DecisionCited, EntryVerified, ProfileBound, Registered
from ksad.registry.domain import binding
from ksad.registry.domain.commands.verifying import VerifyEntries
from ksad.registry.domain.context import Context
from ksad.registry.domain.cooperation import evolve, next_event
from tests.support.histories.cooperations import BOTH, KARANGANYAR, PAPER, PINNED, SOLO, TODAY, Case, adopted
from tests.support.histories.newest import fact_of

PARTIES = (SOLO, KARANGANYAR)
BEFORE, AFTER = date(2018, 7, 12), date(2018, 7, 13)


@pytest.mark.clause("P14")
@pytest.mark.parametrize(
    ("on", "profile"), [(date(1999, 1, 1), "ksad-2009"), (BEFORE, "ksad-2009"), (AFTER, "ksdd-2018")]
)
def test_a_legacy_registration_binds_the_profile_of_its_day(on: date, profile: str) -> None:
    """The profile of the day of registration is in the fact; before all profiles it is the first."""
    case = Case(PARTIES, on, legacy=True)
    assert (case.last.profile, case.state.profile) == (profile, profile)


@pytest.mark.parametrize("on", [date(1999, 1, 1), BEFORE, AFTER])
def test_no_date_that_a_party_chose_picks_the_law(on: date) -> None:
    """What is recorded today is bound to the profile of today, whatever day it is said to be of."""
    assert binding.profile_of_the_day(Context(adopted(), on, TODAY)) == "ksdd-2018"
    case = Case(PARTIES, date(2015, 1, 1), stage="signing", legacy=True)
    (bound,) = binding.at_signing(case.state, "perjanjian-1", Context(adopted(), on, TODAY))
    assert bound == fact_of(ProfileBound, profile="ksdd-2018", occasion="signing", reason=None)


def test_a_verified_signing_binds_the_profile_of_its_day() -> None:
    """Scenario 23: once the supervising body has examined the date, the law of that day binds; statutes hold anyway."""
    case = Case().agreed().do("sign-agreement", numbers=BOTH)
    context = Context(adopted(), TODAY, TODAY)

    def verified(signed: str) -> list[ProfileBound]:
        return binding.by_verified_signing(case.state, "perjanjian-1", PartialDate.parse(signed), context)

    assert verified("2018-07-01") == [fact_of(ProfileBound, profile="ksad-2009", occasion="verified", reason=None)]
    # Of 2018 nobody can say which law it was signed under.
    assert verified("2018") == verified("2018-07-13") == []
    assert [one.profile for one in verified("2017")] == ["ksad-2009"]
    case.do("pin-profile", profile="ksdd-2018", **PINNED)
    assert verified("2018-07-01") == []


def test_verifying_the_signing_binds_in_the_same_transaction() -> None:
    """Scenario 23: the entry is verified and the profile of its day bound; of other entries nothing follows."""
    case = Case().agreed()
    registered, entry = case.event(Registered), next_event(case.state)
    untold = dict.fromkeys(("effective_on", "ends_on", "scope", "document"))
    signed = fact_of(AgreementSigned, numbers=BOTH, witnesses=[], **untold)
    state = evolve(case.state, signed, date(2018, 7, 1))
    context = Context(adopted(), TODAY, TODAY)
    command = VerifyEntries(entries=[registered, entry])
    verified, bound = command.facts(state, context)
    assert verified == EntryVerified(entries=[registered, entry], note=None)
    assert bound == fact_of(ProfileBound, profile="ksad-2009", occasion="verified", reason=None)
    assert command.model_copy(update={"entries": [registered]}).facts(state, context)[1:] == []
    after = evolve(evolve(state, verified, TODAY), bound, TODAY)
    assert after.profile == "ksad-2009"
    # Statutes hold whatever is bound: the term of such an agreement ends by the law of the day of the end.
    assert context.adopted.law.dispute_rules(TODAY).escalation is not None


@pytest.mark.clause("P14")
def test_signing_binds_the_profile_of_that_day() -> None:
    """An agreement that is signed under the law of 2018 moves an older cooperation to it, by a fact of its own."""
    case = Case(PARTIES, date(2015, 1, 1), stage="signing", legacy=True)
    case.do("sign-accord", date(2016, 1, 1), numbers=BOTH, legacy=True)
    assert case.state.profile == "ksad-2009"
    case.do("sign-agreement", date(2020, 1, 1), numbers=BOTH, legacy=True)
    assert case.act == fact_of(ProfileBound, profile="ksdd-2018", occasion="signing", reason=None)
    assert case.state.profile == "ksdd-2018"


@pytest.mark.clause("PP 28/2018 Pasal 48")
def test_what_was_signed_before_keeps_its_law() -> None:
    """Signed before 13 July 2018 a cooperation stays with the profile of then, also when it is amended or extended."""
    case = Case(PARTIES, date(2015, 1, 1), stage="signing", legacy=True)
    case.do("sign-agreement", BEFORE, numbers=BOTH, ends_on="2030-01-01", legacy=True)
    assert not any(isinstance(fact, ProfileBound) for fact in case.facts)
    case.do("extend", numbers=BOTH, ends_on="2032-01-01").do("amend", numbers=BOTH)
    assert case.state.profile == "ksad-2009"


def test_the_ministry_pins_another_profile_with_a_reason() -> None:
    """The pin is a fact with decision and reason, holds for every rule from then on, and stays at the signing."""
    case = Case().agreed().do("pin-profile", profile="ksad-2009", **PINNED)
    decision = DecisionCited.model_validate(PINNED["decision"])
    assert case.act == fact_of(ProfileBound, profile="ksad-2009", occasion="pinned", reason="uji", decision=decision)
    case.do("sign-agreement", numbers=BOTH, ends_on="2030-01-01")
    assert case.state.profile == "ksad-2009"
    case.do("give-termination-notice", ground="agreed_procedure", planned_end_on="2027-01-01")


def test_a_pin_fits_what_is_recorded() -> None:
    """The same profile is not pinned twice, nor one over a notice whose ground it does not know. A category is known by
    the statute of 2 October 2014 and not by the profile: it stays.
    """
    case = Case(category="voluntary").do("pin-profile", profile="ksad-2009", **PINNED)
    assert case.state.category == "voluntary"
    case.refused("nothing-to-do", "pin-profile", profile="ksad-2009", **PINNED)
    case.do("pin-profile", profile="ksdd-2018", **PINNED)
    noticed = Case().running().do("pin-profile", profile="ksad-2009", **PINNED)
    noticed.do("give-termination-notice", ground="agreed_procedure", planned_end_on="2027-01-01")
    error = noticed.refused("notice-fits-profile", "pin-profile", profile="ksdd-2018", **PINNED)
    assert error.facts["agreement"] == "perjanjian-1"
    noticed.do("revoke-termination-notice", reason="x", document=PAPER).do("pin-profile", profile="ksdd-2018", **PINNED)


def test_a_pin_names_a_profile_that_was_adopted() -> None:
    """An unknown profile is refused with those that there are."""
    error = Case().refused("profile-known", "pin-profile", profile="ksad-1999", **PINNED)
    assert "pilih: Permendagri Nomor 23 Tahun 2009" in error.detail
    assert error.facts["profiles"] == ["ksad-2009", "ksdd-2018"]
