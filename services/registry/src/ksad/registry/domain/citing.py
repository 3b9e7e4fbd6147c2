"""Which documents an office may cite: a hash that it has heard of would else let it read what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.catalogue import documents_in
from ksad.contracts.sight import team_of
from ksad.registry.domain import permissions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ksad.contracts.envelope import Envelope
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def citing(
    office: str, state: Cooperation, context: Context, stream: Callable[[], Sequence[Envelope]]
) -> Callable[[str, set[str]], bool]:
    """Whether an office may cite a document: its own side has uploaded it, or it sees it in the cooperation already."""

    def citable(sha256: str, uploaders: set[str]) -> bool:
        if team_of(office) in map(team_of, uploaders):
            return True
        seen = permissions.seen_events(office, state, context.now, stream())
        return any(sha256 == ref.sha256 for event in seen for ref in documents_in(event.data))

    return citable
