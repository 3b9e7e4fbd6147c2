"""Prints a proved report again, and compares its PDF and XLSX files with those in the archive, byte by byte.

Equal contents give equal bytes only under the form and the programs that the report names. Under any others nothing is
compared, and nothing is called true or forged.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.ledger.figures.content.values import LetterSent

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.ledger.figures.content.model import ReportContent

EXTRA = "ksad-audit[print]"


class Press(NamedTuple):
    """How this installation prints: its form, its programs, and per media type the function that prints a content."""

    form: int
    renderer: str
    prints: dict[str, Callable[[ReportContent, LetterSent | None], bytes]]


class Reprint(NamedTuple):
    """What was found: ``wrong`` names what has other bytes; ``unchecked`` says why nothing was compared."""

    told: str
    wrong: str = ""
    unchecked: bool = False


def press() -> Press | None:
    """How this installation prints; ``None`` if it lacks the programs."""
    try:
        from ksad.ledger.printing import form, pdf, xlsx  # noqa: PLC0415 - only with the extra
    except ImportError:
        return None
    return Press(form.FORM, form.renderer(), {pdf.MEDIA_TYPE: pdf.render_apart, xlsx.MEDIA_TYPE: xlsx.render})


def compare(fact: dict[str, Any], content: ReportContent | None) -> Reprint:
    """Compares the printed files of a version with those made of its proved content.

    :param fact: the data of its ``compiled`` event.
    :param content: the content, compiled again; ``None`` if it was not proved, or its rules have no form any more.
    """
    return _compared(fact, content, None)


def compare_sent(event: dict[str, Any], content: ReportContent | None) -> Reprint:
    """Compares the signed form that a submission cites with one printed of the proved content and of the submission.

    :param event: the ``submitted`` event, in version 2 or later; its letter has the number, the day and the capacity.
    """
    fact = event["data"]
    if content is not None:
        place, copies = content.from_office.seat, list(content.narrative.copies)
        other = [name for name, value in (("place", place), ("copies", copies)) if fact[name] != value]
        if other:
            return Reprint("", f"not what the content says: {', '.join(other)}")
    signed_as = fact["signed_as"] or {"capacity": "definitif"}
    letter = LetterSent(
        number=fact["letter_number"],
        on=date.fromisoformat(event["occurredon"]),
        capacity=signed_as["capacity"],
    )
    return _compared(fact, content, letter)


def _compared(fact: dict[str, Any], content: ReportContent | None, letter: LetterSent | None) -> Reprint:
    form, renderer = fact.get("form"), fact.get("renderer")
    named = f"form {form} with {renderer}" if form and renderer else "a form that the report does not name"
    printed = {one["media_type"]: one["sha256"] for one in fact["documents"]}
    found = press()
    if found is None:
        return Reprint(f"printed form not checked: made by {named}; install {EXTRA} to print it again", unchecked=True)
    if (form, renderer) != (found.form, found.renderer):
        own = f"form {found.form} with {found.renderer}"
        return Reprint(f"printed form not checked: made by {named}; this installation has {own}", unchecked=True)
    if content is None:
        return Reprint("printed form not checked: the content was not proved", unchecked=True)
    wrong = [
        media_type
        for media_type, prints in found.prints.items()
        if media_type in printed and hashlib.sha256(prints(content, letter)).hexdigest() != printed[media_type]
    ]
    told = f"printed again by {named}, PDF and XLSX are the same byte for byte"
    return Reprint(told, f"other bytes than {named} prints: {', '.join(wrong)}" if wrong else "")
