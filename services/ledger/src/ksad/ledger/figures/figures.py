"""Figures of a report, each counted together with the journal entries behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.figures.content.values import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ksad.ledger.figures.gathering import Gathered


class Figures:
    """The figures of one report.

    ``headline`` holds those shown on the first pages, ``behind`` the journal entries (indexes) of every figure by name.

    :param previous: the figures of the preceding report by name.
    """

    def __init__(self, gathered: Gathered, previous: Mapping[str, int]) -> None:
        self._gathered = gathered
        self._previous = previous
        self.headline: list[Figure] = []
        self.behind: dict[str, list[int]] = {}

    def count(self, name: str, table: str, keys: Iterable[str], *, times: int | None = None) -> int:
        """Counts rows of a table as the figure ``name`` and stores the entries that made them.

        :param times: the value of the figure where it is not the number of rows: a task can count once per party.
        """
        chosen = list(keys)
        self.behind[name] = self._gathered.entries_of(table, chosen)
        return len(chosen) if times is None else times

    def show(self, name: str, label: str, table: str, keys: Iterable[str], unit: str = "kerja sama") -> int:
        """Counts rows and adds the figure to the headline figures, with its value in the preceding report."""
        value = self.count(name, table, keys)
        figure = Figure(name=name, label=label, value=value, previous=self._previous.get(name), unit=unit)
        self.headline.append(figure)
        return value
