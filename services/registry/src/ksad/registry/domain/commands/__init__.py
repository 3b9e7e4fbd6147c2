"""The commands of the registry, which are also the request bodies of its HTTP interface and the history file's steps.

A command states what an office wants to record, and turns into events here. Whether it may is decided by the rules.
"""

from __future__ import annotations

from ksad.registry.domain.commands.command import ActCommand, Command
from ksad.registry.domain.commands.consenting import ConfirmAct, OnProposal, RefuseAct, WithdrawAct
from ksad.registry.domain.commands.course import (
    AddParty,
    CloseBackfill,
    Correct,
    DissolveBody,
    EnterStage,
    FormBody,
    PinProfile,
    Register,
    WithdrawParty,
    WithdrawProposal,
)
from ksad.registry.domain.commands.ends import End, GiveTerminationNotice, RevokeTerminationNotice
from ksad.registry.domain.commands.instruments import (
    Amend,
    DropAgreement,
    Extend,
    OpenAgreement,
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
from ksad.registry.domain.commands.verifying import ReturnEntry, VerifyEntries
from ksad.registry.domain.commands.workbook import (
    AddTerminationItem,
    CompleteTerminationItem,
    Divide,
    InventoryGoods,
    ListObligations,
    WorkbookCommand,
)

COMMANDS: dict[str, type[Command]] = {
    "enter-stage": EnterStage,
    "form-body": FormBody,
    "dissolve-body": DissolveBody,
    "schedule-signing": ScheduleSigning,
    "sign-accord": SignAccord,
    "open-agreement": OpenAgreement,
    "drop-agreement": DropAgreement,
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
    "revoke-termination-notice": RevokeTerminationNotice,
    "inventory-goods": InventoryGoods,
    "list-obligations": ListObligations,
    "divide": Divide,
    "add-termination-item": AddTerminationItem,
    "complete-termination-item": CompleteTerminationItem,
    "end": End,
    "confirm-act": ConfirmAct,
    "refuse-act": RefuseAct,
    "withdraw-act": WithdrawAct,
    "withdraw-proposal": WithdrawProposal,
    "pin-profile": PinProfile,
    "close-backfill": CloseBackfill,
    "correct": Correct,
    "verify-entries": VerifyEntries,
    "return-entry": ReturnEntry,
}
"""The commands on a registered cooperation, by their path segment below ``/cooperations/{id}/``."""

NAMES: dict[type[Command], str] = {Register: "register", **{model: name for name, model in COMMANDS.items()}}
"""The action in the access table for each command."""

__all__ = [
    "COMMANDS",
    "NAMES",
    "ActCommand",
    "AddParty",
    "CloseBackfill",
    "Command",
    "CompleteTerminationItem",
    "Correct",
    "Divide",
    "EscalateDispute",
    "GiveTerminationNotice",
    "OnProposal",
    "OpenAgreement",
    "RaiseDispute",
    "Register",
    "ReturnEntry",
    "ScheduleSigning",
    "SettleDispute",
    "SignAgreement",
    "VerifyEntries",
    "WorkbookCommand",
]
