"""Measures of charts that pages draw as SVG: circles whose area is a number, bars whose length is one."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

RADIUS = 22.0
"""The radius of the largest circle, in a field of 48 by 48."""
HEIGHT = 100.0


class Symbol(NamedTuple):
    """A place with its number, and the radius of its circle; 0 for none."""

    code: str
    label: str
    number: int
    radius: float
    share: float
    """The number in hundredths of the largest."""


class BarPart(NamedTuple):
    """One part of a stacked bar, from the top: its name, number, and where it is drawn."""

    name: str
    number: int
    top: float
    height: float


class StackedBar(NamedTuple):
    """A bar of several parts; ``total`` is their sum."""

    label: str
    total: int
    parts: tuple[BarPart, ...]


def symbols(places: Iterable[tuple[str, str]], numbers: Mapping[str, int]) -> list[Symbol]:
    """A circle for each place, whose area is in proportion to its number.

    :param places: codes with names.
    """
    most = max(numbers.values(), default=0)
    return [
        Symbol(
            code,
            label,
            number := numbers.get(code, 0),
            round(RADIUS * sqrt(number / most), 2) if number else 0.0,
            round(100 * number / most, 1) if number else 0.0,
        )
        for code, label in places
    ]


def bars(rows: Sequence[tuple[str, Mapping[str, int]]]) -> list[StackedBar]:
    """Stacked bars on one scale: the highest fills the height.

    :param rows: labels, each with the parts of its bar by name, from the top.
    """
    most = max((sum(parts.values()) for _, parts in rows), default=0) or 1
    found = []
    for label, parts in rows:
        total = sum(parts.values())
        top, placed = HEIGHT - HEIGHT * total / most, []
        for name, number in parts.items():
            height = HEIGHT * number / most
            placed.append(BarPart(name, number, round(top, 2), round(height, 2)))
            top += height
        found.append(StackedBar(label, total, tuple(placed)))
    return found
