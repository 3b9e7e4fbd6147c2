"""Two illustrative cooperations that live through every stage of Pasal 4, one for each tier.

Everything here is made up to show the platform at work; it is marked so in the register by its title.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

GOVERNOR_TIER = "ilustrasi-sampah-solo-raya"
MINISTER_TIER = "ilustrasi-angkutan-yogya-magelang"
CHECKLIST_ORDER = ("a", "b", "c", "d", "e", "f")


class Act(NamedTuple):
    """On a day, an office has the registry carry out a command on a cooperation."""

    day: date
    office: str
    key: str
    command: str
    fields: dict[str, Any]


def _head(key: str, title: str, parties: list[str], object_: str, affair: str) -> dict[str, Any]:
    return {
        "key": key,
        "title": f"{title} (ilustrasi)",
        "object": object_,
        "affair": affair,
        "category": "voluntary",
        "parties": parties,
        "initiator": parties[0],
    }


def _to_implementation(key: str, parties: list[str], days: list[date], ends_on: date) -> Iterable[Act]:
    """Exploration to implementation on the normal path: accord, back to negotiation, agreement."""
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
    yield Act(days[2], clerk, key, "sign_accord", {"numbers": accord, "witnesses": ["gubernur"]})
    yield Act(days[3], clerk, key, "enter_stage", {"stage": "negotiation"})
    yield Act(
        days[4],
        clerk,
        key,
        "schedule_signing",
        {"instrument": "agreement", "signing_on": days[5].isoformat(), "institutions": sectoral},
    )
    for code in parties:
        yield Act(days[4], clerk, key, "record_council_approval", {"region": code, "number": f"DPRD {code}/1"})
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
    )
    yield Act(days[6], clerk, key, "enter_stage", {"stage": "implementation_and_termination"})


def _checklist(key: str, parties: list[str], first: date) -> Iterable[Act]:
    """The six items of d.4 in their order, with evidence per party and rupiah."""
    clerk = f"region:{parties[0]}"
    for item in ("a", "b"):
        yield Act(first, clerk, key, "complete_termination_item", {"item": item, "proof": "evidence"})
    yield Act(
        first, clerk, key, "complete_termination_item", {"item": "c", "proof": "evidence", "amount_idr": 4_250_000_000}
    )
    for code in parties:
        yield Act(
            first,
            f"region:{code}",
            key,
            "complete_termination_item",
            {"item": "d", "region": code, "proof": "evidence", "amount_idr": 2_125_000_000},
        )
        for proof in ("asset_record", "council_report"):
            yield Act(
                first,
                f"region:{code}",
                key,
                "complete_termination_item",
                {"item": "e", "region": code, "proof": proof},
            )
    yield Act(first, clerk, key, "complete_termination_item", {"item": "f", "proof": "evidence"})


def _governor_tier(year: int) -> Iterable[Act]:
    parties = ["33.72", "33.11"]
    key, clerk, other = GOVERNOR_TIER, "region:33.72", "region:33.11"
    head = _head(key, "Pengolahan sampah Solo Raya", parties, "pengolahan sampah", "lingkungan_hidup")
    yield Act(date(year, 11, 10), clerk, key, "register", head)
    days = [date(year, 11, 24), date(year, 12, 8), date(year, 12, 22)]
    days += [date(year + 1, 1, 5), date(year + 1, 1, 19), date(year + 1, 2, 2), date(year + 1, 2, 9)]
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
            "number": "Keputusan Gubernur 100/2026",
        },
    )
    yield Act(
        date(year + 1, 7, 6),
        clerk,
        key,
        "give_termination_notice",
        {"ground": "mutual", "planned_end_on": date(year + 1, 9, 30).isoformat()},
    )
    yield from _checklist(key, parties, date(year + 1, 9, 14))
    yield Act(date(year + 1, 9, 30), clerk, key, "end", {"ground": "mutual"})


def _minister_tier(year: int) -> Iterable[Act]:
    parties = ["34.71", "33.71"]
    key, clerk = MINISTER_TIER, "region:34.71"
    head = _head(key, "Angkutan Yogyakarta-Magelang", parties, "angkutan antarkota", "perhubungan")
    yield Act(date(year, 11, 17), clerk, key, "register", head)
    days = [date(year, 12, 1), date(year, 12, 15), date(year + 1, 1, 12)]
    days += [date(year + 1, 1, 26), date(year + 1, 2, 16), date(year + 1, 3, 2), date(year + 1, 3, 16)]
    yield from _to_implementation(key, parties, days, date(year + 3, 3, 1))
    dispute = {"dispute": "trayek", "between": parties, "description": "pembagian trayek dan halte"}
    yield Act(date(year + 1, 6, 8), clerk, key, "raise_dispute", dispute)
    yield Act(
        date(year + 1, 8, 3),
        clerk,
        key,
        "settle_dispute",
        {"dispute": "trayek", "manner": "deliberation", "outcome": "trayek dibagi menurut musyawarah"},
    )


def acts(year: int) -> dict[date, list[Act]]:
    """The two lives by day, for a demonstration that starts in November of ``year``."""
    by_day: dict[date, list[Act]] = {}
    for act in (*_governor_tier(year), *_minister_tier(year)):
        by_day.setdefault(act.day, []).append(act)
    return by_day
