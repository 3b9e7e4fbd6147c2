"""What the supervising body recorded although a party refused it: it stands, and somebody looks at it."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from ksad.contracts import registry
from ksad.contracts.dates import Precision
from ksad.contracts.supervision import Finding
from ksad.supervision.domain import deciding
from ksad.supervision.domain.task import Status
from tests.supervision.test_occasions import PAPER, SOLO, SUKOHARJO, one, raised, signed
from tests.supervision.test_verification import Examined
from tests.support.histories.supervised import GOVERNORS, completion


def proposal(made: Examined, kind: str, proposer: str | None, **data: str) -> UUID:
    """An act of both parties on the only agreement is proposed."""
    effect = registry.ProposedEffect(
        type=f"ksad.cooperation.{kind}.v2", on=date(2026, 1, 20), precision=Precision.DAY, data=dict(data)
    )
    named: dict[str, Any] = {"scope": "agreement:perjanjian-1", "effect": effect, "asked": list(GOVERNORS)}
    made.tell(registry.ActProposed(**named, proposer=proposer, claimed={}, expires_on=None), date(2026, 1, 23))
    return next(one.id for one in reversed(made.log) if one.subject.startswith("cooperation/"))


def by_instrument(made: Examined, which: UUID, over_refusal: str | None) -> None:
    """The supervising body records for both parties what they have signed."""
    made.tell(
        registry.ActConfirmed(
            proposal=which,
            by="instrument",
            regions=list(GOVERNORS),
            numbers=dict.fromkeys(GOVERNORS, "1/ADD"),
            signatories=[],
            budget={},
            document=PAPER,
            over_refusal=over_refusal,
        )
    )


@pytest.mark.clause("P1.4")
def test_an_act_recorded_over_a_refusal() -> None:
    """The instrument counts, and somebody looks: with the act, who refused it, and why it was recorded all the same."""
    made = signed()
    refused = proposal(made, "agreement_amended", SOLO, agreement="perjanjian-1")
    made.tell(registry.ActRefused(proposal=refused, region=SUKOHARJO, reason="belum dibahas"))
    again = proposal(made, "agreement_amended", None, agreement="perjanjian-1")
    by_instrument(made, again, "naskah telah ditandatangani bupati")
    task = one(made, "recorded-over-refusal")
    assert task.occurrence == "recorded-over-refusal/perjanjian-1/2026-01-23/agreement_amended"
    assert (task.agreement, task.body, task.clause) == ("perjanjian-1", "tkksd:33", "P11")
    told = "perubahan perjanjian dicatat dari naskahnya walaupun ditolak Kabupaten Sukoharjo"
    assert task.due_basis.startswith(f"{told}: naskah telah ditandatangani bupati")
    finding = Finding(basis="legislation", conforms=True, description="naskah asli diperiksa")
    made.record(deciding.complete(made.context(task), completion(findings=[finding]), None))
    made.pass_days(date(2026, 2, 10))
    assert one(made, "recorded-over-refusal").status is Status.COMPLETED


@pytest.mark.clause("P1.4")
def test_an_act_that_nobody_refused_is_no_occasion() -> None:
    """What is recorded from the instrument of all leads to no look of this kind."""
    made = signed()
    by_instrument(made, proposal(made, "ended", None, of="agreement", key="perjanjian-1"), None)
    assert not raised(made, "recorded-over-refusal")
