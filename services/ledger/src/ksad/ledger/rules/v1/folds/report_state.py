"""The state of a report: compiled, submitted, accepted or returned. The content of a compiled version never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.ledger.rules.v1.folds.correcting import substituted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.ledger.folds.rows import Event


class Version(NamedTuple):
    """One version of a report.

    ``compiled`` is the data of its ``compiled`` event. ``steps`` are its events: what happened, the office, the date.
    """

    number: int
    state: str
    compiled: dict[str, Any]
    remarks: str | None = None
    letter_number: str | None = None
    steps: tuple[tuple[str, str, str], ...] = ()


class Report(NamedTuple):
    """A report: its kind, offices and period, and its versions, the newest last."""

    kind: str = ""
    from_office: str = ""
    to_office: str = ""
    period: str = ""
    versions: tuple[Version, ...] = ()

    @property
    def newest(self) -> Version | None:
        """The newest version; ``None`` before the first."""
        return self.versions[-1] if self.versions else None

    @property
    def state(self) -> str:
        """``compiled``, ``submitted``, ``accepted`` or ``returned``; ``none`` before the first version."""
        return self.versions[-1].state if self.versions else "none"


STATES = {
    "ksad.report.submitted.v1": "submitted",
    "ksad.report.accepted.v1": "accepted",
    "ksad.report.returned.v1": "returned",
}


def evolve(report: Report, event: Event) -> Report:
    """The report after a further event. Events before the first version have no effect."""
    kind, data = event["type"], event["data"]
    step = (kind.split(".")[2], event["actoroffice"], event["occurredon"])
    if kind == "ksad.report.compiled.v1":
        version = Version(data["version"], "compiled", data, steps=(step,))
        owner = (data["kind"], data["from_office"], data["to_office"], data["period"])
        return Report(*owner, (*report.versions, version))
    newest = report.newest
    if newest is None:
        return report
    changed = newest._replace(
        state=STATES.get(kind, newest.state),
        remarks=data.get("remarks") or newest.remarks,
        letter_number=data.get("letter_number") or newest.letter_number,
        steps=(*newest.steps, step),
    )
    return report._replace(versions=(*report.versions[:-1], changed))


def folded(stream: Iterable[Event]) -> Report:
    """The report after all events of its stream, with corrections applied."""
    state = Report()
    for event in substituted(stream):
        state = evolve(state, event)
    return state
