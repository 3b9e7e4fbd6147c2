"""A cooperation as its facts make it, for all who fold one: states, terms, ends and settlement in one place.

A cooperation is an umbrella (payung) over accords in sequence and agreements side by side, each under a key. What was
decided on a day is in the facts; what holds follows from them here, and nothing here asks for the day of today.
"""

from ksad.contracts.umbrella.consenting import refusal_of
from ksad.contracts.umbrella.ends import Occurred
from ksad.contracts.umbrella.folding import FOLDS, evolve
from ksad.contracts.umbrella.parts import (
    ALIVE,
    LAST_STAGE,
    STANDING,
    Accord,
    AccordState,
    Agreement,
    AgreementState,
    Ending,
    Instrumented,
    LiveNotice,
    Settled,
)
from ksad.contracts.umbrella.pending import ACT_NAMES, PendingAct, RefusedAct
from ksad.contracts.umbrella.state import CooperationStatus, JointBody, Matter, Umbrella

__all__ = [
    "ACT_NAMES",
    "ALIVE",
    "FOLDS",
    "LAST_STAGE",
    "STANDING",
    "Accord",
    "AccordState",
    "Agreement",
    "AgreementState",
    "CooperationStatus",
    "Ending",
    "Instrumented",
    "JointBody",
    "LiveNotice",
    "Matter",
    "Occurred",
    "PendingAct",
    "RefusedAct",
    "Settled",
    "Umbrella",
    "evolve",
    "refusal_of",
]
