"""What differs between two versions of a report: figures, written sections, and the cooperations of the matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.reporting import NarrativeSection
from ksad.ledger.figures.content import indonesian

if TYPE_CHECKING:
    from ksad.ledger.figures.content.model import ReportContent
    from ksad.ledger.figures.content.values import Figure


class ChangedFigure(NamedTuple):
    """A figure that is not the same in both versions; ``None`` where a version does not have it."""

    name: str
    label: str
    unit: str
    before: int | None
    after: int | None


class ChangedSection(NamedTuple):
    """A section that its office wrote differently, as the paragraphs of each version."""

    section: str
    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class VersionsCompared(NamedTuple):
    """Two versions of a report beside one another. ``came`` and ``gone`` are titles of cooperations in the matrix."""

    figures: tuple[ChangedFigure, ...]
    unchanged: int
    sections: tuple[ChangedSection, ...]
    came: tuple[str, ...]
    gone: tuple[str, ...]


def compared(before: ReportContent, after: ReportContent) -> VersionsCompared:
    """What changed from one version to another, in the order in which the newer one tells it."""
    old, new = ({one.name: one for one in content.every_figure()} for content in (before, after))
    both = new | {name: one for name, one in old.items() if name not in new}
    figures = [
        ChangedFigure(name, one.label, one.unit, _value(old.get(name)), _value(new.get(name)))
        for name, one in both.items()
    ]
    changed = tuple(one for one in figures if one.before != one.after)
    sections = tuple(
        ChangedSection(one.value, indonesian.NARRATIVES[one.value], before.narrative.of(one), after.narrative.of(one))
        for one in NarrativeSection
        if before.narrative.of(one) != after.narrative.of(one)
    )
    listed = [{row.registration: row.title for row in content.matrix} for content in (before, after)]
    return VersionsCompared(
        changed,
        len(figures) - len(changed),
        sections,
        tuple(title for key, title in listed[1].items() if key not in listed[0]),
        tuple(title for key, title in listed[0].items() if key not in listed[1]),
    )


def _value(figure: Figure | None) -> int | None:
    return None if figure is None else figure.value
