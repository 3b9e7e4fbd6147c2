"""How an older version of an event is kept, and read as the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.catalogue import Audience, Fact, Service, declare, upcasts

if TYPE_CHECKING:
    from collections.abc import Callable

UNCONFIRMED = {"by": "unconfirmed", "proposal": None}
"""The standing of an act that was recorded before the parties were asked to confirm it."""


def older(name: str, audience: Audience, *, correctable: tuple[str, ...] = ()) -> Callable[[type[Fact]], type[Fact]]:
    """Declares version 1 of an event that has a newer one."""
    return declare(Service.REGISTRY, f"ksad.cooperation.{name}", 1, audience, correctable=correctable)


def adds(name: str, **values: object) -> None:
    """Version 1 of an event is read as version 2 by adding these values."""
    upcasts(f"ksad.cooperation.{name}.v1")(lambda data: data | values)
