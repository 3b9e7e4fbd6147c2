"""Writes out keys and codes of the log in Indonesian official language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.rules.v1.content import indonesian
from ksad.ledger.rules.v1.content.values import LegalBasisLine

if TYPE_CHECKING:
    from ksad.contracts.law import Lawbook
    from ksad.ledger.rules.v1.prefix import Row

NOTICE = "notice"


def ground(law: Lawbook, row: Row, key: str | None) -> str | None:
    """The wording of an ending ground in the cooperation's profile; the key itself if the profile lacks it."""
    profile = law.profiles.get(row["detail"]["profile"])
    found = profile.ending(key) if profile is not None and key is not None else None
    return key if found is None else found.label


def reminder(occurrence: str) -> str:
    """Why the parties were reminded: ``2026-12-31/90`` means ninety days before the planned end on that date."""
    end, _, lead = occurrence.partition("/")
    if lead == NOTICE:
        return "pemberitahuan pengakhiran lebih awal"
    return f"{lead} hari sebelum rencana pengakhiran {indonesian.day(end)}"


def evaluation(task: Row) -> str:
    """A completed round of monitoring in one line: date, recommendation and rating."""
    form = task["detail"].get("evaluation") or {}
    recommended = indonesian.RECOMMENDATIONS.get(form.get("recommendation", ""), "tanpa rekomendasi").lower()
    return f"{indonesian.day(task['completed_on'])}: {recommended}, nilai {form.get('rating', '-')}"


def paper(task: Row) -> str:
    """An opinion, advice or brief in one line: clause and date."""
    return f"{indonesian.clause(task['clause'])}, {indonesian.day(task['completed_on'])}"


def late(label: str, task: Row, title: str, days: int) -> str:
    """The suggestion to complete a late task, with the number of days that it is late."""
    return f"Selesaikan {label} ({indonesian.clause(task['clause'])}) pada {title}: terlambat {days} hari."


def legal_basis(law: Lawbook) -> tuple[LegalBasisLine, ...]:
    """The regulations of all profiles, each once, with their present status where the profile states one."""
    seen: dict[str, LegalBasisLine] = {}
    for profile in law.profiles.values():
        for one in profile.instruments:
            text = one.title if one.standing is None else f"{one.title}; {one.standing}"
            line = LegalBasisLine(clause=one.cited or one.id, text=text, basis=one.basis.value)
            seen.setdefault(line.clause, line)
    return tuple(seen.values())
