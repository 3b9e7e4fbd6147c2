"""Registration: two different regions that exist, exploration first, the profile of the day."""

from datetime import date

import pytest

from ksad.contracts.registry import Category, Registered, Stage
from ksad.contracts.rules import RuleBrokenError
from tests.support.histories.cooperations import HEAD, KARANGANYAR, LAST, SOLO, TODAY, Case

PARTIES = [SOLO, KARANGANYAR]


@pytest.mark.clause("P1.4", "P4.a")
def test_a_registration_is_the_fact_as_it_was_said() -> None:
    """The event has every field of the command, the stage exploration, and the profile in force."""
    case = Case.empty().do("register", **HEAD, parties=PARTIES, category="mandatory", initiator=SOLO)
    assert case.facts == [
        Registered(
            **HEAD,
            parties=PARTIES,
            category=Category.MANDATORY,
            initiator=SOLO,
            stage=Stage.EXPLORATION,
            profile="ksdd-2018",
        )
    ]
    assert (case.state.registered_on, case.state.parties) == (TODAY, (SOLO, KARANGANYAR))


def test_a_cooperation_is_registered_once() -> None:
    """The key of a cooperation is taken for ever, also after its end."""
    case = Case()
    assert case.refused("key-unique", "register", **HEAD, parties=PARTIES).clause is None
    case.do("withdraw-proposal", reason="x").refused("key-unique", "register", **HEAD, parties=PARTIES)


@pytest.mark.clause("P4.a")
@pytest.mark.parametrize("stage", ["negotiation", "signing", LAST])
def test_a_new_cooperation_begins_with_exploration(stage: str) -> None:
    """Another first stage is refused, but for a legacy cooperation, which begins where the paper found it."""
    error = Case.empty().refused("begins-with-exploration", "register", **HEAD, parties=PARTIES, stage=stage)
    assert error.clause == "P4"
    assert Case(PARTIES, stage=stage, legacy=True).state.stage == stage


@pytest.mark.clause("P1.1", "P1.4")
@pytest.mark.parametrize(
    ("parties", "rule", "clause"),
    [
        ([SOLO], "parties-differ", "P1.4"),
        ([SOLO, SOLO], "parties-differ", "P1.4"),
        ([SOLO, "31.71"], "region-autonomous", "P1.1"),
        ([SOLO, "99.99"], "region-known", "P1.1"),
        ([SOLO, "91.01"], "region-valid", "P1.1"),
        ([SOLO, "PT Maju"], "party-is-region", "P1.4"),
        ([SOLO, "kementerian:pupr"], "party-is-region", "P1.4"),
    ],
)
def test_parties_are_two_different_regions(parties: list[str], rule: str, clause: str) -> None:
    """Parties are at least two different autonomous regions under codes that are valid on that day."""
    assert Case.empty().refused(rule, "register", **HEAD, parties=parties).clause == clause


@pytest.mark.fault(
    "bug-reports 30",
    kind="A code counts on days on which its region was not founded.",
    looked="Registering, joining, boundary changes, who supervises; the founding days of the packaged table.",
    found="The packaged table knows the founding days of the four provinces of 2022 and no earlier one, such as that of"
    " Kalimantan Utara: its codes count on any day until the Minister adopts a table that has the day.",
)
@pytest.mark.clause("P1.1")
def test_a_code_must_be_valid_on_the_day_it_is_said() -> None:
    """Merauke was 91.01 until 2022 and is 93.01 since: each code is good in its own time only."""
    early, late = date(2021, 1, 1), date(2023, 1, 1)
    old, new = [SOLO, "91.01"], [SOLO, "93.01"]
    assert Case(old, early).state.parties == (SOLO, "91.01")
    assert Case(new, late).state.parties == (SOLO, "93.01")
    with pytest.raises(RuleBrokenError, match=r"93\.01"):
        Case(old, late)
    with pytest.raises(RuleBrokenError, match="baru berlaku"):
        Case(new, early)


@pytest.mark.clause("P1.3")
def test_who_takes_the_initiative_is_a_party() -> None:
    """The initiator is one of the parties, or not named."""
    error = Case.empty().refused("initiator-is-party", "register", **HEAD, parties=PARTIES, initiator="34.71")
    assert (error.clause, Case(initiator=SOLO).state.initiator) == ("P1.3", SOLO)


@pytest.mark.clause("UU 23/2014 Pasal 363")
@pytest.mark.fault(
    "law L5",
    kind="a rule that a statute set from a day on follows the profile that a cooperation is bound to",
    looked="finality, escalation, categories, approval of councils, the clause of an expiry, grounds of jurisdiction",
    found="categories began four years late; what is only recalled was a ground of refusals",
)
def test_categories_begin_with_the_law_of_2014() -> None:
    """Mandatory and voluntary are refused for a cooperation of before, and known from 2 October 2014 on."""
    for category in ("mandatory", "voluntary"):
        fields = {**HEAD, "parties": PARTIES, "category": category}
        error = Case.empty().refused("category-known", "register", date(2014, 10, 1), **fields)
        assert error.clause == "UU 23/2014 Pasal 363"
        assert Case(PARTIES, date(2014, 10, 2), category=category).state.category == category


@pytest.mark.parametrize(
    ("on", "rule"),
    [
        (date(1945, 8, 16), "date-plausible"),
        (date(2026, 6, 2), "date-not-future"),
        (date(2999, 1, 1), "date-not-future"),
    ],
)
def test_facts_lie_between_independence_and_today(on: date, rule: str) -> None:
    """A fact before 17 August 1945, or one that has not happened yet, is refused, whatever the command."""
    Case.empty().refused(rule, "register", on, **HEAD, parties=PARTIES)
    Case().refused(rule, "form-body", on, name="B", seat="S", instrument="1")
    Case.paper().refused(rule, "report-problem", on, problem="p", description="x")


def test_only_a_registered_cooperation_goes_on() -> None:
    """Every other command on what is not in the register is refused as unknown."""
    case = Case.empty()
    case.refused("cooperation-known", "enter-stage", stage="negotiation")
    case.refused("cooperation-known", "end", ground="mutual")


def test_a_proposal_is_withdrawn_before_anything_is_signed() -> None:
    """The reason is kept and nothing follows; after a signature a cooperation ends, it is not withdrawn."""
    case = Case().do("withdraw-proposal", reason="anggaran tidak tersedia")
    assert (case.state.withdrawn, case.last.reason) == (True, "anggaran tidak tersedia")
    case.refused("cooperation-open", "enter-stage", stage="negotiation")
    for signed in (Case().agreed(), Case().signed(), Case.paper()):
        assert signed.refused("nothing-signed", "withdraw-proposal", reason="x").clause == "P1.4"
