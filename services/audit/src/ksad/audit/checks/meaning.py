"""What the leaves of an archive commit to beyond themselves: roots, documents, and what a province had to receive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.audit.checks.form import UNSURE
from ksad.audit.checks.membership import Concerns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.audit.checks.form import Leaves

ANCHORED = "ksad.anchor.feeds_anchored.v1"
COMPILED = "ksad.report.compiled.v1"
PASSED = "ksad.calendar.day_passed.v1"
TELLING = {ANCHORED, COMPILED, PASSED}
CITES = b'"media_type":'


class NamedPrefix(NamedTuple):
    """The root over the first leaves of the national log that a report names."""

    at: int
    size: int
    root: str


class DayLeaf(NamedTuple):
    """The leaf that says that a day has passed."""

    at: int
    id: str
    day: str


class Anchor(NamedTuple):
    """What an anchor tells of one feed."""

    at: int
    province: str
    size: int
    root: str
    origin: str


class Anchored(NamedTuple):
    """The leaf that anchors the feeds of a day, which is its cause."""

    at: int
    day: str
    cause: str | None
    heads: list[Anchor]


class CitedDocument(NamedTuple):
    """What a fact of a service says of a document."""

    sha256: str
    size: int
    media_type: str
    service: str


class Meaning:
    """What consecutive leaves commit to, and whom they concern."""

    def __init__(self) -> None:
        self.prefixes: list[NamedPrefix] = []
        self.days: list[DayLeaf] = []
        self.anchored: list[Anchored] = []
        self.cited: dict[CitedDocument, int] = {}
        self.concerns = Concerns()

    def take(self, leaves: Leaves) -> list[int]:
        """Look at leaves; the indexes of those whose data has not the shape of its type."""
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
        if kind == COMPILED:
            self.prefixes.append(NamedPrefix(at, _size(data["prefix_size"]), str(data["prefix_root"])))
        elif kind == PASSED:
            self.days.append(DayLeaf(at, own, str(data["day"])))
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
    """SHA-256, size and media type of every document that an event's data cites."""
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
