"""Corrections: an event with new values for an earlier one. The stream with these values must keep all rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ksad.contracts import registry as facts
from ksad.contracts.corrections import corrected_values, substituted
from ksad.contracts.dates import Precision, jakarta_day
from ksad.contracts.field_words import sentence
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.wording import faults
from ksad.registry.domain import rules
from ksad.registry.domain.consequences import consequences
from ksad.registry.domain.cooperation import Cooperation, after_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.envelope import Envelope
    from ksad.registry.domain.commands import Correct
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Made


def folded(stream: Sequence[Envelope]) -> Cooperation:
    """The cooperation after all events of its stream, with corrections applied."""
    state = Cooperation()
    for envelope in substituted(stream):
        state = after_event(state, envelope)
    return state


def target_of(stream: Sequence[Envelope], command: Correct) -> Envelope:
    """The event that is corrected, as it was recorded.

    :raises RuleBrokenError: it is not in the stream.
    """
    target = next((envelope for envelope in stream if envelope.id == command.corrects), None)
    if target is None:
        raise RuleBrokenError(
            "corrects-own-event", "Catatan yang diperbaiki bukan dari kerja sama ini.", kind=RefusalKind.UNKNOWN
        )
    return target


def checked(
    stream: Sequence[Envelope], command: Correct, state: Cooperation, context: Context
) -> tuple[Correct, list[Made]]:
    """Checks a correction against the whole stream.

    :return: the correction with the values to record, and what follows from the stream as it then reads: a term that
        has passed ends, one that has not lifts its end.
    :raises RuleBrokenError: the event is not in the stream, a field is not correctable, a value is invalid, or the
        stream would break a rule, which the error names.
    """
    target = target_of(stream, command)
    command = command.of(target, corrected_values(target, command.fields))
    # Asked here too: the stream may have had an affair that is in no list, which excuses no other such affair.
    context.adopted.check_affair(command.fields.get("affair"))
    command = command.by_lineage(state, context)
    read = substituted(stream, {command.corrects: command.fields})
    _check_stream(substituted(stream), read, context)
    return command, _following(read, context)


def _check_stream(before: Sequence[Envelope], after: Sequence[Envelope], context: Context) -> None:
    """Checks the facts of the stream, with the new values, against the rules, each as of its day."""
    broken = _broken(before, context)
    try:
        found = _broken(after, context)
    except ValidationError as error:
        found_faults = faults(error)
        detail = f"Dengan pembetulan ini suatu catatan tidak sesuai lagi: {sentence(found_faults)}. Perbaiki nilainya."
        raise RuleBrokenError("correction-fits", detail, field=found_faults[0].field) from error
    # What was recorded under other rules, and breaks today's without the correction, is no reason to refuse it.
    for (version, rule), refusal in found.items():
        if (version, rule) not in broken:
            detail = f"Dengan pembetulan ini riwayat kerja samanya tidak mungkin lagi. {refusal.detail}"
            raise RuleBrokenError(
                "correction-keeps-rules", detail, refusal.clause, kind=RefusalKind.CONFLICT, breaks=rule
            ) from refusal


def _following(stream: Sequence[Envelope], context: Context) -> list[Made]:
    state = Cooperation()
    for envelope in stream:
        state = after_event(state, envelope)
    made, _ = consequences(state, context, through=context.today - timedelta(days=1))
    return made


def _broken(stream: Sequence[Envelope], context: Context) -> dict[tuple[int, str], RuleBrokenError]:
    """The first rule that each event breaks, by the event's version and the rule."""
    found: dict[tuple[int, str], RuleBrokenError] = {}
    state = Cooperation()
    for envelope in stream:
        fact = envelope.fact()
        precision = Precision(envelope.dateprecision)
        # As of the day on which it was recorded: what was right then is not wrong because days have passed since.
        recorded = jakarta_day(datetime.fromisoformat(envelope.time))
        there = context._replace(
            on=envelope.occurredon, precision=precision, legacy=envelope.legacy is True, today=recorded
        )
        if not isinstance(fact, facts.Corrected):
            try:
                rules.check(state, fact, there)
            except RuleBrokenError as error:
                found[envelope.streamversion, error.rule] = error
        state = after_event(state, envelope)
    return found
