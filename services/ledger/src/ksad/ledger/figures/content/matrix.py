"""The attachments of a report: the matrix of cooperations and the recapitulation by region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import StringConstraints

from ksad.contracts.supervision import Tier
from ksad.ledger.figures.content.values import (
    Basis,
    Count,
    Figure,
    NamedRegion,
    PartialDate,
    Printed,
    ReportStage,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class InstrumentNumber(Printed):
    """The number that one party gave to an instrument; each party gives its own. ``None``: nobody knows it."""

    party: NamedRegion
    number: Text | None


class Instrument(Printed):
    """An accord, an agreement, or an amendment or extension of an agreement, with its name under its law."""

    kind: Literal["accord", "agreement", "amendment", "extension"]
    name: Text
    signed_on: PartialDate | None
    numbers: tuple[InstrumentNumber, ...]


class MatrixRow(Printed):
    """One cooperation with all columns of the matrix. A field that is ``None`` is printed as a dash.

    ``candidates`` (*calon pihak*) were named as parties, or are asked to join, and have not been heard yet.
    """

    registration: Text
    title: Text
    instruments: tuple[Instrument, ...]
    parties: tuple[NamedRegion, ...]
    candidates: tuple[NamedRegion, ...] = ()
    affair: Text
    scope: Text | None
    category: Literal["mandatory", "voluntary"] | None
    begins: PartialDate | None
    ends: PartialDate | None
    stage: ReportStage
    supervisor: Text
    supervisor_basis: Basis
    last_evaluation: Text | None
    problems: Text | None
    disputes: Text | None
    opinions: Text | None
    follow_up: Text | None
    remarks: Text | None


RecapColumn = Literal[
    "exploration",
    "negotiation",
    "signing",
    "implementation",
    "new",
    "active",
    "ending_soon",
    "ended",
    "settling",
    "mandatory",
    "voluntary",
    "problems",
    "disputes",
    "late_evaluations",
]

RECAP_LABELS: dict[RecapColumn, str] = {
    "exploration": "Tahap penjajakan",
    "negotiation": "Tahap negosiasi",
    "signing": "Tahap penandatanganan",
    "implementation": "Tahap pelaksanaan dan pengakhiran",
    "new": "Baru",
    "active": "Berjalan",
    "ending_soon": "Berakhir dalam 6 bulan",
    "ended": "Berakhir",
    "settling": "Dalam penyelesaian",
    "mandatory": "Wajib",
    "voluntary": "Sukarela",
    "problems": "Permasalahan",
    "disputes": "Perselisihan",
    "late_evaluations": "Evaluasi terlambat",
}
RECAP_COLUMNS: tuple[RecapColumn, ...] = get_args(RecapColumn)


ACHIEVED: dict[str, str] = {stage: RECAP_LABELS[stage] for stage in (*RECAP_COLUMNS[:4], "ended")}


class RecapCounts(Printed):
    """The counts of one row of a recapitulation: cooperations by stage, and changes in the period."""

    exploration: Count
    negotiation: Count
    signing: Count
    implementation: Count
    new: Count
    active: Count
    ending_soon: Count
    ended: Count
    settling: Count
    mandatory: Count
    voluntary: Count
    problems: Count
    disputes: Count
    late_evaluations: Count

    def count(self, column: RecapColumn) -> int:
        """The count of a column."""
        value: int = getattr(self, column)
        return value

    def figures(self, row: str, label: str) -> tuple[Figure, ...]:
        """All counts as figures named ``recap.<row>.<column>``."""
        return tuple(
            Figure(
                name=f"recap.{row}.{column}",
                label=f"{label}: {RECAP_LABELS[column]}",
                value=self.count(column),
                previous=None,
                unit="kerja sama",
            )
            for column in RECAP_COLUMNS
        )


class RecapRow(Printed):
    """The counts of one region. In the national overview a province has one row per tier; elsewhere ``tier`` is
    ``None``.
    """

    region: NamedRegion
    tier: Tier | None
    counts: RecapCounts

    @property
    def key(self) -> str:
        """The row's part of figure names: ``33.74``, or ``governor.33`` where rows are split by tier."""
        return self.region.code if self.tier is None else f"{self.tier}.{self.region.code}"


class Recapitulation(Printed):
    """Counts by regency and city, or by province.

    A cooperation counts in the row of each region that is a party. ``total`` is therefore counted, not summed.
    """

    of: Literal["regency", "province"]
    rows: tuple[RecapRow, ...]
    total: RecapCounts

    def names(self) -> Iterator[str]:
        """The names of all figures."""
        for row in (*(one.key for one in self.rows), "total"):
            for column in RECAP_COLUMNS:
                yield f"recap.{row}.{column}"

    def figures(self) -> tuple[Figure, ...]:
        """All counts of all rows and of the total, as figures."""
        rows = [figure for row in self.rows for figure in row.counts.figures(row.key, row.region.name)]
        return (*rows, *self.total.figures("total", "Jumlah"))


class Achievement(Printed):
    """One field of government affairs: agreements by stage, and those that ended.

    A cooperation without an agreement counts once, by its own stage.
    """

    affair: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    label: Text
    exploration: Count
    negotiation: Count
    signing: Count
    implementation: Count
    ended: Count

    def figures(self) -> tuple[Figure, ...]:
        """The counts as figures named ``achievement.<affair>.<stage>``."""
        names = (*(str(stage) for stage in ReportStage), "ended")
        return tuple(
            Figure(
                name=f"achievement.{self.affair}.{name}",
                label=f"{self.label}: {ACHIEVED[name]}",
                value=getattr(self, name),
                previous=None,
                unit="perjanjian",
            )
            for name in names
        )
