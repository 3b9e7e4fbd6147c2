"""Builds the print of one cooperation from its row of the register and the entries of its timeline.

Both are as the office that asks may see them: whoever narrows them decides what the print has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.ledger.figures import offices
from ksad.ledger.figures.case_telling import duties, sentence
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.case import CaseContent, CaseFact, CaseInstrument, CaseLine, CaseMatter, CasePart
from ksad.ledger.figures.developments import Teller
from ksad.ledger.figures.period import Span
from ksad.ledger.figures.tables import STAGES, instrument_name, numbers_of, partial, region

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from ksad.ledger.figures.prefix import Prefix, Row

LINES_MAX = 2_000
"""The most lines of a history that are printed, the newest ones."""


class CaseOrder(NamedTuple):
    """Who asks for a print, on which day, and how many entries of the log it tells."""

    office: str
    day: date
    size: int


def case(prefix: Prefix, row: Row, entries: Sequence[Mapping[str, Any]], order: CaseOrder) -> CaseContent:
    """The print of one cooperation.

    :param prefix: where names of regions, offices, affairs and laws are read.
    :param row: its row of the register; without problems, disputes and notices for whoever may not see them.
    :param entries: its timeline, each with ``index``, ``event``, ``corrects``, ``says`` and ``verification``.
    """
    body = row["supervising_body"]
    kept = entries[-LINES_MAX:]
    return CaseContent(
        registration=row["key"],
        title=row["title"],
        printed_on=order.day,
        printed_for=reader(prefix, order.office),
        size=order.size,
        narrow="problems" not in row,
        facts=tuple(CaseFact(label=label, value=value) for label, value in _facts(prefix, row, body) if value),
        parties=tuple(region(prefix, code) for code in row["parties"]),
        instruments=tuple(_instruments(prefix, row)),
        parts=tuple(_parts(prefix, row)),
        matters=tuple(_matters(prefix, row)),
        history=tuple(_history(prefix, kept, entries)),
        left_out=len(entries) - len(kept),
        training=prefix.training,
    )


def reader(prefix: Prefix, office: str) -> str:
    """What the office that asks for a print is called."""
    role, _, code = office.partition(":")
    if role == "region":
        return region(prefix, code).name
    if role in {"minister", "joint_secretariat", "tkksd", "governor"}:
        return offices.written(office, prefix).label
    return indonesian.READERS.get(role, indonesian.READERS["other"])


def _facts(prefix: Prefix, row: Row, body: str | None) -> Iterator[tuple[str, str | None]]:
    yield "Objek", row["object"]
    yield "Urusan", prefix.affairs.name(row["affair"])
    yield "Jenis", indonesian.CATEGORIES.get(row["category"] or "")
    yield "Didaftarkan", indonesian.day(row["registered_on"])
    yield "Keadaan", indonesian.CASE_STATES[row["status"]]
    yield "Tahap", indonesian.STAGES[STAGES[row["stage"]]]
    yield "Berakhir menurut jangka waktu", indonesian.day(row["ends_on"]) if row["ends_on"] else None
    yield "Pembina dan pengawas", offices.assisted(body, prefix)
    ended = row["ended"]
    yield "Berakhir", f"{indonesian.day(ended['on'])}" if ended else None
    yield "Penyelesaian pengakhiran", indonesian.SETTLING.get(row["settlement"] or "")
    if (seen := row["verification"])["of"]:
        yield "Verifikasi", f"{seen['verified']} dari {seen['of']} fakta telah diverifikasi"


def _agreements(row: Row) -> dict[str, str]:
    """What each agreement is called."""
    every: dict[str, Row] = row["agreements"]
    single = "Perjanjian kerja sama"
    return {
        key: one["title"] or (single if len(every) == 1 else f"{single} ke-{number}")
        for number, (key, one) in enumerate(every.items(), 1)
    }


def _instruments(prefix: Prefix, row: Row) -> Iterator[CaseInstrument]:
    called = _agreements(row)
    for one in row["instruments"]:
        yield CaseInstrument(
            kind=one["kind"],
            name=instrument_name(prefix, {"detail": row}, one["kind"]),
            signed_on=partial(one["on"], one["precision"]),
            numbers=numbers_of(prefix, one["numbers"]),
            agreement=called.get(one["key"]) if len(called) > 1 else None,
            begins=one["effective_on"],
            ends=partial(one["ends_on"], one["ends_precision"] or "day") if one["ends_on"] else None,
        )


def _parts(prefix: Prefix, row: Row) -> Iterator[CasePart]:
    called = {**dict.fromkeys(row["accords"], "Kesepakatan"), **_agreements(row)}
    for key, one in (row["accords"] | row["agreements"]).items():
        yield CasePart(
            name=called[key],
            between=tuple(region(prefix, code) for code in one["between"]),
            state=indonesian.PART_STATES[one["state"]],
            ends=str(one["ends_on"]) if one["ends_on"] else None,
        )


def _matters(prefix: Prefix, row: Row) -> Iterator[CaseMatter]:
    for one in row["approvals"]:
        decided = "disetujui" if one["outcome"] == "approved" else "ditolak"
        number = f", nomor {one['number']}" if one["number"] else ""
        yield CaseMatter(
            kind="Keputusan DPRD", on=one["on"], text=region(prefix, one["region"]).name, state=f"{decided}{number}"
        )
    for one in row.get("problems", {}).values():
        yield CaseMatter(
            kind="Permasalahan",
            on=one.get("on"),
            text=one.get("description") or "tidak dicatat",
            state=f"selesai: {one['outcome']}" if one["outcome"] else "belum selesai",
        )
    for one in row.get("disputes", {}).values():
        for decided in one.get("earlier", ()):
            yield CaseMatter(
                kind="Keputusan Gubernur atas perselisihan",
                on=decided["settled_on"],
                text=one.get("description") or "tidak dicatat",
                state=f"{'bersifat' if decided['final'] else 'belum bersifat'} final: {decided['outcome']}",
            )
        state = indonesian.DISPUTE_STATES["open" if one["status"] == "raised" else one["status"]]
        yield CaseMatter(
            kind="Perselisihan",
            on=one.get("on"),
            text=one.get("description") or "tidak dicatat",
            state=f"{state}: {one['outcome']}" if one.get("outcome") else state,
        )
    if notice := row.get("notice"):
        planned = indonesian.day(notice["planned_end_on"])
        yield CaseMatter(kind="Pemberitahuan pengakhiran", on=None, text=f"rencana berakhir {planned}", state="berlaku")


def _history(
    prefix: Prefix, kept: Iterable[Mapping[str, Any]], entries: Sequence[Mapping[str, Any]]
) -> Iterator[CaseLine]:
    teller = Teller(prefix, Span("", ""), 0, lambda office: offices.written(office, prefix).label)
    known = duties(one["event"] for one in entries)
    mended = {one["corrects"]: one["index"] + 1 for one in entries if one["corrects"] is not None}
    for one in kept:
        event = one["event"]
        notes = [indonesian.ENTRY_STATES[one["verification"]]] if one["verification"] else []
        if event["id"] in mended:
            notes.append(f"diperbaiki dengan catatan nomor {indonesian.number(mended[event['id']])}")
        text = one["says"] or sentence(teller, event, known.get(event["subject"]))
        yield CaseLine(
            number=one["index"] + 1,
            on=partial(event["occurredon"], event.get("dateprecision", "day")),
            text=text,
            note="; ".join(notes) or None,
        )
