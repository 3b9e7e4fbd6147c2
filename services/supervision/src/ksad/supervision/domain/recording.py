"""Turns decisions into the envelopes of their streams and folds them: the same for reactions, commands and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.envelope import seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ksad.contracts.envelope import Envelope, Origin
    from ksad.supervision.domain.react import Decision


def sealed(decisions: Iterable[Decision], versions: Mapping[str, int], origin: Origin) -> list[Envelope]:
    """The events of decisions.

    :param versions: the present version of each stream; 0 where it is not named.
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
