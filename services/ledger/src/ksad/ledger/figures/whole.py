"""A whole prefix of the log in memory: it selects nothing, or by names alone, so that what selects can be compared."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import orjson

from ksad.ledger.figures.source import Recorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ksad.ledger.figures.source import KeptTask, LookBack
    from ksad.ledger.folds.rows import History
    from ksad.ledger.log.entries import Entry
    from ksad.ledger.log.tree import Frontier

COOPERATION, SUPERVISION, TASK = "cooperation/", "supervision/", "task/"
OFFICES = re.compile(rb'"(joint_secretariat|minister|(?:tkksd|governor):[0-9]{2})"')
COOPERATIONS = re.compile(rb'"cooperation_id":"([0-9a-f-]{36})"')


class WholeLog:
    """All streams of a prefix [0, size); a :class:`ksad.ledger.figures.source.ReportSource`.

    It keeps the bytes of every entry and decodes those of a stream when it is asked for.
    """

    def __init__(self, entries: Iterable[Entry], frontier: Frontier, _history: History) -> None:
        """:param frontier: the frontier of the tree over these entries."""
        self._streams: dict[str, list[Entry]] = {}
        self.extend(entries, frontier)

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.frontier.size

    def extend(self, entries: Iterable[Entry], frontier: Frontier) -> None:
        """Adds further entries, up to the size of ``frontier``."""
        self.frontier = frontier
        for entry in entries:
            self._take(orjson.loads(entry.raw)["subject"], entry)

    def _take(self, subject: str, entry: Entry) -> None:
        self._streams.setdefault(subject, []).append(entry)

    def streams(self, subjects: Iterable[str]) -> Mapping[str, Sequence[Recorded]]:
        """The decoded entries of some streams."""
        return {
            subject: [Recorded(number, orjson.loads(raw)) for number, raw in self._streams.get(subject, ())]
            for subject in subjects
        }

    def newest(self, subject: str) -> Recorded | None:
        """The last entry of a stream."""
        found = self._streams.get(subject)
        return Recorded(found[-1].number, orjson.loads(found[-1].raw)) if found else None

    def kept(self, _tasks: Iterable[str], _reach: LookBack) -> Mapping[str, KeptTask]:
        """Nothing: all is folded."""
        return {}

    def cooperations(self, _body: str | None, _reach: LookBack) -> Iterable[str]:
        """The ids of all cooperations."""
        return self._ids(COOPERATION)

    def informing(self, _governor: str | None) -> Iterable[str]:
        """The ids of all cooperations."""
        return self._ids(COOPERATION)

    def tasks(self, _body: str | None, _reach: LookBack) -> Iterable[str]:
        """The ids of all tasks."""
        return self._ids(TASK)

    def answering(self, _cooperations: Iterable[str], _reach: LookBack) -> Iterable[str]:
        """The ids of all tasks."""
        return self._ids(TASK)

    def _ids(self, kind: str) -> list[str]:
        return [subject.removeprefix(kind) for subject in self._streams if subject.startswith(kind)]


class NamedStreams(WholeLog):
    """A whole prefix of which a report reads the streams whose bytes name its body; proofs are made by it.

    A body that no event of a stream names neither supervised, nor owed, nor was to be informed by it, whatever folds
    and corrections make of the events. So a proof of one body's report does not read those of all others, and still
    believes no table of the platform.
    """

    def __init__(self, entries: Iterable[Entry], frontier: Frontier, history: History) -> None:
        self._naming: defaultdict[str, set[str]] = defaultdict(set)
        self._tasks_of: defaultdict[str, set[str]] = defaultdict(set)
        super().__init__(entries, frontier, history)

    def _take(self, subject: str, entry: Entry) -> None:
        super()._take(subject, entry)
        if subject.startswith((SUPERVISION, TASK)):
            for office in OFFICES.findall(entry.raw):
                self._naming[office.decode()].add(subject)
        if subject.startswith(TASK):
            for cooperation in COOPERATIONS.findall(entry.raw):
                self._tasks_of[cooperation.decode()].add(subject.removeprefix(TASK))

    def cooperations(self, body: str | None, reach: LookBack) -> Iterable[str]:
        """The ids of cooperations whose supervision names the body."""
        return super().cooperations(body, reach) if body is None else self._named(SUPERVISION, body)

    def informing(self, governor: str | None) -> Iterable[str]:
        """The ids of cooperations whose supervision names the Governor."""
        return super().informing(governor) if governor is None else self._named(SUPERVISION, governor)

    def tasks(self, body: str | None, reach: LookBack) -> Iterable[str]:
        """The ids of tasks that name the body."""
        return super().tasks(body, reach) if body is None else self._named(TASK, body)

    def answering(self, cooperations: Iterable[str], _reach: LookBack) -> Iterable[str]:
        """The ids of all tasks of these cooperations."""
        return {task for one in cooperations for task in self._tasks_of.get(one, ())}

    def _named(self, kind: str, office: str) -> list[str]:
        return [one.removeprefix(kind) for one in self._naming.get(office, ()) if one.startswith(kind)]
