"""Rules of verification: which facts the supervising body examines, and each of them anew only after a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.verification import EntryStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from ksad.contracts.catalogue import Fact
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

OVERSIGHT = "P7/P11"
SAID = {EntryStatus.VERIFIED: "terverifikasi", EntryStatus.RETURNED: "dikembalikan"}


def _examined(state: Cooperation, entries: Iterable[UUID], status: EntryStatus) -> None:
    named = [str(entry) for entry in entries]
    unknown = [entry for entry in named if entry not in state.entries]
    if unknown or len(set(named)) < len(named):
        detail = "Yang diperiksa adalah fakta kerja sama ini, masing-masing satu kali. Pilih dari daftar pemeriksaan."
        raise RuleBrokenError("entry-verifiable", detail, OVERSIGHT, kind=RefusalKind.UNKNOWN, entries=unknown)
    already = [entry for entry in named if state.entries[entry].status is status]
    if already:
        detail = f"Fakta ini sudah {SAID[status]}. Ia diperiksa lagi setelah diperbaiki."
        raise RuleBrokenError("entry-changed", detail, OVERSIGHT, kind=RefusalKind.CONFLICT, entries=already)


def _verified(state: Cooperation, fact: facts.EntryVerified, _: Context) -> None:
    _examined(state, fact.entries, EntryStatus.VERIFIED)


def _returned(state: Cooperation, fact: facts.EntryReturned, _: Context) -> None:
    _examined(state, [fact.entry], EntryStatus.RETURNED)


def scopes(state: Cooperation, entries: Iterable[UUID]) -> set[str | None]:
    """The agreements that entries are about; None: the whole cooperation, also for one that nobody knows."""
    known = (state.entries.get(str(entry)) for entry in entries)
    return {None if one is None else one.agreement for one in known}


CHECKS: dict[type[Fact], Callable[..., None]] = {facts.EntryVerified: _verified, facts.EntryReturned: _returned}
