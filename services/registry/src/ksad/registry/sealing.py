"""Facts into events: who acted, when it happened, and what caused what the register recorded by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.registry import ActClosed, Ended

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from ksad.chassis.edge import Submission
    from ksad.contracts.dates import PartialDate
    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.cooperation import Made

PLATFORM, REGISTER = "platform", "registry"
"""Who records what the law and the calendar bring about."""


def commanded(
    submission: Submission, source: str, time: datetime, occurred: PartialDate, command: Command | None = None
) -> Origin:
    """The attributes of the events of an office's command."""
    imported = None if command is None else command.source
    return Origin(
        source=source,
        time=time,
        occurred_on=occurred.first,
        date_precision=occurred.precision.value,
        actor_office=submission.caller.office,
        actor_id=submission.caller.actor_id,
        command_id=submission.command_id,
        command_digest=submission.digest,
        correlation_id=submission.command_id,
        causation_id=None,
        legacy=command is not None and command.legacy,
        source_file=None if imported is None else imported.file_sha256,
        source_line=None if imported is None else imported.line,
    )


def name_of(subject: str, made: Made) -> str:
    """The name of what the calendar brings about, so that recording it again changes nothing."""
    identity, fact = subject.partition("/")[2], made.fact
    if isinstance(fact, ActClosed):
        return f"close/{identity}/{fact.proposal}/{fact.why}"
    if isinstance(fact, Ended):
        return f"expire/{identity}/{fact.key}/{fact.rests_on}"
    return f"{fact.declaration.name.rpartition('.')[2]}/{identity}/{getattr(fact, 'agreement', None)}/{made.on}"


def by_calendar(
    made: Iterable[Made], subject: str, version: int, command_id: UUID, digest: str, source: str, time: datetime
) -> list[Envelope]:
    """What no office has asked for, as the events after a version of a stream."""
    return [
        seal(
            one.fact,
            subject,
            number,
            Origin(
                source=source,
                time=time,
                occurred_on=one.on,
                date_precision=one.precision.value,
                actor_office=PLATFORM,
                actor_id=REGISTER,
                command_id=command_id,
                command_digest=digest,
                correlation_id=command_id,
                causation_id=None,
            ),
        )
        for number, one in enumerate(made, version + 1)
    ]


def sealed(made: Iterable[Made], subject: str, version: int, origin: Origin) -> list[Envelope]:
    """The facts of one command as the events after a version of a stream.

    What the register recorded by itself names the last fact of the office before it as its cause; so does the act that
    a confirmation lets stand.
    """
    events: list[Envelope] = []
    cause: UUID | None = None
    for number, one in enumerate(made, version + 1):
        said: dict[str, object] = {"occurred_on": one.on, "date_precision": one.precision.value, "legacy": one.legacy}
        if one.register:
            said |= {"actor_office": PLATFORM, "actor_id": REGISTER}
        if one.register or one.caused:
            said["causation_id"] = cause
        events.append(seal(one.fact, subject, number, origin.model_copy(update=said)))
        if not one.register:
            cause = events[-1].id
    return events
