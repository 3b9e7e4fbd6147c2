"""Events of verification: the supervising body examined a fact that stands, and found it right or sent it back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import Audience, Fact, Service, declare
from ksad.contracts.identifiers import ShortText


@declare(Service.REGISTRY, "ksad.cooperation.entry_verified", 1, Audience.PUBLIC)
class EntryVerified(Fact):
    """The supervising body examined the facts that these events recorded, and they are as recorded (P7, P11).

    Their force does not depend on it: what stands, stands.
    """

    entries: Annotated[list[UUID], Field(min_length=1, max_length=100)]
    note: ShortText | None


@declare(Service.REGISTRY, "ksad.cooperation.entry_returned", 1, Audience.PARTIES)
class EntryReturned(Fact):
    """The supervising body sent a fact back to whoever recorded it: why, and what to mend (P7, P11)."""

    entry: UUID
    reason: ShortText
    mend: ShortText
