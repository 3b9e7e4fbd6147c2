"""Problems and disputes, Pasal 6 and 10 d.2, d.3 and d.5: two triggers, three kinds of papers."""

import pytest

from ksad.contracts import registry
from ksad.contracts.registry import Manner, Stage
from ksad.contracts.rules import RuleBrokenError
from ksad.supervision.domain import deciding
from ksad.supervision.domain.register import document_of
from ksad.supervision.domain.task import Status
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, MINISTERS, World, completion

PAPER = document_of(b"masukan", "text/plain").ref
TIERS = ((MINISTERS, "P6"), (GOVERNORS, "P10"))


def problem(key: str = "keterlambatan") -> registry.ProblemReported:
    """A problem."""
    return fact_of(registry.ProblemReported, problem=key, description="pembayaran terlambat")


def dispute(parties: tuple[str, ...], key: str = "tarif") -> registry.DisputeRaised:
    """A dispute."""
    return fact_of(registry.DisputeRaised, dispute=key, between=list(parties[:2]), description="besaran tarif")


def settled(key: str = "tarif") -> registry.DisputeSettled:
    """A settlement."""
    return fact_of(
        registry.DisputeSettled,
        dispute=key,
        manner=Manner.DELIBERATION,
        outcome="sepakat",
        number=None,
        document=None,
        final=False,
    )


REQUEST = registry.DisputeDecisionRequested(dispute="tarif")


@pytest.mark.parametrize(
    ("parties", "clause"),
    [
        pytest.param(MINISTERS, "P6.d.2", marks=pytest.mark.clause("P6.d.2")),
        pytest.param(GOVERNORS, "P10.d.2", marks=pytest.mark.clause("P10.d.2")),
    ],
)
def test_each_problem_makes_an_opinion_owed(parties: tuple[str, ...], clause: str) -> None:
    """One problem, one opinion, with a document; a dispute makes none."""
    made = World(parties=parties).implement()
    made.tell(problem())
    made.tell(problem("sarana"))
    made.tell(dispute(parties))
    assert [(one.clause, one.occurrence) for one in made.tasks("d.2")] == [
        (clause, "keterlambatan"),
        (clause, "sarana"),
    ]
    first = made.context(made.tasks("d.2")[0])
    with pytest.raises(RuleBrokenError, match="dokumen") as refused:
        deciding.complete(first, completion(), None)
    assert refused.value.clause == clause
    made.record(deciding.complete(first, completion(documents=[PAPER]), None))
    assert [one.status for one in made.tasks("d.2")] == [Status.COMPLETED, Status.OPEN]


@pytest.mark.clause("P6.d.2", "P10.d.2")
def test_a_problem_that_is_over_needs_no_opinion_any_more() -> None:
    """Resolving it cancels the opinion that was still owed, and no other."""
    made = World().implement()
    made.tell(problem())
    made.tell(problem("sarana"))
    made.tell(registry.ProblemResolved(problem="keterlambatan", outcome="dibayar", document=None))
    assert [one.status for one in made.tasks("d.2")] == [Status.CANCELLED, Status.OPEN]


@pytest.mark.parametrize(
    ("parties", "advice", "brief"),
    [
        pytest.param(MINISTERS, "P6.d.3", "P6.d.5", marks=pytest.mark.clause("P6.d.3", "P6.d.5")),
        pytest.param(GOVERNORS, "P10.d.3", "P10.d.5", marks=pytest.mark.clause("P10.d.3", "P10.d.5")),
    ],
)
def test_a_dispute_makes_advice_owed_and_a_requested_decision_a_brief(
    parties: tuple[str, ...], advice: str, brief: str
) -> None:
    """d.3 when the dispute is raised, d.5 only when a decision is asked for; each needs a document."""
    made = World(parties=parties).implement()
    made.tell(dispute(parties))
    assert made.one("d.3").clause == advice
    assert not made.tasks("d.5")
    made.tell(REQUEST)
    assert made.one("d.5").clause == brief
    for duty in ("d.3", "d.5"):
        with pytest.raises(RuleBrokenError, match="dokumen"):
            deciding.complete(made.context(made.one(duty)), completion(), None)


@pytest.mark.clause("P6.d.3", "P6.d.5", "P10.d.3", "P10.d.5")
def test_one_document_may_be_advice_and_brief_and_says_so() -> None:
    """Completing the advice with ``satisfies`` closes the brief of the same dispute with the same document."""
    for parties, _ in TIERS:
        made = World(parties=parties).implement()
        made.tell(dispute(parties))
        made.tell(REQUEST)
        brief = made.one("d.5")
        fact = completion(documents=[PAPER], satisfies=brief.id)
        made.record(deciding.complete(made.context(made.one("d.3")), fact, brief))
        advice, closed = made.one("d.3").completed, made.one("d.5").completed
        assert advice is not None
        assert closed is not None
        assert advice.satisfies == brief.id
        assert closed.documents == advice.documents == (PAPER,)


def test_a_document_satisfies_no_other_dispute_and_no_other_duty() -> None:
    """Only advice and brief of one dispute overlap."""
    made = World().implement()
    made.tell(dispute(GOVERNORS))
    made.tell(dispute(GOVERNORS, "lahan"))
    made.tell(registry.DisputeDecisionRequested(dispute="lahan"))
    made.tell(problem())
    advice = made.context(made.one("d.3", occurrence="tarif"))
    for other in (made.one("d.5"), made.one("d.2")):
        with pytest.raises(RuleBrokenError, match="perselisihan yang sama"):
            deciding.complete(advice, completion(documents=[PAPER], satisfies=other.id), other)
    with pytest.raises(RuleBrokenError, match="tidak ada"):
        deciding.complete(advice, completion(documents=[PAPER], satisfies=made.one("d.5").id), None)


def test_a_settled_dispute_needs_no_paper_any_more() -> None:
    """Settlement cancels what was still owed on this dispute."""
    made = World().implement()
    made.tell(dispute(GOVERNORS))
    made.tell(REQUEST)
    made.tell(settled())
    assert {one.status for duty in ("d.3", "d.5") for one in made.tasks(duty)} == {Status.CANCELLED}
    made.pass_days(made.on.replace(month=2))
    assert len(made.tasks("d.3")) == len(made.tasks("d.5")) == 1


@pytest.mark.clause("P6.d.5", "UU 23/2014 Pasal 370(3)")
def test_a_dispute_that_the_governor_cannot_settle_is_briefed_to_the_minister() -> None:
    """On escalation the Governor's brief is owed no more; the Joint Secretariat briefs the Minister instead."""
    made = World().implement()
    made.tell(dispute(GOVERNORS))
    made.tell(REQUEST)
    made.tell(
        registry.DisputeEscalated(
            dispute="tarif", forum="minister", reason="tidak tercapai", number=None, document=None
        )
    )
    governors, ministers = made.tasks("d.5")
    assert (governors.status, governors.clause) == (Status.CANCELLED, "P10.d.5")
    assert (ministers.status, ministers.clause, ministers.body) == (Status.OPEN, "P6.d.5", "joint_secretariat")
    made.pass_day(made.on.replace(day=6))
    assert made.tasks("d.5")[1].handovers == ()
    made.tell(settled())
    assert made.tasks("d.5")[1].status is Status.CANCELLED


@pytest.mark.clause("P6.d.5", "UU 23/2014 Pasal 370(3)")
def test_what_the_governor_decided_and_passed_on_is_briefed_to_the_minister() -> None:
    """A decision that is not final cancels what was owed; passed on, the Minister is briefed, and no Governor."""
    made = World().implement()
    made.tell(dispute(GOVERNORS))
    made.tell(REQUEST)
    decided = {"manner": Manner.GOVERNOR_DECISION, "number": "1", "forum": "governor:33"}
    made.tell(settled().model_copy(update=decided))
    assert {one.status for one in (*made.tasks("d.3"), *made.tasks("d.5"))} == {Status.CANCELLED}
    made.tell(
        registry.DisputeEscalated(
            dispute="tarif", forum="minister", reason="tidak tercapai", number=None, document=None
        )
    )
    assert [one.body for one in made.tasks("d.5") if one.open] == ["joint_secretariat"]
    assert not [one for one in made.tasks("d.3") if one.open]
    made.tell(settled())
    assert not [one for one in made.tasks("d.5") if one.open]


@pytest.mark.clause("P4.d")
def test_a_problem_before_the_last_stage_waits_for_it() -> None:
    """d.2 is a duty of the last stage: a problem that still lasts when it is entered makes the opinion owed then."""
    made = World()
    made.register_it()
    made.tell(problem())
    assert not made.tasks("d.2")
    for stage in (Stage.NEGOTIATION, Stage.SIGNING):
        made.enter(stage)
    made.sign_accord()
    made.sign_agreement()
    made.enter(Stage.IMPLEMENTATION_AND_TERMINATION)
    assert made.one("d.2").occurrence == "keterlambatan"
