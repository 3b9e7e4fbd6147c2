"""Corrections: other values for correctable fields, if the whole stream with them still breaks no rule."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DECLARATIONS, Fact, Service
from tests.support.histories.cooperations import BOTH, KARANGANYAR, SOLO, TODAY, Case, reference_to
from tests.support.histories.settlements import told_done

LATER = "2031-01-01"


def test_a_correction_names_the_event_and_the_new_values() -> None:
    """The first fact stays in the stream; the correction is a fact with event, reason and fields, and folds on top."""
    case = Case().running()
    before = case.events[0]
    case.correct(facts.Registered, title="Pengolahan sampah", object="sampah rumah tangga")
    assert case.events[0] == before
    fields = {"title": "Pengolahan sampah", "object": "sampah rumah tangga"}
    assert case.last == facts.PublicCorrected(corrects=before.id, reason="salah ketik", fields=fields, document=None)
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
        (facts.AgreementSigned, {"between": [SOLO, "34.71"]}),
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
        (facts.AgreementSigned, {"ends_on": "2026-06-01"}, "term-after-signing", "P1.6"),
        (facts.AgreementSigned, {"effective_on": "2030-01-01"}, "term-after-signing", "P1.6"),
        (facts.AgreementSigned, {"ends_on": "2999-01-01"}, "date-plausible", None),
        (facts.AgreementSigned, {"ends_on": "2033-01-01"}, "extension-is-longer", "P1.6"),
        (facts.AgreementExtended, {"ends_on": "2029-01-01"}, "extension-is-longer", "P1.6"),
        (facts.AccordSigned, {"numbers": {SOLO: "1"}}, "number-per-party", "P1.4"),
        (facts.SigningScheduled, {"signing_on": "2026-01-01"}, "signing-ahead", "P6.c/P10.c"),
        (facts.TerminationNoticeGiven, {"ground": "term_expired"}, "ground-is-early", "PP 28/2018 Pasal 9(1)"),
        (facts.TerminationNoticeGiven, {"planned_end_on": "2026-01-01"}, "notice-within-term", "P6.d.4/P10.d.4"),
        (facts.TerminationItemCompleted, {"amount_idr": None}, "item-in-rupiah", "P6.d.4.c/P10.d.4.c"),
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
    case.do("extend", numbers=BOTH, ends_on="2032-01-01")
    case.do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="x")
    case.do(
        "settle-dispute", dispute="d", manner="governor_decision", outcome="x", number="1", document=reference_to(b"k")
    )
    case.do("give-termination-notice", ground="mutual", planned_end_on="2027-01-01")
    told_done(case, "a", "b", "c")
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


@pytest.mark.fault(
    "bug-reports V1",
    kind="What was checked is one value, and what is recorded another: the one that came in.",
    looked="Corrections in registry, supervision and reporting; every other command records its model's values.",
    found="Lax values in all three, spaces around numbers, codes by which nothing else in the stream goes.",
)
@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        (facts.TerminationItemCompleted, {"amount_idr": "250.000"}, "amount_idr"),
        (facts.TerminationItemCompleted, {"amount_idr": "7"}, "amount_idr"),
        (facts.TerminationItemCompleted, {"amount_idr": 7.0}, "amount_idr"),
        (facts.TerminationItemCompleted, {"amount_idr": True}, "amount_idr"),
        (facts.AgreementSigned, {"ends_on": 1861920000}, "ends_on"),
        (facts.AgreementSigned, {"ends_on": "1861920000"}, "ends_on"),
        (facts.AgreementSigned, {"ends_on": "2029-01-01T00:00:00+09:00"}, "ends_on"),
        (
            facts.AgreementSigned,
            {"document": {"sha256": "0" * 64, "size": "4.000", "media_type": "x/y"}},
            "document.size",
        ),
        (facts.AgreementSigned, {"numbers": {SOLO: 1, KARANGANYAR: "2"}}, f"numbers.{SOLO}"),
    ],
)
def test_a_correction_is_read_as_strictly_as_what_it_corrects(
    kind: type[Fact], fields: dict[str, Any], field: str
) -> None:
    """A value that only could be taken for one of the field is refused in Indonesian and never recorded."""
    case = Case().ending()
    told_done(case, "a", "b", "c")
    error = case.refused("correction-fits", "correct", corrects=case.event(kind), reason="x", fields=fields)
    assert error.facts["field"] == field
    assert "Input" not in error.detail


@pytest.mark.fault("bug-reports V1")
def test_a_correction_records_what_was_read() -> None:
    """What stands in the log is the value as the field has it: without the spaces that somebody typed."""
    case = Case().running().correct(facts.AgreementSigned, numbers={SOLO: "  9 ", KARANGANYAR: "8"}, scope=" luas ")
    assert case.last.fields == {"numbers": {SOLO: "9", KARANGANYAR: "8"}, "scope": "luas"}


@pytest.mark.fault(
    "bug-reports V7",
    kind="What goes by a region's lineage in one place goes by the letters of its code in another.",
    looked="Fields of commands that name parties, and the same fields in a correction.",
    found="nothing",
)
def test_a_correction_reads_codes_as_its_command_does() -> None:
    """Numbers that are corrected under a party's newer code belong to that party."""
    case = Case(("91.01", "91.02"), date(2021, 5, 1)).do("enter-stage", date(2021, 5, 2), stage="negotiation")
    case.do("enter-stage", date(2021, 5, 3), stage="signing")
    case.do("sign-accord", date(2021, 5, 4), numbers={"91.01": "1", "91.02": "2"})
    case.correct(facts.AccordSigned, numbers={"93.01": "9", "91.02": "2"})
    assert case.last.fields == {"numbers": {"91.01": "9", "91.02": "2"}}


@pytest.mark.fault(
    "bug-reports 8",
    kind="Keys that fold together after reading are one, and the last value wins in silence.",
    looked="Maps of numbers by region in commands and corrections, mappings at any depth of bodies and history files.",
    found="Corrections with numbers under the old and the new code of a party.",
)
def test_one_party_has_one_value() -> None:
    """The old and the new code of one region are one key: both at once are refused, also in a correction."""
    case = Case(("91.01", "91.02"), date(2021, 5, 1)).do("enter-stage", date(2021, 5, 2), stage="negotiation")
    case.do("enter-stage", date(2021, 5, 3), stage="signing")
    both = {"91.01": "1", "93.01": "7", "91.02": "2"}
    error = case.refused("region-once", "sign-accord", date(2021, 5, 4), numbers=both)
    assert error.facts["regions"] == ["91.01", "93.01"]
    case.do("sign-accord", date(2021, 5, 4), numbers={"91.01": "1", "91.02": "2"})
    accord = case.event(facts.AccordSigned)
    case.refused("region-once", "correct", corrects=accord, reason="x", fields={"numbers": both})


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
