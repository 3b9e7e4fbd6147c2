"""What the supervising body records from the document: late facts, and corrections of what others have recorded."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ksad.chassis.database import Database
from ksad.contracts import registry as facts
from ksad.contracts.catalogue import Audience, Fact
from ksad.contracts.corrections import substituted
from ksad.contracts.dates import PartialDate
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.registry.domain import vouching
from ksad.registry.domain.chronology import Point, mark
from ksad.registry.domain.commands import Correct
from ksad.registry.domain.context import Context
from tests.registry.test_authority import OfficesAtWork
from tests.support.histories.cooperations import TODAY, Case, adopted, reference_to

SOLO, KARANGANYAR = "33.72", "33.13"
SUBJECT = f"cooperation/{cooperation_id('a')}"
NAMELESS: dict[str, Any] = {"problem": "p", "description": "x"}


@pytest.fixture
def register(database: Database, tmp_path: Path) -> OfficesAtWork:
    """A cooperation of two regencies of one province, which came into the register before the platform."""
    made = OfficesAtWork(database, tmp_path)
    made.do("tkksd:33", "register", on="2020-01-02", legacy=True, parties=[SOLO, KARANGANYAR])
    return made


def ago(days: int) -> str:
    """A day so many days before the day of the test."""
    return (TODAY - timedelta(days=days)).isoformat()


def paper(register: OfficesAtWork) -> dict[str, Any]:
    """A document that was uploaded."""
    kept = register.keep(b"berita acara")
    return {"document": kept.model_dump()}


def newest(register: OfficesAtWork) -> UUID:
    """The newest event of the cooperation."""
    return register.registry.store.stream(SUBJECT)[-1].id


@pytest.mark.fault(
    "http A7",
    kind="the past can be written as late as anybody likes",
    looked="every command on a cooperation; partial days; commands that say nothing of a day",
    found="nothing",
)
def test_what_happened_long_ago_is_recorded_from_its_document(register: OfficesAtWork) -> None:
    """Law-design C3: after the policy's days a party asks the supervising body, which names the document."""
    region, late = f"region:{SOLO}", ago(91)
    answer = register.refused(region, "report-problem", on=late, **NAMELESS)
    assert answer == (RefusalKind.FORBIDDEN, "recorded-in-time")
    assert "TKKSD Provinsi Jawa Tengah" in register.detail(region, "report-problem", on=late, **NAMELESS)
    assert register.refused("tkksd:33", "report-problem", on=late, **NAMELESS) == (
        RefusalKind.INVALID,
        "recorded-in-time",
    )
    register.do("governor:33", "report-problem", on=late, **NAMELESS, **paper(register))
    register.do(region, "report-problem", on=ago(90), problem="q", description="x")
    # A month counts to its last day.
    register.do(region, "report-problem", on="2026-03", problem="r", description="x")


@pytest.mark.fault("http A1")
def test_backdating_gives_no_power(register: OfficesAtWork) -> None:
    """Scenario 1: who supervises no more is refused by authority; who does, first by C3, then by C4."""
    papua = ["93.01", "93.02"]
    register.do("region:93.01", "register", "b", on=ago(90), parties=papua)
    register.do("region:93.01", "raise-dispute", "b", dispute="d", between=papua, description="x")
    told = {"on": "2020-01-01", **NAMELESS}
    settled = {"on": "2020-01-01", "dispute": "d", "manner": "governor_decision", "outcome": "x", "number": "1"}
    for office, name, fields, answer in (
        ("tkksd:91", "report-problem", told, (RefusalKind.FORBIDDEN, "supervises")),
        ("governor:91", "settle-dispute", settled | paper(register), (RefusalKind.FORBIDDEN, "is-forum")),
        ("tkksd:93", "report-problem", told, (RefusalKind.INVALID, "recorded-in-time")),
        ("tkksd:93", "report-problem", told | paper(register), (RefusalKind.INVALID, "after-registration")),
    ):
        assert register.refused(office, name, "b", **fields) == answer


def corrected(register: OfficesAtWork, office: str, entry: UUID, /, **fields: Any) -> None:
    """An office corrects an entry."""
    deed = {"document": fields.pop("deed")} if "deed" in fields else {}
    register.do(office, "correct", corrects=str(entry), reason="salah ketik", fields=fields, **deed)


def uncorrected(register: OfficesAtWork, office: str, entry: UUID, /, **fields: Any) -> tuple[RefusalKind, str]:
    """Why an office may not."""
    return register.refused(office, "correct", corrects=str(entry), reason="salah ketik", fields=fields)


def test_who_recorded_an_entry_corrects_it(register: OfficesAtWork) -> None:
    """A party mends its own, not what another party recorded; the supervising body mends any, by the deed."""
    mine, other = f"region:{SOLO}", f"region:{KARANGANYAR}"
    register.do(mine, "form-body", name="Sekretariat", seat="Surakarta", instrument="1/2026", **paper(register))
    entry = newest(register)
    assert uncorrected(register, other, entry, seat="Karanganyar") == (RefusalKind.FORBIDDEN, "own-entry")
    corrected(register, mine, entry, seat="Solo")
    assert uncorrected(register, "tkksd:33", entry, seat="x") == (RefusalKind.INVALID, "correction-has-deed")
    corrected(register, "tkksd:33", entry, seat="Surakarta", deed=paper(register)["document"])
    data = register.registry.store.stream(SUBJECT)[-1].data
    assert data["document"]["sha256"] == reference_to(b"berita acara").sha256
    assert uncorrected(register, "minister", entry, seat="x") == (RefusalKind.FORBIDDEN, "own-entry")


def test_the_ministry_corrects_the_legacy_facts_that_it_recorded(register: OfficesAtWork) -> None:
    """Of a cooperation that it does not supervise it mends what it has entered itself."""
    body = {"name": "x", "seat": "x", "instrument": "x", "on": "2021", "legacy": True}
    register.do("joint_secretariat", "form-body", **body)
    corrected(register, "joint_secretariat", newest(register), seat="Surakarta")


NUMBERS = {SOLO: "1/2026", KARANGANYAR: "2/2026"}
SIGNED = [{"region": code, "office": "Bupati", "capacity": "head", "mandate": None} for code in (SOLO, KARANGANYAR)]


def by_consent() -> Case:
    """An agreement that stands because both parties have confirmed it."""
    case = Case().agreed().do("sign-agreement", numbers=NUMBERS, ends_on="2030-01-01", signatories=SIGNED)
    number = next(number for number, one in enumerate(case.events) if one.id == case.event(facts.AgreementSigned))
    event = case.events[number]
    standing = {"by": "parties", "proposal": str(event.id)}
    case.events[number] = event.model_copy(update={"data": event.data | {"standing": standing}})
    return case


@pytest.mark.clause("P1.4")
@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({"ends_on": "2031-01-01"}, False),
        ({"numbers": {SOLO: "9/2026", KARANGANYAR: "2/2026"}}, True),
        ({"numbers": {SOLO: "1/2026", KARANGANYAR: "9/2026"}}, False),
        ({"numbers": {SOLO: "9/2026"}}, False),
        ({"numbers": {SOLO: "9/2026", KARANGANYAR: "2/2026"}, "on": "2026-05-01"}, False),
        ({"numbers": "9/2026"}, False),
        ({"title": "Air"}, False),
        ({"signatories": [SIGNED[0] | {"office": "Wali Kota"}, SIGNED[1]]}, True),
        ({"signatories": [SIGNED[0], SIGNED[1] | {"office": "Wali Kota"}]}, False),
        ({"signatories": SIGNED[:1]}, False),
        ({"signatories": [*SIGNED, "x"]}, False),
    ],
)
def test_of_what_stands_by_consent_a_party_corrects_its_own_number(fields: dict[str, Any], may: bool) -> None:
    """Scenario 21: one party moves no term and no day alone, also not one that recorded the last confirmation."""
    case = by_consent()
    command = Correct(corrects=case.event(facts.AgreementSigned), reason="x", fields=fields)
    context = Context(adopted(), TODAY, TODAY)
    office = f"region:{SOLO}"
    if may:
        vouching.check_correction(office, case.events, command, case.state, context)
        return
    with pytest.raises(RuleBrokenError) as caught:
        vouching.check_correction(office, case.events, command, case.state, context)
    assert (caught.value.rule, caught.value.clause) == ("own-number-only", "P1.4")
    assert caught.value.kind is RefusalKind.FORBIDDEN
    with_deed = command.model_copy(update={"document": reference_to(b"naskah")})
    vouching.check_correction("tkksd:33", case.events, with_deed, case.state, context)


@pytest.mark.fault(
    "http A11",
    kind="a correction is hidden from those who saw what it corrects",
    looked="every type of a cooperation's facts, folds of all services, feeds, the auditor's checks",
    found="nothing",
)
def test_a_correction_of_a_public_fact_is_public() -> None:
    """Whoever may see the fact sees what is right; that of a fact of the parties stays theirs."""
    case = Case().running().do("report-problem", problem="p", description="x")
    assert case.correct(facts.Registered, title="Benar").last.declaration.audience is Audience.PUBLIC
    assert case.correct(facts.ProblemReported, description="y").last.declaration.audience is Audience.PARTIES
    assert case.state.title == "Benar"


@pytest.mark.parametrize(("day", "known"), [("2026-05-04", "day"), ("2026-05", "month"), ("2026", "year")])
def test_a_wrong_day_is_corrected(day: str, known: str) -> None:
    """The day of what is signed is mended as exactly as it is known; its stream is read with that day."""
    case = Case.paper().do("sign-agreement", date(2020, 1, 1), numbers=NUMBERS, legacy=True)
    case.correct(facts.AgreementSigned, on=day)
    event = next(one for one in substituted(case.events) if isinstance(one.fact(), facts.AgreementSigned))
    assert (str(event.occurredon), event.dateprecision) == (f"{day}-01-01"[:10], known)
    assert case.state.when(mark(Point.AGREEMENT, "perjanjian-1")) == PartialDate.parse(day)
    assert case.state.umbrella.agreements["perjanjian-1"].signed_on == event.occurredon


@pytest.mark.parametrize(
    ("kind", "day", "rule", "breaks"),
    [
        (facts.AgreementSigned, "2026-07-02", "correction-keeps-rules", "date-not-future"),
        (facts.AgreementSigned, "1944", "correction-keeps-rules", "date-plausible"),
        (facts.AccordSigned, "2026-06-02", "correction-keeps-rules", "date-not-future"),
        (facts.AgreementSigned, "2026-05-31", "correction-keeps-rules", "signed-after-stage"),
        (facts.Registered, "2026-06-02", "correction-keeps-rules", "date-not-future"),
        (facts.AgreementSigned, "besok", "correction-fits", None),
        (facts.StageEntered, "2026-05-31", "field-correctable", None),
        (facts.ProblemReported, "2026-05-31", "field-correctable", None),
    ],
)
def test_a_corrected_day_keeps_the_order(kind: type[Fact], day: str, rule: str, breaks: str | None) -> None:
    """It is held against all rules over the whole stream; what nobody examines keeps the day on which it was told."""
    case = Case().running().do("report-problem", problem="p", description="x")
    error = case.refused(rule, "correct", corrects=case.event(kind), reason="x", fields={"on": day})
    assert error.facts.get("breaks") == breaks
