"""The attachments: the matrix of cooperations and the recapitulation per region (``domain`` layout of the reports)."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

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


class InstrumentNumber(Printed):
    """The number that one party gave an instrument; every party has its own."""

    party: NamedRegion
    number: Text


class Instrument(Printed):
    """An accord, an agreement, or a change of one."""

    kind: Literal["accord", "agreement", "amendment", "extension"]
    signed_on: PartialDate | None
    numbers: tuple[InstrumentNumber, ...]


class MatrixRow(Printed):
    """One cooperation, with every column that the matrix shows. An empty field is printed as a dash."""

    registration: Text
    title: Text
    instruments: tuple[Instrument, ...]
    parties: tuple[NamedRegion, ...]
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
    "problems": "Permasalahan",
    "disputes": "Perselisihan",
    "late_evaluations": "Evaluasi terlambat",
}
RECAP_COLUMNS: tuple[RecapColumn, ...] = get_args(RecapColumn)


class RecapCounts(Printed):
    """The counts of a recapitulation: cooperations per stage, then what moved in the period."""

    exploration: Count
    negotiation: Count
    signing: Count
    implementation: Count
    new: Count
    active: Count
    ending_soon: Count
    ended: Count
    problems: Count
    disputes: Count
    late_evaluations: Count

    def count(self, column: RecapColumn) -> int:
        """One count by the name of its column."""
        value: int = getattr(self, column)
        return value

    def figures(self, row: str, label: str) -> tuple[Figure, ...]:
        """Every count by the name ``recap.<row>.<column>``."""
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
    """The counts of one region; ``tier`` tells the two tiers of a province apart in the national overview."""

    region: NamedRegion
    tier: Tier | None
    counts: RecapCounts

    @property
    def key(self) -> str:
        """The row's name inside figure names: ``33.74``, or ``governor.33`` where rows are split by tier."""
        return self.region.code if self.tier is None else f"{self.tier}.{self.region.code}"


class Recapitulation(Printed):
    """Rows per regency and city, or per province.

    A cooperation counts in the row of every region that is party to it, so ``total`` is counted and never summed.
    """

    of: Literal["regency", "province"]
    rows: tuple[RecapRow, ...]
    total: RecapCounts

    def figures(self) -> tuple[Figure, ...]:
        """Every count of every row, and of the total."""
        rows = [figure for row in self.rows for figure in row.counts.figures(row.key, row.region.name)]
        return (*rows, *self.total.figures("total", "Jumlah"))


class Achievement(Printed):
    """What one field of government affairs has come to: cooperations per stage, and those that ended."""

    affair: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    label: Text
    exploration: Count
    negotiation: Count
    signing: Count
    implementation: Count
    ended: Count

    def figures(self) -> tuple[Figure, ...]:
        """The counts by the names ``achievement.<affair>.<stage>``."""
        names = (*(str(stage) for stage in ReportStage), "ended")
        return tuple(
            Figure(
                name=f"achievement.{self.affair}.{name}",
                label=f"{self.label}: {name}",
                value=getattr(self, name),
                previous=None,
                unit="kerja sama",
            )
            for name in names
        )
