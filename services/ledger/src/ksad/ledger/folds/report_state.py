"""A report as an aggregate: compiled, submitted, accepted or returned; a compiled version never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts import reporting as facts
from ksad.contracts.corrections import substituted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope

CLAUSES = {"R1": "P8", "R2": "P12", "R3": "P13"}


class Version(NamedTuple):
    """One version: what was compiled, and how far it has come."""

    number: int
    state: str
    compiled: dict[str, Any]
    remarks: str | None = None
    letter_number: str | None = None
    steps: tuple[tuple[str, str, str], ...] = ()


class Report(NamedTuple):
    """The state of a report: its versions, the newest last."""

    kind: str = ""
    from_office: str = ""
    to_office: str = ""
    period: str = ""
    versions: tuple[Version, ...] = ()

    @property
    def newest(self) -> Version | None:
        """The newest version."""
        return self.versions[-1] if self.versions else None

    @property
    def state(self) -> str:
        """compiled, submitted, accepted or returned."""
        return self.versions[-1].state if self.versions else "none"


STATES: dict[type[Fact], str] = {
    facts.ReportSubmitted: "submitted",
    facts.ReportAccepted: "accepted",
    facts.ReportReturned: "returned",
}


def evolve(report: Report, fact: Fact, event: Envelope) -> Report:
    """The report after a fact."""
    step = (event.declaration.name.rpartition(".")[2], event.actoroffice, event.occurredon.isoformat())
    if isinstance(fact, facts.ReportCompiled):
        version = Version(fact.version, "compiled", fact.model_dump(mode="json"), steps=(step,))
        return Report(fact.kind.value, fact.from_office, fact.to_office, fact.period, (*report.versions, version))
    state = STATES.get(type(fact))
    newest = report.newest
    if newest is None:
        return report
    remarks = getattr(fact, "remarks", None) or newest.remarks
    letter = getattr(fact, "letter_number", None) or newest.letter_number
    changed = newest._replace(
        state=state or newest.state, remarks=remarks, letter_number=letter, steps=(*newest.steps, step)
    )
    return report._replace(versions=(*report.versions[:-1], changed))


def folded(stream: Sequence[Envelope]) -> Report:
    """The report as its stream makes it, each event with its corrected values."""
    state = Report()
    for event in substituted(stream):
        state = evolve(state, event.fact(), event)
    return state
