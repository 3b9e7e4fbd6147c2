"""Turns decisions into events, for reactions and commands alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.envelope import seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ksad.contracts.envelope import Envelope, Origin
    from ksad.supervision.domain.react import Decision


def sealed(decisions: Iterable[Decision], versions: Mapping[str, int], origin: Origin) -> list[Envelope]:
    """The events for decisions, with consecutive versions in each stream.

    :param versions: the present version of each stream; 0 for streams not named.
    """
    reached: dict[str, int] = {}
    made = []
    for decision in decisions:
        version = reached.get(decision.subject, versions.get(decision.subject, 0)) + 1
        reached[decision.subject] = version
        made.append(
            seal(decision.fact, decision.subject, version, origin.model_copy(update={"occurred_on": decision.on}))
        )
    return made
