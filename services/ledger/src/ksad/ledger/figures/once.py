"""A source of facts for several reports: what one of them read, the others need not read again."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import orjson

from ksad.ledger.figures.source import Recorded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ksad.ledger.figures.source import KeptTask, LookBack, ReportSource
    from ksad.ledger.log.tree import Frontier

KEPT_MAX = 128 * 1024 * 1024
"""The most bytes of events that are kept; beyond them, streams are read again."""


class ReadOnce:
    """Another :class:`ksad.ledger.figures.source.ReportSource`, of which every stream is read once.

    Streams are kept as bytes: decoded, a semester's would fill a gigabyte.
    """

    def __init__(self, source: ReportSource, kept_max: int = KEPT_MAX) -> None:
        """:param kept_max: the most bytes of events that are kept."""
        self._source = source
        self._left = kept_max
        self._kept: dict[str, list[tuple[int, bytes]]] = {}
        self._newest: dict[str, Recorded | None] = {}

    @property
    def size(self) -> int:
        """The number of entries of the log."""
        return self._source.size

    @cached_property
    def frontier(self) -> Frontier:
        """The frontier of the tree over the entries."""
        return self._source.frontier

    def streams(self, subjects: Iterable[str]) -> Mapping[str, Sequence[Recorded]]:
        """The entries of some streams, from what was read before or from the source."""
        wanted = list(subjects)
        read = self._source.streams([one for one in wanted if one not in self._kept])
        found: dict[str, Sequence[Recorded]] = {}
        for subject in wanted:
            kept = self._kept.get(subject)
            if kept is None:
                found[subject] = self._keep(subject, read.get(subject, ()))
            else:
                found[subject] = [Recorded(entry, orjson.loads(raw)) for entry, raw in kept]
        return found

    def _keep(self, subject: str, entries: Sequence[Recorded]) -> Sequence[Recorded]:
        raws = [(one.entry, orjson.dumps(one.event)) for one in entries]
        size = sum(len(raw) for _, raw in raws)
        if size <= self._left:
            self._left -= size
            self._kept[subject] = raws
        return entries

    def newest(self, subject: str) -> Recorded | None:
        """The last entry of a stream."""
        if subject not in self._newest:
            self._newest[subject] = self._source.newest(subject)
        return self._newest[subject]

    def kept(self, tasks: Iterable[str], reach: LookBack) -> Mapping[str, KeptTask]:
        """What the source keeps."""
        return self._source.kept(tasks, reach)

    def cooperations(self, body: str | None, reach: LookBack) -> Iterable[str]:
        """What the source selects."""
        return self._source.cooperations(body, reach)

    def informing(self, governor: str | None) -> Iterable[str]:
        """What the source selects."""
        return self._source.informing(governor)

    def tasks(self, body: str | None, reach: LookBack) -> Iterable[str]:
        """What the source selects."""
        return self._source.tasks(body, reach)

    def answering(self, cooperations: Iterable[str], reach: LookBack) -> Iterable[str]:
        """What the source selects."""
        return self._source.answering(cooperations, reach)
