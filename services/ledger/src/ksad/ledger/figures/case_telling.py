"""Every fact of a cooperation, its supervision and its tasks in one sentence, for the history of a print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.envelope import newest
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.developments import SENTENCES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ksad.ledger.figures.developments import Teller

Data = dict[str, Any]
SCHEDULED = "ksad.task.scheduled."


def _approved(teller: Teller, data: Data) -> str:
    decided = "menyetujui" if data["outcome"] == "approved" else "menolak"
    number = f" dengan keputusan nomor {data['number']}" if data["number"] else ""
    return f"DPRD {teller.region(data['region'])} {decided} perjanjian{number}"


def _proved(teller: Teller, data: Data) -> str:
    whose = f" untuk {teller.region(data['region'])}" if data["region"] else ""
    what = f"nihil ({data['nihil']})" if data["nihil"] else "dicatat"
    return f"Bukti butir {data['item']} persiapan pengakhiran{whose} {what}"


CASE_SENTENCES: dict[str, Callable[[Teller, Data], str]] = SENTENCES | {
    "cooperation.act_proposed": lambda _, __: "Tindakan bersama diusulkan",
    "cooperation.act_confirmed": lambda _, __: "Usulan dikonfirmasi",
    "cooperation.act_refused": lambda teller, data: f"{teller.region(data['region'])} menolak usulan: {data['reason']}",
    "cooperation.act_closed": lambda _, __: "Usulan ditutup",
    "cooperation.agreement_opened": lambda _, data: f"Penyusunan perjanjian “{data['title']}” dimulai",
    "cooperation.agreement_dropped": lambda _, data: f"Penyusunan perjanjian tidak dilanjutkan: {data['reason']}",
    "cooperation.backfill_closed": lambda _, __: "Pemasukan data lama ditutup",
    "cooperation.corrected": lambda _, data: f"Catatan terdahulu diperbaiki: {data['reason']}",
    "cooperation.public_corrected": lambda _, data: f"Catatan terdahulu diperbaiki: {data['reason']}",
    "cooperation.council_approval_recorded": _approved,
    "cooperation.division_agreed": lambda _, __: "Pembagian hasil kerja sama dicatat",
    "cooperation.entry_returned": lambda _, data: f"Catatan dikembalikan: {data['reason']}. Perbaikan: {data['mend']}",
    "cooperation.entry_verified": lambda _, data: f"{len(data['entries'])} catatan diverifikasi",
    "cooperation.goods_inventoried": lambda _, data: (
        f"Barang hasil kerja sama: nihil ({data['nihil']})"
        if data["nihil"]
        else f"{len(data['goods'])} barang hasil kerja sama diinventarisasi"
    ),
    "cooperation.obligations_listed": lambda _, data: (
        f"Kewajiban dan utang: nihil ({data['nihil']})"
        if data["nihil"]
        else f"{len(data['obligations'])} kewajiban dan utang didaftar"
    ),
    "cooperation.profile_bound": lambda _, __: "Dasar hukum kerja sama ditetapkan",
    "cooperation.signing_scheduled": lambda _, data: (
        f"Penandatanganan dijadwalkan pada {indonesian.day(str(data['signing_on']))}"
    ),
    "cooperation.termination_item_added": lambda _, data: (
        f"Butir persiapan pengakhiran ditambahkan: {data['description']}"
    ),
    "cooperation.termination_item_completed": _proved,
    "supervision.agreement_jurisdiction_resolved": lambda teller, data: (
        f"Pembinaan dan pengawasan atas satu perjanjian oleh {teller.office(data['supervising_body'])} sejak "
        f"{indonesian.day(str(data['holds_from']))}"
    ),
    "task.assigned": lambda teller, data: teller.told(data, "diserahkan kepada petugas"),
    "task.corrected": lambda _, data: f"Catatan tugas diperbaiki: {data['reason']}",
    "task.declined": lambda teller, data: (
        f"{teller.region(data['region'])} tidak memerlukan {teller.duty(data).lower()}: {data['reason']}"
        if data["duty"]
        else f"{teller.region(data['region'])} tidak memerlukannya: {data['reason']}"
    ),
    "task.delivered": lambda teller, data: teller.told(data, f"disampaikan kepada {teller.region(data['region'])}"),
    "task.escalated": lambda teller, data: teller.told(
        data, f"yang terlambat dilaporkan kepada {teller.office(data['to_office'])}"
    ),
    "task.follow_up_closed": lambda _, data: f"Tindak lanjut temuan selesai: {data['outcome']}",
    "task.overdue": lambda teller, data: teller.told(
        data, f"terlambat; jatuh tempo {indonesian.day(str(data['due_on']))}"
    ),
    "task.reminded": lambda teller, data: teller.told(data, "diingatkan kepada pelaksananya"),
    "task.reminder_acknowledged": lambda teller, data: f"{teller.region(data['region'])} mengonfirmasi pengingat",
    "task.reminder_opened": lambda teller, data: f"{teller.office(data['office'])} membuka pengingat",
}
"""By event, without version; every kind that a timeline can hold has a sentence."""


def duties(events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The duty of each task that a history tells, by its stream."""
    return {one["subject"]: one["data"]["duty"] for one in events if one["type"].startswith(SCHEDULED)}


def sentence(teller: Teller, event: Mapping[str, Any], duty: str | None) -> str:
    """A fact in words, read in its newest version; one that this release does not know is told as that."""
    name = event["type"].rpartition(".v")[0].removeprefix("ksad.")
    try:
        data = newest(dict(event))["data"]
    except LookupError:
        return "Catatan yang belum dikenal oleh rilis ini"
    return CASE_SENTENCES[name](teller, {**data, "duty": data.get("duty") or duty})
