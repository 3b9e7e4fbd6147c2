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
    """How far back a report looks: what was over before all three needs not be read.

    ``first`` is the first day of the period and ``evaluated`` the first day from which evaluations and findings are
    compared, both as ISO 8601 text. What became known at index ``known`` or later may be of any day.
    """

    first: str
    evaluated: str
    known: int


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
