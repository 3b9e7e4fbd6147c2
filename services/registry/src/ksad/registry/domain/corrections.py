"""Corrections never edit: they name an event and new values, and the stream with the substitution breaks no rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from ksad.contracts import registry as facts
from ksad.contracts.corrections import substituted
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.registry.domain import rules
from ksad.registry.domain.cooperation import Cooperation, evolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.envelope import Envelope
    from ksad.registry.domain.commands import Correct
    from ksad.registry.domain.context import Context


def folded(stream: Sequence[Envelope]) -> Cooperation:
    """The cooperation as its whole stream makes it, each event with its corrected values."""
    state = Cooperation()
    for envelope in substituted(stream):
        state = evolve(state, envelope.fact(), envelope.occurredon, legacy=envelope.legacy is True)
    return state


def check(stream: Sequence[Envelope], command: Correct, context: Context) -> None:
    """Refuse a correction of what cannot be corrected, or one after which the stream breaks a rule.

    :raises RuleBrokenError: names what is wrong.
    """
    target = next((envelope for envelope in stream if envelope.id == command.corrects), None)
    if target is None:
        raise RuleBrokenError(
            "corrects-own-event", "Kejadian yang dibetulkan bukan dari kerja sama ini.", kind=RefusalKind.UNKNOWN
        )
    allowed = target.declaration.correctable
    forbidden = sorted(set(command.fields) - allowed)
    if forbidden:
        detail = f"Tidak dapat dibetulkan: {', '.join(forbidden)}. Dapat: {', '.join(sorted(allowed)) or 'tidak ada'}."
        raise RuleBrokenError("field-correctable", detail, forbidden=forbidden)
    state = Cooperation()
    try:
        for envelope in substituted(stream, {command.corrects: command.fields}):
            fact = envelope.fact()
            there = context._replace(on=envelope.occurredon, legacy=envelope.legacy is True)
            if not isinstance(fact, facts.Corrected):
                rules.check(state, fact, there)
            state = evolve(state, fact, envelope.occurredon, legacy=there.legacy)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RuleBrokenError("correction-fits", f"Nilai {field} tidak sesuai: {first['msg']}.", field=field) from error
    except RuleBrokenError as error:
        detail = f"Dengan pembetulan ini riwayat melanggar aturan {error.rule}: {error.detail}"
        raise RuleBrokenError(
            "correction-keeps-rules", detail, error.clause, kind=RefusalKind.CONFLICT, breaks=error.rule
        ) from error
