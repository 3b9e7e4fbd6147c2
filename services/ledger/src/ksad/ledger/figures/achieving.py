"""Achievement by affair and stage: agreements, and cooperations that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.figures.content.matrix import Achievement
from ksad.ledger.figures.content.values import ReportStage
from ksad.ledger.figures.tables import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.ledger.figures.figures import Figures
    from ksad.ledger.figures.scope import ReportScope


class _Line(NamedTuple):
    """An agreement, or a cooperation that has none: the cooperation's id, affair, stage and whether it has ended."""

    cooperation: str
    affair: str
    stage: str | None
    ended: bool


def _lines(scope: ReportScope) -> Iterator[_Line]:
    """What is counted by affair and stage: each agreement that the body supervises, and cooperations without any."""
    affairs = scope.prefix.affairs
    for key, one in scope.gathered.chosen.items():
        row, agreements = one.row, one.row["detail"]["agreements"]
        counted = {name: part for name, part in agreements.items() if part["state"] != "dropped"}
        for name, part in counted.items():
            if scope.body in (None, one.supervision.body(scope.day, name)):
                over = part["state"] in {"settling", "closed"}
                yield _Line(key, affairs.key(part["affair"] or row["affair"]), part["stage"] or row["stage"], over)
        if not counted and scope.body in (None, row["body"]) and row["status"] != "withdrawn":
            yield _Line(key, affairs.key(row["affair"]), row["stage"], row["status"] == "ended")


def achievements(figures: Figures, scope: ReportScope) -> tuple[Achievement, ...]:
    """Each affair with its agreements by stage, as figures ``achievement.<affair>.<stage>``.

    What facts say under aliases of one affair counts as one. A cooperation without any agreement counts by itself.
    """
    affairs, lines = scope.prefix.affairs, list(_lines(scope))
    made = []
    for affair in sorted({one.affair for one in lines}):
        mine = [one for one in lines if one.affair == affair]
        chosen = {str(stage): [one for one in mine if not one.ended and _in(one, stage)] for stage in ReportStage}
        chosen["ended"] = [one for one in mine if one.ended]
        values = {
            name: figures.count(
                f"achievement.{affair}.{name}", "cooperations", {one.cooperation for one in found}, times=len(found)
            )
            for name, found in chosen.items()
        }
        made.append(Achievement(affair=affair, label=affairs.name(affair), **values))
    return tuple(made)


def _in(line: _Line, stage: ReportStage) -> bool:
    return line.stage is not None and STAGES[line.stage] is stage
