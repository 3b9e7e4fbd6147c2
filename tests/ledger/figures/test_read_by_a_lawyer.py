"""What a lawyer found in the printed reports: a wrong article over another tier's work, and one party for all."""

from datetime import date

import pytest

from ksad.contracts import supervision
from ksad.contracts.reporting import ReportKind
from tests.ledger.figures.test_tier_flip import SECRETARIAT, TEAM, K, Story
from tests.support.histories.histories import registered
from tests.support.histories.lifecycle import FORM
from tests.support.histories.newest import fact_of

BEGUN = date(2026, 1, 5)


def governed() -> Story:
    """A cooperation of two regions of one province, supervised by its Governor and helped by his team."""
    story = Story()
    story.take(f"cooperation/{K}", registered("air-bersih", ("32.01", "32.71")), BEGUN)
    story.resolved(TEAM, "governor:32", "UU 23/2014 Pasal 370 ayat (1)", BEGUN)
    return story


@pytest.mark.fault("law L7")
@pytest.mark.clause("P10.d.1")
def test_an_evaluation_is_told_under_the_article_of_who_made_it() -> None:
    """The national overview has a TKKSD's evaluation under Pasal 10, not under the Secretariat's Pasal 6."""
    story = governed()
    subject = story.owed("d.1", "2026-S1", date(2026, 4, 1), date(2026, 5, 1))
    done = fact_of(
        supervision.TaskCompleted, cooperation_id=K, outcome="dievaluasi", documents=[], findings=[],
        evaluation=FORM, satisfies=None,
    )  # fmt: skip
    story.take(subject, done, date(2026, 4, 20))
    content = story.report(ReportKind.OVERVIEW, SECRETARIAT)
    assert content.results is not None
    assert [one.clause.id for one in content.results.evaluations] == ["P10.d.1"]


@pytest.mark.fault(
    "law L11",
    kind="What is done for all parties is told of the first one.",
    looked="Rows of guidance and help, matrices, disputes, reminders in every kind of report.",
    found="nothing else: only help at a signing is owed to no party by name",
)
@pytest.mark.clause("P10.c.1", "P10.c.2")
def test_help_at_a_signing_is_told_of_all_parties() -> None:
    """c.1 and c.2 are for no single party: their row names every party."""
    story = governed()
    for duty in ("c.1", "c.2"):
        story.owed(duty, f"{duty}-1", date(2026, 4, 1), date(2026, 5, 1))
    content = story.report(ReportKind.R2, TEAM)
    assert content.activities is not None
    rows = {
        duty.clause.id: [[party.code for party in row.parties] for row in duty.rows]
        for stage in content.activities.guidance
        for duty in stage.duties
        if duty.clause.id.startswith("P10.c") and duty.rows
    }
    assert rows == {"P10.c.1": [["32.01", "32.71"]], "P10.c.2": [["32.01", "32.71"]]}
