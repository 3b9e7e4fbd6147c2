"""The report chain: compiled, submitted, returned, compiled anew, accepted, cited, corrected; each step taken once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import UUID

import orjson
import pytest

from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import report_id
from ksad.contracts.registry import DayPassed, SignedAs
from ksad.contracts.reporting import ReportKind, ReportReturned
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.figures.content import model
from ksad.reporting.reports.recording import ReportResult
from tests.support.histories.histories import origin as made_by
from tests.support.histories.report_chain import GOVERNOR, PERIOD, SECRETARIAT, TEAM, Chain, asked, life, submit
from tests.support.servers.schemas import ON_SQLITE


@pytest.mark.clause("P12")
@pytest.mark.clause("P13")
def test_returned_compiled_anew_accepted_and_cited(chain: Chain) -> None:
    """A returned report is compiled as a new version that shows the remarks; R3 is built from the accepted one only."""
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    identity = report_id("R2", TEAM, PERIOD)
    with pytest.raises(RuleBrokenError, match="diterima"):
        chain.compile(ReportKind.R3, GOVERNOR)
    submit(chain, ReportKind.R2, TEAM, "1")
    with pytest.raises(RuleBrokenError, match="dikembalikan"):
        chain.compile(ReportKind.R2, TEAM, "again")

    chain.cases.give_back(asked(GOVERNOR, "r"), identity, "lengkapi kendala")
    second = chain.compile(ReportKind.R2, TEAM, "second")
    submit(chain, ReportKind.R2, TEAM, "2")
    chain.cases.accept(asked(GOVERNOR, "a"), identity, None)
    result = chain.compile(ReportKind.R3, GOVERNOR)

    assert (second.version, second.remarks[0].text) == (2, "lengkapi kendala")
    assert second.remarks[0].office == "Gubernur Jawa Tengah"
    assert [one.office for one in result.cited] == ["TKKSD Provinsi Jawa Tengah"]
    assert [(str(identity), 2, model.content_hash(second))] == [
        (one.id, one.version, one.content_hash) for one in result.cited
    ]


@pytest.mark.fault(
    "law L10",
    kind="A report claims a source that its figures do not come from.",
    looked="The scope and the citations of every kind of report.",
    found="R3 counted anew and said that it followed the accepted reports; one of two was enough, and nothing said so.",
)
@pytest.mark.clause("P13")
@ON_SQLITE
def test_r3_says_what_was_accepted_and_what_is_missing(chain: Chain) -> None:
    """R3 tells the figures of each accepted R2 as they were frozen, names the R2 that is owed and missing, and claims
    no other source than it has.
    """
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    submit(chain, ReportKind.R2, TEAM, "1")
    chain.cases.accept(asked(GOVERNOR, "a"), report_id("R2", TEAM, PERIOD), None)
    chain.admit(life("b", TEAM))
    chain.owe(ReportKind.R2, TEAM, "2026-S2")

    made = chain.compile(ReportKind.R3, GOVERNOR, period="2026")

    assert made.results is not None
    assert made.results.accepted is not None
    assert [(one.period, one.version) for one in made.results.accepted.periods] == [("2026-S1", 1), ("2026-S2", None)]
    figures = {one.name: one for one in made.results.accepted.figures}
    assert (figures["cooperations"].values, figures["cooperations"].deltas) == ((1, None), (1, None))
    assert (figures["tasks_not_done"].total, figures["tasks_not_done"].delta) == (2, 2)
    assert {one.name: one.value for one in made.figures}["cooperations"] == 1
    (cited,) = made.cited
    frozen = chain.cases.report(report_id("R2", TEAM, PERIOD))[1].versions[0].compiled
    newest = chain.cases.report(report_id("R3", GOVERNOR, "2026"))[1].versions[0].compiled
    behind = orjson.loads(chain.content(newest["documents"][3]))
    assert cited.version == 1
    assert min(behind["cooperations.since.2026-S1"]) >= frozen["prefix_size"]


@pytest.mark.clause("P12")
@ON_SQLITE
def test_a_step_of_the_chain_is_corrected_by_who_took_it(chain: Chain) -> None:
    """A letter's number and remarks are corrected by their office and read so from then on; the content never is."""
    chain.admit(life("a", TEAM))
    chain.owe(ReportKind.R2, TEAM, PERIOD)
    compiled = chain.cases.compile(asked(TEAM, "c"), ReportKind.R2, TEAM, PERIOD)
    identity = report_id("R2", TEAM, PERIOD)
    sent = chain.cases.submit(asked(TEAM, "s"), identity, "100/1")
    back = chain.cases.give_back(asked(GOVERNOR, "b"), identity, "lengkapi kendla")

    def correct(office: str, event: UUID, **fields: object) -> ReportResult:
        return chain.cases.correct(asked(office, str(fields)), identity, event, "salah ketik", fields)

    correct(TEAM, sent.record.events[0], letter_number="100/7")
    correct(GOVERNOR, back.record.events[0], remarks="lengkapi kendala")
    for office, event, fields, refused in (
        (TEAM, compiled.record.events[0], {"content_sha256": "0" * 64}, "field-correctable"),
        (GOVERNOR, back.record.events[0], {"remarks": ""}, "correction-fits"),
        (TEAM, UUID(int=1), {"remarks": "x"}, "corrects-own-event"),
        (TEAM, back.record.events[0], {"remarks": "x"}, "own-event"),
    ):
        with pytest.raises(RuleBrokenError) as caught:
            correct(office, event, **fields)
        assert refused == caught.value.rule
    version = chain.cases.report(identity)[1].versions[0]

    assert (version.letter_number, version.remarks, version.state) == ("100/7", "lengkapi kendala", "returned")
    assert chain.compile(ReportKind.R2, TEAM, "again").remarks[0].text == "lengkapi kendala"


@pytest.mark.clause("P12")
@ON_SQLITE
def test_the_addressee_says_in_which_capacity_its_head_signed(chain: Chain) -> None:
    """An acting Governor returns and accepts like any other; his letter is in the fact, null where nobody told it."""
    chain.admit(life("a", TEAM))
    identity = report_id("R2", TEAM, PERIOD)
    acting = SignedAs(capacity="plt", number="100.2.1.3/5/SJ", date=date(2026, 3, 1))
    for number, told in enumerate((acting, None)):
        chain.compile(ReportKind.R2, TEAM, f"compile {number}")
        submit(chain, ReportKind.R2, TEAM, f"submit {number}")
        back = chain.cases.give_back(asked(GOVERNOR, f"back {number}"), identity, "lengkapi", told)
        (event,) = back.record.envelopes
        fact = event.fact()
        assert isinstance(fact, ReportReturned)
        assert fact.signed_as == told


@pytest.mark.clause("P8", "P12")
@ON_SQLITE
def test_a_period_that_has_not_begun_is_not_reported_on(chain: Chain) -> None:
    """An empty report on a coming year says nothing: it is refused; a draft on the running period is not."""
    for kind, office, clause in ((ReportKind.R1, SECRETARIAT, "P8"), (ReportKind.R2, TEAM, "P12")):
        with pytest.raises(RuleBrokenError) as caught:
            chain.cases.compile(asked(office, "early"), kind, office, "2027-S1")
        assert (caught.value.rule, caught.value.clause) == ("period-begun", clause)
        draft = chain.cases.compile(asked(office, "running"), kind, office, "2026-S2").report.versions[0]
        assert draft.compiled["draft"]


EARLY = pytest.mark.fault(
    "http A4",
    kind="A duty is fulfilled by something done before it arose.",
    looked="All kinds of reports, before, within and after their period; periods of other lengths and of other years.",
    found="Reports on periods that nobody owes were compiled, and stayed; a compiled version could not be replaced.",
)


@EARLY
@pytest.mark.clause("P8", "P12", "P13")
@ON_SQLITE
def test_a_draft_is_never_submitted(chain: Chain) -> None:
    """A report of a period that has not closed is a draft, says so, and is refused; the report after it is not."""
    chain.admit(life("a", TEAM))
    draft = chain.cases.compile(asked(TEAM, "d"), ReportKind.R2, TEAM, PERIOD).report.versions[0]
    identity = report_id("R2", TEAM, PERIOD)

    with pytest.raises(RuleBrokenError) as caught:
        submit(chain, ReportKind.R2, TEAM, "early")
    chain.cases.discard(asked(TEAM, "x"), identity, "periode belum berakhir")
    second = chain.compile(ReportKind.R2, TEAM, "second")
    submit(chain, ReportKind.R2, TEAM, "2")

    assert (caught.value.rule, caught.value.kind, caught.value.clause) == ("period-closed", RefusalKind.CONFLICT, "P12")
    assert chain.read(draft.compiled["documents"][0]).title.startswith("Rancangan ")
    assert not second.title.startswith("Rancangan ")
    versions = chain.cases.report(identity)[1].versions
    assert [(one.state, one.compiled["draft"]) for one in versions] == [("discarded", True), ("submitted", False)]


@EARLY
@pytest.mark.clause("P8", "P12", "P13")
@pytest.mark.parametrize(
    ("kind", "office", "period"),
    [
        (ReportKind.R1, SECRETARIAT, "2025"),
        (ReportKind.R2, TEAM, "1999-S1"),
        (ReportKind.R2, "tkksd:34", "2025-S2"),
        (ReportKind.R3, GOVERNOR, "2025-S2"),
        (ReportKind.OVERVIEW, SECRETARIAT, "2025"),
    ],
)
@pytest.mark.parametrize("passed", [True, False])
def test_periods_that_nobody_owes_are_refused(
    chain: Chain, kind: ReportKind, office: str, period: str, *, passed: bool
) -> None:
    """A year where semesters are due, a semester before the platform, an office without duty: nothing is compiled.

    Nor on the platform's first day, before any day has passed.
    """
    if passed:
        chain.admit([seal(DayPassed(day=date(2026, 6, 30)), "calendar/days", 1, made_by())])

    with pytest.raises(RuleBrokenError) as caught:
        chain.cases.compile(asked(office, "x"), kind, office, period)

    assert caught.value.rule == "period-owed"
    assert chain.cases.report(report_id(kind.value, office, period))[0] == 0


@pytest.mark.fault(
    "law L13",
    kind="A step once taken cannot be taken back, though nobody has relied on it.",
    looked="The steps of the chain of reports.",
    found="A version compiled too early had to be submitted and returned before another could be compiled.",
)
@ON_SQLITE
def test_only_what_was_not_submitted_is_discarded(chain: Chain) -> None:
    """Its own office discards a compiled version, with a reason; nobody else does, and nobody once it was submitted."""
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    identity = report_id("R2", TEAM, PERIOD)
    with pytest.raises(RuleBrokenError) as other:
        chain.cases.discard(asked(GOVERNOR, "x"), identity, "salah")
    submit(chain, ReportKind.R2, TEAM, "1")
    with pytest.raises(RuleBrokenError) as late:
        chain.cases.discard(asked(TEAM, "x"), identity, "salah")

    assert (other.value.rule, late.value.rule) == ("own-report", "report-state")


@ON_SQLITE
def test_only_the_addressee_receives(chain: Chain) -> None:
    """Another Governor, the Minister or the author cannot accept an R2; only its author submits it."""
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    identity = report_id("R2", TEAM, PERIOD)
    with pytest.raises(RuleBrokenError):
        chain.cases.submit(asked(GOVERNOR, "x"), identity, "1")
    submit(chain, ReportKind.R2, TEAM, "1")
    for office in ("governor:34", "minister", TEAM):
        with pytest.raises(RuleBrokenError) as caught:
            chain.cases.accept(asked(office, "x"), identity, None)
        assert caught.value.kind is RefusalKind.FORBIDDEN


@ON_SQLITE
def test_a_repeat_is_answered_from_the_log(chain: Chain) -> None:
    """The same command twice compiles once."""
    chain.admit(life("a", TEAM))
    first = chain.cases.compile(asked(TEAM, "k"), ReportKind.R2, TEAM, PERIOD)
    again = chain.cases.compile(asked(TEAM, "k"), ReportKind.R2, TEAM, PERIOD)

    assert first.record == again.record


def test_a_step_sent_often_at_once_is_taken_once(chain: Chain) -> None:
    """Twenty equal submissions at once make one event and get equal answers, which stay the same after acceptance."""
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    identity = report_id("R2", TEAM, PERIOD)
    together = Barrier(4)

    def send(number: int) -> object:
        if number < together.parties:
            together.wait(30)
        return chain.cases.submit(asked(TEAM, "k"), identity, "100/1")

    with ThreadPoolExecutor(together.parties) as pool:
        answers = list(pool.map(send, range(20)))
    chain.cases.accept(asked(GOVERNOR, "accept"), identity, None)

    assert len(chain.store.stream(f"report/{identity}")) == 3
    assert all(answer == send(20) for answer in answers)
