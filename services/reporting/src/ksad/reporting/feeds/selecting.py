"""Applies one version of the feed rule to a batch of journal entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import sqlalchemy as sa

from ksad.chassis.database import upsert
from ksad.ledger.feeds import threads
from ksad.ledger.feeds.concern import ConcernState
from ksad.reporting.feeds.tables import cases, feed_entries, members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ksad.ledger.feeds.concern import FeedPlaces
    from ksad.ledger.feeds.rules import Rule

    Received = Callable[[str, Sequence[int]], set[int]]

ASKED_AT_ONCE = 500
MORE = ("agreements", "guests", "marks")
"""What version 2 remembers of a matter besides parties and supervisor."""
# Made once, as it is asked for every event: making a statement costs as much as carrying it out.
CASE = sa.select(cases).where(cases.c.cooperation_id == sa.bindparam("matter"))
REMEMBER = sa.insert(members)


class FeedDelivery(NamedTuple):
    """An entry to append to a province's feed; ``entry`` is its index in the journal."""

    province: str
    entry: int


class Batch:
    """Applies the rule to one batch, in memory until its transaction ends."""

    def __init__(
        self, connection: sa.Connection, rule: Rule, places: FeedPlaces, received: Received | None = None
    ) -> None:
        """:param received: which of some entries a province had before this batch; by default those of its feed."""
        self._connection = connection
        self._rule = rule
        self._received_before = received or self._fed
        self.places = places
        self.cases: dict[str, ConcernState] = {}
        self.members: list[dict[str, Any]] = []
        self.deliveries: list[FeedDelivery] = []

    def take(self, index: int, event: dict[str, Any]) -> None:
        """Applies the rule to the event with the journal index ``index``."""
        kind, data, subject = event["type"], event["data"], event["subject"]
        before, self.places = self.places, self.places.after(kind, data, event["time"])
        changed = self._moved(before) if self.places.moved(before) else {}
        if self._rule.version == 1:
            self._catch_up_one_by_one(changed)
            changed = {}
        matter, audience = self._rule.matter_of(event["id"], kind, subject, data), self._rule.audience_of(kind, data)
        if matter is None or audience is None:
            self._catch_up(changed)
            return
        case = self._case(matter)
        after = self.cases[matter] = case.after(self._rule.changes(event["id"], kind, subject, data))
        thread = self._rule.thread_of(event["id"], kind, data, after)
        self.members.append({"cooperation_id": matter, "entry": index, "audience": _stored(audience, thread)})
        if after != case:
            changed[matter] = after
        self._catch_up(changed)
        if matter not in changed:
            self._deliver(after.provinces(self.places), after, audience, index)
            self._deliver_to_guests(after, audience, thread, index)
        elif self._rule.tells_leavers:
            self._deliver(case.provinces(self.places) - after.provinces(self.places), case, audience, index)

    def remember(self) -> None:
        """Stores the matters as they are after this batch."""
        rows = [
            {
                "cooperation_id": matter,
                "parties": orjson.dumps(_remembered(case)).decode(),
                "supervisor": case.supervisor,
            }
            for matter, case in self.cases.items()
        ]
        upsert(self._connection, cases, rows)
        if self.members:
            self._connection.execute(REMEMBER, self.members)

    def _deliver(self, provinces: Iterable[str], case: ConcernState, audience: str, index: int) -> None:
        self.deliveries += [FeedDelivery(one, index) for one in sorted(provinces) if case.entitled(one, audience)]

    def _deliver_to_guests(self, case: ConcernState, audience: str, thread: str | None, index: int) -> None:
        if thread is None or not threads.admits(thread, audience):
            return
        guests = self.places.within(region for one, region in case.guests if one == thread)
        told = {one for one in case.provinces(self.places) if case.entitled(one, audience)}
        self.deliveries += [FeedDelivery(one, index) for one in sorted(guests - told)]

    def _case(self, matter: str) -> ConcernState:
        if matter not in self.cases:
            row = self._connection.execute(CASE, {"matter": matter}).one_or_none()
            self.cases[matter] = ConcernState() if row is None else _state(row)
        return self.cases[matter]

    def _moved(self, before: FeedPlaces) -> dict[str, ConcernState]:
        """The matters whose provinces differ after codes changed."""
        stored = {row.cooperation_id: _state(row) for row in self._connection.execute(sa.select(cases))}
        everyone = stored | self.cases
        return {
            matter: case
            for matter, case in sorted(everyone.items())
            if case.provinces(before) != case.provinces(self.places)
            or case.guests_of(before) != case.guests_of(self.places)
        }

    def _catch_up_one_by_one(self, changed: dict[str, ConcernState]) -> None:
        """Rule 1 goes from cooperation to cooperation, where later ones go by the order of the log."""
        for matter, case in changed.items():
            self._catch_up({matter: case})

    def _catch_up(self, changed: dict[str, ConcernState]) -> None:
        """Delivers to each province the facts so far that it is entitled to and has not received."""
        owed: dict[str, list[int]] = {}
        for matter, case in changed.items():
            history = self._history(matter)
            for province in case.provinces(self.places):
                entries = [entry for entry, audience, _ in history if case.entitled(province, audience)]
                owed.setdefault(province, []).extend(entries)
            for province, visited in case.guests_of(self.places).items():
                entries = [
                    entry
                    for entry, audience, thread in history
                    if thread is not None and thread in visited and threads.admits(thread, audience)
                ]
                owed[province] = sorted({*owed.get(province, ()), *entries})
        for province, entries in sorted(owed.items()):
            had = {one.entry for one in self.deliveries if one.province == province}
            had |= self._received_before(province, entries)
            self.deliveries += [FeedDelivery(province, entry) for entry in sorted(entries) if entry not in had]

    def _history(self, matter: str) -> list[tuple[int, str, str | None]]:
        query = sa.select(members.c.entry, members.c.audience).where(members.c.cooperation_id == matter)
        history = [(row.entry, *_read(row.audience)) for row in self._connection.execute(query)]
        mine = [row for row in self.members if row["cooperation_id"] == matter]
        return history + [(row["entry"], *_read(row["audience"])) for row in mine]

    def _fed(self, province: str, entries: Sequence[int]) -> set[int]:
        had = set[int]()
        for start in range(0, len(entries), ASKED_AT_ONCE):
            query = sa.select(feed_entries.c.entry).where(
                feed_entries.c.province == province, feed_entries.c.entry.in_(entries[start : start + ASKED_AT_ONCE])
            )
            had.update(self._connection.execute(query).scalars())
        return had


def _stored(audience: str, thread: str | None) -> str:
    return audience if thread is None else f"{audience} {thread}"


def _read(stored: str) -> tuple[str, str | None]:
    audience, _, thread = stored.partition(" ")
    return audience, thread or None


def _remembered(case: ConcernState) -> Any:  # noqa: ANN401 - JSON
    if not (case.agreements or case.guests or case.marks):
        return case.parties
    return {"parties": case.parties, **{name: getattr(case, name) for name in MORE}}


def _state(row: sa.Row[Any]) -> ConcernState:
    kept = orjson.loads(row.parties)
    if isinstance(kept, list):
        return ConcernState(tuple(kept), row.supervisor)
    more = {name: tuple((first, second) for first, second in kept[name]) for name in MORE}
    return ConcernState(tuple(kept["parties"]), row.supervisor, **more)
