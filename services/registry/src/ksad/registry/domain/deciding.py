"""The one way from a command to its facts: read, made, checked against every rule, folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.registry.domain.commands import Register
from ksad.registry.domain.cooperation import evolve
from ksad.registry.domain.rules import check

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Fact
    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def check_known(state: Cooperation, command: Command) -> None:
    """Every command but ``register`` is on a cooperation that is in the register."""
    if state.stage is None and not isinstance(command, Register):
        raise RuleBrokenError("cooperation-known", "Kerja sama ini belum terdaftar.", kind=RefusalKind.UNKNOWN)


def decided(state: Cooperation, command: Command, context: Context) -> tuple[list[Fact], Cooperation]:
    """The facts that a command is in the present state, and the state that they make.

    :raises RuleBrokenError: a fact breaks a rule.
    """
    made = command.by_lineage(state, context).facts(state, context)
    for fact in made:
        check(state, fact, context)
        state = evolve(state, fact, context.on, legacy=context.legacy)
    return made, state
