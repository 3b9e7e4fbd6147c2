"""Writes out keys and codes of the log in Indonesian official language."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ksad.contracts.law import Basis, citation
from ksad.contracts.registry import UNDECIDED
from ksad.contracts.supervision import EARLY_NOTICE
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import LegalBasisLine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.law import Lawbook, Regulation
    from ksad.contracts.registry import ReferenceText
    from ksad.ledger.figures.prefix import Row

RANKS = {"UU": 0, "PP": 1, "PERMENDAGRI": 2}
"""The hierarchy of legislation, by how the ids of regulations begin."""


def ground(law: Lawbook, row: Row, key: str | None, on: str | None) -> str | None:
    """The wording of an ending ground in the cooperation's profile, or else in any other; ``None`` if none has it.

    What the profile only recalls is marked, unless the law of the day ``on`` which it ended says it.
    """
    mine = law.profiles.get(row["detail"]["profile"])
    known = (one.ending(key) for one in (mine, *law.profiles.values()) if one is not None and key is not None)
    found = next((one for one in known if one is not None), None)
    if found is None:
        return None
    said = law.in_force(date.fromisoformat(on)).ending(found.key) if on is not None else None
    if found.basis is not Basis.MEMORY or (said is not None and said.basis is not Basis.MEMORY):
        return found.label
    return f"{found.label} {indonesian.BASIS_MARKS[found.basis.value]}"


def reminder(task: Row) -> str:
    """Why the parties were reminded: by notice, or so many days before or after the end that the reminder counts to."""
    detail = task["detail"]
    if detail["occasion"] == EARLY_NOTICE:
        return "pemberitahuan pengakhiran lebih awal"
    end = indonesian.day(detail["rests_on"])
    ahead = (date.fromisoformat(detail["rests_on"]) - date.fromisoformat(detail["scheduled_on"])).days
    if ahead < 0:
        return f"{-ahead} hari setelah berakhir pada {end}; penyelesaiannya belum tuntas"
    return f"{ahead} hari sebelum rencana pengakhiran {end}" if ahead else f"hari rencana pengakhiran, {end}"


def evaluation(task: Row) -> str:
    """A completed round of monitoring in one line: date, recommendation and rating."""
    form = task["detail"].get("evaluation") or {}
    recommended = indonesian.RECOMMENDATIONS.get(form.get("recommendation", ""), "tanpa rekomendasi").lower()
    return f"{indonesian.day(task['completed_on'])}: {recommended}, nilai {form.get('rating', '-')}"


def paper(task: Row) -> str:
    """An opinion, advice or brief in one line: clause and date."""
    return f"{citation(task['clause'])}, {indonesian.day(task['completed_on'])}"


def decisions(texts: Iterable[ReferenceText], law: Lawbook) -> tuple[LegalBasisLine, ...]:
    """By which decisions the reference texts of a report hold, and which of them nobody has adopted.

    Texts of older logs, which were adopted without decision, are left out, as in the reports of that time.
    """
    named: dict[str, list[str]] = {}
    for text in texts:
        if text.standing != UNDECIDED:
            held = law.profiles.get(text.name)
            called = indonesian.reference(text.kind, "" if held is None else held.title)
            named.setdefault(text.standing, []).append(called)
    return tuple(
        LegalBasisLine(clause=standing[:1].upper() + standing[1:], text=", ".join(names), basis="policy")
        for standing, names in named.items()
    )


def legal_basis(law: Lawbook, on: date) -> tuple[LegalBasisLine, ...]:
    """The laws and regulations that a letter of that day cites: in force, as amended, and not merely recalled."""
    # Of what is in force, a standing that names its end is none yet.
    cited = ((one, None if one.in_force_to else one.standing) for one in _ranked(law) if one.citable(on))
    return tuple(_line(one, _joined(one.wording(on), told), one.basis) for one, told in cited)


def legal_history(law: Lawbook, on: date) -> tuple[LegalBasisLine, ...]:
    """What facts rest on and a letter of that day does not cite, and what is only reported of what it cites."""
    found = []
    for one in _ranked(law):
        if not one.citable(on) and (one.in_force_from is None or one.in_force_from <= on):
            found.append(_line(one, _joined(one.title, one.standing, one.reported), one.basis))
        elif one.reported and one.citable(on):
            found.append(_line(one, one.reported, Basis.MEMORY))
    return tuple(found)


def _ranked(law: Lawbook) -> list[Regulation]:
    """Laws before government regulations, and these before ministerial ones, each in the order of the profiles."""
    return sorted(law.regulations, key=lambda one: RANKS.get(one.id.partition("-")[0], len(RANKS)))


def _joined(*texts: str | None) -> str:
    return "; ".join(filter(None, texts))


def _line(one: Regulation, text: str, basis: Basis) -> LegalBasisLine:
    return LegalBasisLine(clause=one.cited or one.title, text=text, basis=basis.value)
