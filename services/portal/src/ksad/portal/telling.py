"""The history of a cooperation in sentences: one for each kind of event, with its names, numbers and days in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.catalogue import declaration_of
from ksad.contracts.corrections import correctable, is_correction, substituted
from ksad.contracts.umbrella.pending import ACT_NAMES
from ksad.portal.languages import noted
from ksad.portal.naming import upper_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ksad.portal.naming import Names

LAW, LATE, QUIET, PLAIN = "is-law", "is-late", "is-quiet", ""
TASKS = "task"
SENTENCES: dict[str, tuple[str, str]] = {
    "cooperation.registered": (LAW, noted("%(actor)s mendaftarkan kerja sama ini untuk %(parties)s.")),
    "cooperation.stage_entered": (LAW, noted("Tahap %(stage)s dimasuki.")),
    "cooperation.body_formed": (PLAIN, noted("Para pihak membentuk %(name)s.")),
    "cooperation.body_dissolved": (PLAIN, noted("Para pihak membubarkan badan kerja samanya: %(instrument)s.")),
    "cooperation.signing_scheduled": (PLAIN, noted("Penandatanganan dijadwalkan pada %(signing_on)s.")),
    "cooperation.accord_signed": (LAW, noted("Kesepakatan bersama ditandatangani: %(numbers)s.")),
    "cooperation.agreement_opened": (PLAIN, noted("Penyusunan perjanjian dimulai.")),
    "cooperation.agreement_dropped": (QUIET, noted("Rancangan perjanjian tidak dilanjutkan.")),
    "cooperation.council_approval_recorded": (
        PLAIN,
        noted("DPRD %(region)s memberi keputusan atas perjanjian, nomor %(number)s."),
    ),
    "cooperation.agreement_signed": (LAW, noted("Perjanjian kerja sama ditandatangani: %(numbers)s.")),
    "cooperation.agreement_amended": (PLAIN, noted("Perjanjian diubah: %(changes)s.")),
    "cooperation.agreement_extended": (PLAIN, noted("Perjanjian diperpanjang sampai dengan %(ends_on)s.")),
    "cooperation.party_joined": (PLAIN, noted("%(region)s bergabung.")),
    "cooperation.party_withdrew": (PLAIN, noted("%(region)s keluar dari kerja sama.")),
    "cooperation.act_proposed": (PLAIN, noted("%(actor)s mengajukan %(act)s; diminta konfirmasi %(asked)s.")),
    "cooperation.act_confirmed": (PLAIN, noted("%(regions)s mengonfirmasi.")),
    "cooperation.act_refused": (LATE, noted("%(region)s tidak menyetujui: %(reason)s.")),
    "cooperation.act_closed": (QUIET, noted("Usulan ditutup.")),
    "cooperation.problem_reported": (LATE, noted("%(actor)s melaporkan permasalahan: %(description)s.")),
    "cooperation.problem_resolved": (PLAIN, noted("Permasalahan selesai: %(outcome)s.")),
    "cooperation.dispute_raised": (LATE, noted("Perselisihan diajukan antara %(between)s: %(description)s.")),
    "cooperation.dispute_decision_requested": (PLAIN, noted("Keputusan atas perselisihan dimohonkan.")),
    "cooperation.dispute_escalated": (LATE, noted("Perselisihan diteruskan kepada Menteri Dalam Negeri.")),
    "cooperation.dispute_settled": (LAW, noted("Perselisihan selesai: %(outcome)s.")),
    "cooperation.termination_notice_given": (
        LAW,
        noted("%(given_by)s memberitahukan rencana pengakhiran pada %(planned_end_on)s."),
    ),
    "cooperation.termination_notice_revoked": (QUIET, noted("Pemberitahuan pengakhiran dicabut.")),
    "cooperation.goods_inventoried": (PLAIN, noted("Barang hasil kerja sama diinventarisasi.")),
    "cooperation.obligations_listed": (PLAIN, noted("Kewajiban dan utang didaftar.")),
    "cooperation.division_agreed": (PLAIN, noted("Pembagian hasil kerja sama dicatat.")),
    "cooperation.termination_item_added": (PLAIN, noted("Butir persiapan pengakhiran ditambahkan.")),
    "cooperation.termination_item_completed": (PLAIN, noted("Bukti satu butir pengakhiran dicatat.")),
    "cooperation.settlement_closed": (LAW, noted("Penyelesaian setelah pengakhiran tuntas.")),
    "cooperation.ended": (LAW, noted("Berakhir.")),
    "cooperation.proposal_withdrawn": (QUIET, noted("Usulan kerja sama ditarik sebelum ada yang ditandatangani.")),
    "cooperation.profile_bound": (QUIET, noted("Kerja sama diikat pada dasar hukum yang berlaku.")),
    "cooperation.backfill_closed": (QUIET, noted("Pemasukan data lama ditutup.")),
    "cooperation.entry_verified": (PLAIN, noted("%(actor)s memverifikasi catatan.")),
    "cooperation.entry_returned": (LATE, noted("%(actor)s mengembalikan catatan: %(reason)s. Perbaikan: %(mend)s.")),
    "cooperation.corrected": (QUIET, noted("%(actor)s memperbaiki catatan terdahulu: %(reason)s.")),
    "cooperation.public_corrected": (QUIET, noted("%(actor)s memperbaiki catatan terdahulu: %(reason)s.")),
    "supervision.jurisdiction_resolved": (LAW, noted("Pembinaan dan pengawasan oleh %(supervising_body)s.")),
    "supervision.agreement_jurisdiction_resolved": (LAW, noted("Pembinaan perjanjian oleh %(supervising_body)s.")),
    "task.scheduled": (QUIET, noted("Tugas timbul: %(task)s, jatuh tempo %(due_on)s.")),
    "task.assigned": (QUIET, noted("Tugas diserahkan kepada petugas: %(task)s.")),
    "task.delivered": (PLAIN, noted("Disampaikan kepada %(region)s: %(task)s.")),
    "task.declined": (QUIET, noted("%(region)s menyatakan tidak memerlukannya: %(task)s.")),
    "task.reminder_acknowledged": (PLAIN, noted("%(region)s mengonfirmasi pengingat.")),
    "task.reminder_opened": (QUIET, noted("%(actor)s membuka pengingat: %(task)s.")),
    "task.completed": (PLAIN, noted("Tugas selesai: %(task)s. %(outcome)s.")),
    "task.cancelled": (QUIET, noted("Tugas dibatalkan: %(task)s, karena %(reason)s.")),
    "task.overdue": (LATE, noted("Tugas terlambat: %(task)s.")),
    "task.reminded": (LATE, noted("Pelaksana tugas diingatkan: %(task)s.")),
    "task.escalated": (LATE, noted("Keterlambatan dilaporkan kepada %(to_office)s: %(task)s.")),
    "task.handed_over": (QUIET, noted("Tugas beralih kepada badan pembina lain: %(task)s.")),
    "task.follow_up_closed": (PLAIN, noted("Tindak lanjut temuan selesai: %(outcome)s.")),
    "task.corrected": (QUIET, noted("%(actor)s memperbaiki catatan tugas: %(reason)s.")),
}
"""By the name of an event without the version: how its dot is drawn, and its sentence."""
REPORTED: dict[str, tuple[str, str]] = {
    "report.narrative_written": (QUIET, noted("%(actor)s menulis satu bagian laporan %(period)s.")),
    "report.compiled": (PLAIN, noted("%(actor)s menyusun laporan %(period)s, versi %(version)s.")),
    "report.discarded": (QUIET, noted("%(actor)s membatalkan laporan %(period)s, versi %(version)s: %(reason)s.")),
    "report.submitted": (LAW, noted("%(actor)s menyampaikan laporan %(period)s, versi %(version)s.")),
    "report.accepted": (LAW, noted("%(actor)s menerima laporan %(period)s, versi %(version)s.")),
    "report.returned": (
        LATE,
        noted("%(actor)s mengembalikan laporan %(period)s, versi %(version)s: %(remarks)s."),
    ),
    "report.corrected": (QUIET, noted("%(actor)s memperbaiki catatan laporan %(period)s: %(reason)s.")),
}
"""The same of the events of reports, which stand in no cooperation's history."""
ELSE = (QUIET, noted("Catatan lain dari %(actor)s."))
"""What is said of an event that belongs to no cooperation, task or report."""
DAYS = ("signing_on", "ends_on", "planned_end_on", "due_on")
OFFICES = ("given_by", "supervising_body", "to_office")
LISTS = ("parties", "between", "asked", "regions")
TEXTS = ("name", "instrument", "number", "changes", "reason", "mend", "description", "outcome", "version", "remarks")


class HistoryLine(NamedTuple):
    """A line of a history. ``number`` is the log's, from 1; ``struck`` says that a later line corrects it.

    ``mended`` is what a correction makes of the sentence that it corrects, and ``corrects`` the number of that line.
    """

    number: int
    on: str
    sentence: str
    look: str
    clause: str | None
    struck: bool
    about_task: bool
    entry: str | None
    """The event that may be corrected, where it is one of a cooperation."""
    actor: str
    of_all: bool
    """Whether it stands by the word of all parties, each of which may correct its own number."""
    mended: str | None = None
    corrects: int | None = None


def lines(names: Names, entries: Iterable[Mapping[str, Any]], tasks: Mapping[str, str]) -> list[HistoryLine]:
    """A history, newest first.

    :param entries: as reporting's timeline has them.
    :param tasks: the label of each task by its id.
    """
    listed = list(entries)
    known = {one["event"]["id"]: one for one in listed}
    corrected = {one["corrects"] for one in listed if one["corrects"] is not None}
    told = []
    for one in reversed(listed):
        line = _line(names, one, tasks, struck=one["event"]["id"] in corrected)
        target = known.get(one["corrects"])
        told.append(line if target is None else _mending(names, line, one, target, tasks))
    return told


def _mending(
    names: Names, line: HistoryLine, entry: Mapping[str, Any], target: Mapping[str, Any], tasks: Mapping[str, str]
) -> HistoryLine:
    """The line of a correction, with the sentence that the corrected entry has now where it reads otherwise."""
    mended, _ = substituted([target["event"], entry["event"]])
    now = _line(names, {**target, "event": mended}, tasks, struck=False)
    before = _line(names, target, tasks, struck=False)
    told = now.sentence if now.sentence != before.sentence else None
    if now.on != before.on:
        told = f"{names.day(now.on)}: {now.sentence}"
    return line._replace(mended=told, corrects=target["index"] + 1)


def _line(names: Names, entry: Mapping[str, Any], tasks: Mapping[str, str], *, struck: bool) -> HistoryLine:
    event = entry["event"]
    name = _name(event)
    look, sentence = SENTENCES.get(name) or REPORTED.get(name, ELSE)
    data = event["data"]
    clause = data.get("clause") or (data.get("law") or {}).get("clause")
    on = event["occurredon"]
    shortened = {"day": 10, "month": 7, "year": 4}[event.get("dateprecision", "day")]
    return HistoryLine(
        number=entry["index"] + 1,
        on=on[:shortened],
        sentence=said(names, sentence, event, tasks),
        look=QUIET if struck or is_correction(event["type"]) else look,
        clause=clause,
        struck=struck,
        about_task=name.startswith(TASKS),
        entry=event["id"] if name.startswith("cooperation") and correctable(declaration_of(event["type"])) else None,
        actor=event["actoroffice"],
        of_all=(data.get("standing") or {}).get("by") == "parties",
    )


def sentence_of(names: Names, event: Mapping[str, Any]) -> str:
    """What an event says, in a sentence."""
    return said(names, SENTENCES[_name(event)][1], event, {})


def _name(event: Mapping[str, Any]) -> str:
    name: str = event["type"].removeprefix("ksad.").rpartition(".")[0]
    return name


def said(names: Names, sentence: str, event: Mapping[str, Any], tasks: Mapping[str, str]) -> str:
    """A sentence with what an event says, in words."""
    data = event["data"]
    language = names.language
    words = {name: str(data.get(name) or "–").rstrip(".") for name in TEXTS}
    words |= {name: names.day(data.get(name)) for name in DAYS}
    # In the first version of a notice, whoever recorded it had given it.
    words |= {name: names.office(data.get(name) or event["actoroffice"]) for name in OFFICES}
    words |= {name: names.listed(data.get(name) or ()) for name in LISTS}
    words["actor"] = names.office(event["actoroffice"])
    words["region"] = names.region(data["region"]) if isinstance(data.get("region"), str) else "–"
    words["stage"] = names.stage(data.get("stage"))
    words["period"] = names.period(str(data.get("period") or ""))
    words["numbers"] = names.numbers(data["numbers"]) if isinstance(data.get("numbers"), dict) else "–"
    words["task"] = tasks.get(event["subject"].partition("/")[2], language.gettext("tugas pembinaan"))
    kind = str(data.get("effect", {}).get("type", "")).removeprefix("ksad.cooperation.").rpartition(".")[0]
    words["act"] = language.gettext(ACT_NAMES[kind]) if kind in ACT_NAMES else language.gettext("tindakan bersama")
    told = language.gettext(sentence) % words
    return upper_first(told)
