"""An illustrative umbrella: one accord with three agreements, and what parties do to one another under it.

A confirmation is refused and the act proposed again, a region joins when all have confirmed it, and an agreement ends
by its term before its parties agree how to divide what it leaves.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from ksad.local.demo.act import Act, head

if TYPE_CHECKING:
    from collections.abc import Iterable

UMBRELLA = "ilustrasi-air-minum-solo-raya"
KLATEN, SUKOHARJO, SURAKARTA, BOYOLALI = "33.10", "33.11", "33.72", "33.09"
PARTIES = [KLATEN, SUKOHARJO, SURAKARTA]
TRIAL, PIPES, METERS = "uji-coba", "jaringan-pipa", "meter-air"
CLERK = f"region:{KLATEN}"


def umbrella(year: int) -> Iterable[Act]:
    """Its commands, for a demonstration that starts in November of ``year``."""
    begun = date(year, 11, 5)
    yield from _accord(begun)
    yield from _agreement(begun, 10, TRIAL, "Uji coba penyaluran air", PARTIES, date(year, 11, 30))
    yield from _agreement(begun, 13, PIPES, "Pembangunan jaringan pipa", [KLATEN, SURAKARTA], date(year + 2, 12, 31))
    yield from _agreement(begun, 14, METERS, "Pemasangan meter air", [SUKOHARJO, SURAKARTA], date(year + 1, 12, 31))
    yield from _amended(date(year, 12, 2))
    yield from _disputed(date(year, 12, 8))
    joined = {"region": BOYOLALI, "agreements": [PIPES], "reason": "mata airnya ikut dipakai"}
    yield Act(
        date(year, 12, 15), CLERK, UMBRELLA, "add_party", joined, "Berita acara bergabungnya Boyolali (ilustrasi)."
    )


def _numbers(kind: str, parties: list[str], day: date, first: int) -> dict[str, str]:
    return {code: f"{number}/{kind}/{day.year}" for number, code in enumerate(parties, first)}


def _accord(day: date) -> Iterable[Act]:
    fields = head(UMBRELLA, "Air minum Solo Raya", PARTIES, "penyediaan air minum", "pekerjaan_umum")
    yield Act(day, CLERK, UMBRELLA, "register", fields)
    yield Act(day + timedelta(days=1), CLERK, UMBRELLA, "enter_stage", {"stage": "negotiation"})
    yield Act(day + timedelta(days=5), CLERK, UMBRELLA, "enter_stage", {"stage": "signing"})
    signed = {"numbers": _numbers("KB", PARTIES, day, 31), "term": "open", "witnesses": ["gubernur"]}
    paper = "Naskah kesepakatan bersama air minum (ilustrasi)."
    yield Act(day + timedelta(days=7), CLERK, UMBRELLA, "sign_accord", signed, paper)


def _agreement(begun: date, after: int, key: str, title: str, parties: list[str], ends_on: date) -> Iterable[Act]:
    """Drafted, approved by each council, and signed a few days later; in force on the day of signing."""
    day, office = begun + timedelta(days=after), f"region:{parties[0]}"
    opened = {"agreement": key, "title": f"{title} (ilustrasi)", "between": parties}
    yield Act(day, office, UMBRELLA, "open_agreement", opened)
    for number, code in enumerate(parties, 40 + after):
        approval = {"region": code, "agreement": key, "number": f"172/{number} Tahun {day.year}"}
        yield Act(day + timedelta(days=1), f"region:{code}", UMBRELLA, "record_council_approval", approval)
    signing = day + timedelta(days=4)
    yield Act(signing, office, UMBRELLA, "enter_stage", {"stage": "signing", "agreement": key})
    signed: dict[str, Any] = {
        "agreement": key,
        "numbers": _numbers("PKS", parties, day, 61 + after),
        "effective_on": signing.isoformat(),
        "ends_on": ends_on.isoformat(),
        "budget": {parties[0]: {"burdens": True, "budgeted": True}},
    }
    yield Act(signing, office, UMBRELLA, "sign_agreement", signed, f"Naskah perjanjian {title.lower()} (ilustrasi).")


def _amended(day: date) -> Iterable[Act]:
    """An amendment that the other party refuses, and confirms when it is proposed again in other words."""
    fields = {"agreement": PIPES, "numbers": _numbers("ADD", [KLATEN, SURAKARTA], day, 81)}
    first = fields | {"changes": "biaya ditanggung Kota Surakarta seluruhnya"}
    yield Act(day, CLERK, UMBRELLA, "amend", first, "Rancangan adendum pertama (ilustrasi).", SURAKARTA)
    second = fields | {"changes": "biaya dibagi menurut panjang pipa"}
    yield Act(day + timedelta(days=7), CLERK, UMBRELLA, "amend", second, "Adendum (ilustrasi).")


def _disputed(day: date) -> Iterable[Act]:
    """The trial has ended by its term; who keeps the pumps is settled by deliberation."""
    dispute = {
        "dispute": "pompa",
        "agreement": TRIAL,
        "between": [KLATEN, SURAKARTA],
        "description": "pembagian pompa setelah uji coba berakhir",
    }
    yield Act(day, f"region:{SURAKARTA}", UMBRELLA, "raise_dispute", dispute)
    settled = {"dispute": "pompa", "manner": "deliberation", "outcome": "pompa tetap pada Kabupaten Klaten"}
    paper = "Berita acara musyawarah pembagian pompa (ilustrasi)."
    yield Act(day + timedelta(days=14), CLERK, UMBRELLA, "settle_dispute", settled, paper)
