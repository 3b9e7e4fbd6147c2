"""The executive summary: one page with what matters, the headline figures, and charts as the form draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.narrative import says_nothing
from ksad.ledger.figures.content.values import ReportStage
from ksad.ledger.printing import tables
from ksad.ledger.printing.days import figures_on
from ksad.ledger.printing.parts import Part, numbered, section, shown, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.ledger.figures.content.model import ReportContent

LINES_MAX = 8
AFFAIRS_MAX = 8
LINE_MAX = 400


def summary(content: ReportContent) -> list[Part]:
    """What stands on the page: sentences, the headline figures, and two or three charts."""
    charts = [_achieved(content), _punctual(content), _compared(content)]
    return [
        numbered(_sentences(content)),
        table(tables.figures(content.figures), figures_on(content)),
        *[one for one in charts if one is not None],
    ]


def _punctuality(content: ReportContent) -> str:
    """What became of all tasks, in one sentence whose numbers add up."""
    counts = content.timeliness.total
    came = _added([(counts.carried_in, "sisa periode lalu"), (counts.new, "baru"), (counts.taken_over, "alihan masuk")])
    left = _added(
        [
            (counts.on_time, "dilaksanakan tepat waktu"),
            (counts.late, "dilaksanakan terlambat"),
            (counts.cancelled, "dibatalkan"),
            (counts.handed_over, "dialihkan kepada pembina lain"),
            (counts.not_done, "tidak dilaksanakan sampai jatuh tempo"),
            (counts.not_due, "belum jatuh tempo"),
        ]
    )
    if not counts.total:
        return "Tidak ada tugas pembinaan dan pengawasan pada periode ini."
    return f"Dari {indonesian.number(counts.total)} tugas pembinaan dan pengawasan ({came}): {left}."


def _added(parts: Sequence[tuple[int, str]]) -> str:
    return ", ".join(f"{indonesian.number(number)} {what}" for number, what in parts if number)


def _sentences(content: ReportContent) -> list[str]:
    matters = content.matters
    lines = list(content.narrative.conclusions[:2]) or [f"Kesimpulan tidak ditulis oleh {content.from_office.label}."]
    lines.append(_punctuality(content))
    awaiting = [one for one in matters.awaiting if one.forum == content.to_office.head]
    unsettled = [one for one in matters.disputes if one.state != "settled"]
    opened = [one for one in matters.problems if one.state != "resolved"]
    lying = len(matters.before(content.to_office.head))
    asked = f"; menunggu keputusan {content.to_office.head}: {indonesian.number(len(awaiting))}" if awaiting else ""
    unasked = f"; diajukan kepadanya, belum dimohonkan keputusan: {indonesian.number(lying)}" if lying else ""
    lines.append(
        f"{_unfinished('Perselisihan', len(unsettled))}{asked}{unasked}. {_unfinished('Permasalahan', len(opened))}."
    )
    if not says_nothing(content.narrative.requests):
        lines.append(f"Dimohonkan: {content.narrative.requests[0]}")
    lines += content.results.evaluation_summary if content.results else ()
    return [line if len(line) <= LINE_MAX else f"{line[: LINE_MAX - 1].rstrip()}…" for line in lines[:LINES_MAX]]


def _unfinished(what: str, count: int) -> str:
    if not count:
        return f"Tidak ada {what.lower()} yang belum selesai"
    return f"{what} yang belum selesai: {indonesian.number(count)}"


def _chart(title: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]], unit: str) -> Part | None:
    """A chart of bars, each of as many parts as there are series; ``None`` where nothing was counted.

    Its alternative text says every number, for those who cannot see it.
    """
    if not any(sum(values) for _, values in rows):
        return None
    told = "; ".join(
        f"{label}: " + ", ".join(f"{name} {value}" for name, value in zip(series, values, strict=True))
        for label, values in rows
    )
    found: dict[str, Any] = {
        "kind": "chart",
        "title": shown(title),
        "alt": shown(f"Grafik {title} ({unit}). {told}."),
        "series": [shown(name) for name in series],
        "rows": [{"label": shown(label), "values": list(values)} for label, values in rows],
        "stages": len(series) == len(indonesian.STAGES) and series[0] == indonesian.STAGES["exploration"],
        "most": max(sum(values) for _, values in rows),
    }
    return found


def _achieved(content: ReportContent) -> Part | None:
    rows = [(one.label, [getattr(one, stage) for stage in map(str, ReportStage)]) for one in content.achievements]
    listed = sorted((row for row in rows if any(row[1])), key=lambda row: (-sum(row[1]), row[0]))
    if len(listed) > AFFAIRS_MAX:
        rest = [sum(column) for column in zip(*(values for _, values in listed[AFFAIRS_MAX - 1 :]), strict=True)]
        listed = [*listed[: AFFAIRS_MAX - 1], ("urusan lain", rest)]
    return _chart("Perjanjian menurut urusan dan tahap", list(indonesian.STAGES.values()), listed, "perjanjian")


def _punctual(content: ReportContent) -> Part | None:
    names = {
        "on_time": "tepat waktu",
        "not_done": "tidak dilaksanakan",
        "late": "terlambat",
        "not_due": "belum jatuh tempo",
    }
    values = [getattr(content.timeliness.total, name) for name in names]
    return _chart("Ketepatan waktu tugas", list(names.values()), [("tugas", values)], "tugas")


def _compared(content: ReportContent) -> Part | None:
    now = {one.name: one.value for one in content.figures}
    past = [(indonesian.short_period(one.period), one.values) for one in content.past]
    if not past:
        return None
    rows = [
        (label, [values.get("tasks_completed", 0), values.get("tasks_not_done", values.get("tasks_late", 0))])
        for label, values in [*past, (indonesian.short_period(content.period.id), now)]
    ]
    return _chart("Tugas dibandingkan dengan periode sebelumnya", ("dilaksanakan", "tidak dilaksanakan"), rows, "tugas")


def late(content: ReportContent) -> list[Part]:
    """The tasks that are late, and why earlier versions were returned."""
    listed = tables.late(content.late)
    parts: list[Part] = [section(f"{listed.title}, keadaan {indonesian.day(content.state_on)}"), table(listed)]
    if content.remarks:
        parts += [
            section("Catatan atas versi yang dikembalikan"),
            numbered(
                f"Versi {one.version} dikembalikan oleh {one.office} pada {indonesian.day(one.on)}: {one.text}"
                for one in content.remarks
            ),
        ]
    return parts
