"""Instruments: a number per party, signed at signing, an end after the beginning, amended and extended."""

from datetime import date
from typing import Any

import pytest

from ksad.contracts.registry import (
    AccordSigned,
    AgreementAmended,
    AgreementExtended,
    AgreementSigned,
    CouncilApprovalRecorded,
    InstrumentKind,
    SigningScheduled,
)
from tests.support.histories.cooperations import BOTH, KARANGANYAR, LAST, SOLO, TODAY, YOGYA, Case, reference_to
from tests.support.histories.newest import fact_of

FOUR = (SOLO, KARANGANYAR, "33.11", "33.10")


@pytest.mark.clause("P6.c.1", "P6.c.2", "P10.c.1", "P10.c.2")
@pytest.mark.parametrize("instrument", ["accord", "agreement"])
def test_a_signing_is_scheduled_with_the_institutions_of_its_object(instrument: str) -> None:
    """The milestone says which instrument, which day, and which sectoral ministries or agencies are concerned."""
    said: dict[str, Any] = {
        "instrument": instrument,
        "signing_on": "2026-07-01",
        "institutions": ["Kementerian Lingkungan Hidup"],
    }
    case = Case().negotiating().do("schedule-signing", **said)
    assert case.act == fact_of(SigningScheduled, **said)
    assert Case().do("schedule-signing", instrument="accord", signing_on="2026-06-01").last.institutions == []


@pytest.mark.clause("P6.c", "P10.c")
def test_a_signing_lies_ahead() -> None:
    """A signing is scheduled for its own day or later, and within a hundred years."""
    case = Case().negotiating()
    error = case.refused("signing-ahead", "schedule-signing", instrument="accord", signing_on="2026-05-31")
    assert error.clause == "P6.c/P10.c"
    case.refused("date-plausible", "schedule-signing", instrument="accord", signing_on="2999-01-01")
    assert (
        case.do("schedule-signing", instrument="accord", signing_on="2026-06-01").last.instrument
        is InstrumentKind.ACCORD
    )


@pytest.mark.clause("P1.5")
def test_the_accord_has_numbers_witnesses_and_document() -> None:
    """The fact has one number per party, the offices that witnessed, and the document's hash."""
    paper = reference_to(b"kesepakatan")
    case = Case().signing().do("sign-accord", numbers=BOTH, witnesses=["Gubernur Jawa Tengah"], document=paper)
    assert case.act == fact_of(AccordSigned, numbers=BOTH, witnesses=["Gubernur Jawa Tengah"], document=paper)
    assert (case.state.accord_signed, case.state.agreement_signed) == (True, False)


@pytest.mark.clause("P1.4", "P1.5", "P1.6")
@pytest.mark.parametrize("command", ["sign-accord", "sign-agreement", "amend", "extend"])
@pytest.mark.parametrize(
    ("numbers", "missing", "extra"),
    [({SOLO: "1"}, [KARANGANYAR], []), ({**BOTH, YOGYA: "3"}, [], [YOGYA]), ({}, [KARANGANYAR, SOLO], [])],
)
def test_an_instrument_has_one_number_per_party(
    command: str, numbers: dict[str, str], missing: list[str], extra: list[str]
) -> None:
    """A number that is missing, or one of a stranger, is named, for every instrument and for legacy facts."""
    case = {"sign-accord": Case().signing, "sign-agreement": Case().agreed}.get(command, Case().running)()
    fields = {"ends_on": "2031-01-01"} if command == "extend" else {}
    for legacy in (False, True):
        error = case.refused("number-per-party", command, numbers=numbers, legacy=legacy, **fields)
        assert (error.clause, error.facts) == ("P1.4", {"missing": missing, "extra": extra})


@pytest.mark.clause("P1.4")
def test_four_parties_give_four_numbers() -> None:
    """As many numbers as parties, whoever they are."""
    numbers = {code: f"{code}/1" for code in FOUR}
    assert Case(FOUR).signing().do("sign-accord", numbers=numbers).last.numbers == numbers


@pytest.mark.clause("P4.c")
def test_instruments_are_signed_in_the_stage_of_signing() -> None:
    """The accord first, then the agreement, both at signing; on legacy facts the order of stages is not enforced."""
    assert Case().negotiating().refused("signed-at-signing", "sign-accord", numbers=BOTH).clause == "P4.c"
    assert Case().signing().refused("signed-at-signing", "sign-agreement", numbers=BOTH).clause == "P4.c"
    Case().signing().do("sign-accord", numbers=BOTH).do("enter-stage", stage="negotiation").refused(
        "signed-at-signing", "sign-agreement", numbers=BOTH
    )
    assert Case(legacy=True).do("sign-agreement", numbers=BOTH, legacy=True).state.agreement_signed


@pytest.mark.clause("PP 28/2018 Pasal 6(2)")
def test_a_council_approves_for_its_party() -> None:
    """The approval of a party's council is recorded with its number; a stranger's is refused."""
    case = Case().agreed().do("record-council-approval", region=SOLO, number="DPRD 7/2026")
    assert case.act == fact_of(CouncilApprovalRecorded, region=SOLO, number="DPRD 7/2026")
    error = case.refused("region-is-party", "record-council-approval", region=YOGYA, number="1")
    assert (error.clause, error.facts) == ("P1.3", {"region": YOGYA})


@pytest.mark.clause("P1.6")
def test_the_agreement_has_its_term_and_scope() -> None:
    """The fact has numbers, beginning, end, scope, witnesses and document; without dates it is open-ended."""
    paper = reference_to(b"perjanjian")
    said: dict[str, Any] = {
        "numbers": BOTH,
        "effective_on": date(2026, 7, 1),
        "ends_on": "2031-07-01",
        "scope": "pengolahan bersama",
        "witnesses": ["Gubernur", "Menteri Lingkungan Hidup"],
        "document": paper,
    }
    case = Case().agreed().do("sign-agreement", **said)
    assert case.act == fact_of(AgreementSigned, **said, accord="kesepakatan-1")
    assert (case.state.effective_on, case.state.ends_on) == (date(2026, 7, 1), date(2031, 7, 1))
    assert Case().agreed().do("sign-agreement", numbers=BOTH).state.ends_on is None


@pytest.mark.clause("P1.6")
@pytest.mark.parametrize(
    ("effective_on", "ends_on"), [("2026-06-01", "2026-05-01"), ("2027-01-01", "2027-01-01"), (None, "2026-06-01")]
)
def test_an_agreement_ends_after_it_begins(effective_on: str | None, ends_on: str) -> None:
    """An end before or on the first day is refused; without a date of effect the day of signing counts."""
    error = (
        Case()
        .agreed()
        .refused("term-after-signing", "sign-agreement", numbers=BOTH, effective_on=effective_on, ends_on=ends_on)
    )
    assert error.clause == "P1.6"


@pytest.mark.parametrize("field", ["effective_on", "ends_on"])
def test_a_term_lies_within_a_hundred_years(field: str) -> None:
    """A year like 20300 or 1830 is a slip of the pen."""
    for year in ("2999-01-01", "1830-01-01"):
        Case().agreed().refused("date-plausible", "sign-agreement", numbers=BOTH, **{field: year})


@pytest.mark.clause("P1.6")
def test_an_amendment_may_move_the_end_and_must_lie_after_itself() -> None:
    """An amendment says what changes; its end replaces the old one, earlier or later, but has not passed."""
    case = Case().running().do("amend", numbers=BOTH, changes="tarif", ends_on="2028-01-01")
    assert case.act == fact_of(AgreementAmended, numbers=BOTH, changes="tarif", ends_on=date(2028, 1, 1), document=None)
    assert case.state.ends_on == date(2028, 1, 1)
    assert case.do("amend", numbers=BOTH, changes="lampiran").state.ends_on == date(2028, 1, 1)
    assert case.refused("term-after-signing", "amend", numbers=BOTH, ends_on="2026-06-01").clause == "P1.6"
    assert Case().agreed().refused("agreement-signed", "amend", numbers=BOTH).clause == "P1.6"


@pytest.mark.clause("P1.6")
def test_an_extension_moves_the_end_later() -> None:
    """An extension ends later than what it extends, and later than its own day; without an agreement there is none."""
    case = Case().running()
    error = case.refused("extension-is-longer", "extend", numbers=BOTH, ends_on="2030-01-01")
    assert (error.clause, error.facts["before"]) == ("P1.6", "2030-01-01")
    case.do("extend", numbers=BOTH, ends_on="2031-01-01", changes="lima tahun")
    assert case.act == fact_of(
        AgreementExtended, numbers=BOTH, ends_on=date(2031, 1, 1), changes="lima tahun", document=None
    )
    assert case.state.ends_on == date(2031, 1, 1)
    assert Case().agreed().refused("agreement-signed", "extend", numbers=BOTH, ends_on="2031-01-01").clause == "P1.6"


@pytest.mark.clause("P1.6")
def test_an_extension_is_signed_before_the_end() -> None:
    """Scenario 16: what has ended is not prolonged: of paper it is recorded; else another agreement continues it."""
    case = Case.paper().do("sign-agreement", date(2015, 1, 1), numbers=BOTH, ends_on="2020-01-01", legacy=True)
    error = case.refused("while-in-force", "extend", numbers=BOTH, ends_on="2031-01-01")
    assert (error.clause, error.facts["ends_on"]) == ("P1.6", date(2020, 1, 1))
    assert case.do("extend", date(2019, 12, 1), numbers=BOTH, ends_on="2024-01-01").state.ends_on == date(2024, 1, 1)
    case.do("extend", date(2025, 1, 1), numbers=BOTH, ends_on="2031-01-01", legacy=True)
    assert case.state.ends_on == date(2031, 1, 1)
    case.do("end", ground="object_lost", reason="musnah")
    case.refused("cooperation-open", "extend", numbers=BOTH, ends_on="2032-01-01")


def test_an_old_cooperation_is_amended_although_its_agreement_is_not_known() -> None:
    """A legacy cooperation in its last stage has one on paper: it is amended, extended, given notice."""
    assert Case.paper().do("amend", numbers=BOTH, changes="tarif").last.changes == "tarif"
    assert Case.paper().do("extend", numbers=BOTH, ends_on="2031-01-01").state.ends_on == date(2031, 1, 1)
    case = Case.paper().do("give-termination-notice", ground="breach", planned_end_on="2026-12-31")
    assert (case.state.notice, case.state.stage) == ("breach", LAST)


def test_an_amendment_of_today_may_end_tomorrow() -> None:
    """The day after is the first end that an amendment can have."""
    assert Case().running().do("amend", TODAY, numbers=BOTH, ends_on="2026-06-02").state.ends_on == date(2026, 6, 2)
