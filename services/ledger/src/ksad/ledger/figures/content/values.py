"""Value types of reports: printable text, partial dates, offices, periods, figures and bases."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from ksad.contracts.identifiers import Office, Sha256
from ksad.contracts.reporting import ReportKind

_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def _printable(value: object) -> object:
    # Most texts are plain, and a report has thousands of them.
    if not isinstance(value, str) or (value.isascii() and value.isprintable()):
        return value
    return _UNPRINTABLE.sub(" ", unicodedata.normalize("NFC", value))


def _real_date(text: str) -> str:
    date.fromisoformat(f"{text}-01-01"[:10] if len(text) <= len("2009-05") else text)
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=4000), BeforeValidator(_printable)]
"""Printable text in Unicode NFC, 1 to 4000 characters. Control characters, which neither PDF nor XLSX can hold, are
replaced by spaces.
"""

PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$"), AfterValidator(_real_date)]
"""An ISO 8601 date with the precision that is known: ``2009``, ``2016-10`` or ``2009-05-22``."""

Basis = Literal["text", "inference", "memory", "policy"]
"""The basis of a legal statement. Any basis but ``text``, the wording of the law, is marked wherever it is shown."""

Count = Annotated[int, Field(ge=0)]
# Within ±(2^53-1), so that every JSON reader keeps the number exactly (RFC 8259, section 6).
Rupiah = Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)]
"""Whole rupiah."""

FigureName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$")]
"""The name that leads from a figure to the events behind it; it is one segment of a URL path."""

RegionLabel = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_printable)]


class Printed(BaseModel):
    """Base of all parts of a report's content: immutable, without extra fields, and without conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


ForTraining = Annotated[bool, Field(exclude_if=lambda training: not training)]
"""Whether the platform was opened for training. A content of one for work says nothing of it, as it did before."""


class ReportStage(StrEnum):
    """The four stages of Pasal 4."""

    EXPLORATION = "exploration"
    NEGOTIATION = "negotiation"
    SIGNING = "signing"
    IMPLEMENTATION = "implementation"


class CitedClause(Printed):
    """A clause by its id, such as ``P10.d.4.c``, and the basis of the citation."""

    id: Text
    basis: Basis


class LegalBasisLine(Printed):
    """One regulation of the legal basis."""

    clause: Text
    text: Text
    basis: Basis


class LetterOffice(Printed):
    """The sender or addressee of a letter. Letters name offices, never persons."""

    id: Office
    label: Text
    letterhead: tuple[Text, ...]
    address: tuple[Text, ...]
    head: Text
    """The title of who signs or is addressed: ``Ketua Tim Koordinasi Kerja Sama Daerah Provinsi Jawa Tengah``."""
    seat: Text | None
    """The town in which the office sits; ``None`` where nobody adopted one."""


class LetterSent(Printed):
    """What a letter says once it is sent: its number, its day, and in which capacity the head of the office signs."""

    number: Text
    on: date
    capacity: Literal["definitif", "plt", "plh", "pj", "pjs"]


class ReportPeriod(Printed):
    """The reported period; first and last day belong to it."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$")]
    first: date
    last: date

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError("the period ends before it begins")
        return self


class LogPrefix(Printed):
    """The journal prefix ``[0, size)`` that the figures are computed from, with its root hash.

    ``previous_size`` is the size behind the preceding report; ``None`` if there is none.
    """

    origin: Text
    size: Count
    previous_size: Count | None
    root: Sha256

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.previous_size is not None and self.previous_size > self.size:
            raise ValueError("the log does not shrink between two reports")
        return self


class Figure(Printed):
    """A number of the report, under the name that leads to the events behind it.

    ``previous`` is its value in the preceding report; ``None`` if there is none.
    """

    name: FigureName
    label: Text
    value: int
    previous: int | None
    unit: Text

    @property
    def difference(self) -> int | None:
        """The change since the preceding report; ``None`` without a value to compare with."""
        return None if self.previous is None else self.value - self.previous


class PastFigures(Printed):
    """The headline figures of an earlier period's report, by name, as they were frozen."""

    period: Text
    values: dict[FigureName, int]


class CooperationRef(Printed):
    """A cooperation by its registration number and title."""

    registration: Text
    title: Text


class NamedRegion(Printed):
    """A region: its code (``33`` or ``33.74``) and name."""

    code: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9](\.[0-9]{2})?$")]
    name: RegionLabel


class DueDate(Printed):
    """A due date and its basis. The regulation itself sets no due dates."""

    on: date
    basis: Basis


class IssuedDocument(Printed):
    """A written opinion, advice or brief: its clause, date, addressee, and the SHA-256 of the document."""

    clause: CitedClause
    on: PartialDate
    to: Text
    sha256: Sha256


class CitedReport(Printed):
    """A report that another one is built from or compared with: id, version, and SHA-256 of its content."""

    id: Text
    kind: ReportKind
    office: Text
    period: Text
    version: Annotated[int, Field(ge=1)]
    accepted_on: date | None
    content_hash: Sha256


class Remark(Printed):
    """The remarks with which an office returned an earlier version."""

    version: Annotated[int, Field(ge=1)]
    on: date
    office: Text
    text: Text


class Late(Printed):
    """A task that was due and not done on the day that the report speaks of, ``days`` days after it was due."""

    what: Text
    clause: CitedClause
    office: Text
    due: DueDate
    days: Count
    escalation: Text
    """What had been done about the lateness: nothing yet, a reminder, or a report to the supervising head."""


class Evidence(Printed):
    """A document by its SHA-256."""

    sha256: Sha256
    media_type: Text
    what: Text
