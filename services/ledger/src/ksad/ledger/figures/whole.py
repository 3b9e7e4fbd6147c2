"""A whole prefix of the log in memory: it selects nothing, so that what selects can be compared with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from ksad.ledger.figures.source import Recorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ksad.ledger.figures.source import LookBack
    from ksad.ledger.folds.rows import History
    from ksad.ledger.log.entries import Entry
    from ksad.ledger.log.tree import Frontier

COOPERATION, TASK = "cooperation/", "task/"


class WholeLog:
    """All streams of a prefix [0, size); a :class:`ksad.ledger.figures.source.ReportSource` that proofs are made by.

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
            subject = orjson.loads(entry.raw)["subject"]
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
