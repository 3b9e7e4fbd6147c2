"""Turns a command into events: creates them, checks every rule, and folds them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ksad.contracts.registry import ActConfirmed
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.registry.domain import consent, evidence
from ksad.registry.domain.acts import act_of
from ksad.registry.domain.commands import ActCommand, CloseBackfill, Correct, OnProposal, Register
from ksad.registry.domain.consequences import consequences

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Fact
    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation, Made


def check_known(state: Cooperation, command: Command) -> None:
    """Checks that the cooperation is registered, unless the command registers it, and that a named proposal waits.

    :raises RuleBrokenError: it is not registered (kind ``UNKNOWN``), or the proposal waits no more (``CONFLICT``).
    """
    if state.stage is None and not isinstance(command, Register):
        raise RuleBrokenError("cooperation-known", "Kerja sama ini belum terdaftar.", kind=RefusalKind.UNKNOWN)
    if isinstance(command, OnProposal):
        consent.check_pending(state, command.proposal)


def decided(state: Cooperation, command: Command, context: Context) -> tuple[list[Made], Cooperation]:
    """The facts that a command is in the present state, with what follows from them, and the state that they make.

    :raises RuleBrokenError: an event breaks a rule.
    """
    made: list[Made] = []
    over = context.today - timedelta(days=1)
    asked = command.by_lineage(state, context).facts(state, context)
    if isinstance(command, CloseBackfill):
        made, state = consequences(state, context, through=over, closing=True)
    for fact in asked:
        more, state = _taken(state, fact, command, context)
        made += more
    # After the rules and not among them: corrections ask these again, also of facts that older releases took.
    command.check_evidence(context)
    evidence.check_kinds(command.documents())
    if not isinstance(command, Correct):
        # What follows from a correction follows from the stream as it then reads, which is folded anew.
        more, state = consequences(state, context, through=over)
        made += more
    return made, state


def _taken(state: Cooperation, fact: Fact, command: Command, context: Context) -> tuple[list[Made], Cooperation]:
    """What becomes of a fact: it has effect, or waits for those whose act it is, too. What is of paper has effect."""
    if act_of(fact) is not None and not context.legacy:
        said = command.over_refusal if isinstance(command, ActCommand) else None
        return consent.proposed(state, fact, context, said)
    if isinstance(fact, ActConfirmed):
        return consent.confirmed(state, fact, context)
    return consent.taken(state, fact, context)
