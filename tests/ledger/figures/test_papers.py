"""Each opinion, advice and brief stands under the problem or dispute that it was written for, and under no other."""

from datetime import date
from typing import Any

import pytest

from ksad.contracts.envelope import seal
from ksad.contracts.supervision import ESCALATED, Tier
from ksad.ledger.figures.developments import Tidings
from ksad.ledger.figures.gathering import Gathered
from ksad.ledger.figures.matters import MINISTER, matters
from ksad.ledger.figures.period import Span
from ksad.ledger.figures.prefix import KnownCooperation, Prefix
from ksad.ledger.figures.reading import KnownStream
from ksad.ledger.figures.scope import ReportScope
from ksad.ledger.figures.supervised import SupervisedBy
from ksad.ledger.figures.whole import WholeLog
from ksad.ledger.folds import matters as fold_matters
from ksad.ledger.folds.rows import no_history
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier
from ksad.ledger.printing.matter_tables import disputes
from tests.support.histories.histories import origin
from tests.support.platforms.fed_supervision import reference_facts

MATTER = {"description": "uraian", "on": "2026-02-01", "outcome": None}
ENDING_ALIKE = pytest.mark.fault(
    "law papers",
    kind="What belongs together is found by how a key ends.",
    looked="Every use of an occurrence in figures, printing and folds: papers of problems and disputes, reminders.",
    found="A brief written to the Minister after a dispute was escalated was never found, and no report showed it.",
)


def _paper(duty: str, occurrence: str, on: str, sha256: str) -> tuple[str, dict[str, Any]]:
    occasion = ESCALATED if duty == "d.5" else None
    detail = {"occurrence": occurrence, "occasion": occasion, "documents": [{"sha256": sha256 * 64}]}
    row = {
        "cooperation_id": "k",
        "duty": duty,
        "clause": f"P10.{duty}",
        "completed_on": on,
        "detail": detail,
        "body": "tkksd:33",
    }
    return f"{duty}/{occurrence}", row


def _scope(tasks: list[tuple[str, dict[str, Any]]], **detail: Any) -> ReportScope:
    facts = enumerate(reference_facts(), 1)
    leaves = [Entry(at - 1, seal(fact, "reference/adopted", at, origin()).to_bytes()) for at, fact in facts]
    prefix = Prefix(WholeLog(leaves, Frontier.empty(), no_history), date(2026, 6, 30))
    row = {"key": "k", "title": "Jalan bersama", "detail": {"problems": {}, "disputes": {}, **detail}}
    one = KnownCooperation("k", row, SupervisedBy(()), KnownStream(()), KnownStream(()))
    gathered = Gathered({"k": one}, {"k": row}, [], tasks, Tidings([], []), {})
    return ReportScope(prefix, gathered, Tier.GOVERNOR, Span("2026-01-01", "2026-06-30"), "tkksd:33")


@ENDING_ALIKE
def test_a_paper_stands_under_its_own_problem() -> None:
    """The opinion on ``tol-jalan`` does not appear under the problem ``jalan``, whose key ends alike."""
    scope = _scope(
        [_paper("d.2", "tol-jalan", "2026-03-01", "a")],
        problems={"jalan": {**MATTER, "description": "jalan"}, "tol-jalan": {**MATTER, "description": "tol"}},
    )

    found = {one.text: one for one in matters(scope, None).problems}

    assert found["jalan"].opinion is None
    assert found["jalan"].state == "open"
    assert found["tol"].opinion is not None
    assert found["tol"].opinion.sha256 == "a" * 64


def test_a_decision_that_was_passed_on_is_told_beside_the_ministers() -> None:
    """Scenario 19: what the Governor decided stays in the report as not final, until the Minister decided and after."""
    law = {"clause": "UU 23/2014 Pasal 370(1), 370(4)", "basis": "text"}
    row: dict[str, Any] = {"detail": {"disputes": {"d": {"description": "tarif", "on": "2026-02-01", "between": []}}}}

    def step(status: str, on: str, **data: Any) -> None:
        said = {"number": None, "signed_as": None, "dispute": "d", **data}
        fold_matters.dispute(status)(row, {"data": said, "occurredon": on})

    decided = {"manner": "governor_decision", "outcome": "tarif lama", "final": False, "forum": "governor:33"}
    step("settled", "2026-03-01", **decided, law=law)
    step("escalated", "2026-04-01", forum="minister")
    (found,) = matters(_scope([], disputes=row["detail"]["disputes"]), None).disputes
    assert (found.state, found.forum, found.settlement, found.awaits) == ("escalated", MINISTER, None, True)
    (earlier,) = found.earlier
    assert (earlier.on, earlier.outcome, earlier.final) == ("2026-03-01", "tarif lama", False)
    (told,) = disputes([found]).rows
    assert "Keputusan, 1 Maret 2026: tarif lama; belum bersifat final" in str(told[-1])
    assert str(told[-1]).endswith("Ditangani Menteri Dalam Negeri")
    minister = {"manner": "minister_decision", "outcome": "tarif baru", "final": True, "forum": "minister", "law": law}
    step("settled", "2026-05-01", **minister)
    (found,) = matters(_scope([], disputes=row["detail"]["disputes"]), None).disputes
    assert found.settlement is not None
    assert (found.state, found.settlement.final, found.earlier) == ("settled", True, (earlier,))


@ENDING_ALIKE
def test_a_brief_to_the_minister_is_found() -> None:
    """After a dispute went on to the Minister, the brief to him is his, and the advice before the Governor's."""
    tasks = [_paper("d.3", "tarif", "2026-03-01", "a"), _paper("d.5", "tarif/minister", "2026-04-01", "b")]
    dispute: dict[str, Any] = {
        "description": "tarif",
        "on": "2026-02-01",
        "status": "escalated",
        "manner": None,
        "between": [],
    }
    scope = _scope(tasks, disputes={"tarif": dispute})

    (found,) = matters(scope, None).disputes

    assert found.advice is not None
    assert (found.advice.sha256, found.advice.to) == ("a" * 64, "Gubernur Jawa Tengah")
    assert found.brief is not None
    assert (found.brief.sha256, found.brief.to) == ("b" * 64, "Menteri Dalam Negeri")
