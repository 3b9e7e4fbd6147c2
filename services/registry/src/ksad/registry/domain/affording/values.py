"""Values that fit any field of their kind, for commands that are tried and never recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.registry.domain.cooperation import Cooperation


class Filler(str):
    """A value that says nothing of a cooperation: anything else that is valid would do as well."""

    __slots__ = ()


TEXT = Filler("-")
PAPER: dict[str, Any] = {"sha256": "0" * 64, "size": 1, "media_type": "application/pdf"}
ACT: dict[str, Any] = {"document": PAPER, "over_refusal": TEXT}
"""What the act of several parties is proved with, also where one of them refused it before."""


def numbers(codes: Iterable[str]) -> dict[str, str]:
    """A number for each party."""
    return dict.fromkeys(codes, "1")


def agreements(state: Cooperation) -> list[str | None]:
    """The agreements that there are; None, which means the first one, where there is none."""
    return [key for key, one in state.umbrella.agreements.items() if not one.dropped] or [None]


def accords(state: Cooperation) -> list[str | None]:
    """The accords that there are; None, which means the first one, where there is none."""
    return [*state.umbrella.accords] or [None]


def unused(taken: Iterable[str]) -> Filler:
    """A key that nothing has yet."""
    known = set(taken)
    return next(Filler(key) for key in (f"baru-{number}" for number in range(len(known) + 1)) if key not in known)
