"""What the fields of requests are called in a sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ksad.contracts.wording import FieldFault

NAMED_MAX = 3
WORDS = {
    "about": "keterangan daftar",
    "accord": "kesepakatan",
    "affair": "urusan pemerintahan",
    "after": "tanda halaman",
    "agreement": "perjanjian",
    "agreements": "perjanjian",
    "allotted": "pembagian barang",
    "amount_idr": "jumlah rupiah",
    "assignee": "petugas",
    "basis": "dasar pengujian",
    "between": "para pihak",
    "body": "badan pembina",
    "budget": "pernyataan anggaran",
    "budgeted": "sudah dianggarkan",
    "burdens": "membebani daerah",
    "by": "tenggat",
    "capacity": "kedudukan penanda tangan",
    "carried": "kewajiban yang diteruskan",
    "category": "kategori kerja sama",
    "changes": "isi perubahan",
    "columns": "kolom",
    "confirmed": "usulan yang dianggap dikonfirmasi",
    "confirms": "pernyataan tentang teks",
    "conforms": "penilaian kesesuaian",
    "content": "isi naskah acuan",
    "continues": "perjanjian yang dilanjutkan",
    "cooperation_id": "kerja sama",
    "coordination": "koordinasi",
    "corrects": "catatan yang dibetulkan",
    "creditor": "pihak yang berpiutang",
    "date": "tanggal surat",
    "day": "hari",
    "decided_on": "tanggal keputusan",
    "decision": "keputusan",
    "decision_number": "nomor keputusan",
    "description": "uraian",
    "dispute": "perselisihan",
    "document": "naskah",
    "documents": "dokumen",
    "documents_complete": "kelengkapan dokumen",
    "due_on": "tanggal jatuh tempo",
    "duty": "kewajiban",
    "effective_on": "tanggal mulai berlaku",
    "ends_on": "tanggal berakhir",
    "entries": "catatan",
    "entry": "catatan",
    "evaluation": "formulir evaluasi",
    "fields": "isian yang dibetulkan",
    "file_sha256": "berkas asal",
    "finding": "nomor temuan",
    "findings": "temuan",
    "follow_up": "tindak lanjut",
    "from": "awal daftar",
    "good": "barang",
    "goods": "barang",
    "goods_by": "daftar barang",
    "ground": "alasan pengakhiran",
    "impact": "dampak",
    "index": "nomor urut",
    "initiator": "pemrakarsa",
    "institutions": "lembaga terkait",
    "instrument": "naskah",
    "item": "butir penyelesaian",
    "key": "kode registrasi",
    "kind": "jenis",
    "language": "bahasa",
    "legacy": "data lama",
    "legal_basis": "dasar hukum",
    "letter_number": "nomor surat",
    "limit": "jumlah baris",
    "line": "baris berkas asal",
    "mandate": "surat kuasa",
    "manner": "cara penyelesaian",
    "media_type": "jenis berkas",
    "members": "anggota",
    "mend": "yang perlu diperbaiki",
    "money": "pembagian uang",
    "name": "nama",
    "nihil": "alasan nihil",
    "note": "keterangan",
    "number": "nomor",
    "numbers": "nomor naskah setiap pihak",
    "object": "objek kerja sama",
    "obligation": "kewajiban",
    "obligations": "kewajiban",
    "obligations_by": "daftar kewajiban",
    "obstacles": "kendala",
    "office": "kantor",
    "offset": "awal daftar",
    "on": "tanggal peristiwa",
    "on_time": "ketepatan waktu",
    "outcome": "hasil",
    "over_refusal": "alasan mencatat walaupun ditolak",
    "paid_idr": "jumlah yang telah dibayar",
    "paragraphs": "paragraf",
    "parties": "para pihak",
    "partner_contribution": "kontribusi para pihak",
    "period": "periode",
    "place": "tempat",
    "planned_end_on": "rencana tanggal berakhir",
    "problem": "permasalahan",
    "profile": "profil hukum",
    "proof": "jenis bukti",
    "proposal": "usulan",
    "proposed": "dokumen yang diusulkan register",
    "province": "provinsi",
    "purpose_met": "tercapainya tujuan",
    "q": "kata yang dicari",
    "rating": "nilai keseluruhan",
    "reason": "alasan",
    "recommendation": "rekomendasi",
    "recorder": "pencatat",
    "region": "daerah",
    "remarks": "catatan",
    "reminder": "jenis pengingat",
    "replaces": "yang digantikan",
    "reports_regular": "keteraturan laporan",
    "rows": "baris",
    "satisfies": "tugas yang juga dipenuhi",
    "scope": "ruang lingkup",
    "seat": "tempat kedudukan",
    "section": "bagian laporan",
    "settlement": "cara penyelesaian",
    "sha256": "sidik berkas",
    "signatories": "penanda tangan",
    "signed_as": "kedudukan penanda tangan",
    "signing_on": "tanggal penandatanganan",
    "size": "ukuran berkas",
    "sold_for": "harga jual barang",
    "source": "asal data",
    "stage": "tahap",
    "state": "keadaan",
    "status": "keadaan",
    "steps": "langkah",
    "successor": "daerah pengganti",
    "term": "jangka waktu",
    "title": "judul",
    "to": "akhir daftar",
    "training": "platform latihan",
    "umbrella": "kerja samanya",
    "value_idr": "nilai dalam rupiah",
    "version": "versi",
    "wait": "lama menunggu",
    "what": "yang dilakukan",
    "who": "yang menindaklanjuti",
    "witnesses": "saksi",
}
OTHER = "salah satu isian"


def named(path: str) -> str:
    """What a field is called, by its path, of which the last part that has words counts."""
    return next((WORDS[part] for part in reversed(path.split(".")) if part in WORDS), OTHER)


def listed_fields(names: Iterable[str]) -> str:
    """What fields are called, each once."""
    return ", ".join(dict.fromkeys(map(named, names)))


def sentence(faults: Sequence[FieldFault]) -> str:
    """What is wrong with the first fields, each with its words: ``tanggal berakhir wajib diisi; judul …``.

    The choices that a field has are for programs, which find them beside the sentence.
    """
    told = dict.fromkeys(f"{named(one.field)} {one.message.partition(': ')[0]}" for one in faults)
    shown = list(told)[:NAMED_MAX]
    left = len(faults) - len(shown)
    return "; ".join(shown) + (f"; dan {left} lagi" if left > 0 else "")
