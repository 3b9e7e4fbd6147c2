"""The small values of a report: text fit for print, dates of any precision, offices, periods, figures, bases."""

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
    return _UNPRINTABLE.sub(" ", unicodedata.normalize("NFC", value)) if isinstance(value, str) else value


def _real_date(text: str) -> str:
    date.fromisoformat(f"{text}-01-01"[:10] if len(text) <= len("2009-05") else text)
    return text


Text = Annotated[str, BeforeValidator(_printable), StringConstraints(min_length=1, max_length=4000)]
"""Text on paper: Unicode NFC; control characters, which no printer and no spreadsheet takes, become spaces."""

PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$"), AfterValidator(_real_date)]
"""An ISO 8601 date as precise as it is known: ``2009``, ``2016-10`` or ``2009-05-22``."""

Basis = Literal["text", "inference", "memory", "policy"]
"""What a statement of law stands on; anything but ``text`` is marked wherever it is shown."""

Count = Annotated[int, Field(ge=0)]
Rupiah = Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)]
"""Whole rupiah."""

FigureName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$")]
"""The name by which a figure is followed to its events; it fits one segment of a path."""

RegionLabel = Annotated[str, BeforeValidator(_printable), StringConstraints(min_length=1, max_length=200)]


class Printed(BaseModel):
    """Any part of a report's content: frozen, closed and strict, so that what was hashed is what is shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ReportStage(StrEnum):
    """The four stages of Pasal 4."""

    EXPLORATION = "exploration"
    NEGOTIATION = "negotiation"
    SIGNING = "signing"
    IMPLEMENTATION = "implementation"


class CitedClause(Printed):
    """A clause by its id, such as ``P10.d.4.c``, and what the citation stands on."""

    id: Text
    basis: Basis


class LegalBasisLine(Printed):
    """One line of the legal basis."""

    clause: Text
    text: Text
    basis: Basis


class LetterOffice(Printed):
    """An office of the letter: who writes, or to whom. Offices only, never a person's name."""

    id: Office
    label: Text
    letterhead: tuple[Text, ...]
    head: Text
    """Who signs or is addressed: ``Ketua Tim Koordinasi Kerja Sama Daerah Provinsi Jawa Tengah``."""
    seat: Text


class ReportPeriod(Printed):
    """The reported period, first and last day included."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$")]
    first: date
    last: date

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError("the period ends before it begins")
        return self


class LogPrefix(Printed):
    """The journal prefix ``[0, size)`` that the figures fold; ``previous_size`` is that of the report before."""

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
    """One number of the report, named so that it can be followed to the events behind it."""

    name: FigureName
    label: Text
    value: int
    previous: int | None
    unit: Text

    @property
    def difference(self) -> int | None:
        """The change since the previous report, or nothing where there is none to compare with."""
        return None if self.previous is None else self.value - self.previous


class CooperationRef(Printed):
    """The cooperation that a row is about."""

    registration: Text
    title: Text


class NamedRegion(Printed):
    """A region by its code and name."""

    code: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9](\.[0-9]{2})?$")]
    name: RegionLabel


class DueDate(Printed):
    """A due date and what sets it; the regulation itself sets none."""

    on: date
    basis: Basis


class IssuedDocument(Printed):
    """A written opinion, advice or brief: the clause it answers, when, to whom, and its content address."""

    clause: CitedClause
    on: PartialDate
    to: Text
    sha256: Sha256


class CitedReport(Printed):
    """Another report that this one is built from or compared with, by id, version and content hash."""

    id: Text
    kind: ReportKind
    office: Text
    period: Text
    version: Annotated[int, Field(ge=1)]
    accepted_on: date | None
    content_hash: Sha256


class Remark(Printed):
    """Why an earlier version was returned, and by whom."""

    version: Annotated[int, Field(ge=1)]
    on: date
    office: Text
    text: Text


class Late(Printed):
    """Something owed that is late on the day of compilation."""

    what: Text
    clause: CitedClause
    office: Text
    due: DueDate
    days: Annotated[int, Field(ge=1)]
    escalation: Text
    """How far the lateness has been carried: reminded, or reported to the supervising head."""


class Evidence(Printed):
    """A document by its content address."""

    sha256: Sha256
    media_type: Text
    what: Text
