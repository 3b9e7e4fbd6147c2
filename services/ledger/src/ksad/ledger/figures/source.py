"""Where a report's facts come from: the streams of the log up to a size, and which of them concern a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ksad.ledger.log.tree import Frontier

EVALUATION, OVERSIGHT = "d.1", "oversight"
PAPERS = ("d.2", "d.3", "d.5")
"""The duties whose documents answer a problem or dispute, which may have been open for years."""


class Recorded(NamedTuple):
    """One entry of a stream: its index in the log, and the event as it was recorded (not converted)."""

    entry: int
    event: dict[str, Any]


class LookBack(NamedTuple):
    """How far back a report looks: what was over before all three needs not be read, nor a task that arose later.

    ``first`` is the first day of the period, ``last`` the day that the report speaks of, and ``evaluated`` the first
    day from which evaluations and findings are compared, all as ISO 8601 text. What became known at index ``known`` or
    later may be of any day up to ``last``.
    """

    first: str
    last: str
    evaluated: str
    known: int


class KeptTask(NamedTuple):
    """A task as it is kept beside the log: its row, and the indexes of all its entries in ascending order."""

    row: dict[str, Any]
    entries: list[int]


class ReportSource(Protocol):
    """The log up to ``size``, by stream. A selection may have more than what a report needs, never less."""

    @property
    def size(self) -> int:
        """The number of entries."""
        ...

    @property
    def frontier(self) -> Frontier:
        """The frontier of the tree over the entries."""
        ...

    def streams(self, subjects: Iterable[str]) -> Mapping[str, Sequence[Recorded]]:
        """The entries of some streams in the order of their versions; a stream without entries may be missing."""
        ...

    def newest(self, subject: str) -> Recorded | None:
        """The last entry of a stream."""
        ...

    def kept(self, tasks: Iterable[str], reach: LookBack) -> Mapping[str, KeptTask]:
        """Some of these tasks, as the fold of their streams would give them on the last day of the reach.

        Only tasks that never changed hands, of which nothing is of a later day, and of which nothing of a day before
        the first became known at ``reach.known`` or later. The others are folded.
        """
        ...

    def cooperations(self, body: str | None, reach: LookBack) -> Iterable[str]:
        """The ids of the cooperations that an office ever supervised, wholly or in an agreement; of all for ``None``.

        Of a Governor: those of which he is to be informed.
        """
        ...

    def informing(self, governor: str | None) -> Iterable[str]:
        """The ids of the cooperations of which a Governor was ever to be informed; for ``None``, any Governor."""
        ...

    def tasks(self, body: str | None, reach: LookBack) -> Iterable[str]:
        """The ids of the tasks that a body ever owed; of all for ``None``."""
        ...

    def answering(self, cooperations: Iterable[str], reach: LookBack) -> Iterable[str]:
        """The ids of tasks of some cooperations that papers, evaluations and findings are taken from, of any body."""
        ...
