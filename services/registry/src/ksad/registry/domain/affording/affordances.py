"""Tries acts on a cooperation for an office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.catalogue import Audience
from ksad.contracts.rules import NOT_YOURS, Affordance, RuleBrokenError, afforded
from ksad.contracts.sight import WIDTHS
from ksad.registry.domain import permissions, vouching
from ksad.registry.domain.affording.course import COURSE
from ksad.registry.domain.affording.instruments import INSTRUMENTS
from ksad.registry.domain.affording.matters import MATTERS
from ksad.registry.domain.affording.settling import SETTLING
from ksad.registry.domain.affording.values import Filler
from ksad.registry.domain.commands import COMMANDS
from ksad.registry.domain.deciding import check_known, decided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

    Fields = dict[str, Any]
    Examples = Callable[[Cooperation, Context], Iterator[Fields]]

EXAMPLES: Mapping[str, Examples] = {**COURSE, **INSTRUMENTS, **MATTERS, **SETTLING}
"""By act: the fields of commands to try, of what there is first; what they name are the choices of a form."""


def may(office: str, state: Cooperation, context: Context) -> list[Affordance]:
    """Each act that changes a cooperation, in the order of the commands; corrections are of entries, not of it.

    An office that does not see what is for parties is told of no act why it may not: the reason would tell what is
    open there.
    """
    speaking = context.now._replace(office=office)
    found = [_tried(act, office, state, speaking) for act in EXAMPLES]
    if WIDTHS[permissions.sight_of(office, state, context.now)] >= WIDTHS[Audience.PARTIES]:
        return found
    return [one if one.allowed else one._replace(refusal=NOT_YOURS) for one in found]


def _tried(act: str, office: str, state: Cooperation, context: Context) -> Affordance:
    return afforded(
        act,
        (
            (_about(fields), refused_by(office, COMMANDS[act].model_validate(fields, strict=False), state, context))
            for fields in EXAMPLES[act](state, context)
        ),
    )


def _about(fields: Fields) -> Fields:
    """Those fields by which a command says what of the cooperation it is about."""
    return {
        name: value
        for name, value in fields.items()
        if name in ABOUT and value not in (None, ()) and not isinstance(value, Filler)
    }


def refused_by(office: str, command: Command, state: Cooperation, context: Context) -> RuleBrokenError | None:
    """The rule that a command of an office breaks in a state; None if it would be taken."""
    try:
        check_known(state, command)
        vouching.check(office, command, state, context)
        decided(state, command, context)
    except RuleBrokenError as error:
        return error
    return None


ABOUT = frozenset(
    {
        "accord",
        "agreement",
        "agreements",
        "body",
        "dispute",
        "entry",
        "entries",
        "ground",
        "instrument",
        "item",
        "manner",
        "problem",
        "proof",
        "proposal",
        "region",
        "replaces",
        "stage",
    }
)
"""The fields by which a command says what it is about; the others say what was done."""
