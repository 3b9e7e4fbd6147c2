"""The state of a report: compiled, discarded, submitted, accepted or returned. What was compiled never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts import reporting as facts
from ksad.contracts.corrections import substituted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope

# The duty to report: of the Joint Secretariat, of the TKKSD, of the Governor.
CLAUSES = {"R1": "P8", "R2": "P12", "R3": "P13"}


class VersionStep(NamedTuple):
    """What happened to a version, by which office, on which day, and the id of the event that says so."""

    what: str
    office: str
    on: str
    event: str


class Version(NamedTuple):
    """One version of a report.

    ``compiled`` is the data of its ``compiled`` event, ``sent`` that of its submission, ``steps`` are its events;
    ``reason`` is why it was discarded.
    """

    number: int
    state: str
    compiled: dict[str, Any]
    remarks: str | None = None
    letter_number: str | None = None
    sent: dict[str, Any] | None = None
    steps: tuple[VersionStep, ...] = ()
    reason: str | None = None


class Report(NamedTuple):
    """A report: its kind, offices and period, and its versions, the newest last.

    ``narratives`` are the newest texts that its office wrote, each document by its section.
    """

    kind: str = ""
    from_office: str = ""
    to_office: str = ""
    period: str = ""
    versions: tuple[Version, ...] = ()
    narratives: tuple[tuple[str, dict[str, Any]], ...] = ()

    @property
    def newest(self) -> Version | None:
        """The newest version; ``None`` before the first."""
        return self.versions[-1] if self.versions else None

    @property
    def state(self) -> str:
        """``compiled``, ``discarded``, ``submitted``, ``accepted``, ``returned``; ``none`` before the first version."""
        return self.versions[-1].state if self.versions else "none"


STATES: dict[type[Fact], str] = {
    facts.ReportDiscarded: "discarded",
    facts.ReportSubmitted: "submitted",
    facts.ReportAccepted: "accepted",
    facts.ReportReturned: "returned",
}


def evolve(report: Report, fact: Fact, event: Envelope) -> Report:
    """The report after a further event. Events before the first version have no effect."""
    what = event.declaration.name.rpartition(".")[2]
    step = VersionStep(what, event.actoroffice, event.occurredon.isoformat(), str(event.id))
    if isinstance(fact, facts.ReportCompiled):
        version = Version(fact.version, "compiled", fact.model_dump(mode="json"), steps=(step,))
        return _named(report, fact)._replace(versions=(*report.versions, version))
    if isinstance(fact, facts.NarrativeWritten):
        written = dict(report.narratives) | {fact.section.value: fact.document.model_dump(mode="json")}
        return _named(report, fact)._replace(narratives=tuple(written.items()))
    state = STATES.get(type(fact))
    newest = report.newest
    if newest is None:
        return report
    remarks = getattr(fact, "remarks", None) or newest.remarks
    letter = getattr(fact, "letter_number", None) or newest.letter_number
    sent = fact.model_dump(mode="json") if isinstance(fact, facts.ReportSubmitted) else newest.sent
    changed = newest._replace(
        state=state or newest.state,
        remarks=remarks,
        letter_number=letter,
        sent=sent,
        steps=(*newest.steps, step),
        reason=fact.reason if isinstance(fact, facts.ReportDiscarded) else newest.reason,
    )
    return report._replace(versions=(*report.versions[:-1], changed))


def _named(report: Report, fact: facts.ReportFact) -> Report:
    return report._replace(
        kind=fact.kind.value, from_office=fact.from_office, to_office=fact.to_office, period=fact.period
    )


def folded(stream: Sequence[Envelope]) -> Report:
    """The report after all events of its stream, with corrections applied."""
    state = Report()
    for event in substituted(stream):
        state = evolve(state, event.fact(), event)
    return state
