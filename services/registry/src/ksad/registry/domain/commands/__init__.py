"""The commands, as the history file and the HTTP interface word them, and the facts that each one is.

A command says what an office wants recorded. What it becomes is decided here; whether it may be, in the rules.
"""

from __future__ import annotations

from ksad.registry.domain.commands.command import Command
from ksad.registry.domain.commands.course import (
    AddParty,
    CloseBackfill,
    Correct,
    EnterStage,
    FormBody,
    PinProfile,
    Register,
    WithdrawParty,
    WithdrawProposal,
)
from ksad.registry.domain.commands.ends import AddTerminationItem, CompleteTerminationItem, End, GiveTerminationNotice
from ksad.registry.domain.commands.instruments import (
    Amend,
    Extend,
    RecordCouncilApproval,
    ScheduleSigning,
    SignAccord,
    SignAgreement,
)
from ksad.registry.domain.commands.matters import (
    EscalateDispute,
    RaiseDispute,
    ReportProblem,
    RequestDecision,
    ResolveProblem,
    SettleDispute,
)

COMMANDS: dict[str, type[Command]] = {
    "enter-stage": EnterStage,
    "form-body": FormBody,
    "schedule-signing": ScheduleSigning,
    "sign-accord": SignAccord,
    "record-council-approval": RecordCouncilApproval,
    "sign-agreement": SignAgreement,
    "amend": Amend,
    "extend": Extend,
    "add-party": AddParty,
    "withdraw-party": WithdrawParty,
    "report-problem": ReportProblem,
    "resolve-problem": ResolveProblem,
    "raise-dispute": RaiseDispute,
    "request-decision": RequestDecision,
    "escalate-dispute": EscalateDispute,
    "settle-dispute": SettleDispute,
    "give-termination-notice": GiveTerminationNotice,
    "add-termination-item": AddTerminationItem,
    "complete-termination-item": CompleteTerminationItem,
    "end": End,
    "withdraw-proposal": WithdrawProposal,
    "pin-profile": PinProfile,
    "close-backfill": CloseBackfill,
    "correct": Correct,
}
"""Commands on a registered cooperation, by the path segment under ``/cooperations/{id}/``."""

NAMES: dict[type[Command], str] = {Register: "register", **{model: name for name, model in COMMANDS.items()}}
"""The action of the access table that each command is."""

__all__ = ["COMMANDS", "NAMES", "Command", "Correct", "Register", "SettleDispute"]
