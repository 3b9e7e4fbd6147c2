"""The versions of the feeds' rule. docs/feed-rule.md is the specification, for whoever recomputes a feed without us.

Version 1 holds from the first fact on, until a ``feed_rule_adopted`` in the log says that another one does. It is
frozen. Version 2 grows until the release that brings it, here and in `ksad.ledger.feeds.audiences`, and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ksad.ledger.feeds import audiences, concern, threads
from ksad.ledger.feeds.codes import Codes
from ksad.ledger.feeds.concern import COOPERATION, UNCHANGED, ConcernChange, cooperation_of
from ksad.ledger.folds import regions
from ksad.ledger.folds.regions import FIRST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ksad.ledger.feeds.concern import ConcernState, Data, FeedPlaces

RULE_ADOPTED = "ksad.anchor.feed_rule_adopted.v1"
"""The type of the fact by which another version holds, from that fact on."""
COMPLETED = "ksad.task.completed."
SCHEDULED, CORRECTED, REPORTING = "ksad.task.scheduled.", "ksad.task.corrected.", "ksad.report."
TASK, REPORT = "task/", "report/"
ADVICE = frozenset({"d.3", "d.5"})
"""The duties whose product is for the Minister or the Governor alone."""
RESTRICTING = frozenset({"assignee", "note", "reason"})
"""Corrections of these fields of tasks are for supervisors: an officer, and what was said to one party or by one."""


class Rule(Protocol):
    """What a version of the rule says of one fact."""

    @property
    def version(self) -> int:
        """Its number."""
        ...

    @property
    def audiences(self) -> Mapping[str, str]:
        """The audience of each event type."""
        ...

    @property
    def places(self) -> FeedPlaces:
        """Where regions are before the first fact."""
        ...

    @property
    def tells_leavers(self) -> bool:
        """Whether a fact also reaches the provinces that it takes away from its matter."""
        ...

    def matter_of(self, event_id: str, kind: str, subject: str, data: Data) -> str | None:
        """The id of the matter that a fact belongs to, or None."""
        ...

    def audience_of(self, kind: str, data: Data) -> str | None:
        """For whom a fact is: ``public``, ``parties`` or ``supervisor``; None is nobody."""
        ...

    def changes(self, event_id: str, kind: str, subject: str, data: Data) -> ConcernChange:
        """What a fact changes in the `ConcernState` of its matter."""
        ...

    def thread_of(self, event_id: str, kind: str, data: Data, state: ConcernState) -> str | None:
        """The thread within its matter that a fact belongs to, as the matter is after it; None for no thread."""
        ...


class RuleOne:
    """Cooperations only. A province that loses its last party is not told, nor does it learn how a duty ends."""

    version = 1
    audiences = audiences.RULE_1
    places = Codes({})
    tells_leavers = False

    def matter_of(self, event_id: str, kind: str, subject: str, data: Data) -> str | None:  # noqa: ARG002 - the subject decides
        """The cooperation."""
        return cooperation_of(subject, data)

    def audience_of(self, kind: str, data: Data) -> str | None:  # noqa: ARG002 - the type alone decides
        """By the type."""
        return self.audiences.get(kind.rpartition(".v")[0])

    def changes(self, event_id: str, kind: str, subject: str, data: Data) -> ConcernChange:  # noqa: ARG002 - the type alone decides
        """Parties and supervisor."""
        return concern.changes(kind, data)

    def thread_of(self, event_id: str, kind: str, data: Data, state: ConcernState) -> str | None:  # noqa: ARG002 - as the protocol asks
        """There are no threads."""
        return None


class RuleTwo:
    """Cooperations, a province's own reports and duties to report, and boundary changes.

    A report, and a duty that belongs to no cooperation, is a matter whose only party is the province of the office that
    owes it, supervised by its team. A boundary change is a matter between the provinces of its two codes.
    Whoever supervises an agreement counts as a supervisor of the cooperation. Some facts reach more than its parties
    (`ksad.ledger.feeds.threads`).
    """

    version = 2
    audiences = audiences.RULE_2
    places = FIRST
    tells_leavers = True

    def matter_of(self, event_id: str, kind: str, subject: str, data: Data) -> str | None:
        """The cooperation; otherwise the report, the duty or the boundary change."""
        cooperation = cooperation_of(subject, data)
        if cooperation is not None:
            return cooperation
        if subject.startswith((TASK, REPORT)):
            return subject.partition("/")[2]
        return event_id if kind in regions.CHANGED else None

    def audience_of(self, kind: str, data: Data) -> str | None:
        """By the type, but that some corrections are for supervisors, and what may be advice."""
        if kind.startswith(COMPLETED) and _is_advice(data):
            return audiences.SUPERVISOR
        if kind.startswith(CORRECTED) and RESTRICTING.intersection(data["fields"]):
            return audiences.SUPERVISOR
        return self.audiences.get(kind.rpartition(".v")[0])

    def changes(self, event_id: str, kind: str, subject: str, data: Data) -> ConcernChange:
        """Parties, supervisors, and guests of threads."""
        if kind.startswith(REPORTING):
            return _owing(data["from_office"])
        if kind.startswith(SCHEDULED) and data[COOPERATION] is None:
            return _owing(data["body"])
        if kind in regions.CHANGED and cooperation_of(subject, data) is None:
            return ConcernChange(parties=(data["region"][:2], data["successor"][:2]))
        return threads.threaded(event_id, kind, data)

    def thread_of(self, event_id: str, kind: str, data: Data, state: ConcernState) -> str | None:
        """The settlement of an agreement, or a proposal."""
        return threads.thread_of(event_id, kind, data, state)


def _is_advice(data: Data) -> bool:
    """Whether a duty that is done may be advice or a brief; the first version does not say which duty it was."""
    duty = data.get("duty")
    if duty is not None:
        return duty in ADVICE
    return bool(data["documents"]) and not data["findings"] and data["evaluation"] is None


def _owing(office: str) -> ConcernChange:
    """What is known of a matter that a TKKSD or a Governor owes; that of any other office is no province's."""
    role, _, province = office.partition(":")
    if role not in {"tkksd", "governor"}:
        return UNCHANGED
    return ConcernChange(parties=(province,), supervisor=f"tkksd:{province}")


RULES: dict[int, Rule] = {1: RuleOne(), 2: RuleTwo()}
NEWEST = max(RULES)
