"""Section 7 of a report: what of the register nobody has examined, sent back, confirmed or told yet."""

from __future__ import annotations

from ksad.ledger.figures.content.values import CooperationRef, Count, Printed, Text


class RegisterState(Printed):
    """A cooperation whose entries in the register cannot all be relied upon yet.

    Of ``recorded`` facts that are to be examined, ``unverified`` were not and ``returned`` were sent back. ``notes``
    say what else is open: acts that wait for confirmation, old facts still coming in, what the register found itself.
    """

    cooperation: CooperationRef
    recorded: Count
    unverified: Count
    returned: Count
    notes: tuple[Text, ...]
