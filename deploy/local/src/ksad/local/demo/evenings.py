"""What the projections of the running platform hold on each evening of the demonstration, for an auditor to compare."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from datetime import date

    from ksad.chassis.client import Client
    from ksad.local.machine.folder import Folder


class Evenings:
    """Notes them in ``evenings.jsonl`` of the folder, a line a day: ``day``, ``entries``, ``digest``.

    An evening is when all of a day is settled, just before it passes. ``ksad audit replay --as-of DAY`` counts the
    passing as well, which changes no row, and prints the same digest.
    """

    def __init__(self, folder: Folder, client: Client) -> None:
        self._client = client
        self._file = (folder.root / "evenings.jsonl").open("w")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def note(self, day: date) -> None:
        """Note what the live tables hold on the evening of a day."""
        found = self._client.get("reporting", "/projections/digest", "auditor")
        line = {"day": day.isoformat(), "entries": found["entries"], "digest": found["digest"]}
        self._file.write(json.dumps(line) + "\n")
