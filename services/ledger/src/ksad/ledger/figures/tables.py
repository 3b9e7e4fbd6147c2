"""Counts the matrix and the recapitulation of a report from a prefix."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.dates import add_months
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import Tier
from ksad.contracts.wording import listed
from ksad.ledger.figures import offices, telling
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.matrix import (
    RECAP_COLUMNS,
    Instrument,
    InstrumentNumber,
    MatrixRow,
    RecapColumn,
    RecapCounts,
    Recapitulation,
    RecapRow,
)
from ksad.ledger.figures.content.values import NamedRegion, ReportStage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ksad.ledger.figures.figures import Figures
    from ksad.ledger.figures.period import Span
    from ksad.ledger.figures.prefix import Prefix, Row

STAGES = {
    "exploration": ReportStage.EXPLORATION,
    "negotiation": ReportStage.NEGOTIATION,
    "signing": ReportStage.SIGNING,
    "implementation_and_termination": ReportStage.IMPLEMENTATION,
}
# The recapitulation's column "Berakhir dalam 6 bulan".
SOON_MONTHS = 6
UNVERIFIED = "belum diverifikasi"
NAMELESS = "kantor yang tidak dikenal"
"""An office of an older finding that is none, or of a region that no table has."""
JOINING = "join:"
"""How the scope of an act begins by which a region joins."""
CELL_MAX = 4000
"""The longest text of a report's content, in characters."""


def partial(on: str, precision: str) -> str:
    """An ISO 8601 date, shortened to its year or month where the source is no more precise."""
    return on[: {"year": 4, "month": 7}.get(precision, 10)]


def region(prefix: Prefix, code: str) -> NamedRegion:
    """A region with its present code and name."""
    if code not in prefix.named_regions:
        found = prefix.region(code)
        prefix.named_regions[code] = NamedRegion(code=found.code, name=found.name)
    return prefix.named_regions[code]


def instrument_name(prefix: Prefix, row: Row, kind: str) -> str:
    """What an instrument is called under the law that its cooperation is bound to."""
    name, profile = indonesian.INSTRUMENTS[kind], prefix.law.profiles.get(row["detail"]["profile"])
    return name if profile is None else profile.in_present_names(name)


def _instruments(prefix: Prefix, row: Row) -> tuple[Instrument, ...]:
    return tuple(
        Instrument(
            kind=one["kind"],
            name=instrument_name(prefix, row, one["kind"]),
            signed_on=partial(one["on"], one["precision"]),
            numbers=numbers_of(prefix, one["numbers"]),
        )
        for one in row["detail"]["instruments"]
    )


def numbers_of(prefix: Prefix, numbers: dict[str, str | None]) -> tuple[InstrumentNumber, ...]:
    """The numbers of an instrument by party, in order of their codes."""
    return tuple(InstrumentNumber(party=region(prefix, code), number=one) for code, one in sorted(numbers.items()))


def _begins(row: Row) -> str | None:
    found = [one for one in row["detail"]["instruments"] if one["kind"] != "accord"]
    return (found[0]["effective_on"] or partial(found[0]["on"], found[0]["precision"])) if found else None


def _joined(texts: list[str]) -> str | None:
    """All texts in one cell, or as many whole ones as fit, with the number of the others."""
    fitting = len(texts)
    while fitting > 1 and len(listed(texts, fitting, separator="; ")) > CELL_MAX:
        fitting -= 1
    return listed(texts, fitting, separator="; ") if texts else None


def candidates(row: Row) -> list[str]:
    """The regions that a cooperation names and that have not been heard: *calon pihak*.

    Whoever registered a cooperation has bound nobody else, until an accord or agreement stands; whom others ask to join
    is no party before all have confirmed (Pasal 1 no. 4).
    """
    detail = row["detail"]
    parts = detail["parts"]
    invited = [one["data"]["region"] for one in parts.get("pending", {}).values() if one["scope"].startswith(JOINING)]
    if row["status"] != "proposed" or parts.get("legacy_facts"):
        return invited
    heard = {detail["initiator"], detail["registered_by"].removeprefix("region:")}
    heard.update(code for one in parts.get("pending", {}).values() for code in one.get("confirmed", ()))
    return [code for code in detail["parties"] if code not in heard] + invited


def ends_soon(row: Row, day: date) -> bool:
    """Whether a running cooperation, or one of its agreements, ends within six months after a day."""
    ends: str | None = row["ends_on"]
    soon = add_months(day, SOON_MONTHS).isoformat()
    return row["status"] == "running" and ends is not None and day.isoformat() < ends <= soon


def matrix_row(
    prefix: Prefix,
    row: Row,
    answers: Sequence[Row],
    label: Callable[[str], str],
    span: Span,
    handed: tuple[str, str] | None,
) -> MatrixRow:
    """The row of one cooperation in the printed matrix (*Matriks kerja sama*), on the day of the prefix.

    :param answers: completed tasks of the cooperation, from the earliest on.
    :param label: returns the printed name of an office.
    :param handed: the day on which it passed to another body in the period, and that body.
    """
    detail, home = row["detail"], row["jurisdiction"] or {}
    evaluated = [task for task in answers if task["duty"] == "d.1"]
    papers = [task for task in answers if task["duty"] in {"d.2", "d.3", "d.5"}]
    problems = [one["description"] for one in _open_problems(row, span)]
    quarrels = [one["description"] for one in _open_disputes(row, span)]
    remarks = [f"dialihkan {indonesian.day(handed[0])} kepada {label(handed[1])}"] if handed else []
    remarks += _remarks(detail, home)
    return MatrixRow(
        registration=row["key"],
        title=row["title"],
        instruments=_instruments(prefix, row),
        parties=tuple(region(prefix, code) for code in detail["parties"]),
        candidates=tuple(region(prefix, code) for code in candidates(row)),
        affair=prefix.affairs.name(row["affair"]),
        scope=next((one["scope"] for one in reversed(detail["instruments"]) if one["scope"]), None) or detail["object"],
        category=detail["category"],
        begins=_begins(row),
        ends=row["ends_on"],
        stage=STAGES[row["stage"]],
        supervisor=offices.assisted(row["body"], prefix),
        supervisor_basis=home.get("basis", "inference"),
        last_evaluation=telling.evaluation(evaluated[-1]) if evaluated else None,
        problems=_joined(problems),
        disputes=_joined(quarrels),
        opinions=_joined([telling.paper(task) for task in papers]),
        follow_up=_joined(_open_follow_ups(prefix, answers)),
        remarks="; ".join(remarks) or None,
    )


def follow_up(prefix: Prefix, detail: Row, number: int) -> str | None:
    """What a finding, by its number, calls for: who, what, by when, and when it was done; ``None`` if nothing.

    :param detail: that of the task of oversight or evaluation.
    """
    due = detail["findings"][number - 1].get("follow_up")
    if due is None:
        return None
    closed = detail.get("follow_ups_closed", {}).get(str(number))
    until = f"selesai {indonesian.day(closed['on'])}" if closed else f"paling lambat {indonesian.day(due['by'])}"
    return f"{_named(due['who'], prefix)}: {due['what']} ({until})"


def _named(office: str, prefix: Prefix) -> str:
    """The office that is to act; said so where no table has it, as in findings of before that was asked."""
    role, _, code = office.partition(":")
    try:
        return region(prefix, code).name if role == "region" else offices.written(office, prefix).label
    except RuleBrokenError:
        return NAMELESS


def _open_follow_ups(prefix: Prefix, answers: Sequence[Row]) -> list[str]:
    """What findings of a cooperation call for and nobody has done yet."""
    found = []
    for task in answers:
        detail = task["detail"]
        closed = detail.get("follow_ups_closed", {})
        numbers = (number for number, _ in enumerate(detail.get("findings") or (), 1) if str(number) not in closed)
        found += [told for number in numbers if (told := follow_up(prefix, detail, number))]
    return list(dict.fromkeys(found))


def _remarks(detail: dict[str, Any], home: dict[str, Any]) -> list[str]:
    """What a reader must not take for settled: the ground of supervision, what was not verified or not examined."""
    found = []
    if home.get("gap_filled"):
        found.append("pembina ditetapkan berdasarkan penafsiran; Permendagri 23/2009 tidak mengaturnya")
    left = detail["verification"]["of"] - detail["verification"]["verified"]
    if left:
        found.append(f"{UNVERIFIED}: {left} dari {detail['verification']['of']} fakta")
    # There are no data on which regions are neighbours (UU 23/2014 Pasal 363).
    if detail["category"] == "mandatory":
        found.append("kerja sama wajib: kedekatan wilayah belum diperiksa")
    return found


def _open_problems(row: Row, span: Span) -> list[dict[str, Any]]:
    found = span.matters(row["detail"]["problems"], "resolved_on").values()
    return [one for one in found if one.get("outcome") is None]


def _open_disputes(row: Row, span: Span) -> list[dict[str, Any]]:
    found = span.matters(row["detail"]["disputes"], "settled_on").values()
    return [one for one in found if one.get("status") != "settled"]


class RecapRows(NamedTuple):
    """What the recapitulation counts: cooperations by id, and those of them whose evaluation was not done in time."""

    rows: Mapping[str, Row]
    late: frozenset[str]
    day: date
    span: Span

    def values(self, figures: Figures, name: str, keys: Iterable[str]) -> RecapCounts:
        """The counts of one row, as figures ``recap.<name>.<column>``."""
        found: dict[RecapColumn, list[str]] = {column: [] for column in RECAP_COLUMNS}
        for key in keys:
            for column in self._columns(key, self.rows[key]):
                found[column].append(key)
        return RecapCounts(
            **{column: figures.count(f"recap.{name}.{column}", "cooperations", mine) for column, mine in found.items()}
        )

    def _columns(self, key: str, row: Row) -> Iterator[RecapColumn]:
        """The columns that count a cooperation."""
        detail, span = row["detail"], self.span
        over = detail["ended"]
        if row["status"] in {"proposed", "running"}:
            yield STAGES[row["stage"]].value
        tests: dict[RecapColumn, bool] = {
            "new": span.has(detail["registered_on"]),
            "active": row["status"] == "running",
            "ending_soon": ends_soon(row, self.day),
            "ended": row["status"] == "ended" and over is not None and span.has(over["on"]),
            "settling": detail["settlement"] == "open",
            "mandatory": detail["category"] == "mandatory",
            "voluntary": detail["category"] == "voluntary",
            "problems": bool(_open_problems(row, span)),
            "disputes": bool(_open_disputes(row, span)),
            "late_evaluations": key in self.late,
        }
        yield from (column for column, holds in tests.items() if holds)


def recapitulation(
    prefix: Prefix, figures: Figures, counted: RecapRows, province: str | None, *, tiered: bool
) -> Recapitulation:
    """The recapitulation by regency and city of a province; without ``province``, by province.

    Regions that have no cooperation stand in it with zeros: whoever supervises must see them.

    :param tiered: whether the row of a province is split by tier.
    """
    rows: dict[str, list[str]] = {}
    for key, row in counted.rows.items():
        codes = {prefix.region(code).code for code in row["detail"]["parties"]}
        for code in {code for code in codes if code[:2] == province} if province else {code[:2] for code in codes}:
            rows.setdefault(code, []).append(key)
    table = prefix.regions
    existing = table.within(province, prefix.day) if province else table.provinces(prefix.day)
    every = sorted({*rows, *(one.code for one in existing if one.autonomous)})
    listed = []
    for code in every:
        split = _by_tier(counted, rows.get(code, [])) if tiered else {None: rows.get(code, [])}
        for tier, mine in split.items():
            name = code if tier is None else f"{tier}.{code}"
            listed.append(RecapRow(region=region(prefix, code), tier=tier, counts=counted.values(figures, name, mine)))
    total = counted.values(figures, "total", counted.rows)
    return Recapitulation(of="regency" if province else "province", rows=tuple(listed), total=total)


def _by_tier(counted: RecapRows, keys: Sequence[str]) -> dict[Tier | None, list[str]]:
    found: dict[Tier | None, list[str]] = {}
    for tier in Tier:
        mine = [key for key in keys if (counted.rows[key]["jurisdiction"] or {}).get("tier") == tier]
        if mine:
            found[tier] = mine
    return found or {None: []}


def days_late(due_on: str, day: date) -> int:
    """The number of days since a due date; negative before it."""
    return (day - date.fromisoformat(due_on)).days
