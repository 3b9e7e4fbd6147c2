"""Illustrative cooperations: two that pass through every stage of Pasal 4, one for each tier, and an umbrella.

All of it is invented, and marked as illustration in the titles in the register.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ksad.local.demo.act import Act, head
from ksad.local.demo.umbrella import umbrella

if TYPE_CHECKING:
    from collections.abc import Iterable

GOVERNOR_TIER = "ilustrasi-sampah-solo-raya"
MINISTER_TIER = "ilustrasi-angkutan-yogya-magelang"


def _to_implementation(key: str, parties: list[str], days: list[date], ends_on: date) -> Iterable[Act]:
    """From exploration to implementation: accord, back to negotiation, agreement, which opens the last stage."""
    clerk = f"region:{parties[0]}"
    accord = {code: f"{number}/KB/{days[0].year}" for number, code in enumerate(parties, 11)}
    agreement = {code: f"{number}/PKS/{days[0].year}" for number, code in enumerate(parties, 21)}
    sectoral = ["Kementerian Lingkungan Hidup"]
    yield Act(days[0], clerk, key, "enter_stage", {"stage": "negotiation"})
    yield Act(
        days[1],
        clerk,
        key,
        "schedule_signing",
        {"instrument": "accord", "signing_on": days[2].isoformat(), "institutions": sectoral},
    )
    yield Act(days[2], clerk, key, "enter_stage", {"stage": "signing"})
    signed = {"numbers": accord, "witnesses": ["gubernur"]}
    yield Act(days[2], clerk, key, "sign_accord", signed, "Naskah kesepakatan bersama (ilustrasi).")
    yield Act(days[3], clerk, key, "enter_stage", {"stage": "negotiation"})
    yield Act(
        days[4],
        clerk,
        key,
        "schedule_signing",
        {"instrument": "agreement", "signing_on": days[5].isoformat(), "institutions": sectoral},
    )
    for number, code in enumerate(parties, 41):
        yield Act(
            days[4],
            f"region:{code}",
            key,
            "record_council_approval",
            {"region": code, "number": f"172/{number} Tahun {days[4].year}"},
        )
    yield Act(days[5], clerk, key, "enter_stage", {"stage": "signing"})
    yield Act(
        days[5],
        clerk,
        key,
        "sign_agreement",
        {
            "numbers": agreement,
            "effective_on": days[5].isoformat(),
            "ends_on": ends_on.isoformat(),
            "scope": "penyediaan layanan bersama",
            "witnesses": ["gubernur", "menteri terkait"],
        },
        "Naskah perjanjian kerja sama (ilustrasi).",
    )


def _workbook(key: str, first: str, second: str, day: date) -> Iterable[Act]:
    """The termination workbook of d.4 with the sums of docs/workbook.md: 4.25 billion to share, half to each."""
    goods = [
        _good("truk", "movable", "armada truk pengangkut sampah", 1_200_000_000),
        _good("tpst", "immovable", "bangunan tempat pengolahan sampah terpadu", 3_000_000_000),
        _good("timbangan", "movable", "jembatan timbang", 350_000_000),
    ]
    owed = [{"obligation": "listrik", "creditor": "PT PLN", "amount_idr": 400_000_000, "paid_idr": 150_000_000}]
    divided = {
        "allotted": {"truk": first, "tpst": second, "timbangan": "sold"},
        "sold_for": {"timbangan": 300_000_000},
        "money": {first: 925_000_000, second: -875_000_000},
    }
    clerk = f"region:{first}"
    yield Act(day, clerk, key, "inventory_goods", {"goods": goods}, "Berita acara inventarisasi (ilustrasi).")
    yield Act(day, clerk, key, "list_obligations", {"obligations": owed}, "Daftar kewajiban (ilustrasi).")
    yield Act(day, clerk, key, "divide", divided, "Berita acara pembagian (ilustrasi).")
    for code, amount in ((first, 925_000_000), (second, 875_000_000)):
        for proof, fields in (
            ("evidence", {"item": "d", "amount_idr": amount}),
            ("asset_record", {"item": "e"}),
            ("council_report", {"item": "e"}),
        ):
            mine = {**fields, "region": code, "proof": proof}
            paper = f"Bukti {proof} {code} (ilustrasi)."
            yield Act(day, f"region:{code}", key, "complete_termination_item", mine, paper)
    yield Act(day, clerk, key, "complete_termination_item", {"item": "f"}, "Laporan pengakhiran (ilustrasi).")


def _good(good: str, kind: str, what: str, value: int) -> dict[str, Any]:
    return {"good": good, "kind": kind, "what": what, "value_idr": value}


def _governor_tier(year: int) -> Iterable[Act]:
    parties = ["33.72", "33.11"]
    key, clerk, other = GOVERNOR_TIER, "region:33.72", "region:33.11"
    registered = head(key, "Pengolahan sampah Solo Raya", parties, "pengolahan sampah", "lingkungan_hidup")
    yield Act(date(year, 11, 10), clerk, key, "register", registered)
    days = [date(year, 11, 24), date(year, 12, 8), date(year, 12, 22)]
    days += [date(year + 1, 1, 5), date(year + 1, 1, 19), date(year + 1, 2, 2)]
    yield from _to_implementation(key, parties, days, date(year + 1, 12, 31))
    problem = {"problem": "keterlambatan", "description": "pembayaran biaya pengolahan terlambat dua bulan"}
    yield Act(date(year + 1, 3, 9), other, key, "report_problem", problem)
    yield Act(
        date(year + 1, 4, 20),
        other,
        key,
        "resolve_problem",
        {"problem": "keterlambatan", "outcome": "jadwal pembayaran baru disepakati"},
    )
    dispute = {"dispute": "tarif", "between": parties, "description": "besaran tarif pengolahan per ton"}
    yield Act(date(year + 1, 5, 4), clerk, key, "raise_dispute", dispute)
    yield Act(date(year + 1, 5, 25), clerk, key, "request_decision", {"dispute": "tarif"})
    yield Act(
        date(year + 1, 6, 22),
        "governor:33",
        key,
        "settle_dispute",
        {
            "dispute": "tarif",
            "manner": "governor_decision",
            "outcome": "tarif mengikuti hasil penilaian bersama",
            "number": "100.3.3.1/125 Tahun 2026",
        },
        "Keputusan Gubernur Jawa Tengah Nomor 100.3.3.1/125 Tahun 2026 (ilustrasi).",
    )
    yield Act(
        date(year + 1, 7, 6),
        clerk,
        key,
        "give_termination_notice",
        {"ground": "purpose_achieved", "planned_end_on": date(year + 1, 9, 30).isoformat()},
    )
    yield from _workbook(key, parties[0], parties[1], date(year + 1, 9, 14))
    deed = "Naskah pengakhiran perjanjian kerja sama (ilustrasi)."
    yield Act(date(year + 1, 9, 30), clerk, key, "end", {"ground": "mutual"}, deed)


def _minister_tier(year: int) -> Iterable[Act]:
    parties = ["34.71", "33.71"]
    key, clerk = MINISTER_TIER, "region:34.71"
    registered = head(key, "Angkutan Yogyakarta-Magelang", parties, "angkutan antarkota", "perhubungan")
    yield Act(date(year, 11, 17), clerk, key, "register", registered)
    days = [date(year, 12, 1), date(year, 12, 15), date(year + 1, 1, 12)]
    days += [date(year + 1, 1, 26), date(year + 1, 2, 16), date(year + 1, 3, 2)]
    yield from _to_implementation(key, parties, days, date(year + 3, 3, 1))
    dispute = {"dispute": "trayek", "between": parties, "description": "pembagian trayek dan halte"}
    yield Act(date(year + 1, 6, 8), clerk, key, "raise_dispute", dispute)
    yield Act(
        date(year + 1, 8, 3),
        clerk,
        key,
        "settle_dispute",
        {"dispute": "trayek", "manner": "deliberation", "outcome": "trayek dibagi menurut musyawarah"},
        "Berita acara musyawarah pembagian trayek (ilustrasi).",
    )


def acts(year: int) -> dict[date, list[Act]]:
    """The commands of the illustrative cooperations by day, for a demonstration that starts in November of ``year``."""
    by_day: dict[date, list[Act]] = {}
    for act in (*_governor_tier(year), *_minister_tier(year), *umbrella(year)):
        by_day.setdefault(act.day, []).append(act)
    return by_day
