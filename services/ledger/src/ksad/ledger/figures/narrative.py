"""What the office writes of its report: read from the log's documents, drafted from the data, and held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.reporting import NarrativeCited, NarrativeSection, ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.narrative import Narrative, says_nothing
from ksad.ledger.folds.report_state import CLAUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ksad.ledger.figures.content.activities import ReportedFinding
    from ksad.ledger.figures.content.matters import ReportedDispute
    from ksad.ledger.figures.content.model import ReportContent
    from ksad.ledger.figures.content.sums import TimelinessCounts
    from ksad.ledger.folds.report_state import Report

MEDIA_TYPE = "text/plain; charset=utf-8"
"""Of the document with one section: its paragraphs, an empty line between two."""
DRAFTED_MAX = 20


def encode(paragraphs: Iterable[str]) -> bytes:
    """The document with the paragraphs of a section."""
    return ("\n\n".join(paragraphs) + "\n").encode()


def cited(state: Report) -> list[NarrativeCited]:
    """The newest text of each section of a report, in the order of the sections."""
    written = dict(state.narratives)
    return [
        NarrativeCited.model_validate({"section": one, "document": written[one.value]}, strict=False)
        for one in NarrativeSection
        if one.value in written
    ]


def told(texts: Iterable[NarrativeCited], read: Callable[[str], bytes]) -> Narrative:
    """The paragraphs of the texts.

    :param read: the bytes of a document by its SHA-256.
    :raises LookupError: a text is not kept.
    """
    return Narrative.model_validate(
        {one.section.value: tuple(read(one.document.sha256).decode().rstrip("\n").split("\n\n")) for one in texts}
    )


def check(section: NarrativeSection, paragraphs: tuple[str, ...], content: ReportContent) -> None:
    """Checks that a section does not say that there is nothing while its data have open rows.

    :raises RuleBrokenError: it does; the error says how many rows are open.
    """
    count = open_rows(content)[section]
    if paragraphs and says_nothing(paragraphs) and count:
        detail = (
            f"Bagian {indonesian.NARRATIVES[section]} tidak dapat diisi nihil: masih ada {count} "
            f"{indonesian.OPEN_ROWS[section]}. Uraikan, atau kosongkan sampai ditulis."
        )
        raise RuleBrokenError(
            "narrative-not-nihil", detail, CLAUSES.get(content.kind.value), section=section.value, open=count
        )


def open_rows(content: ReportContent) -> dict[NarrativeSection, int]:
    """For each section, how many rows of the data it has to speak of."""
    deviating, problems = _deviating(content), _open_problems(content)
    return {
        NarrativeSection.CONCLUSIONS: len(content.matrix),
        NarrativeSection.OBSTACLES: len(deviating) + len(problems),
        NarrativeSection.ADVICE: len(content.late),
        NarrativeSection.FOLLOW_UP: len([one for one in deviating if one.follow_up is None]),
        NarrativeSection.REQUESTS: len(content.matters.awaiting) + len(content.matters.before(content.to_office.head)),
        NarrativeSection.COPIES: 0,
    }


def _deviating(content: ReportContent) -> list[ReportedFinding]:
    return [one for one in content.findings if one.outcome == "deviates"]


def _open_problems(content: ReportContent) -> list[str]:
    return [f"{one.cooperation.title}: {one.text}" for one in content.matters.problems if one.state != "resolved"]


def draft(content: ReportContent) -> Narrative:
    """What the data suggest for each section. A draft is for whoever writes, and is never printed."""
    deviating = [f"{one.cooperation.title}: {one.text}" for one in _deviating(content)]
    before = content.matters.before(content.to_office.head)
    return Narrative(
        conclusions=(f"{_registered(content)} {_worked(content.timeliness.total)}",),
        obstacles=_few([*_open_problems(content), *deviating]),
        advice=_few(f"{one.what} agar diselesaikan; jatuh tempo {indonesian.day(one.due.on)}." for one in content.late),
        follow_up=_few(f"Menindaklanjuti temuan pada {one}." for one in deviating),
        requests=_few([*map(_decide, content.matters.awaiting), *map(_settle, before)]),
        copies=_copies(content),
    )


def _registered(content: ReportContent) -> str:
    """How many cooperations there are, and how many of them run; what there is none of is said in words."""
    figures = {one.name: one.value for one in content.figures}
    known, running = figures.get("cooperations", 0), figures.get("running", 0)
    when = f"Pada {indonesian.period(content.period.id)}"
    if not known:
        return f"{when} tidak tercatat kerja sama."
    which = {0: "tidak ada yang berjalan", known: "semuanya berjalan" if known > 1 else "yang sedang berjalan"}
    return f"{when} tercatat {known} kerja sama, {which.get(running, f'{running} di antaranya berjalan')}."


def _worked(counts: TimelinessCounts) -> str:
    """How many duties were done, how many of these late, and how many were not done by their day."""
    done = counts.on_time + counts.late
    if not counts.total:
        return "Tidak ada tugas pembinaan dan pengawasan pada periode ini."
    late = f"{counts.late} di antaranya terlambat" if counts.late else "semuanya tepat waktu"
    told = f"{done} telah dilaksanakan, {late}" if done else "belum ada yang dilaksanakan"
    missed = f"{counts.not_done} tidak dilaksanakan sampai jatuh temponya"
    rest = f", dan {missed}" if counts.not_done else ""
    return f"Dari {counts.total} tugas pembinaan dan pengawasan, {told}{rest}."


def _few(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))[:DRAFTED_MAX]


def _decide(one: ReportedDispute) -> str:
    return f"Mohon keputusan {one.forum} atas {_dispute(one)}."


def _settle(one: ReportedDispute) -> str:
    return f"Mohon perhatian {one.forum} atas {_dispute(one)}, yang diajukan dan belum diselesaikan."


def _dispute(one: ReportedDispute) -> str:
    return f"perselisihan antara {_sides(one.between)} mengenai “{one.text}” pada {one.cooperation.title}"


def _sides(regions: Iterable[object]) -> str:
    return " dan ".join(str(getattr(one, "name", one)) for one in regions)


def _copies(content: ReportContent) -> tuple[str, ...]:
    directorate = "Direktur Jenderal Bina Administrasi Kewilayahan Kementerian Dalam Negeri"
    if content.kind in {ReportKind.R1, ReportKind.OVERVIEW}:
        return (directorate,)
    province = content.from_office.label.removeprefix("TKKSD Provinsi ").removeprefix("Gubernur ")
    own = (f"Sekretaris Daerah Provinsi {province}", f"Inspektur Daerah Provinsi {province}")
    return own if content.kind is ReportKind.R2 else (directorate, *own)
