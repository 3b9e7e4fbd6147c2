"""The supervising body examines facts that stand: which, when again, and who; it changes nothing of their force."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.registry import Standing
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.umbrella import Umbrella
from ksad.contracts.verification import EntryStatus, RecordedEvent, Verified, counted, evolve
from ksad.registry.domain import permissions
from ksad.registry.domain.commands import VerifyEntries
from ksad.registry.domain.context import Context
from tests.support.histories.cooperations import BOTH, SOLO, TODAY, YOGYA, Case, adopted
from tests.support.histories.newest import fact_of

UNVERIFIED, VERIFIED, RETURNED = EntryStatus
PURWAKARTA = ("32.14", "32.17", "33.01")
"""Two regencies of one province and one of another: the Joint Secretariat supervises what they have in common."""


def status(case: Case, kind: type) -> EntryStatus:
    """Whether the newest event of a kind was examined."""
    return case.state.entries[str(case.event(kind))].status


def returned(case: Case, kind: type) -> Case:
    """The newest event of a kind was sent back."""
    return case.do("return-entry", entry=case.event(kind), reason="nomor tidak sama", mend="betulkan nomor")


@pytest.mark.clause("P7", "P11")
def test_every_fact_that_binds_is_to_be_examined() -> None:
    """Registration and instruments are entries, stages are none; each begins unverified."""
    case = Case().by_parties().running()
    assert [one.name for one in case.state.entries.values()] == ["registered", "accord_signed", "agreement_signed"]
    assert counted(case.state.entries) == Verified(0, 3)
    assert {one.agreement for one in case.state.entries.values()} == {None, "perjanjian-1"}


def test_an_entry_is_verified_or_returned_and_after_a_correction_examined_again() -> None:
    """The recorder mends what was returned by a correction, and the supervising body looks at it again."""
    case = Case().by_parties().running()
    returned(case, facts.AgreementSigned)
    assert status(case, facts.AgreementSigned) is RETURNED
    assert case.state.entries[str(case.event(facts.AgreementSigned))].mend == "betulkan nomor"
    case.correct(facts.AgreementSigned, numbers={**BOTH, SOLO: "9/2026"})
    assert status(case, facts.AgreementSigned) is UNVERIFIED
    case.do("verify-entries", entries=[case.event(facts.AgreementSigned), case.event(facts.Registered)])
    assert status(case, facts.AgreementSigned) is VERIFIED
    assert counted(case.state.entries) == Verified(2, 3)
    case.correct(facts.Registered, title="Sampah bersama")
    assert status(case, facts.Registered) is UNVERIFIED


def test_an_entry_is_examined_anew_only_after_a_change_of_mind_or_of_the_entry() -> None:
    """Verified twice says nothing, nor returned twice; what was returned may turn out right."""
    case = returned(Case(), facts.Registered)
    entry = case.event(facts.Registered)
    case.refused("entry-changed", "return-entry", entry=entry, reason="x", mend="y")
    case.do("verify-entries", entries=[entry], note="sesuai naskah")
    case.refused("entry-changed", "verify-entries", entries=[entry])


def test_what_is_no_entry_of_the_cooperation_is_not_examined() -> None:
    """Unknown ids, facts that are not examined, and an entry named twice are refused."""
    case = Case().negotiating()
    entry = case.event(facts.Registered)
    for entries in ([UUID(int=9)], [case.event(facts.StageEntered)], [entry, entry]):
        assert case.refused("entry-verifiable", "verify-entries", entries=entries).clause == "P7/P11"


def test_verification_changes_nothing_of_the_force_of_a_fact() -> None:
    """An agreement that was sent back is in force as before."""
    case = Case().running()
    before = case.state.umbrella
    returned(case, facts.AgreementSigned)
    assert case.state.umbrella == before


@pytest.mark.clause("PP 28/2018 Pasal 9(1)")
def test_an_end_by_the_register_is_not_examined() -> None:
    """Nobody typed in that a term passed; an end that people recorded is to be examined."""
    case = Case().running().pass_time(date(2030, 1, 2))
    assert isinstance(case.last, facts.Ended)
    assert "ended" not in [one.name for one in case.state.entries.values()]
    by_people = Case().running().do("end", ground="mutual")
    assert "ended" in [one.name for one in by_people.state.entries.values()]


def test_entries_are_examined_also_after_all_is_over() -> None:
    """A proposal that was given up, and a cooperation that ended, have entries to examine."""
    withdrawn = Case().do("withdraw-proposal", reason="batal")
    withdrawn.do("verify-entries", entries=[withdrawn.event(facts.Registered)])
    ended = Case().by_parties().running().do("end", ground="mutual")
    ended.do("verify-entries", entries=[ended.event(facts.Ended)])


def test_what_the_supervising_body_recorded_from_the_instrument_is_verified() -> None:
    """The signed instrument lay before it when it recorded the act."""
    cases: list[tuple[Literal["instrument", "parties", "legacy"], EntryStatus]] = [
        ("instrument", VERIFIED),
        ("parties", UNVERIFIED),
        ("legacy", UNVERIFIED),
    ]
    for by, expected in cases:
        signed = fact_of(facts.AccordSigned, numbers=BOTH, witnesses=[], document=None)
        fact = signed.model_copy(update={"standing": Standing(by=by, proposal=None)})
        said = RecordedEvent(UUID(int=1), 2, legacy=by == "legacy")
        entries = evolve({}, fact.declaration.name, vars(fact), said, Umbrella())
        assert entries[str(UUID(int=1))].status is expected


@pytest.mark.clause("P3", "P11")
def test_only_the_supervising_body_of_the_scope_examines() -> None:
    """Of an agreement of one province that is its TKKSD; of the cooperation across provinces the Joint Secretariat."""
    case = Case(PURWAKARTA).running()
    case.do("open-agreement", agreement="air", title="Air", between=list(PURWAKARTA[:2]))
    case.do("enter-stage", stage="signing", agreement="air")
    case.do("sign-agreement", agreement="air", numbers=dict.fromkeys(PURWAKARTA[:2], "1"))
    whole, own = case.event(facts.Registered), case.event(facts.AgreementSigned)

    def may(office: str, *entries: UUID) -> bool:
        command = VerifyEntries(entries=list(entries))
        try:
            permissions.check(office, command, case.state, Context(adopted(), TODAY, TODAY))
        except RuleBrokenError as error:
            assert error.rule in {"supervises-entries", "office-may"}  # noqa: PT017 - the rule of a refusal
            return False
        return True

    assert [office for office in ("tkksd:32", "governor:32", "joint_secretariat", "minister") if may(office, own)] == [
        "tkksd:32",
        "governor:32",
    ]
    assert [office for office in ("tkksd:32", "joint_secretariat", "minister") if may(office, whole)] == [
        "joint_secretariat",
        "minister",
    ]
    assert not any(may(office, whole, own) for office in ("tkksd:32", "joint_secretariat"))
    assert not any(may(office, own) for office in ("region:32.14", "auditor", "operator", "tkksd:33"))


def test_which_facts_are_examined_is_data() -> None:
    """The kinds are those that the design names; stages, problems and what the register closes are none."""
    named = {one.name.rpartition(".")[2] for one in DECLARATIONS.values() if one.verifiable}
    assert named >= {
        *("registered", "accord_signed", "agreement_signed", "agreement_amended", "agreement_extended"),
        *("party_joined", "party_withdrew", "council_approval_recorded", "termination_notice_given", "ended"),
        *("dispute_settled", "termination_item_completed", "body_formed"),
    }
    assert not named & {"stage_entered", "settlement_closed", "problem_reported", "corrected", "day_passed"}


def test_a_verified_signing_binds_the_profile_of_its_day() -> None:
    """No date that a party chose picks the law: only when the signing is verified does its day decide."""
    before, signed = date(2018, 6, 1), date(2018, 7, 1)
    case = Case(on=before).by_parties()
    for stage in ("negotiation", "signing"):
        case.do("enter-stage", before, stage=stage)
    case.do("sign-accord", before, numbers=BOTH)
    case.do("sign-agreement", signed, numbers=BOTH, ends_on="2030-01-01")
    assert case.state.profile == "ksdd-2018"
    case.do("verify-entries", entries=[case.event(facts.AgreementSigned)])
    assert (case.last.profile, case.last.occasion) == ("ksad-2009", "verified")
    assert case.state.profile == "ksad-2009"
    live = Case().by_parties().running()
    live.do("verify-entries", entries=[live.event(facts.AgreementSigned)])
    assert isinstance(live.last, facts.EntryVerified)


STEPS = st.lists(st.tuples(st.sampled_from(("verify", "return", "correct")), st.integers(0, 2)), max_size=12)


@settings(max_examples=40)
@given(STEPS)
def test_the_status_of_an_entry_is_that_of_its_last_step(steps: list[tuple[str, int]]) -> None:
    """In any order of verifying, returning and correcting, each entry reads as what was last done with it."""
    case = Case((SOLO, YOGYA)).by_parties().running()
    entries = list(case.state.entries)
    expected = dict.fromkeys(entries, UNVERIFIED)
    for step, number in steps:
        entry = entries[number]
        wanted = {"verify": VERIFIED, "return": RETURNED, "correct": UNVERIFIED}[step]
        if wanted is expected[entry] and step != "correct":
            continue
        expected[entry] = wanted
        said = RecordedEvent(UUID(int=1), len(case.events) + 1, legacy=False)
        named: dict[str, tuple[str, dict[str, Any]]] = {
            "verify": ("entry_verified", {"entries": [entry], "note": None}),
            "return": ("entry_returned", {"entry": entry, "reason": "x", "mend": "y"}),
            "correct": ("corrected", {"corrects": entry, "fields": {}}),
        }
        name, data = named[step]
        after = evolve(case.state.entries, f"ksad.cooperation.{name}", data, said, case.state.umbrella)
        case.state = case.state._replace(entries=after)
    assert {key: one.status for key, one in case.state.entries.items()} == expected
