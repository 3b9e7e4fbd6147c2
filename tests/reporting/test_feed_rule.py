"""Feed rule 2: how duties end, own reports, boundary changes on their day, who has left; and how it is adopted."""

from datetime import date, datetime, timedelta

import pytest

from ksad.chassis.database import Database
from ksad.contracts import registry, reporting, supervision
from ksad.contracts.catalogue import DECLARATIONS, Fact
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id, report_id, task_id
from ksad.ledger.feeds.audiences import RULE_1, RULE_2, UNFED
from ksad.reporting.feeds.appender import Feeds, OtherRuleError
from ksad.reporting.journal import Journal
from tests.support.histories.feed_lives import small_table
from tests.support.histories.histories import admit, origin, registered, resolved
from tests.support.histories.newest import fact_of

RULE = reporting.FeedRuleAdopted(version=2, decision_number="100/2026", decided_on=date(2026, 1, 5))
STARTED = origin().time


class Log:
    """A log that the feeds follow, on either database; each fact is the newest of its stream."""

    def __init__(self, database: Database) -> None:
        self.feeds = Feeds(database, Journal(database))
        self._versions: dict[str, int] = {}
        self._names: dict[bytes, str] = {}

    def add(self, name: str, fact: Fact, subject: str, *, days: int = 0) -> None:
        """Record a fact, so many days after the first."""
        self._versions[subject] = self._versions.get(subject, 0) + 1
        time: datetime = STARTED + timedelta(days=days)
        made = origin(fact.declaration.service.value).model_copy(update={"time": time})
        sealed: Envelope = seal(fact, subject, self._versions[subject], made)
        self._names[sealed.to_bytes()] = name
        admit(self.feeds.journal, [sealed])
        while self.feeds.step():
            pass

    def adopt(self) -> None:
        """Rule 2 holds from now on."""
        self.add("rule", RULE, "anchor/feed-rule")

    def feed(self, province: str) -> list[str]:
        """The names of the facts in a feed."""
        with self.feeds.database.read() as connection:
            return [self._names[raw] for raw in self.feeds.leaves(connection, province, 0, 1_000)]


@pytest.fixture
def log(database: Database) -> Log:
    """An empty log."""
    return Log(database)


def cooperation(key: str = "a") -> str:
    """The stream of a cooperation."""
    return f"cooperation/{cooperation_id(key)}"


def scheduled(key: str | None, body: str) -> supervision.TaskScheduled:
    """A duty begins, of a cooperation or of an office alone."""
    return fact_of(
        supervision.TaskScheduled,
        cooperation_id=None if key is None else cooperation_id(key),
        duty="d.1",
        clause="P6.d.1",
        body=body,
        stage=None,
        for_parties=[],
        occurrence="2026-S1",
        period="2026-S1",
        due_on=date(2026, 7, 1),
        due_basis="uji",
    )


def completed(key: str | None) -> supervision.TaskCompleted:
    """A duty is done."""
    identity = None if key is None else cooperation_id(key)
    return supervision.TaskCompleted(
        cooperation_id=identity,
        outcome="selesai",
        documents=[],
        findings=[],
        evaluation=None,
        satisfies=None,
        duty="R2",
    )


def corrected(key: str, fields: dict[str, str]) -> supervision.TaskCorrected:
    """Other values of a fact of a task."""
    return supervision.TaskCorrected(
        cooperation_id=cooperation_id(key), corrects=cooperation_id("x"), reason="uji", fields=fields
    )


TASK = f"task/{task_id('a', 'd.1')}"


def play_a_duty(log: Log) -> None:
    """A cooperation that the Joint Secretariat supervises, and a duty of it that ends."""
    log.add("registered", registered("a", ("33.72", "34.71")), cooperation())
    log.add("supervised", resolved("a", "joint_secretariat"), f"supervision/{cooperation_id('a')}")
    log.add("begun", scheduled("a", "joint_secretariat"), TASK)
    log.add("assigned", supervision.TaskAssigned(cooperation_id=cooperation_id("a"), assignee="petugas-7"), TASK)
    log.add("done", completed("a"), TASK)
    log.add("corrected", corrected("a", {"outcome": "lain"}), TASK)
    log.add("reassigned", corrected("a", {"assignee": "petugas-8"}), TASK)


@pytest.mark.fault(
    "province F2",
    kind="a fact that undoes or ends another is kept from some of those who have that other",
    looked="every audience of the catalogue; leaving a cooperation; corrections; boundary changes",
    found="a province never learned that its last party had left, that a boundary moved, nor how a fact was corrected",
)
def test_a_duty_ends_where_it_began(log: Log) -> None:
    """Who is told that a duty began is told how it ended, and of corrections; an officer's name stays inside."""
    log.adopt()

    play_a_duty(log)

    assert log.feed("34") == ["registered", "supervised", "begun", "done", "corrected"]


def test_what_the_rule_adds_of_the_past_comes_with_its_adoption(log: Log) -> None:
    """Rule 1 decides up to the adoption; there follows, in the log's order, what the rule would have given before."""
    play_a_duty(log)
    log.add("late", supervision.TaskReminded(cooperation_id=cooperation_id("a"), day=date(2026, 7, 2)), TASK)
    assert log.feed("34") == ["registered", "supervised", "begun"]

    log.adopt()
    log.add("problem", fact_of(registry.ProblemReported, problem="p", description="terlambat"), cooperation())

    assert log.feed("34") == ["registered", "supervised", "begun", "done", "corrected", "problem"]
    with log.feeds.database.read() as connection:
        assert log.feeds.rule_version(connection) == 2


def test_own_reports_and_duties_to_report_travel(log: Log) -> None:
    """A province has its own reports and duties to report, and nobody else's; those of the Secretariat are nobody's."""
    log.adopt()
    for office in ("tkksd:33", "governor:33", "joint_secretariat"):
        name = task_id(office, "R", "2026-S1")
        log.add(f"owed {office}", scheduled(None, office), f"task/{name}")
        values = {"kind": "R2", "from_office": office, "to_office": "minister", "period": "2026-S1", "version": 1}
        submitted = fact_of(reporting.ReportSubmitted, **values, letter_number="1/2026")
        log.add(f"sent {office}", submitted, f"report/{report_id('R2', office, '2026-S1')}")
        log.add(f"done {office}", completed(None), f"task/{name}")

    assert log.feed("33") == [
        f"{what} {who}" for who in ("tkksd:33", "governor:33") for what in ("owed", "sent", "done")
    ]
    assert log.feed("34") == []


def adopted_table() -> registry.TextSupplied:
    """A small table of regions."""
    kind = registry.ReferenceKind.REGIONS
    content = small_table().to_csv()
    return registry.TextSupplied(kind=kind, name="regions", content=content, sha256="0" * 64, source="uji")


def moved(region: str, successor: str, days: int) -> registry.BoundaryChanged:
    """A region has another code from a day on."""
    day = STARTED.date() + timedelta(days=days)
    values = {"region": region, "successor": successor, "effective_on": day, "legal_basis": "UU", "decision": None}
    return registry.BoundaryChanged.model_validate(values)


@pytest.mark.fault(
    "bug-reports 5",
    kind="A fact that names its day counts from the day on which it was recorded.",
    looked="Boundary changes in sight, feeds, recapitulation, register, reports, tasks and verify, which all ask one"
    " map of regions (bug-reports 3); the days of adopted tables.",
    found="In each chain the first step counted at once as well.",
)
def test_a_boundary_change_moves_a_feed_on_its_day(log: Log) -> None:
    """Not when it is recorded but on its day, and along a chain; both provinces have the change itself at once."""
    log.adopt()
    log.add("table", adopted_table(), "reference/adopted")
    log.add("registered", registered("a", ("32.75", "91.01")), cooperation())
    log.add("to 36", moved("32.75", "36.80", 3), "reference/adopted")
    log.add("to 33", moved("36.80", "33.81", 6), "reference/adopted")
    log.add("before", fact_of(registry.ProblemReported, problem="p", description="a"), cooperation(), days=2)
    assert log.feed("36") == ["to 36", "to 33"]

    log.add("day", registry.DayPassed(day=date(2026, 1, 7)), "calendar/days", days=3)
    log.add("between", fact_of(registry.ProblemReported, problem="q", description="b"), cooperation(), days=4)
    log.add("after", fact_of(registry.ProblemReported, problem="r", description="c"), cooperation(), days=6)

    assert log.feed("36") == ["to 36", "to 33", "registered", "before", "between"]
    assert log.feed("33") == ["to 33", "registered", "before", "between", "after"]
    assert log.feed("32") == ["registered", "to 36", "before"]


@pytest.mark.fault(
    "bug-reports A",
    kind="What was decided one by one is undone when the whole is given anew.",
    looked="Tables of regions in registry, supervision, reporting, reports and feeds; adopting each other kind of"
    " reference text, of which nothing else was recorded piece by piece.",
    found="Supervision dropped the changes as the registry did.",
)
def test_a_table_adopted_anew_keeps_changes(log: Log) -> None:
    """Boundary changes outlive the table that they were recorded on."""
    log.adopt()
    log.add("table", adopted_table(), "reference/adopted")
    log.add("to 36", moved("32.75", "36.80", 0), "reference/adopted")
    log.add("table again", adopted_table(), "reference/adopted")
    log.add("registered", registered("a", ("32.75", "91.01")), cooperation())

    assert log.feed("36") == ["to 36", "registered"]


def test_a_province_learns_that_it_has_left(log: Log) -> None:
    """The fact by which its last party leaves is the last that a province gets of a cooperation."""
    log.adopt()
    log.add("registered", registered("a", ("33.72", "33.11", "34.71")), cooperation())
    left = fact_of(registry.PartyWithdrew, region="34.71", reason=None, parties=["33.72", "33.11"])
    log.add("left", left, cooperation())
    log.add("problem", fact_of(registry.ProblemReported, problem="p", description="a"), cooperation())

    assert log.feed("34") == ["registered", "left"]
    assert log.feed("33") == ["registered", "left", "problem"]


def test_an_unknown_version_is_not_guessed(log: Log) -> None:
    """Feeds stop before a rule that this release does not know; what came before stays."""
    log.add("registered", registered("a", ("33.72", "34.71")), cooperation())
    newer = reporting.FeedRuleAdopted(version=99, decision_number=None, decided_on=None)

    with pytest.raises(OtherRuleError, match="99"):
        log.add("newer", newer, "anchor/feed-rule")

    assert log.feed("34") == ["registered"]


def test_every_type_has_a_place_in_the_newest_rule() -> None:
    """A type that is declared is given an audience by the newest rule, or left out of the feeds on purpose."""
    assert RULE_2.keys() | UNFED == {one.name for one in DECLARATIONS.values()}
    assert not RULE_2.keys() & UNFED
    assert len(RULE_1) == 49
    assert RULE_1.keys() <= RULE_2.keys()
