"""The rules of order as a table: what happened cannot precede what it presupposes. The first that is broken answers.

A rule refuses what is impossible and records what is unlawful: that is a finding (principles 1 and 2 of the design).
Its clause names the duty or the act that it orders; few say a word of the order itself, which is told by ``basis``:
where none does, the order is a policy (:mod:`ksad.contracts.policies`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import Fact
from ksad.contracts.law import Basis
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.registry.domain.chronology import ITEMS
from ksad.registry.domain.order import ends, general, instruments, matters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation
    from ksad.registry.domain.order.reading import Breach

    Check = Callable[[Cooperation, Any, Context], Breach | None]

END = "PP 28/2018 Pasal 9(1)"


class OrderRule(NamedTuple):
    """One rule: its number and name, what it rests on, whether it holds for legacy facts, and what it asks of whom.

    ``basis`` None is a rule of the register itself. ``asked`` is what is asked of each kind of fact; a rule without is
    asked elsewhere: of whoever records (``recorded-in-time``), of a task, a boundary change, a day.
    """

    number: str
    name: str
    says: str
    clause: str | None
    basis: Basis | None
    legacy: bool
    asked: Mapping[type[Fact], Check]
    kind: RefusalKind = RefusalKind.INVALID


INFERRED, TEXT, POLICY = Basis.INFERENCE, Basis.TEXT, Basis.POLICY
CONFLICT = RefusalKind.CONFLICT
SIGNED = (facts.AccordSigned, facts.AgreementSigned)
ENTRIES: tuple[type[Fact], ...] = (*ITEMS, facts.TerminationItemCompleted)

AT_ONCE = (
    OrderRule(
        "C1",
        "date-not-future",
        "nothing is recorded before it has happened",
        None,
        None,
        legacy=True,
        asked={Fact: general.not_future},
    ),
    OrderRule(
        "C2",
        "legacy-before-opening",
        "a legacy fact happened before the day on which the platform was opened for the parties",
        None,
        POLICY,
        legacy=True,
        asked={Fact: general.before_opening},
    ),
)
"""What is asked before a fact's other rules, which read reference data of its day."""

AFTERWARDS = (
    OrderRule(
        "C4",
        "after-registration",
        "what rests on no instrument, letter or decision of its own happened after the registration",
        "P1.3",
        POLICY,
        legacy=False,
        asked={Fact: general.after_registration},
    ),
    OrderRule(
        "C5",
        "stage-in-order",
        "a stage is not entered before the last one, the last stage not before its agreement holds",
        "P4",
        INFERRED,
        legacy=False,
        asked={facts.StageEntered: instruments.stage_in_order},
    ),
    OrderRule(
        "C6",
        "signed-after-stage",
        "signing does not precede its stage; a renewed accord needs none",
        "P4.c",
        INFERRED,
        legacy=False,
        asked=dict.fromkeys(SIGNED, instruments.signed_after_stage),
    ),
    OrderRule(
        "C7",
        "agreement-after-accord",
        "an agreement is not signed before its accord",
        "PP 28/2018 Pasal 6(1)",
        TEXT,
        legacy=True,
        asked={facts.AgreementSigned: instruments.agreement_after_accord},
    ),
    OrderRule(
        "C8",
        "term-after-signing",
        "a term ends after the signing and after it has begun",
        "P1.6",
        POLICY,
        legacy=True,
        asked=dict.fromkeys((*SIGNED, facts.AgreementAmended), instruments.term_after_signing),
    ),
    OrderRule(
        "C9",
        "while-in-force",
        "an agreement is amended, extended and joined between its signing and its end",
        "P1.6",
        POLICY,
        legacy=False,
        asked=dict.fromkeys(
            (facts.AgreementAmended, facts.AgreementExtended, facts.PartyJoined), instruments.while_in_force
        ),
        kind=CONFLICT,
    ),
    OrderRule(
        "C10",
        "extension-is-longer",
        "an extension ends after the term that it extends, and after its own day",
        "P1.6",
        POLICY,
        legacy=True,
        asked={facts.AgreementExtended: instruments.extension_is_longer},
    ),
    OrderRule(
        "C11",
        "joined-before-left",
        "a region joins what there is, and leaves what it has joined",
        "P1.4",
        POLICY,
        legacy=True,
        asked=dict.fromkeys((facts.PartyJoined, facts.PartyWithdrew), instruments.joined_before_left),
    ),
    OrderRule(
        "C12",
        "problem-in-order",
        "a problem is of what there is, and is resolved after it was reported",
        "P6.d.2/P10.d.2",
        POLICY,
        legacy=True,
        asked=dict.fromkeys((facts.ProblemReported, facts.ProblemResolved), matters.problem_in_order),
    ),
    OrderRule(
        "C13",
        "dispute-in-order",
        "a dispute is of what there is, and a decision comes after it was raised, the Minister's after the escalation",
        "P6.d.3/P10.d.3",
        POLICY,
        legacy=True,
        asked={
            facts.DisputeRaised: matters.dispute_raised,
            facts.DisputeDecisionRequested: matters.decision_requested,
            facts.DisputeEscalated: matters.dispute_escalated,
            facts.DisputeSettled: matters.dispute_settled,
        },
    ),
    OrderRule(
        "C14",
        "notice-within-term",
        "a notice of termination looks ahead and lengthens no term",
        "P6.d.4/P10.d.4",
        POLICY,
        legacy=True,
        asked={facts.TerminationNoticeGiven: ends.notice_within_term},
    ),
    OrderRule(
        "C15",
        "end-within-life",
        "an end lies between signing and term",
        END,
        INFERRED,
        legacy=True,
        asked={facts.Ended: ends.end_within_life},
    ),
    OrderRule(
        "C16",
        "term-over",
        "a term that has run out is recorded by the register; by people where nobody knows the term, or from paper",
        END,
        TEXT,
        legacy=True,
        asked={facts.Ended: ends.term_over},
        kind=CONFLICT,
    ),
    OrderRule(
        "C17",
        "approval-in-order",
        "a council decides on a draft that there is; after the signing it is recorded and stays a finding",
        "PP 28/2018 Pasal 6(2)",
        POLICY,
        legacy=False,
        asked={facts.CouncilApprovalRecorded: instruments.approval_in_order},
    ),
    OrderRule(
        "C18",
        "workbook-in-time",
        "the end is prepared from the longest reminder before the term on, from a notice on, or after the end",
        "P6.d.4/P10.d.4",
        POLICY,
        legacy=False,
        asked=dict.fromkeys(ENTRIES, ends.workbook_in_time),
    ),
    OrderRule(
        "C19",
        "workbook-in-order",
        "goods are divided after inventory and obligations (text: dinilai, dikurangi), handed over after the division, "
        "reported last (inference)",
        "P6.d.4/P10.d.4",
        TEXT,
        legacy=True,
        asked=dict.fromkeys(ENTRIES, ends.workbook_in_order),
        kind=CONFLICT,
    ),
    OrderRule(
        "C23",
        "body-in-order",
        "a body is dissolved after it was formed",
        "P6.a.1.d/P10.a.1.d",
        POLICY,
        legacy=True,
        asked={facts.BodyDissolved: matters.body_dissolved},
    ),
)

ELSEWHERE = (
    OrderRule(
        "C3",
        "recorded-in-time",
        "after so many days as the policy names, an act is recorded by the supervising body from its document",
        None,
        POLICY,
        legacy=False,
        asked={},
        kind=RefusalKind.FORBIDDEN,
    ),
    OrderRule("C20", "task-in-order", "a task is worked on after it arose", None, None, legacy=False, asked={}),
    OrderRule(
        "C21",
        "boundary-in-life",
        "a code is followed by another after it came into use",
        None,
        None,
        legacy=False,
        asked={},
    ),
    OrderRule(
        "C22",
        "day-over",
        "a day is recorded when it is over, one after the other",
        None,
        None,
        legacy=False,
        asked={},
        kind=CONFLICT,
    ),
)
"""What is asked of whoever records, of a task, a boundary change or a day, at its own place."""


def _in_turn(rules: tuple[OrderRule, ...], state: Cooperation, fact: Fact, context: Context) -> None:
    for rule in rules:
        if context.legacy and not rule.legacy:
            continue
        check = rule.asked.get(type(fact)) or rule.asked.get(Fact)
        found = None if check is None else check(state, fact, context)
        if found is not None:
            raise RuleBrokenError(rule.name, found.detail, rule.clause, kind=rule.kind, **found.facts)


def check_day(state: Cooperation, fact: Fact, context: Context) -> None:
    """Checks the day of a fact by itself.

    :raises RuleBrokenError: it is in the future, or a legacy fact is not of before the platform.
    """
    _in_turn(AT_ONCE, state, fact, context)


def check(state: Cooperation, fact: Fact, context: Context) -> None:
    """Checks a fact against what it presupposes, one rule after the other.

    :raises RuleBrokenError: it is impossible; the first broken rule answers.
    """
    _in_turn(AFTERWARDS, state, fact, context)
