"""Records the digest of the projections at the end of each day of the demonstration, for auditors to compare."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from datetime import date

    from ksad.chassis.client import Client
    from ksad.local.machine.folder import Folder


class Evenings:
    """Writes ``evenings.jsonl`` in the data folder, one line per day: ``day``, ``entries``, ``digest``.

    The digest is taken when everything of a day is settled, just before the day passes. ``ksad audit replay --as-of
    DAY`` includes the passing, which changes no row, and prints the same digest, unless terms ended with that day: the
    register records those ends after the evening, before the day.
    """

    def __init__(self, folder: Folder, client: Client) -> None:
        self._client = client
        self._file = (folder.root / "evenings.jsonl").open("w")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def note(self, day: date) -> None:
        """Records the digest of the live tables at the end of a day."""
        found = self._client.get("reporting", "/projections/digest", "auditor")
        line = {"day": day.isoformat(), "entries": found["entries"], "digest": found["digest"]}
        self._file.write(json.dumps(line) + "\n")
