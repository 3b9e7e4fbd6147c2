"""A gap of the law gives a cooperation to another body: the Governors of its parties are told, and say so."""

from datetime import date

import pytest

from ksad.contracts import registry
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import HOME_GOVERNORS
from ksad.ledger.figures.scope import CALLED
from ksad.supervision.domain import deciding, permissions
from ksad.supervision.domain.commands import Acknowledge
from ksad.supervision.domain.task import Status, Task
from tests.supervision.test_verification import FIRST, MIXED, Examined, since
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, completion

LETTER = DocumentRef(sha256="9" * 64, size=9, media_type="application/pdf")
PLURAL = ("32.08", "32.74", "33.01")


def told(made: Examined) -> list[Task]:
    """The tasks to tell Governors."""
    return [one for one in made.tasks("oversight") if one.occasion == HOME_GOVERNORS]


def begun(parties: tuple[str, ...] = MIXED) -> Examined:
    """A cooperation that has just been registered, under a policy that names the term."""
    made = Examined(parties=parties, law=since(FIRST))
    made.register_it()
    return made


def acknowledged(made: Examined, task: Task, office: str) -> None:
    """An office says that it was told."""
    context = made.context(task)
    command = Acknowledge(region=None)
    permissions.check(office, command, context)
    made.record(deciding.decided(command, context, office))


@pytest.mark.clause("P2", "P3")
def test_home_governors_are_told_and_give_receipt() -> None:
    """One task of the supervising body for all of them; done when each has said that the letter reached him."""
    made = begun()
    (task,) = told(made)
    assert (task.body, task.for_parties, task.clause) == ("joint_secretariat", ("32", "33"), "P7")
    assert "Jawa Barat, Jawa Tengah" in task.due_basis
    with pytest.raises(RuleBrokenError) as early:
        acknowledged(made, task, "governor:32")
    assert early.value.rule == "receipt-after-delivery"
    for code in task.for_parties:
        made.record(deciding.deliver(made.context(told(made)[0]), code, (LETTER,), None))
    assert told(made)[0].remaining == ("32", "33")
    with pytest.raises(RuleBrokenError) as by_hand:
        deciding.complete(made.context(told(made)[0]), completion(), None)
    assert by_hand.value.rule == "receipts-close-it"
    for office in ("region:32", "region:32.14", "tkksd:32", "governor:34"):
        with pytest.raises(RuleBrokenError):
            acknowledged(made, told(made)[0], office)
    for office in ("governor:32", "governor:33"):
        acknowledged(made, told(made)[0], office)
    assert (told(made)[0].status, told(made)[0].remaining) == (Status.COMPLETED, ())


@pytest.mark.clause("P3")
def test_nobody_is_told_where_the_law_says_who_supervises() -> None:
    """Neither in one province, nor with a province as party; nor before a policy names the term."""
    assert told(begun(GOVERNORS)) == []
    assert told(begun(("34", "33"))) == []
    without = since(FIRST)
    policy = without.policy.model_copy(
        update={"terms": {key: one for key, one in without.policy.terms.items() if key != HOME_GOVERNORS}}
    )
    made = Examined(parties=MIXED, law=without)
    made.law.policy = policy
    made.register_it()
    assert told(made) == []


@pytest.mark.clause("P3")
def test_a_further_governor_is_told_when_a_party_joins() -> None:
    """Whoever was told is not told again; one who is concerned no more is not waited for."""
    made = begun()
    joined = fact_of(registry.PartyJoined, region="36.71", reason=None, parties=[*MIXED, "36.71"])
    made.tell(joined, date(2026, 2, 2))
    assert [one.for_parties for one in told(made)] == [("32", "33"), ("36",)]
    left = fact_of(registry.PartyWithdrew, region="36.71", reason=None, parties=list(MIXED))
    made.tell(left, date(2026, 3, 2))
    assert [one.status for one in told(made)] == [Status.OPEN, Status.CANCELLED]


def test_it_is_called_by_its_name_in_reports() -> None:
    """It is no finding of the register that nobody has looked at."""
    assert "Gubernur" in CALLED[HOME_GOVERNORS]
