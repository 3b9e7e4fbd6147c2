"""Which accord or agreement a command means: the one that it names, or the only one; and what people call each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.dates import in_words
from ksad.contracts.registry import ACCORD_1, AGREEMENT_1
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.registry.domain.chronology import Point, mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.umbrella import Agreement
    from ksad.registry.domain.cooperation import Cooperation
PROOF_NAMES = {"asset_record": "Pencatatan aset daerah", "council_report": "Laporan kepada DPRD"}
"""Of an item that asks for several proofs, each in words."""

NO_AGREEMENT = "Perjanjian yang disebut tidak ada pada kerja sama ini."
NO_ACCORD = "Kesepakatan yang disebut tidak ada pada kerja sama ini."


def agreements_called(state: Cooperation, keys: Iterable[str]) -> str:
    """What people call some agreements: title, numbers and day of signing, or that one is being drafted."""
    known = ((key, state.umbrella.agreements.get(key)) for key in keys)
    called = (
        f"“{one.title or state.title}”{_signed(state, Point.AGREEMENT, key)}" for key, one in known if one is not None
    )
    return "; ".join(called)


def accords_called(state: Cooperation, keys: Iterable[str]) -> str:
    """What people call some accords: their numbers and the day of signing."""
    return "; ".join(f"kesepakatan{_signed(state, Point.ACCORD, key)}" for key in keys if key in state.umbrella.accords)


def _signed(state: Cooperation, point: Point, key: str) -> str:
    numbers, on = state.numbers.get((point.value, key), ()), state.when(mark(point, key))
    if on is None:
        return " (belum ditandatangani)"
    number = f" nomor {', '.join(numbers)}" if numbers else ""
    return f"{number} tanggal {in_words(on)}"


def _there(called: str) -> str:
    return f" Yang ada: {called}." if called else ""


def agreement_key(state: Cooperation, named: str | None) -> str:
    """The key of the agreement that a command means; that of the first one where there is none yet.

    :raises RuleBrokenError: ``agreement-named``, there are several and the command names none; ``agreement-known``.
    """
    there = _not_dropped(state)
    if named is not None:
        if named in there or (named == AGREEMENT_1 and not there):
            return named
        raise RuleBrokenError(
            "agreement-known",
            f"{NO_AGREEMENT}{_there(agreements_called(state, there))}",
            "P1.6",
            agreements=sorted(there),
        )
    if len(there) > 1:
        detail = f"Kerja sama ini mempunyai {len(there)} perjanjian; sebutkan yang dimaksud: "
        detail += f"{agreements_called(state, there)}."
        raise RuleBrokenError("agreement-named", detail, agreements=list(there))
    return next(iter(there), AGREEMENT_1)


def scope_key(state: Cooperation, named: str | None) -> str | None:
    """The agreement that a problem or dispute is of: the one named, or the only one; None: the whole cooperation."""
    there = _not_dropped(state)
    if named is None:
        return next(iter(there)) if len(there) == 1 else None
    return agreement_key(state, named)


def accord_key(state: Cooperation, named: str | None) -> str:
    """The key of the accord that a command means; that of the first one where there is none yet.

    :raises RuleBrokenError: ``accord-named``, there are several and the command names none; ``accord-known``.
    """
    there = state.umbrella.accords
    if named is not None:
        if named in there:
            return named
        raise RuleBrokenError(
            "accord-known", f"{NO_ACCORD}{_there(accords_called(state, there))}", "P1.5", accords=sorted(there)
        )
    if len(there) > 1:
        detail = f"Kerja sama ini mempunyai {len(there)} kesepakatan; sebutkan yang dimaksud: "
        detail += f"{accords_called(state, there)}."
        raise RuleBrokenError("accord-named", detail, accords=list(there))
    return next(iter(there), ACCORD_1)


def next_accord(state: Cooperation) -> str:
    """A key for the accord that renews one."""
    taken = state.umbrella.accords
    return next(key for key in (f"kesepakatan-{number}" for number in range(1, len(taken) + 2)) if key not in taken)


def body_key(state: Cooperation) -> str:
    """The event that recorded the only body that stands.

    :raises RuleBrokenError: ``body-named``, there are several; ``body-stands``, there is none.
    """
    there = {key: one.name for key, one in state.umbrella.bodies.items() if one.stands}
    if len(there) > 1:
        detail = f"Kerja sama ini mempunyai {len(there)} badan; sebutkan yang dimaksud: {', '.join(there.values())}."
        raise RuleBrokenError("body-named", detail, bodies=list(there))
    if not there:
        raise no_body()
    return next(iter(there))


def no_body() -> RuleBrokenError:
    """That no such body stands."""
    detail = "Tidak ada badan kerja sama seperti itu yang masih berdiri."
    return RuleBrokenError("body-stands", detail, "P6.a.1.d/P10.a.1.d", kind=RefusalKind.CONFLICT)


def agreement_of(state: Cooperation, key: str) -> Agreement:
    """An agreement that stands or stood.

    :raises RuleBrokenError: nothing was signed under that key.
    """
    known = state.agreement(key)
    if known is None or not known.stands:
        raise RuleBrokenError(
            "agreement-signed", "Belum ada perjanjian yang ditandatangani.", "P1.6", kind=RefusalKind.CONFLICT
        )
    return known


def proposal_falls(state: Cooperation, region: str) -> bool:
    """Whether a proposal falls when a region leaves: nothing was signed, and only one region would be left."""
    bound = state.accord_signed or state.has_agreement
    return not bound and region in state.parties and len(state.parties) <= 2  # noqa: PLR2004 - Pasal 1 no. 4


def parties_of(state: Cooperation, agreement: str | None) -> tuple[str, ...]:
    """The parties of a scope: of the agreement, else of the cooperation."""
    known = None if agreement is None else state.agreement(agreement)
    return state.parties if known is None else known.between


def _not_dropped(state: Cooperation) -> dict[str, Agreement]:
    return {key: one for key, one in state.umbrella.agreements.items() if not one.dropped}
