"""The report chain: compiled from one prefix, submitted, returned, compiled anew, accepted, cited; never changed."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Barrier
from uuid import UUID

import orjson
import pytest

from chassis.auth import Caller
from chassis.clock import SimulatedClock, set_simulated
from chassis.database import Database
from chassis.documents import Documents
from chassis.edge import Command
from chassis.problems import Problem
from chassis.store import EventStore
from contracts import registry, supervision
from contracts.envelope import Envelope, Origin, seal
from contracts.identifiers import command_id, cooperation_id, report_id, task_id
from contracts.law import load_text as law_text
from contracts.regions import sha256
from contracts.registry import ReferenceKind
from contracts.reporting import ReportKind
from contracts.rules import RuleBrokenError
from reporting.application import FIGURES, Recorded, Reporting
from reporting.journal import Journal
from reporting.printing import model, pdf, xlsx
from reporting.projections.runner import Runner
from tests.support.fed import reference_facts
from tests.support.histories import arrivals, registered
from tests.support.histories import origin as made_by

PERIOD = "2026-S1"
TEAM, GOVERNOR, SECRETARIAT = "tkksd:33", "governor:33", "joint_secretariat"


def _asked(office: str, key: str) -> Command:
    identity = command_id(office, key)
    return Command(Caller(office, "uji"), identity, hashlib.sha256(key.encode()).hexdigest(), None)


def life(key: str, body: str, on: date = date(2026, 1, 5)) -> list[Envelope]:
    """A cooperation from a day on, with who supervises it, one delivered and one late task."""

    def origin(*args: str, cause: UUID | None = None) -> Origin:
        return made_by(*args, cause=cause).model_copy(update={"occurred_on": on})

    identity = cooperation_id(key)
    subject = f"cooperation/{identity}"
    first = seal(registered(key, ("33.72", "33.13")), subject, 1, origin())
    resolved = supervision.JurisdictionResolved(
        cooperation_id=identity,
        tier=supervision.Tier.GOVERNOR if body.startswith("tkksd") else supervision.Tier.MINISTER,
        supervising_body=body,
        dispute_forum=GOVERNOR,
        clause="P3",
        basis="text",
        row="t4",
        gap_filled=False,
        informed=[],
        parties=["33.72", "33.13"],
        holds_from=date(2026, 1, 5),
    )
    made = [first, seal(resolved, f"supervision/{identity}", 1, origin("supervision", cause=first.id))]
    for duty in ("a.1.a", "d.1"):
        name = f"task/{task_id(identity, duty, 'x')}"
        scheduled = supervision.TaskScheduled(
            cooperation_id=identity,
            duty=duty,
            clause=f"P10.{duty}",
            body=body,
            stage=registry.Stage.EXPLORATION,
            for_parties=["33.72", "33.13"] if duty == "a.1.a" else [],
            occurrence="x",
            period=None,
            due_on=date(2026, 2, 1),
            due_basis="kebijakan",
        )
        made.append(seal(scheduled, name, 1, origin("supervision", cause=first.id)))
    given = supervision.TaskDelivered(cooperation_id=identity, region="33.72", documents=[], note=None)
    late = supervision.TaskOverdue(cooperation_id=identity, due_on=date(2026, 2, 1), day=date(2026, 2, 2))
    made.append(seal(given, f"task/{task_id(identity, 'a.1.a', 'x')}", 2, origin("supervision")))
    made.append(seal(late, f"task/{task_id(identity, 'd.1', 'x')}", 2, origin("supervision")))
    return made


class Chain:
    """Reporting's use cases over a journal of our own."""

    def __init__(self, database: Database, folder: Path) -> None:
        clock = folder / "clock"
        set_simulated(clock, datetime(2026, 7, 6, 2, tzinfo=UTC))
        self.store = EventStore(database)
        self.journal = Journal(database)
        self.runner = Runner(database, self.journal)
        self.documents = Documents(folder / "documents")
        source = "urn:ksad:test:reporting"
        self.cases = Reporting(self.store, self.journal, self.documents, SimulatedClock(clock), source, "test")
        self.admit([seal(fact, "reference/adopted", n, made_by()) for n, fact in enumerate(reference_facts(), 1)])

    def admit(self, envelopes: list[Envelope]) -> None:
        """Take facts into the journal and the projections."""
        with self.journal.database.write() as connection:
            self.journal.admit(connection, arrivals(envelopes))
        self.runner.catch_up()

    def content(self, document: dict[str, str]) -> bytes:
        """A kept document."""
        return self.documents.get(document["sha256"])

    def compile(self, kind: ReportKind, office: str, key: str = "k", period: str = PERIOD) -> model.ReportContent:
        """Compile and read the content back from the document."""
        recorded = self.cases.compile(_asked(office, f"{key}-{kind}-{office}-{period}"), kind, office, period)
        return self.read(recorded.report.versions[-1].compiled["documents"][0])

    def read(self, document: dict[str, str]) -> model.ReportContent:
        """The content in its document."""
        return model.decode(self.content(document))


@pytest.fixture
def chain(database: Database, tmp_path: Path) -> Chain:
    """An empty chain on either database."""
    return Chain(database, tmp_path)


def submit(chain: Chain, kind: ReportKind, office: str, key: str) -> None:
    """Submit the newest version."""
    chain.cases.submit(_asked(office, f"{key}-submit"), report_id(kind.value, office, PERIOD), "100/1")


@pytest.mark.clause("P12")
def test_a_report_tells_its_prefix_and_never_changes(chain: Chain) -> None:
    """R2 states size and root of the log it was counted from; later facts change nothing of it."""
    chain.admit(life("a", TEAM))
    content = chain.compile(ReportKind.R2, TEAM)
    head = chain.journal.head()
    chain.admit(life("b", TEAM))

    version = chain.cases.report(report_id("R2", TEAM, PERIOD))[1].versions[0]
    assert (head.size, head.root.hex()) == (content.prefix.size, content.prefix.root)
    assert (
        model.content_hash(content) == version.compiled["content_sha256"] == version.compiled["documents"][0]["sha256"]
    )
    assert chain.read(version.compiled["documents"][0]) == content
    assert {pdf.MEDIA_TYPE, xlsx.MEDIA_TYPE, FIGURES} < {one["media_type"] for one in version.compiled["documents"]}


@pytest.mark.clause("P8")
@pytest.mark.parametrize(("kind", "office", "count"), [(ReportKind.R1, SECRETARIAT, 1), (ReportKind.R2, TEAM, 2)])
def test_a_body_reports_its_own_cases(chain: Chain, kind: ReportKind, office: str, count: int) -> None:
    """The Joint Secretariat and each TKKSD report what they supervise, and nothing else."""
    for key, body in (("a", TEAM), ("b", TEAM), ("c", SECRETARIAT), ("d", "tkksd:34")):
        chain.admit(life(key, body))

    content = chain.compile(kind, office)

    assert count == len(content.matrix)
    assert count == next(figure.value for figure in content.figures if figure.name == "cooperations")
    assert count == len(content.late)


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

    chain.cases.give_back(_asked(GOVERNOR, "r"), identity, "lengkapi kendala")
    second = chain.compile(ReportKind.R2, TEAM, "second")
    submit(chain, ReportKind.R2, TEAM, "2")
    chain.cases.accept(_asked(GOVERNOR, "a"), identity, None)
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
    compiled = chain.cases.compile(_asked(TEAM, "c"), ReportKind.R2, TEAM, PERIOD)
    identity = report_id("R2", TEAM, PERIOD)
    sent = chain.cases.submit(_asked(TEAM, "s"), identity, "100/1")
    back = chain.cases.give_back(_asked(GOVERNOR, "b"), identity, "lengkapi kendla")

    def correct(office: str, event: UUID, **fields: object) -> Recorded:
        return chain.cases.correct(_asked(office, str(fields)), identity, event, "salah ketik", fields)

    correct(TEAM, sent.events[0], letter_number="100/7")
    correct(GOVERNOR, back.events[0], remarks="lengkapi kendala")
    for office, event, fields, refused in (
        (TEAM, compiled.events[0], {"content_sha256": "0" * 64}, "field-correctable"),
        (GOVERNOR, back.events[0], {"remarks": ""}, "correction-fits"),
        (TEAM, UUID(int=1), {"remarks": "x"}, "corrects-own-event"),
        (TEAM, back.events[0], {"remarks": "x"}, "own-event"),
    ):
        with pytest.raises((RuleBrokenError, Problem)) as caught:
            correct(office, event, **fields)
        assert refused == getattr(caught.value, "rule", None)
    version = chain.cases.report(identity)[1].versions[0]

    assert (version.letter_number, version.remarks, version.state) == ("100/7", "lengkapi kendala", "returned")
    assert chain.compile(ReportKind.R2, TEAM, "again").remarks[0].text == "lengkapi kendala"


@pytest.mark.clause("P14")
def test_a_report_quotes_the_law_as_adopted(chain: Chain) -> None:
    """Another wording that the operator adopts is what later reports print; the earlier ones stay as they were."""
    chain.admit(life("a", TEAM))
    first = chain.compile(ReportKind.R2, TEAM, period="2025-S2")
    text = law_text("ksad-2009").replace("dicabut dengan PP 28/2018 Pasal 51", "dicabut pada 13 Juli 2018")
    other = registry.ReferenceAdopted(
        kind=ReferenceKind.PROFILE, name="ksad-2009", content=text, sha256=sha256(text), source="uji"
    )
    chain.admit([seal(other, "reference/adopted", len(reference_facts()) + 1, made_by())])
    second = chain.compile(ReportKind.R2, TEAM)

    said = [
        next(line.text for line in one.introduction.legal_basis if line.clause == "PP 50/2007")
        for one in (first, second)
    ]
    assert said[0].endswith("dicabut dengan PP 28/2018 Pasal 51")
    assert said[1].endswith("dicabut pada 13 Juli 2018")


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
    with pytest.raises(Problem):
        chain.cases.submit(_asked(GOVERNOR, "x"), identity, None)
    submit(chain, ReportKind.R2, TEAM, "1")
    for office in ("governor:34", "minister", TEAM):
        with pytest.raises(Problem) as caught:
            chain.cases.accept(_asked(office, "x"), identity, None)
        assert caught.value.status == 403


def test_every_figure_follows_to_its_events(chain: Chain) -> None:
    """Each figure has its entries in the log; counting their streams again gives the figure."""
    for key in ("a", "b", "c"):
        chain.admit(life(key, TEAM))
    content = chain.compile(ReportKind.R2, TEAM)
    version = chain.cases.report(report_id("R2", TEAM, PERIOD))[1].versions[0]
    paper = next(one for one in version.compiled["documents"] if one["media_type"] == FIGURES)
    behind = orjson.loads(chain.content(paper))

    assert {figure.name for figure in content.every_figure()} == set(behind)
    with chain.journal.database.read() as connection:
        for figure in content.every_figure():
            subjects = {one["event"]["subject"] for one in chain.journal.at(connection, behind[figure.name])}
            streams = {name for name in subjects if not name.startswith("supervision/")}
            if figure.unit == "kerja sama" or not figure.name.startswith("guidance."):
                assert figure.value == len(streams), figure.name
            else:
                assert (figure.value > 0) == bool(streams), figure.name


def test_the_change_since_the_report_before(chain: Chain) -> None:
    """A figure shows what it was in the report of the period before."""
    chain.admit(life("a", TEAM, date(2025, 11, 3)))
    chain.compile(ReportKind.R2, TEAM, period="2025-S2")
    chain.admit(life("b", TEAM))

    content = chain.compile(ReportKind.R2, TEAM)

    registered_ones = next(figure for figure in content.figures if figure.name == "cooperations")
    assert (registered_ones.value, registered_ones.previous, registered_ones.difference) == (2, 1, 1)
    assert content.previous_report is not None
    assert content.prefix.previous_size == len(reference_facts()) + 6


@pytest.mark.clause("P8", "P12", "P13")
def test_a_report_is_about_its_period(chain: Chain) -> None:
    """What began after the period is not in its matrix, its chapters and its figures; the next report has it."""
    chain.admit(life("a", TEAM))
    chain.admit(life("b", TEAM, date(2026, 7, 1)))

    first, second = (chain.compile(ReportKind.R2, TEAM, period=period) for period in ("2026-S1", "2026-S2"))

    assert [row.registration for row in first.matrix] == ["a"]
    assert [row.registration for row in second.matrix] == ["a", "b"]
    assert {figure.name: figure.value for figure in first.figures}["tasks"] == 2
    assert {figure.name: figure.value for figure in second.figures}["tasks"] == 4
    assert first.activities is not None
    assert {one.cooperation.registration for one in first.activities.evaluations} == {"a"}


@pytest.mark.parametrize("count", [0, 1, 40])
def test_any_number_of_cooperations_prints(chain: Chain, count: int) -> None:
    """A province without, with one and with many cooperations gets a PDF and a table."""
    for number in range(count):
        chain.admit(life(f"k{number}", TEAM))

    content = chain.compile(ReportKind.R2, TEAM)
    overview = chain.compile(ReportKind.OVERVIEW, SECRETARIAT)

    assert count == len(content.matrix) == len(overview.matrix)
    assert pdf.render(content).startswith(b"%PDF")
    assert xlsx.render(overview).startswith(b"PK")


def test_a_repeat_is_answered_from_the_log(chain: Chain) -> None:
    """The same command twice compiles once."""
    chain.admit(life("a", TEAM))
    first = chain.cases.compile(_asked(TEAM, "k"), ReportKind.R2, TEAM, PERIOD)
    again = chain.cases.compile(_asked(TEAM, "k"), ReportKind.R2, TEAM, PERIOD)

    assert first.events == again.events
    assert first.position == again.position


def test_a_step_sent_often_at_once_is_taken_once(chain: Chain) -> None:
    """Twenty equal submissions at once make one event and get equal answers, which stay the same after acceptance."""
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    identity = report_id("R2", TEAM, PERIOD)
    together = Barrier(8)

    def send(number: int) -> object:
        if number < together.parties:
            together.wait(30)
        return chain.cases.submit(_asked(TEAM, "k"), identity, "100/1")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(20)))
    chain.cases.accept(_asked(GOVERNOR, "accept"), identity, None)

    assert len(chain.store.stream(f"report/{identity}")) == 3
    assert all(answer == send(20) for answer in answers)
