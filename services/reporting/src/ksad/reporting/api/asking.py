"""What is asked for with a report: the bodies of its commands."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from ksad.contracts.free_text import Confirms
from ksad.contracts.identifiers import Office, ShortText
from ksad.contracts.registry import SignedAs
from ksad.contracts.reporting import NarrativeSection, ReportKind
from ksad.contracts.strict import Identity, Strict


class Compile(Strict):
    """The report to compile. ``period`` is a year, semester or month, such as ``2026``, ``2026-S1`` or ``2026-03``."""

    kind: ReportKind
    office: Office
    period: Annotated[str, Field(max_length=10)]


Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class Write(Strict):
    """One section of a report, as paragraphs of text. The receivers of copies are one paragraph each."""

    kind: ReportKind
    office: Office
    period: Annotated[str, Field(max_length=10)]
    section: NarrativeSection
    paragraphs: Annotated[tuple[Paragraph, ...], Field(min_length=1, max_length=40)]
    confirms: Confirms = ()


class Submit(Strict):
    """The number of the covering letter, and in which capacity the head of the office signed it."""

    letter_number: ShortText
    signed_as: SignedAs | None = None
    confirms: Confirms = ()


class Discard(Strict):
    """Why the compiled version is given up."""

    reason: ShortText
    confirms: Confirms = ()


class Accept(Strict):
    """Remarks of the addressee, if any, and in which capacity its head signed."""

    remarks: ShortText | None = None
    signed_as: SignedAs | None = None
    confirms: Confirms = ()


class GiveBack(Strict):
    """Remarks that say what has to be corrected, and in which capacity the addressee's head signed."""

    remarks: ShortText
    signed_as: SignedAs | None = None
    confirms: Confirms = ()


class CorrectReport(Strict, title="Correct"):
    """New values for correctable fields of an earlier event of the report, with a reason."""

    corrects: Identity
    reason: ShortText
    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=10)]
    confirms: Confirms = ()
