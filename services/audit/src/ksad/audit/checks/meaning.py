"""Collects what leaves commit to beyond themselves: roots, documents, and the entries due to provinces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.audit.checks.concerns import Concerns
from ksad.audit.checks.form import UNSURE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.audit.checks.form import Leaves

ANCHORED = "ksad.anchor.feeds_anchored.v1"
COMPILED = {"ksad.report.compiled.v1", "ksad.report.compiled.v2"}
PASSED = "ksad.calendar.day_passed.v1"
CONTINUED = "ksad.anchor.log_continued.v2"
CONTINUED_UNSIGNED = "ksad.anchor.log_continued.v1"
"""Of releases before 0.2.0, which name the old head and do not carry it."""
TELLING = {ANCHORED, *COMPILED, PASSED, CONTINUED, CONTINUED_UNSIGNED}
CITES = b'"media_type":'


class NamedPrefix(NamedTuple):
    """The root that a report states for a prefix of the national log; ``at`` is the report's leaf."""

    at: int
    size: int
    root: str


class DayLeaf(NamedTuple):
    """A leaf that records that a day has passed."""

    at: int
    id: str
    day: str


class Anchor(NamedTuple):
    """The head of one feed in an anchor."""

    at: int
    province: str
    size: int
    root: str
    origin: str


class Anchored(NamedTuple):
    """A leaf that anchors the heads of feeds. ``cause`` is the id of the day's event."""

    at: int
    day: str
    cause: str | None
    heads: list[Anchor]


class ContinuedLog(NamedTuple):
    """The leaf with which a log goes on under a new origin: the old head that it names, and the note it carries.

    ``note`` is None in a leaf of the first version, which has none.
    """

    at: int
    origin: str
    size: int
    root: str
    note: str | None


class CitedDocument(NamedTuple):
    """What a fact states about a document, and the service that recorded the fact."""

    sha256: str
    size: int
    media_type: str
    service: str


class Meaning:
    """What a run of leaves commits to, and which provinces they concern."""

    def __init__(self) -> None:
        self.prefixes: list[NamedPrefix] = []
        self.days: list[DayLeaf] = []
        self.anchored: list[Anchored] = []
        self.continued: list[ContinuedLog] = []
        self.cited: dict[CitedDocument, int] = {}
        self.concerns = Concerns()

    def take(self, leaves: Leaves) -> list[int]:
        """Reads leaves; returns the indexes of those whose data do not have the shape of their type."""
        odd = self.concerns.take(leaves)
        if not TELLING.isdisjoint(leaves.types):
            telling = zip(leaves.at, leaves.types, leaves.ids, leaves.causes, leaves.data, strict=True)
            for at, kind, own, cause, data in [one for one in telling if one[1] in TELLING]:
                try:
                    self._told(at, kind, own, cause, data)
                except UNSURE:
                    odd.append(at)
        if CITES in b"".join(leaves.raws):
            rows = zip(leaves.at, leaves.raws, leaves.sources, leaves.data, strict=True)
            for at, source, data in [(at, source, data) for at, raw, source, data in rows if CITES in raw]:
                for sha256, size, media_type in cited(data):
                    self.cited.setdefault(CitedDocument(sha256, size, media_type, source.rpartition(":")[2]), at)
        return odd

    def _told(self, at: int, kind: str, own: str, cause: str | None, data: dict[str, Any]) -> None:
        if kind in COMPILED:
            self.prefixes.append(NamedPrefix(at, _size(data["prefix_size"]), str(data["prefix_root"])))
        elif kind == PASSED:
            self.days.append(DayLeaf(at, own, str(data["day"])))
        elif kind in {CONTINUED, CONTINUED_UNSIGNED}:
            note = str(data["old_checkpoint"] or "") if kind == CONTINUED else None
            old = str(data["old_origin"]), _size(data["old_size"]), str(data["old_root"])
            self.continued.append(ContinuedLog(at, *old, note))
        else:
            heads = [
                Anchor(at, str(head["province"]), _size(head["size"]), str(head["root"]), str(head["origin"]))
                for head in data["heads"]
            ]
            self.anchored.append(Anchored(at, str(data["day"]), cause, heads))


def _size(value: Any) -> int:  # noqa: ANN401 - whatever stands there
    size = int(value)
    if size < 0:
        raise ValueError
    return size


def cited(value: object) -> Iterator[tuple[str, int, str]]:
    """SHA-256, size and media type of each document that an event's data cite, at any depth."""
    if isinstance(value, dict):
        if "media_type" in value:
            if isinstance(value.get("sha256"), str):
                yield value["sha256"], value.get("size", 0), str(value["media_type"])
        else:
            for item in value.values():
                yield from cited(item)
    elif isinstance(value, list):
        for item in value:
            yield from cited(item)
