"""Which documents an office sees in a cooperation: a hash that it has heard of would else let it read what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.catalogue import documents_in
from ksad.registry.domain import permissions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.envelope import Envelope
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def seen_documents(office: str, state: Cooperation, context: Context, stream: Sequence[Envelope]) -> frozenset[str]:
    """The hashes of the documents that an office sees in a cooperation."""
    seen = permissions.seen_events(office, state, context.now, stream)
    return frozenset(ref.sha256 for event in seen for ref in documents_in(event.data))
