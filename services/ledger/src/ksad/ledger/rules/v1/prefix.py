"""A prefix [0, size) of the journal, folded in memory, with the entries that changed each row."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from ksad.contracts.dates import WorkingCalendar
from ksad.contracts.law import Lawbook
from ksad.contracts.regions import Region, RegionTable
from ksad.ledger.folds.rows import Traced
from ksad.ledger.rules.v1.folds.folding import REGISTER, TASKS, fold
from ksad.ledger.rules.v1.folds.report_state import Report, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from ksad.ledger.folds.rows import Event, History
    from ksad.ledger.log.entries import Entry
    from ksad.ledger.log.tree import Frontier

Row = dict[str, Any]


class Prefix:
    """The state at a size of the journal: register, tasks, reports, adopted reference data, and the last day passed."""

    def __init__(self, entries: Iterable[Entry], frontier: Frontier, history: History) -> None:
        """Folds all entries of the prefix with the same folds as the live tables.

        :param frontier: the frontier of the tree over these entries.
        :param history: returns the events of a stream up to an entry, for corrections.
        """
        self.regions_text: str | None = None
        self.holidays_text: str | None = None
        self._profiles: dict[str, str] = {}
        self._reports: dict[str, list[Event]] = {}
        self.last_day: date | None = None
        self._register = Traced(REGISTER.tables, history)
        self._tasks = Traced(TASKS.tables, history)
        self.extend(entries, frontier)

    def extend(self, entries: Iterable[Entry], frontier: Frontier) -> None:
        """Folds further entries, up to the size of ``frontier``.

        :raises PoisonError: an entry cannot be folded. The prefix is then partly changed and must be discarded.
        """
        self.size, self.frontier = frontier.size, frontier
        for entry in entries:
            self._register.entry = self._tasks.entry = entry.number
            self._notice(entry.raw)
            fold(self._register, self._tasks, entry)
        for text in ("regions", "law"):
            self.__dict__.pop(text, None)  # read again from what is adopted now

    def _notice(self, raw: bytes) -> None:
        # Few entries concern these; looking for the type in the bytes is much faster than decoding every one.
        if b'"ksad.reference.reference_adopted.' in raw:
            data = orjson.loads(raw)["data"]
            if data["kind"] == "regions":
                self.regions_text = data["content"]
            elif data["kind"] == "holidays":
                self.holidays_text = data["content"]
            elif data["kind"] == "profile":
                self._profiles[data["name"]] = data["content"]
        elif b'"ksad.calendar.day_passed.' in raw:
            self.last_day = date.fromisoformat(orjson.loads(raw)["data"]["day"])
        elif b'"ksad.report.' in raw:
            event = orjson.loads(raw)
            self._reports.setdefault(event["subject"], []).append(event)

    @cached_property
    def regions(self) -> RegionTable:
        """The regions as last adopted; an empty table before the first adoption."""
        return RegionTable.from_csv(self.regions_text or "")

    @cached_property
    def law(self) -> Lawbook:
        """The profiles adopted in the log. Reports quote these, not those shipped with the software."""
        return Lawbook.from_texts(self._profiles.values())

    @property
    def working(self) -> WorkingCalendar | None:
        """The working calendar with the holidays last adopted; ``None`` before the first adoption."""
        return None if self.holidays_text is None else WorkingCalendar.from_text(self.holidays_text)

    def region(self, code: str) -> Region:
        """The region that a code belongs to, as it is on the last day passed."""
        return self.regions.current(code, self.last_day or date.max)

    def cooperations(self) -> Iterator[tuple[str, Row]]:
        """The registered cooperations, with ``body``, who supervises, and ``jurisdiction``, its last resolution."""
        homes = {key[0]: row for key, row in self._register.every("jurisdictions")}
        for key, row in self._register.every("cooperations"):
            if row["key"] is not None:
                home = homes.get(key[0])
                last = home["detail"]["resolutions"][-1] if home else None
                yield key[0], {**row, "body": home["supervising_body"] if home else None, "jurisdiction": last}

    def tasks(self, body: str | None = None) -> Iterator[tuple[str, Row]]:
        """All tasks, or those of one body, by id."""
        for key, row in self._tasks.every("tasks"):
            if body is None or row["body"] == body:
                yield key[0], row

    def report(self, identity: UUID) -> Report:
        """The state of a report; without versions if it has not been compiled."""
        return folded(self._reports.get(f"report/{identity}", ()))

    def entries_of(self, table: str, keys: Iterable[str]) -> list[int]:
        """The indexes of the journal entries that changed these rows, in ascending order."""
        touched = self._tasks.touched if table == "tasks" else self._register.touched
        return sorted({entry for key in keys for entry in touched.get((table, (key,)), [])})
