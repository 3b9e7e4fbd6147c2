"""Figures together with what they count: a number and the entries behind it are made in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.figures.content.values import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ksad.ledger.figures.prefix import Prefix


class Figures:
    """The figures of one report, each with its journal entries."""

    def __init__(self, prefix: Prefix, previous: Mapping[str, int]) -> None:
        self._prefix = prefix
        self._previous = previous
        self.headline: list[Figure] = []
        self.behind: dict[str, list[int]] = {}

    def count(self, name: str, table: str, keys: Iterable[str], *, times: int | None = None) -> int:
        """Count rows of a table under a name, and keep the entries that made them.

        :param times: the number where one row counts more than once, as a task does for each of its parties.
        """
        chosen = list(keys)
        self.behind[name] = self._prefix.entries_of(table, chosen)
        return len(chosen) if times is None else times

    def show(self, name: str, label: str, table: str, keys: Iterable[str], unit: str = "kerja sama") -> int:
        """Count, and show the number among the headline figures with the change since the report before."""
        value = self.count(name, table, keys)
        figure = Figure(name=name, label=label, value=value, previous=self._previous.get(name), unit=unit)
        self.headline.append(figure)
        return value
