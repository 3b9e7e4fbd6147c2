"""What the log says in keys, told in the words of an Indonesian office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import LegalBasisLine

if TYPE_CHECKING:
    from ksad.contracts.law import Lawbook
    from ksad.ledger.figures.prefix import Row

NOTICE = "notice"


def ground(law: Lawbook, row: Row, key: str | None) -> str | None:
    """The ground of an end as the bound profile words it."""
    profile = law.profiles.get(row["detail"]["profile"])
    found = profile.ending(key) if profile is not None and key is not None else None
    return key if found is None else found.label


def reminder(occurrence: str) -> str:
    """Why the parties were reminded: ``2026-12-31/90`` is ninety days before that planned end."""
    end, _, lead = occurrence.partition("/")
    if lead == NOTICE:
        return "pemberitahuan pengakhiran lebih awal"
    return f"{lead} hari sebelum rencana pengakhiran {indonesian.day(end)}"


def evaluation(task: Row) -> str:
    """The newest round of monitoring in one line."""
    form = task["detail"].get("evaluation") or {}
    recommended = indonesian.RECOMMENDATIONS.get(form.get("recommendation", ""), "tanpa rekomendasi").lower()
    return f"{indonesian.day(task['completed_on'])}: {recommended}, nilai {form.get('rating', '-')}"


def paper(task: Row) -> str:
    """An opinion, advice or brief in one line."""
    return f"{indonesian.clause(task['clause'])}, {indonesian.day(task['completed_on'])}"


def late(label: str, task: Row, title: str, days: int) -> str:
    """What is to be done about a late duty."""
    return f"Selesaikan {label} ({indonesian.clause(task['clause'])}) pada {title}: terlambat {days} hari."


def legal_basis(law: Lawbook) -> tuple[LegalBasisLine, ...]:
    """The instruments of all profiles, each once, with how it stands today where that is not plain."""
    seen: dict[str, LegalBasisLine] = {}
    for profile in law.profiles.values():
        for one in profile.instruments:
            text = one.title if one.standing is None else f"{one.title}; {one.standing}"
            line = LegalBasisLine(clause=one.cited or one.id, text=text, basis=one.basis.value)
            seen.setdefault(line.clause, line)
    return tuple(seen.values())
