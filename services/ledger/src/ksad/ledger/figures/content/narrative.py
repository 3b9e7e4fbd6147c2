"""What only the office itself can say in its report, as it wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.reporting import NarrativeSection
from ksad.ledger.figures.content.values import Printed, Text

if TYPE_CHECKING:
    from collections.abc import Iterable


NOTHING = {"nihil", "tidak ada", "-", "–", "tidak ada data"}
"""What a paragraph says that says there is nothing."""


def says_nothing(paragraphs: Iterable[str]) -> bool:
    """Whether a section says that there is nothing to say."""
    return all(one.strip().strip(".").casefold() in NOTHING for one in paragraphs)


class Narrative(Printed):
    """The paragraphs of each section, as frozen in a version; a section that nobody wrote has none."""

    conclusions: tuple[Text, ...] = ()
    obstacles: tuple[Text, ...] = ()
    advice: tuple[Text, ...] = ()
    follow_up: tuple[Text, ...] = ()
    requests: tuple[Text, ...] = ()
    copies: tuple[Text, ...] = ()

    def of(self, section: NarrativeSection) -> tuple[str, ...]:
        """The paragraphs of a section."""
        found: tuple[str, ...] = getattr(self, section.value)
        return found
