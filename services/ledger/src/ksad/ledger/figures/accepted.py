"""R3 from what was accepted: the frozen figures of each R2, added up, beside what the log says of them now (P13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import orjson

from ksad.contracts.dates import Period
from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.accepted import AcceptedFigure, AcceptedFigures, AcceptedPeriod
from ksad.ledger.figures.content.values import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ksad.ledger.figures.content.matters import Matters
    from ksad.ledger.figures.prefix import Prefix

FIGURES = "application/vnd.ksad.figures+json"
"""Media type of the stored document that lists the journal entries behind each figure."""
Kind = Literal["flow", "stock"]
SUMMED: dict[str, tuple[str, str, Kind]] = {
    "cooperations": ("Kerja sama terdaftar", "kerja sama", "stock"),
    "running": ("Kerja sama berjalan", "kerja sama", "stock"),
    "ended": ("Kerja sama berakhir", "kerja sama", "flow"),
    "tasks_new": ("Tugas baru", "tugas", "flow"),
    "tasks_completed": ("Tugas dilaksanakan", "tugas", "flow"),
    "tasks_on_time": ("Tugas dilaksanakan tepat waktu", "tugas", "flow"),
    "tasks_done_late": ("Tugas dilaksanakan terlambat", "tugas", "flow"),
    "tasks_cancelled": ("Tugas dibatalkan", "tugas", "flow"),
    "tasks_handed_over": ("Tugas dialihkan", "tugas", "flow"),
    "tasks_not_done": ("Tugas tidak dilaksanakan", "tugas", "stock"),
    "tasks_not_due": ("Tugas belum jatuh tempo", "tugas", "stock"),
    "guidance.delivered": ("Pembinaan diberikan atau selesai", "tugas", "flow"),
    "guidance.declined": ("Pembinaan yang tidak diperlukan daerah", "tugas", "flow"),
    "findings": ("Temuan pengawasan", "temuan", "flow"),
    "findings_deviating": ("Temuan yang tidak sesuai", "temuan", "flow"),
    "evaluations": ("Evaluasi yang disampaikan", "evaluasi", "flow"),
}
"""The figures of an R3 by name: label, unit, and whether they are added up or taken from the last report."""


class Recomputed(NamedTuple):
    """A report compiled now: its content as JSON values, and the entries behind its figures."""

    content: dict[str, Any]
    behind: dict[str, list[int]]


class _Frozen(NamedTuple):
    """An accepted R2: its event, its content as JSON values, and the entries behind its figures."""

    compiled: dict[str, Any]
    content: dict[str, Any]
    behind: dict[str, list[int]]


class Accepted:
    """The accepted R2 reports of a province for the periods within one period."""

    def __init__(self, prefix: Prefix, office: str, periods: Iterable[str], read: Callable[[str], bytes]) -> None:
        """:param periods: those for which a report is owed or has been accepted, in order."""
        team = office.replace("governor:", "tkksd:")
        self._team = team
        self._read = read
        self._periods = {one: self._frozen(prefix, one) for one in periods}

    def _frozen(self, prefix: Prefix, period: str) -> _Frozen | None:
        state = prefix.report(report_id(ReportKind.R2.value, self._team, period))
        if state.state != "accepted":
            return None
        compiled = state.versions[-1].compiled
        kept = {one["media_type"]: one["sha256"] for one in compiled["documents"]}
        content, behind = (orjson.loads(self._read(kept[one])) for one in (model.MEDIA_TYPE, FIGURES))
        return _Frozen(compiled, content, behind)

    def figures(self, again: Callable[[Period], Recomputed], behind: dict[str, list[int]]) -> AcceptedFigures:
        """The frozen figures, and how each would be counted now.

        :param again: compiles the R2 of a period from the present prefix.
        :param behind: takes the entries behind each figure, and behind each change under ``<name>.since.<period>``.
        """
        values: dict[str, list[int | None]] = {name: [] for name in SUMMED}
        deltas: dict[str, list[int | None]] = {name: [] for name in SUMMED}
        for period, frozen in self._periods.items():
            then = {} if frozen is None else _stated(frozen)
            now = None if frozen is None else _now(again, period)
            counted = {} if now is None else _counted(now.content)
            for name in SUMMED:
                value, current = then.get(name), counted.get(name)
                delta = None if value is None or current is None else current - value
                values[name].append(value)
                deltas[name].append(delta)
                if frozen is not None:
                    behind.setdefault(name, []).extend(frozen.behind.get(name, []))
                if frozen is not None and now is not None and delta:
                    since = frozen.compiled["prefix_size"]
                    found = [entry for entry in now.behind.get(name, []) if entry >= since]
                    behind[f"{name}.since.{period}"] = found
        for name in SUMMED:
            behind[name] = sorted(set(behind.get(name, [])))
        return AcceptedFigures(
            periods=tuple(
                AcceptedPeriod(
                    period=period,
                    version=None if frozen is None else frozen.compiled["version"],
                    rules=None if frozen is None else frozen.compiled["rules"],
                )
                for period, frozen in self._periods.items()
            ),
            figures=tuple(
                AcceptedFigure(
                    name=name,
                    label=label,
                    unit=unit,
                    kind=kind,
                    values=tuple(values[name]),
                    deltas=tuple(deltas[name]),
                )
                for name, (label, unit, kind) in SUMMED.items()
            ),
        )

    def marked(self, matters: Matters) -> Matters:
        """Disputes and problems with the mark of those that the accepted reports do not have."""
        told = {
            (one["cooperation"]["registration"], one["text"])
            for frozen in self._periods.values()
            if frozen is not None
            for part in (frozen.content.get("matters"), frozen.content.get("activities"))
            for kind in ("disputes", "problems")
            for one in (part or {}).get(kind, ())
        }

        return matters.model_copy(
            update={
                kind: tuple(
                    one.model_copy(update={"untold": (one.cooperation.registration, one.text) not in told})
                    for one in getattr(matters, kind)
                )
                for kind in ("disputes", "problems")
            }
        )


def headline(figures: AcceptedFigures, previous: dict[str, int]) -> list[Figure]:
    """The figures over all accepted reports, as the first pages show them."""
    return [
        Figure(name=one.name, label=one.label, value=one.total, previous=previous.get(one.name), unit=one.unit)
        for one in figures.figures
        if one.total is not None
    ]


def _now(again: Callable[[Period], Recomputed], period: str) -> Recomputed | None:
    try:
        return again(Period.parse(period))
    except RuleBrokenError:
        return None  # Older releases accepted reports on periods that nobody owes.


def _stated(frozen: _Frozen) -> dict[str, int]:
    """The figures that an accepted report states; rules 1 called late what is not done."""
    figures = frozen.compiled["figures"]
    late = {"tasks_not_done": figures["tasks_late"]} if "tasks_late" in figures else {}
    return {**_counted(frozen.content), **late, **figures}


def _counted(content: dict[str, Any]) -> dict[str, int]:
    """The figures of an R2 that its content has, under whatever rules it was compiled."""
    told = content.get("activities") or {}
    duties = [duty for stage in told.get("guidance", ()) for duty in stage["duties"]]
    findings = told.get("findings", ())
    return {
        **{one["name"]: one["value"] for one in content["figures"] if one["name"] in SUMMED},
        "guidance.delivered": sum(duty["delivered"] for duty in duties),
        "guidance.declined": sum(duty["declined"] for duty in duties),
        "findings": len(findings),
        "findings_deviating": sum(1 for one in findings if one["outcome"] == "deviates"),
        "evaluations": sum(1 for one in told.get("evaluations", ()) if one["filed_on"]),
    }
