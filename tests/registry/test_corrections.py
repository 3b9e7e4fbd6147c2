"""Corrections: other values for correctable fields, if the whole stream with them still breaks no rule."""

from typing import Any
from uuid import uuid4

import pytest

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DECLARATIONS, Fact, Service
from tests.support.histories.cooperations import BOTH, KARANGANYAR, SOLO, TODAY, Case, reference_to

LATER = "2031-01-01"


def test_a_correction_names_the_event_and_the_new_values() -> None:
    """The first fact stays in the stream; the correction is a fact with event, reason and fields, and folds on top."""
    case = Case().running()
    before = case.events[0]
    case.correct(facts.Registered, title="Pengolahan sampah", object="sampah rumah tangga")
    assert case.events[0] == before
    assert case.last == facts.Corrected(
        corrects=before.id, reason="salah ketik", fields={"title": "Pengolahan sampah", "object": "sampah rumah tangga"}
    )
    assert (case.state.title, case.state.object) == ("Pengolahan sampah", "sampah rumah tangga")


def test_later_corrections_win_field_by_field() -> None:
    """A second correction changes its own fields and leaves what the first one mended."""
    case = Case().correct(facts.Registered, title="Satu", object="dua").correct(facts.Registered, title="Tiga")
    assert (case.state.title, case.state.object) == ("Tiga", "dua")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (facts.Registered, {"parties": [SOLO, "34.71"]}),
        (facts.Registered, {"stage": "negotiation"}),
        (facts.Registered, {"key": "b"}),
        (facts.Registered, {"title": "x", "profile": "ksad-2009"}),
        (facts.StageEntered, {"stage": "signing"}),
        (facts.AgreementSigned, {"title": "x"}),
    ],
)
def test_parties_and_stages_are_never_corrected(kind: type[Fact], fields: dict[str, Any]) -> None:
    """A field that is not on the event type's list is refused, also beside one that is, and the list is told."""
    case = Case().running()
    error = case.refused("field-correctable", "correct", corrects=case.event(kind), reason="x", fields=fields)
    assert error.facts["forbidden"] == sorted(set(fields) - {"title"} if kind is facts.Registered else set(fields))


def test_no_event_type_lets_parties_stages_or_keys_be_corrected() -> None:
    """What others rest on by identity is on no list of correctable fields, in none of the three services."""
    fixed = {"parties", "region", "stage", "left", "key", "dispute", "problem", "item", "between", "profile", "body"}
    fixed |= {"cooperation_id", "duty", "clause", "for_parties", "occurrence", "period", "kind", "version"}
    assert [one.type for one in DECLARATIONS.values() if set(one.correctable) & fixed] == []
    assert {one.service for one in DECLARATIONS.values() if one.correctable} == set(Service)


def test_only_an_event_of_this_cooperation_is_corrected() -> None:
    """An unknown event, or one of another stream, is refused as not found."""
    error = Case().refused("corrects-own-event", "correct", corrects=uuid4(), reason="x", fields={"title": "x"})
    assert error.clause is None


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        (facts.Registered, {"title": ""}, "title"),
        (facts.Registered, {"title": "x" * 501}, "title"),
        (facts.AgreementSigned, {"ends_on": "besok"}, "ends_on"),
        (facts.AgreementSigned, {"document": {"sha256": "x"}}, "document.sha256"),
    ],
)
def test_a_corrected_value_fits_its_field(kind: type[Fact], fields: dict[str, Any], field: str) -> None:
    """A value that the event type could not have had is refused and the field is named."""
    case = Case().running()
    error = case.refused("correction-fits", "correct", corrects=case.event(kind), reason="x", fields=fields)
    assert error.facts["field"] == field


@pytest.mark.parametrize(
    ("kind", "fields", "breaks", "clause"),
    [
        (facts.AgreementSigned, {"ends_on": "2026-06-01"}, "ends-after-effective", "P1.6"),
        (facts.AgreementSigned, {"effective_on": "2030-01-01"}, "ends-after-effective", "P1.6"),
        (facts.AgreementSigned, {"ends_on": "2999-01-01"}, "date-plausible", None),
        (facts.AgreementSigned, {"ends_on": "2033-01-01"}, "extension-is-longer", "P1.6"),
        (facts.AgreementExtended, {"ends_on": "2029-01-01"}, "extension-is-longer", "P1.6"),
        (facts.AccordSigned, {"numbers": {SOLO: "1"}}, "number-per-party", "P1.4"),
        (facts.SigningScheduled, {"signing_on": "2026-01-01"}, "signing-ahead", "P6.c/P10.c"),
        (facts.TerminationNoticeGiven, {"ground": "term_expired"}, "ground-is-early", "PP 28/2018 Pasal 9(1)"),
        (facts.TerminationNoticeGiven, {"planned_end_on": "2026-01-01"}, "end-ahead", "P6.d.4/P10.d.4"),
        (facts.TerminationItemCompleted, {"amount_idr": None}, "item-in-rupiah", "P6.d.4/P10.d.4"),
        (facts.DisputeSettled, {"number": None}, "decision-has-number", "P6.d.5/P10.d.5"),
    ],
)
def test_the_stream_with_the_correction_breaks_no_rule(
    kind: type[Fact], fields: dict[str, Any], breaks: str, clause: str | None
) -> None:
    """Of this event or of a later one: the broken rule and its clause are told, and nothing is recorded."""
    case = Case().negotiating().do("schedule-signing", instrument="accord", signing_on="2026-06-01")
    case.do("enter-stage", stage="signing").do("sign-accord", numbers=BOTH)
    case.do("enter-stage", stage="negotiation").do("enter-stage", stage="signing")
    case.do("sign-agreement", numbers=BOTH, effective_on="2026-06-01", ends_on="2030-01-01")
    case.do("enter-stage", stage="implementation_and_termination").do("extend", numbers=BOTH, ends_on="2032-01-01")
    case.do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="x")
    case.do("settle-dispute", dispute="d", manner="governor_decision", outcome="x", number="1")
    case.do("give-termination-notice", ground="mutual", planned_end_on="2027-01-01")
    for item in ("a", "b"):
        case.do("complete-termination-item", item=item)
    case.do("complete-termination-item", item="c", amount_idr=1)
    error = case.refused("correction-keeps-rules", "correct", corrects=case.event(kind), reason="x", fields=fields)
    assert (error.facts["breaks"], error.clause) == (breaks, clause)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (facts.AccordSigned, {"witnesses": ["Gubernur"], "document": reference_to(b"a").model_dump()}),
        (facts.AgreementSigned, {"ends_on": LATER, "scope": "lebih luas", "numbers": {SOLO: "9", KARANGANYAR: "8"}}),
        (facts.AgreementSigned, {"ends_on": None}),
        (facts.ProblemReported, {"description": "y"}),
    ],
)
def test_correctable_fields_are_corrected(kind: type[Fact], fields: dict[str, Any]) -> None:
    """Numbers, dates, scope, witnesses, documents and descriptions are mended as the lists of the event types say."""
    case = Case().running().do("report-problem", problem="p", description="x").correct(kind, **fields)
    assert case.last.fields == fields


def test_later_rules_are_held_against_the_corrected_values() -> None:
    """An extension must end later than the corrected end, whatever the paper said first."""
    case = Case().running().correct(facts.AgreementSigned, ends_on="2032-01-01")
    case.refused("extension-is-longer", "extend", numbers=BOTH, ends_on=LATER)


def test_a_closed_cooperation_is_still_corrected() -> None:
    """After the end the register must still become right; nothing else is recorded any more."""
    case = Case().running().do("end", ground="object_lost", reason="musnah")
    assert case.correct(facts.Registered, title="Judul benar").state.title == "Judul benar"
    case.refused("cooperation-open", "enter-stage", TODAY, stage="negotiation")


def test_a_correction_cannot_be_corrected() -> None:
    """Who corrected wrongly corrects the event again."""
    case = Case().correct(facts.Registered, title="Satu")
    fields = {"corrects": case.event(facts.Corrected), "reason": "x", "fields": {"reason": "y"}}
    case.refused("field-correctable", "correct", **fields)
