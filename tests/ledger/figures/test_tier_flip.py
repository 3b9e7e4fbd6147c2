"""A cooperation that leaves a Governor's province: what was done stays with who did it, decided by whom it was decided.

The expected texts are those of Permendagri 23/2009 Pasal 6 and 10 and UU 23/2014 Pasal 370, written by hand.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ksad.contracts import registry, supervision
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.dates import Period
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id, task_id
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.compiling import ReportOrder, compile_report
from ksad.ledger.figures.content.model import ReportContent
from ksad.ledger.figures.content.sums import TimelinessCounts
from ksad.ledger.figures.whole import WholeLog
from ksad.ledger.folds.rows import no_history
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier
from tests.support.histories.histories import origin as made_by
from tests.support.histories.histories import registered
from tests.support.histories.newest import fact_of
from tests.support.platforms.fed_supervision import reference_facts

K = cooperation_id("air-bersih")
TEAM, SECRETARIAT = "tkksd:32", "joint_secretariat"
PAPER = DocumentRef(sha256="a" * 64, media_type="application/pdf", size=1)
FLIPPED = date(2026, 6, 20)


def _no_document(sha256: str) -> bytes:
    raise LookupError(sha256)


class Story:
    """Facts of several streams, each with its day."""

    def __init__(self) -> None:
        self.events: list[Envelope] = []
        for fact in reference_facts():
            self.take("reference/adopted", fact, date(2025, 1, 1))

    def take(self, subject: str, fact: Any, on: date) -> None:
        """Record a fact."""
        version = 1 + sum(one.subject == subject for one in self.events)
        service = "supervision" if subject.startswith(("task/", "supervision/")) else "registry"
        origin = made_by(service).model_copy(update={"occurred_on": on})
        self.events.append(seal(fact, subject, version, origin))

    def resolved(self, body: str, forum: str, clause: str, on: date) -> None:
        """Somebody supervises from a day on."""
        fact = fact_of(
            supervision.JurisdictionResolved, cooperation_id=K, supervising_body=body, dispute_forum=forum,
            tier="governor" if body == TEAM else "minister", clause="P3", basis="text", row="t4", gap_filled=False,
            informed=[], parties=["32.01", "32.71"], holds_from=on, forum_clause=clause, forum_basis="text",
            forum_says="uji",
        )  # fmt: skip
        self.take(f"supervision/{K}", fact, on)

    def owed(self, duty: str, occurrence: str, on: date, due: date) -> str:
        """The team owes a duty; returns the subject of the task."""
        subject = f"task/{task_id(K, duty, occurrence)}"
        fact = fact_of(
            supervision.TaskScheduled, cooperation_id=K, duty=duty, clause=f"P10.{duty}", body=TEAM,
            stage="implementation_and_termination", for_parties=[], occurrence=occurrence, period=None, due_on=due,
            due_basis="kebijakan",
        )  # fmt: skip
        self.take(subject, fact, on)
        return subject

    def done(self, subject: str, on: date) -> None:
        """A task is completed with a document."""
        fact = fact_of(
            supervision.TaskCompleted, cooperation_id=K, outcome="disampaikan", documents=[PAPER], findings=[],
            evaluation=None, satisfies=None,
        )  # fmt: skip
        self.take(subject, fact, on)

    def report(self, kind: ReportKind, office: str) -> ReportContent:
        """The draft of a report on the first semester of 2026, compiled on its last day."""
        period = Period.parse("2026-S1")
        leaves = [Entry(at, one.to_bytes()) for at, one in enumerate(self.events)]
        source = WholeLog(leaves, Frontier.empty()._replace(size=len(leaves)), no_history)
        return compile_report(
            source, ReportOrder(kind, office, period, "ksad/uji/national", period.last, _no_document)
        ).content


def _flip() -> Story:
    story = Story()
    story.take(f"cooperation/{K}", registered("air-bersih", ("32.01", "32.71")), date(2025, 9, 1))
    story.resolved(TEAM, "governor:32", "UU 23/2014 Pasal 370 ayat (1)", date(2025, 9, 1))
    raised = fact_of(
        registry.DisputeRaised, dispute="tarif", between=["32.01", "32.71"], description="Tarif air belum disepakati."
    )
    story.take(f"cooperation/{K}", raised, date(2026, 3, 2))
    for duty, done in (("d.3", date(2026, 3, 20)), ("d.5", date(2026, 4, 20))):
        story.done(story.owed(duty, "tarif", date(2026, 3, 2), date(2026, 4, 1)), done)
    decided = fact_of(
        registry.DisputeSettled, dispute="tarif", manner="governor_decision", outcome="Tarif ditetapkan bersama.",
        number="KepGub 1/2026", document=None, final=True, forum="governor:32",
    )  # fmt: skip
    story.take(f"cooperation/{K}", decided, date(2026, 5, 10))
    open_task = story.owed("a.2", "x", date(2026, 5, 1), date(2026, 8, 1))
    story.resolved(SECRETARIAT, "minister", "UU 23/2014 Pasal 370 ayat (2)", FLIPPED)
    handed = supervision.TaskHandedOver(
        cooperation_id=K, from_body=TEAM, to_body=SECRETARIAT, clause="P6.a.2", reason="jenjang berubah"
    )
    story.take(open_task, handed, FLIPPED)
    return story


def _counts(**named: int) -> TimelinessCounts:
    return TimelinessCounts(**{**dict.fromkeys(TimelinessCounts.model_fields, 0), **named})


@pytest.fixture(scope="module")
def flipped() -> Callable[[ReportKind, str], ReportContent]:
    """Reports on the semester in which the cooperation went from the Governor's side to the Minister's."""
    return _flip().report


FLIP = pytest.mark.fault(
    "http A3",
    kind="What was done is told by who is responsible now.",
    looked="Cooperations, tasks, papers, forums and clauses in every kind of report.",
    found="The work of a TKKSD stood in another body's report, a Governor's decision as the Minister's.",
)


@FLIP
@pytest.mark.clause("P12")
def test_the_team_reports_what_it_did(flipped: Callable[[ReportKind, str], ReportContent]) -> None:
    """R2 has the team's papers under Pasal 10, the Governor's decision under his own forum, and the open task as handed
    over; the matrix says when the cooperation passed, and to whom.
    """
    content = flipped(ReportKind.R2, TEAM)

    assert content.activities is not None
    assert content.timeliness.total == _counts(new=3, on_time=1, late=1, handed_over=1)
    (dispute,) = content.matters.disputes
    assert dispute.forum_clause is not None
    assert (dispute.forum, dispute.forum_clause.id) == ("Gubernur Jawa Barat", "UU 23/2014 Pasal 370 ayat (1)")
    assert dispute.advice is not None
    assert dispute.brief is not None
    assert [dispute.advice.clause.id, dispute.brief.clause.id] == ["P10.d.3", "P10.d.5"]
    (row,) = content.matrix
    assert row.remarks == "dialihkan 20 Juni 2026 kepada Sekretariat Bersama; belum diverifikasi: 2 dari 2 fakta"
    assert row.supervisor == "Menteri Dalam Negeri, dibantu Sekretariat Bersama"
    offers = [offer for stage in content.activities.guidance for duty in stage.duties for offer in duty.rows]
    assert [(one.state, [party.code for party in one.parties]) for one in offers] == [
        ("handed_over", ["32.01", "32.71"])
    ]


@FLIP
@pytest.mark.clause("P8")
def test_the_secretariat_reports_what_it_took_over(flipped: Callable[[ReportKind, str], ReportContent]) -> None:
    """R1 has the open task as taken over and under Pasal 6, none of what the team did, and the same decision of the
    same forum, with the papers under the clauses of who wrote them.
    """
    content = flipped(ReportKind.R1, SECRETARIAT)

    assert content.activities is not None
    assert content.timeliness.total == _counts(taken_over=1, not_due=1)
    (dispute,) = content.matters.disputes
    assert (dispute.forum, dispute.state) == ("Gubernur Jawa Barat", "settled")
    assert dispute.advice is not None
    assert dispute.advice.clause.id == "P10.d.3"
    assert ["dialihkan" in str(row.remarks) for row in content.matrix] == [False]


@pytest.mark.fault(
    "law L1",
    kind="A report tells the state of the day on which somebody asked.",
    looked="Every table of every report, before and after the last day of its period.",
    found="A report for 2025 told of an agreement of February 2026 as running, and of a notice given after it.",
)
def test_what_came_after_the_period_stands_apart() -> None:
    """A dispute of July is in no table of the first semester: it is told as a development after it."""
    story = _flip()
    raised = fact_of(
        registry.DisputeRaised,
        dispute="aset",
        between=["32.01", "32.71"],
        description="Pembagian aset diperselisihkan.",
    )
    story.take(f"cooperation/{K}", raised, date(2026, 7, 6))
    content = story.report(ReportKind.R1, SECRETARIAT)

    assert content.activities is not None
    assert [one.text for one in content.matters.disputes] == ["Tarif air belum disepakati."]
    assert content.state_on == date(2026, 6, 30)
    (told,) = content.developments.after
    assert (told.on, told.text) == ("2026-07-06", "Perselisihan diajukan: Pembagian aset diperselisihkan.")


@pytest.mark.fault(
    "law report 6",
    kind="What has nothing is left out, so that nobody sees that it has nothing.",
    looked="The recapitulation by regency, by province, and by tier.",
    found="Columns for mandatory and voluntary cooperations were missing.",
)
def test_every_region_of_the_province_is_in_the_recapitulation(
    flipped: Callable[[ReportKind, str], ReportContent],
) -> None:
    """All 27 regencies and cities of Jawa Barat stand in it, those without any cooperation with zeros."""
    recap = flipped(ReportKind.R2, TEAM).recapitulation

    assert len(recap.rows) == 27
    assert [row.region.code for row in recap.rows if row.counts.new or row.counts.exploration] == ["32.01", "32.71"]


@pytest.mark.fault(
    "law L14",
    kind="The body that assists is told as the one that supervises.",
    looked="The matrix, cooperations listed for information, letters and forums of every kind of report.",
    found="Nothing else: letters and forums named the heads.",
)
def test_the_head_supervises_and_the_body_assists(flipped: Callable[[ReportKind, str], ReportContent]) -> None:
    """Governor and Minister supervise (Pasal 2, 3); the team and the Joint Secretariat assist them (Pasal 5, 9)."""
    (row,) = flipped(ReportKind.R1, SECRETARIAT).matrix
    assert row.supervisor == "Menteri Dalam Negeri, dibantu Sekretariat Bersama"
    story = Story()
    story.take(f"cooperation/{K}", registered("air-bersih", ("32.01", "32.71")), date(2025, 9, 1))
    story.resolved(TEAM, "governor:32", "UU 23/2014 Pasal 370 ayat (1)", date(2025, 9, 1))
    (row,) = story.report(ReportKind.R2, TEAM).matrix
    assert row.supervisor == "Gubernur Jawa Barat, dibantu TKKSD Provinsi Jawa Barat"


def test_what_nobody_has_examined_or_confirmed_stands_apart() -> None:
    """The state of the register names facts that were not examined, acts that wait, and what the register found."""
    story = _flip()
    effect = {"type": "ksad.cooperation.accord_signed.v2", "on": "2026-06-24", "precision": "day", "data": {}}
    proposed = fact_of(
        registry.ActProposed, scope="accord:kesepakatan-1", effect=effect, asked=["32.01", "32.71"], proposer="32.01",
        claimed={}, expires_on=None,
    )  # fmt: skip
    story.take(f"cooperation/{K}", proposed, date(2026, 6, 25))
    found = story.owed("oversight", "approval-missing/perjanjian-1/32.71", date(2026, 6, 25), date(2026, 7, 9))
    task = story.events[-1]
    story.events[-1] = task.model_copy(update={"data": {**task.data, "occasion": "approval-missing"}})
    assert found == task.subject

    (state,) = story.report(ReportKind.R2, TEAM).register_states

    assert (state.recorded, state.unverified, state.returned) == (2, 2, 0)
    assert state.notes == (
        "penandatanganan kesepakatan menunggu konfirmasi Kabupaten Bogor, Kota Bogor",
        "persetujuan DPRD tidak tercatat, belum diperiksa",
    )


@pytest.mark.fault(
    "law report 7",
    kind="Findings are a long list without order or count of those that do not conform.",
    looked="Findings of R1, R2, R3 and the overview.",
    found="They had no follow-up.",
)
@pytest.mark.clause("P13")
def test_the_overview_tells_oversight_and_ends(flipped: Callable[[ReportKind, str], ReportContent]) -> None:
    """What is told in place of activities has findings and ends from the register, as R1 and R2 have them."""
    story = _flip()
    finding = {"basis": "legislation", "conforms": False, "description": "Akta belum lengkap."}
    subject = story.owed("oversight", "exploration/2026-05-02/entry", date(2026, 5, 2), date(2026, 5, 16))
    called = {"who": TEAM, "by": "2026-08-01", "what": "melengkapi akta"}
    done = {"cooperation_id": K, "outcome": "diperiksa", "documents": [], "evaluation": None, "satisfies": None}
    done |= {"duty": "oversight", "findings": [{**finding, "follow_up": called}]}
    fact = supervision.TaskCompleted.model_validate(done, strict=False)
    story.take(subject, fact, date(2026, 5, 10))

    content = story.report(ReportKind.OVERVIEW, SECRETARIAT)

    assert content.results is not None
    (told,) = content.findings
    assert (told.text, told.follow_up) == (
        "Akta belum lengkap.",
        "TKKSD Provinsi Jawa Barat: melengkapi akta (paling lambat 1 Agustus 2026)",
    )
    assert content.results.evaluation_summary == ("Dari 1 temuan pengawasan, 1 tidak sesuai.",)
    (row,) = content.matrix
    assert row.follow_up == told.follow_up
    assert flipped(ReportKind.OVERVIEW, SECRETARIAT).findings == ()
