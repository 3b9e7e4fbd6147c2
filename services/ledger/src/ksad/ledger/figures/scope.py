"""What a report covers, for the chapters that tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.supervision import BACKFILL, HOME_GOVERNORS, Tier
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import CitedClause, CooperationRef
from ksad.ledger.figures.source import OVERSIGHT
from ksad.ledger.figures.tables import STAGES
from ksad.ledger.figures.timeliness import once

if TYPE_CHECKING:
    from ksad.contracts.law import Profile
    from ksad.ledger.figures.gathering import Gathered
    from ksad.ledger.figures.period import Span
    from ksad.ledger.figures.prefix import Prefix, Row
    from ksad.ledger.figures.timeliness import TaskShare


VERIFICATION = "verification"
LOOKING = "Pengawasan atas keadaan yang ditemukan register"
CALLED = {
    VERIFICATION: "Verifikasi fakta yang dicatat",
    BACKFILL: "Penutupan pemasukan data lama",
    HOME_GOVERNORS: "Pemberitahuan kepada Gubernur daerah asal",
}
"""What oversight is called by its occasion; any other is what the register found by itself."""


def ref(row: Row, agreement: str | None = None) -> CooperationRef:
    """Registration number and title of a cooperation's row, with the name of the agreement that something is about."""
    part = agreement_name(row, agreement)
    return CooperationRef(registration=row["key"], title=row["title"] if part is None else f"{row['title']}: {part}")


def agreement_name(row: Row, agreement: str | None) -> str | None:
    """What an agreement of a cooperation is called; ``None`` where there is only one, or it is not known."""
    every: dict[str, Row] = row["detail"].get("agreements", {})
    if agreement not in every or len(every) == 1:
        return None
    return every[agreement]["title"] or f"perjanjian ke-{list(every).index(agreement) + 1}"


class ReportScope(NamedTuple):
    """What one report covers, with the tier whose clauses it cites, the period, and the body, ``None`` for all."""

    prefix: Prefix
    gathered: Gathered
    tier: Tier
    span: Span
    body: str | None

    @property
    def profile(self) -> Profile:
        """The legal profile in force on the day that the report speaks of."""
        return self.prefix.law.in_force(self.prefix.day)

    @property
    def day(self) -> str:
        """The day that the report speaks of, as ISO 8601 text."""
        return self.prefix.on

    @property
    def cooperations(self) -> dict[str, Row]:
        """The rows of the cooperations that it covers, by id."""
        return {key: one.row for key, one in self.gathered.chosen.items()}

    @property
    def shares(self) -> list[TaskShare]:
        """What became of each task; once for each, where the report is on all bodies."""
        return once(self.gathered.shares) if self.body is None else self.gathered.shares

    def of(self, *duties: str) -> list[TaskShare]:
        """The shares in tasks of some duties that belong to a cooperation."""
        return [one for one in self.shares if one.row["duty"] in duties and one.row["cooperation_id"] is not None]

    def answers(self, *duties: str) -> list[Row]:
        """The completed tasks of some duties, of whatever body and time, from the earliest on."""
        found = [(row["completed_on"], key, row) for key, row in self.gathered.answers if row["duty"] in duties]
        return [row for _, _, row in sorted(found, key=lambda one: one[:2])]

    def clause(self, duty: str) -> CitedClause:
        """The clause of a duty for the tier of the report."""
        return CitedClause(id=self.profile.duty(duty).id(self.tier) or duty, basis="text")

    def tier_of(self, row: Row) -> Tier:
        """By which tier's clauses a cooperation is told: the report's; where it is on all bodies, its supervisor's."""
        return Tier.GOVERNOR if self.body is None and (row["body"] or "").startswith("tkksd:") else self.tier

    def label(self, duty: str) -> str:
        """What a duty is called, in the names of the profile that is in force."""
        return self.profile.in_present_names(self.profile.duty(duty).label)

    def called(self, task: Row) -> str:
        """What a task is called: its duty, and of oversight what it looks at."""
        occasion, stage = task["detail"].get("occasion"), task["stage"]
        if task["duty"] != OVERSIGHT:
            return self.label(task["duty"])
        if occasion is not None:
            return CALLED.get(occasion, LOOKING)
        return f"Pengawasan tahap {indonesian.STAGES[STAGES[stage]].lower()}" if stage else self.label(OVERSIGHT)

    def cooperation(self, task: Row) -> Row:
        """The cooperation of a task."""
        return self.gathered.named[task["cooperation_id"]]

    def title(self, task: Row) -> str:
        """What a task is about: the title of its cooperation, or the period that it reports on."""
        if task["cooperation_id"] is None:
            return indonesian.period(str(task["detail"]["period"]))
        return str(self.cooperation(task)["title"])
