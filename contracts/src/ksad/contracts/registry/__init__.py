"""Events of the registry service: cooperations with their parties, instruments, disputes and endings; reference data.

Stages, instruments and clauses are those of Permendagri 23/2009. Events that practice needs and the regulation does not
mention (amendments, parties joining or leaving) say so in their docstrings.
"""

from ksad.contracts.registry.cooperations import (
    BackfillClosed,
    BodyFormed,
    Corrected,
    PartyJoined,
    PartyWithdrew,
    ProfileBound,
    ProposalWithdrawn,
    Registered,
    StageEntered,
)
from ksad.contracts.registry.disputes import (
    DisputeDecisionRequested,
    DisputeEscalated,
    DisputeRaised,
    DisputeSettled,
    ProblemReported,
    ProblemResolved,
)
from ksad.contracts.registry.endings import (
    Ended,
    TerminationItemAdded,
    TerminationItemCompleted,
    TerminationNoticeGiven,
)
from ksad.contracts.registry.instruments import (
    AccordSigned,
    AgreementAmended,
    AgreementExtended,
    AgreementSigned,
    CouncilApprovalRecorded,
    SigningScheduled,
)
from ksad.contracts.registry.reference import BoundaryChanged, DayPassed, ReferenceAdopted, SupervisingBodyEstablished
from ksad.contracts.registry.vocabulary import (
    AmountIdr,
    Category,
    InstrumentKind,
    Manner,
    Numbers,
    ReferenceKind,
    Stage,
)

__all__ = [
    "AccordSigned",
    "AgreementAmended",
    "AgreementExtended",
    "AgreementSigned",
    "AmountIdr",
    "BackfillClosed",
    "BodyFormed",
    "BoundaryChanged",
    "Category",
    "Corrected",
    "CouncilApprovalRecorded",
    "DayPassed",
    "DisputeDecisionRequested",
    "DisputeEscalated",
    "DisputeRaised",
    "DisputeSettled",
    "Ended",
    "InstrumentKind",
    "Manner",
    "Numbers",
    "PartyJoined",
    "PartyWithdrew",
    "ProblemReported",
    "ProblemResolved",
    "ProfileBound",
    "ProposalWithdrawn",
    "ReferenceAdopted",
    "ReferenceKind",
    "Registered",
    "SigningScheduled",
    "Stage",
    "StageEntered",
    "SupervisingBodyEstablished",
    "TerminationItemAdded",
    "TerminationItemCompleted",
    "TerminationNoticeGiven",
]
