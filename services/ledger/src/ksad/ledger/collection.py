"""Suspends Python's cyclic garbage collector during long folds."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def without_collection() -> Iterator[None]:
    """Disables the cyclic garbage collector for work that makes millions of small objects and no reference cycles.

    Collection took a third of the time of a rebuild. Memory is still freed by reference counting.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            # Freezing and unfreezing moves all objects to the oldest generation. Left in the youngest one, all of them
            # would be scanned at the next allocation.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
