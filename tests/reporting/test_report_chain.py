"""The report chain: compiled, submitted, returned, compiled anew, accepted, cited, corrected; each step taken once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest

from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.figures.content import model
from ksad.reporting.reports.application import ReportResult
from tests.support.histories.report_chain import GOVERNOR, PERIOD, SECRETARIAT, TEAM, Chain, asked, life, submit


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


@pytest.mark.clause("P12")
def test_a_step_of_the_chain_is_corrected_by_who_took_it(chain: Chain) -> None:
    """A letter's number and remarks are corrected by their office and read so from then on; the content never is."""
    chain.admit(life("a", TEAM))
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


@pytest.mark.clause("P8", "P12")
def test_a_period_that_has_not_begun_is_not_reported_on(chain: Chain) -> None:
    """An empty report on a coming year would close its duty: it is refused; one on the running period is not."""
    for kind, office, clause in ((ReportKind.R1, SECRETARIAT, "P8"), (ReportKind.R2, TEAM, "P12")):
        with pytest.raises(RuleBrokenError) as caught:
            chain.compile(kind, office, period="2027-S1")
        assert (caught.value.rule, caught.value.clause) == ("period-begun", clause)
        assert chain.compile(kind, office, period="2026-S2").period.id == "2026-S2"


def test_only_the_addressee_receives(chain: Chain) -> None:
    """Another Governor, the Minister or the author cannot accept an R2; only its author submits it."""
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    identity = report_id("R2", TEAM, PERIOD)
    with pytest.raises(RuleBrokenError):
        chain.cases.submit(asked(GOVERNOR, "x"), identity, None)
    submit(chain, ReportKind.R2, TEAM, "1")
    for office in ("governor:34", "minister", TEAM):
        with pytest.raises(RuleBrokenError) as caught:
            chain.cases.accept(asked(office, "x"), identity, None)
        assert caught.value.kind is RefusalKind.FORBIDDEN


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
    together = Barrier(8)

    def send(number: int) -> object:
        if number < together.parties:
            together.wait(30)
        return chain.cases.submit(asked(TEAM, "k"), identity, "100/1")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(20)))
    chain.cases.accept(asked(GOVERNOR, "accept"), identity, None)

    assert len(chain.store.stream(f"report/{identity}")) == 3
    assert all(answer == send(20) for answer in answers)
