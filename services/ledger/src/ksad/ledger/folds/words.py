"""The words by which a cooperation is found: of its key, titles, objects, scopes and numbers of instruments.

They stand as they were written, in folded letters, and as their stems. Names of parties and of affairs are not among
them: whoever searches asks the texts in force for these, so that a renamed region is found by its new name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.catalogue import NEWEST
from ksad.contracts.corrections import is_correction, substituted
from ksad.ledger.folds.rows import Table
from ksad.ledger.folds.spelling import sayings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.ledger.folds.rows import Event, Rows

WORDS = Table("words", key=("word", "cooperation_id"), columns=("said",))
PREFIX = "ksad.cooperation."
SAYING = {
    f"{PREFIX}{name}.v{NEWEST[PREFIX + name]}": fields
    for name, fields in {
        "registered": ("key", "title", "object", "affair"),
        "accord_signed": ("numbers",),
        "agreement_opened": ("title", "object", "affair", "scope"),
        "agreement_signed": ("numbers", "title", "object", "affair", "scope"),
        "agreement_amended": ("numbers", "changes"),
        "agreement_extended": ("numbers", "changes"),
        "council_approval_recorded": ("number",),
        "body_formed": ("name",),
    }.items()
}
"""The fields that are searched, by the newest version of the facts that have them. Everybody may see these facts."""


class WordsProjection:
    """Lists the words that public facts of a cooperation say, as they are corrected."""

    name = "words"
    version = 1
    tables = (WORDS,)
    prefixes = (PREFIX,)

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Adds the words of a fact; after a correction, those that nothing says any more are no longer found."""
        kind, subject = event["type"], event["subject"]
        gone: set[str] = set()
        if is_correction(kind):
            history = list(rows.history(subject, index))
            said = _said_by(substituted(history))
            gone = _said_by(substituted(history[:-1])) - said
        elif kind in SAYING:
            said = _said_by([event])
        else:
            return
        # Without ``cooperation/``. Folds cannot delete rows, so the row of a word that is gone is overwritten.
        for found, answer in ((said, "yes"), (gone, "no")):
            for word in sorted(found):
                rows.put("words", (word, subject[12:]), {"said": answer})


def _said_by(events: Iterable[Event]) -> set[str]:
    """The words of some events in their newest versions, with their stems."""
    values = [event["data"][field] for event in events for field in SAYING.get(event["type"], ())]
    return {word for value in values for text in _texts(value) for word in sayings(text)}


def _texts(value: Any) -> list[str]:  # noqa: ANN401 - a field's value: a text, texts by region, or nothing
    if isinstance(value, dict):
        return [text for text in value.values() if text]
    return [value] if value else []
