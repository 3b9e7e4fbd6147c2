"""Whom a matter concerns, and which matter a fact belongs to: what all versions of the feeds' rule have in common.

A fact belongs to a matter, which has parties and a supervisor. It concerns the provinces that the parties are, or lie
in; a fact for supervisors only the one whose TKKSD supervises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ksad.ledger.feeds.audiences import SUPERVISOR

if TYPE_CHECKING:
    from collections.abc import Iterable

Data = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]
RECORDED, RESOLVED = "ksad.cooperation.", "ksad.supervision.jurisdiction_resolved."
PARTIES, COOPERATION = "parties", "cooperation_id"
NAMING, BELONGING = "cooperation/", ("task/", "supervision/")
"""How subjects begin that name their cooperation themselves, and those whose facts name it."""


class FeedPlaces(Protocol):
    """Where regions are, as far as facts have said. Immutable; each version of the rule has its own."""

    def after(self, kind: str, data: Data, time: str, /) -> FeedPlaces:
        """The places after a further fact; the same object if nothing changes."""
        ...

    def moved(self, before: Any, /) -> bool:  # noqa: ANN401 - places of the same version
        """Whether a region may have another code than before."""
        ...

    def within(self, codes: Iterable[str]) -> frozenset[str]:
        """The provinces that regions are, or lie in."""
        ...


class ConcernChange(NamedTuple):
    """What a fact changes in the :class:`ConcernState` of its matter; None and empty: nothing."""

    parties: tuple[str, ...] | None = None
    supervisor: str | None = None
    agreement: tuple[str, str] | None = None
    """An agreement, and who supervises it from now on."""
    guests: Pairs = ()
    """Threads, each with a region that takes part in it, whether it is a party or not."""
    invited: Pairs = ()
    """The same for regions that are no parties."""
    mark: tuple[str, str] | None = None
    """The id of the fact, and the thread that corrections of it belong to as well."""


UNCHANGED = ConcernChange()


class ConcernState(NamedTuple):
    """What the rule must remember of a matter; under version 1 that is parties and supervisor only.

    ``agreements`` are those that are supervised apart, each with its supervisor. Whoever takes part in a thread of
    facts without being a party is one of its ``guests``. ``marks`` lead from facts of a thread to it.
    """

    parties: tuple[str, ...] = ()
    supervisor: str | None = None
    agreements: Pairs = ()
    guests: Pairs = ()
    marks: Pairs = ()

    def after(self, change: ConcernChange) -> ConcernState:
        """What has to be remembered after a further fact."""
        if change is UNCHANGED:
            return self
        state = self
        if change.parties is not None:
            state = state._replace(parties=change.parties)
        if change.supervisor is not None:
            state = state._replace(supervisor=change.supervisor)
        if change.agreement is not None:
            state = state._replace(agreements=_with(state.agreements, change.agreement))
        strangers = tuple(one for one in change.invited if one[1] not in state.parties)
        for guest in (*change.guests, *strangers):
            state = state._replace(guests=_with(state.guests, guest, whole=True))
        if change.mark is not None:
            state = state._replace(marks=_with(state.marks, change.mark))
        return state

    def provinces(self, places: FeedPlaces) -> frozenset[str]:
        """The provinces that the parties are, or lie in."""
        return places.within(self.parties)

    def guests_of(self, places: FeedPlaces) -> dict[str, frozenset[str]]:
        """The provinces of guests, each with the threads that they take part in."""
        found: dict[str, set[str]] = {}
        for thread, region in self.guests:
            for province in places.within((region,)):
                found.setdefault(province, set()).add(thread)
        return {province: frozenset(threads) for province, threads in found.items()}

    def entitled(self, province: str, audience: str | None) -> bool:
        """Whether a province of this matter's parties may see a fact of this audience."""
        if audience is None:
            return False
        return audience != SUPERVISOR or self.supervised_by(f"tkksd:{province}")

    def supervised_by(self, body: str) -> bool:
        """Whether a body supervises the matter, or an agreement in it."""
        return self.supervisor == body or any(one == body for _, one in self.agreements)

    def thread_of(self, corrected: str) -> str | None:
        """The thread of a fact that is being corrected, by its id; None for one of no thread."""
        return next((thread for identity, thread in self.marks if identity == corrected), None)


def _with(pairs: Pairs, pair: tuple[str, str], *, whole: bool = False) -> Pairs:
    """Pairs with one more, in order; with ``whole`` beside those that begin alike, otherwise in their place."""
    kept = [one for one in pairs if one != pair and (whole or one[0] != pair[0])]
    return tuple(sorted([*kept, pair]))


def changes(kind: str, data: Data) -> ConcernChange:
    """What a fact changes in the `ConcernState` of its cooperation."""
    if kind.startswith(RECORDED) and PARTIES in data:
        return ConcernChange(parties=tuple(data[PARTIES]))
    if kind.startswith(RESOLVED):
        return ConcernChange(supervisor=data["supervising_body"])
    return UNCHANGED


def cooperation_of(subject: str, data: Data) -> str | None:
    """The cooperation that a fact belongs to, or None."""
    if subject.startswith(NAMING):
        return subject.removeprefix(NAMING)
    if subject.startswith(BELONGING):
        found = data.get(COOPERATION)
        return None if found is None else str(found)
    return None
