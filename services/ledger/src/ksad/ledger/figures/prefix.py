"""What a prefix [0, size) of the log says of a day: register, tasks, reports and adopted reference data.

The state on a day as known at a size is the fold, stream by stream, of the events below that size which had happened by
the end of the day, with the values of all corrections below that size. Reference data are read as known at the size:
they say themselves from which day on they hold.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.dates import jakarta_day
from ksad.contracts.envelope import Envelope
from ksad.contracts.law import NOBODY, AdoptedOffices, Affairs, Lawbook, read_offices
from ksad.contracts.regions import AdoptedRegions, Region, RegionTable
from ksad.contracts.regions.table import RegionEndedError, RegionNotYetError
from ksad.contracts.registry import BoundaryChanged, PlatformOpened, ReferenceKind, ReferenceText
from ksad.ledger.figures.reading import KnownStream, known, row_on
from ksad.ledger.figures.supervised import SupervisedBy
from ksad.ledger.folds import cooperation, tasks
from ksad.ledger.folds.report_state import Report, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from ksad.ledger.figures.content.values import NamedRegion
    from ksad.ledger.figures.source import LookBack, Recorded, ReportSource
    from ksad.ledger.log.tree import Frontier

Row = dict[str, Any]
LAST_DAY = date.max.isoformat()
NOTHING = KnownStream(())
PAGE = 500
"""Streams read at a time: what a report does not need of them is let go before the next."""


class KnownCooperation(NamedTuple):
    """A cooperation: its row on the day, who supervises it, and its streams."""

    id: str
    row: Row
    supervision: SupervisedBy
    stream: KnownStream
    resolutions: KnownStream


class KnownTask(NamedTuple):
    """A task: its row on the day and on the day before the period, ``None`` where it had not arisen.

    Of the row before, only body, completion and cancellation are of that day.
    ``entries`` are the indexes behind the row, ``stream`` what of it may be told beside the period.
    """

    id: str
    row: Row | None
    before: Row | None
    entries: list[int]
    stream: KnownStream


class Prefix:
    """The state on a day as a source of facts knows it at its size."""

    def __init__(self, source: ReportSource, day: date) -> None:
        self.source = source
        self.day = day
        self.on = day.isoformat()
        self.texts: dict[str, ReferenceText] = {}
        # A report names the same few regions in thousands of cells.
        self._regions: dict[str, Region] = {}
        self.named_regions: dict[str, NamedRegion] = {}
        self._adopted = AdoptedRegions()
        self.opened_on: date | None = None
        self.training = False
        """Whether the platform was opened for training."""
        for one in self._stream("reference/adopted").entries:
            event = Envelope.model_validate(one[1])
            fact = event.fact()
            if self.opened_on is None:
                recorded = jakarta_day(datetime.fromisoformat(event.time))
                self.opened_on = fact.day if isinstance(fact, PlatformOpened) else recorded
                self.training = isinstance(fact, PlatformOpened) and fact.training
            if isinstance(fact, ReferenceText):
                self.texts[fact.name] = fact
                if fact.kind is ReferenceKind.REGIONS:
                    self._adopted = self._adopted.adopting(fact.content)
            elif isinstance(fact, BoundaryChanged):
                self._adopted = self._adopted.changing(fact.region, fact.successor, fact.effective_on)

    @property
    def size(self) -> int:
        """The number of entries of the log that it is known from."""
        return self.source.size

    @property
    def frontier(self) -> Frontier:
        """The frontier of the tree over these entries."""
        return self.source.frontier

    @cached_property
    def regions(self) -> RegionTable:
        """The regions as last adopted, with all boundary changes; an empty table before the first adoption."""
        return self._adopted.table

    @cached_property
    def law(self) -> Lawbook:
        """The profiles adopted in the log. Reports quote these, not those shipped with the software."""
        profiles = [text.content for text in self.texts.values() if text.kind is ReferenceKind.PROFILE]
        return Lawbook.from_texts(profiles)

    @cached_property
    def affairs(self) -> Affairs:
        """The affairs as last adopted; none before the first adoption, and then every affair is unmapped."""
        found = [text.content for text in self.texts.values() if text.kind is ReferenceKind.AFFAIRS]
        return Affairs.from_text(found[-1]) if found else Affairs(())

    @cached_property
    def offices(self) -> AdoptedOffices:
        """Letterheads, seats and the proof page as last adopted."""
        found = [text.content for text in self.texts.values() if text.kind is ReferenceKind.OFFICES]
        return read_offices(found[-1]) if found else NOBODY

    @cached_property
    def last_day(self) -> date | None:
        """The last day of which the log says that it has passed."""
        found = self.source.newest("calendar/days")
        return None if found is None else date.fromisoformat(found.event["data"]["day"])

    def region(self, code: str) -> Region:
        """The region that a code belongs to, as it is on the day; as it was or will be, where it is none on the day."""
        found = self._regions.get(code)
        if found is None:
            try:
                found = self.regions.current(code, self.day)
            except (RegionEndedError, RegionNotYetError):
                found = self.regions.known(code)
            self._regions[code] = found
        return found

    def is_owed(self, task: UUID) -> bool:
        """Whether the task to report was scheduled: the period has closed, and the office owes a report on it."""
        return bool(self._recorded(f"task/{task}"))

    def report(self, identity: UUID) -> Report:
        """The state of a report; without versions if it has not been compiled."""
        recorded = self._recorded(f"report/{identity}")
        return folded([Envelope.model_validate(one.event) for one in recorded])

    def cooperations(self, identities: Iterable[str]) -> Iterator[KnownCooperation]:
        """Those of some cooperations that were registered by the day."""
        for page in _pages(identities):
            subjects = [f"{kind}/{one}" for one in page for kind in ("cooperation", "supervision")]
            found = self.source.streams(subjects)
            for one in page:
                stream = known(found.get(f"cooperation/{one}", ()))
                row = row_on(stream, self.on, cooperation.folded) if stream.by(self.on) else None
                if row is None or row["key"] is None:
                    continue
                resolutions = known(found.get(f"supervision/{one}", ()))
                supervision = SupervisedBy(resolutions.by(self.on))
                home = {"body": supervision.body(self.on), "jurisdiction": supervision.on(self.on)}
                yield KnownCooperation(one, {**row, **home}, supervision, stream, resolutions)

    def named(self, identities: Iterable[str]) -> Iterator[tuple[str, Row]]:
        """The rows of some cooperations, by id; of one that was registered after the day the row that it has now."""
        for page in _pages(identities):
            found = self.source.streams([f"cooperation/{one}" for one in page])
            for one in page:
                stream = known(found.get(f"cooperation/{one}", ()))
                row = row_on(stream, self.on, cooperation.folded)
                yield one, row if row["key"] is not None else row_on(stream, LAST_DAY, cooperation.folded)

    def tasks(self, identities: Iterable[str], before: str, reach: LookBack) -> Iterator[KnownTask]:
        """Some tasks, on the day and on the day ``before`` the first of the reach."""
        for page in _pages(identities):
            kept = self.source.kept(page, reach)
            found = self.source.streams([f"task/{one}" for one in page if one not in kept])
            for one in page:
                if one in kept:
                    row, entries = kept[one]
                    yield KnownTask(one, row, _then(row, before), entries, NOTHING)
                    continue
                stream = known(found.get(f"task/{one}", ()))
                row_then = _task_on(stream, self.on)
                yield KnownTask(one, row_then, _task_on(stream, before), stream.behind(self.on), stream)

    def _recorded(self, subject: str) -> list[Recorded]:
        return list(self.source.streams([subject]).get(subject, ()))

    def _stream(self, subject: str) -> KnownStream:
        return known(self._recorded(subject))


def _pages(identities: Iterable[str]) -> Iterator[list[str]]:
    listed = sorted(identities)
    for start in range(0, len(listed), PAGE):
        yield listed[start : start + PAGE]


def _then(row: Row, day: str) -> Row | None:
    """A task that never changed hands on a day, as far as it matters who owed it and whether it was closed."""
    detail, done = row["detail"], row["completed_on"]
    if detail["scheduled_on"] > day:
        return None
    gone = detail.get("cancelled_on")
    kept = {**detail, "cancelled_on": None if gone is None or gone > day else gone}
    return {**row, "completed_on": None if done is None or done > day else done, "detail": kept}


def _task_on(stream: KnownStream, day: str) -> Row | None:
    row = row_on(stream, day, tasks.folded)
    # What is said of a task before the day on which it arose makes none.
    return None if row["duty"] is None else row
