"""What a command would bring about, decided as if it were sent; nothing is recorded.

Who would supervise and which duties would arise follows from the law that is adopted; supervision, which records both,
reads the same law.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.law import TriggerKind, resolve
from ksad.contracts.registry import InstrumentKind, SigningScheduled
from ksad.contracts.supervision import Tier
from ksad.registry.domain import corrections, vouching
from ksad.registry.domain.commands import Correct
from ksad.registry.domain.consequences import consequences
from ksad.registry.domain.deciding import check_known, decided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.envelope import Envelope
    from ksad.contracts.law import Duty, Jurisdiction, Profile
    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation, Made

AT_ONCE = (
    TriggerKind.STAGE_ENTERED,
    TriggerKind.STAGE_ENTERED_OR_LEFT,
    TriggerKind.ACCORD_SIGNING_SCHEDULED,
    TriggerKind.AGREEMENT_SIGNING_SCHEDULED,
    TriggerKind.PROBLEM_REPORTED,
    TriggerKind.DISPUTE_RAISED,
    TriggerKind.DECISION_REQUESTED,
)
"""What makes a duty due when the fact is recorded; the others wait for a day, and are not foreseen."""
SIGNING = {
    TriggerKind.ACCORD_SIGNING_SCHEDULED: InstrumentKind.ACCORD,
    TriggerKind.AGREEMENT_SIGNING_SCHEDULED: InstrumentKind.AGREEMENT,
}


class Foreseen(NamedTuple):
    """The facts that a command would make, what of it would wait for which regions, who would supervise, and which
    duties would arise in the tier of whoever supervises. ``stands`` is false where the act would wait.
    """

    made: tuple[Made, ...]
    stands: bool
    awaiting: tuple[str, ...]
    jurisdiction: Jurisdiction
    duties: tuple[Duty, ...]


def foreseen(
    office: str, stream: Sequence[Envelope], state: Cooperation, command: Command, context: Context
) -> Foreseen:
    """What a command of an office would bring about.

    :param stream: the cooperation's events, for a correction.
    :raises RuleBrokenError: as when it is sent.
    """
    check_known(state, command)
    if state.stage is not None:
        # What the calendar owes comes before a command that is sent.
        now = context.now._replace(legacy=False, office=None)
        _, state = consequences(state, now, through=context.today - timedelta(days=1))
    vouching.check(office, command, state, context)
    following: list[Made] = []
    if isinstance(command, Correct):
        vouching.check_correction(office, stream, command, state, context)
        command, following = corrections.checked(stream, command, state, context)
    made, after = decided(state, command, context)
    waiting = [act for key, act in after.umbrella.pending.items() if key not in state.umbrella.pending]
    profile = context.profile(after)
    jurisdiction = resolve(after.parties, context.adopted.regions, context.today, profile)
    quiet = context.legacy or after.umbrella.backfilling
    return Foreseen(
        (*made, *following),
        not waiting,
        tuple(dict.fromkeys(code for act in waiting for code in act.awaiting)),
        jurisdiction,
        () if quiet else tuple(_arising(made, after, profile, jurisdiction.tier)),
    )


def _arising(made: Sequence[Made], after: Cooperation, profile: Profile, tier: Tier) -> list[Duty]:
    found: dict[str, Duty] = {}
    for fact in (one.fact for one in made):
        name = fact.declaration.name
        for trigger in AT_ONCE:
            if name not in profile.triggers[trigger].events:
                continue
            if isinstance(fact, SigningScheduled) and fact.instrument is not SIGNING.get(trigger, fact.instrument):
                continue
            found |= {duty.key: duty for duty in profile.triggered_by(trigger, tier, after.stage)}
    return list(found.values())
