"""One consistent cut: the journal's prefix [0, size) folded in memory, with the entries that made each row."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from ksad.contracts.dates import WorkingCalendar
from ksad.contracts.envelope import Envelope
from ksad.contracts.law import Lawbook
from ksad.contracts.regions import Region, RegionTable
from ksad.ledger.folds.folding import Fold, fold
from ksad.ledger.folds.register import RegisterProjection
from ksad.ledger.folds.report_state import Report, folded
from ksad.ledger.folds.rows import Traced
from ksad.ledger.folds.tasks import TasksProjection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from ksad.ledger.folds.rows import History
    from ksad.ledger.log.entries import Entry
    from ksad.ledger.log.tree import Frontier

Row = dict[str, Any]


class Prefix:
    """What was known at a size of the journal: register, tasks, reports, regions and the last day that passed."""

    def __init__(self, entries: Iterable[Entry], frontier: Frontier, history: History) -> None:
        """Fold all entries of the prefix: the same folds that the live tables are made with.

        :param frontier: the tree over their leaves.
        :param history: the events of a stream up to an entry.
        """
        self.regions_text: str | None = None
        self.holidays_text: str | None = None
        self._profiles: dict[str, str] = {}
        self._reports: dict[str, list[Envelope]] = {}
        self.last_day: date | None = None
        self._register = Traced(RegisterProjection.tables, history)
        self._tasks = Traced(TasksProjection.tables, history)
        self._folds = (Fold(RegisterProjection(), self._register), Fold(TasksProjection(), self._tasks))
        self.extend(entries, frontier)

    def extend(self, entries: Iterable[Entry], frontier: Frontier) -> None:
        """Fold the entries that follow: from now on this is what was known at the size of ``frontier``.

        :raises PoisonError: an entry cannot be folded; nothing here is of use then.
        """
        self.size, self.frontier = frontier.size, frontier
        for entry in entries:
            self._register.entry = self._tasks.entry = entry.number
            self._notice(entry.raw)
            fold(self._folds, [entry])
        for text in ("regions", "law"):
            self.__dict__.pop(text, None)  # read again from what is adopted now

    def _notice(self, raw: bytes) -> None:
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
            event = Envelope.from_bytes(raw)
            self._reports.setdefault(event.subject, []).append(event)

    @cached_property
    def regions(self) -> RegionTable:
        """The regions as adopted."""
        return RegionTable.from_csv(self.regions_text or "")

    @cached_property
    def law(self) -> Lawbook:
        """The profiles as adopted: a report quotes the law that the log holds."""
        return Lawbook.from_texts(self._profiles.values())

    @property
    def working(self) -> WorkingCalendar | None:
        """The working calendar as adopted."""
        return None if self.holidays_text is None else WorkingCalendar.from_text(self.holidays_text)

    def region(self, code: str) -> Region:
        """A region under the code it has now, on the last day that passed."""
        return self.regions.current(code, self.last_day or date.max)

    def cooperations(self) -> Iterator[tuple[str, Row]]:
        """Every registered cooperation with who supervises it (``tier``, ``body``, ``jurisdiction``)."""
        homes = {key[0]: row for key, row in self._register.every("jurisdictions")}
        for key, row in self._register.every("cooperations"):
            if row["key"] is not None:
                home = homes.get(key[0])
                last = home["detail"]["resolutions"][-1] if home else None
                yield key[0], {**row, "body": home["supervising_body"] if home else None, "jurisdiction": last}

    def tasks(self, body: str | None = None) -> Iterator[tuple[str, Row]]:
        """Every task, or those of one body."""
        for key, row in self._tasks.every("tasks"):
            if body is None or row["body"] == body:
                yield key[0], row

    def report(self, identity: UUID) -> Report:
        """A report as far as it had come; without versions if it had not been compiled."""
        return folded(self._reports.get(f"report/{identity}", ()))

    def entries_of(self, table: str, keys: Iterable[str]) -> list[int]:
        """The journal entries that made these rows, ascending."""
        touched = self._tasks.touched if table == "tasks" else self._register.touched
        return sorted({entry for key in keys for entry in touched.get((table, (key,)), [])})
