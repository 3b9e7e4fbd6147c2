"""Imports the modules of a program without looking for garbage among what they make."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def importing() -> Iterator[None]:
    """Suspends Python's cyclic garbage collector while a program imports its modules and puts its parts together.

    These stay until the program ends. Looking for garbage among them took a fifth of the time until a service was
    ready.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def imported() -> None:
    """Has the collector, which runs from now on, leave alone what there is; for programs, not inside a test.

    Without this the interpreter looks through all modules once more when the program ends, which takes as long as
    importing a third of them.
    """
    gc.freeze()
    gc.enable()
