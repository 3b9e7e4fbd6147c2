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
COMMITTING = {ANCHORED, COMPILED}
CITES = b'"media_type":'


class Anchor(NamedTuple):
    """A root that a leaf commits to: of a province's feed, or of the national log's prefix (province None)."""

    at: int
    province: str | None
    size: int
    root: str


class Meaning:
    """What consecutive leaves commit to, and whom they concern."""

    def __init__(self) -> None:
        self.anchors: list[Anchor] = []
        self.cited: dict[str, int] = {}
        self.concerns = Concerns()

    def take(self, leaves: Leaves) -> list[int]:
        """Look at leaves; the indexes of those whose data has not the shape of its type."""
        odd = self.concerns.take(leaves)
        if not COMMITTING.isdisjoint(leaves.types):
            kinds = zip(leaves.at, leaves.types, leaves.data, strict=True)
            for at, kind, data in [one for one in kinds if one[1] in COMMITTING]:
                try:
                    self.anchors += _anchors(at, kind, data)
                except UNSURE:
                    odd.append(at)
        if CITES in b"".join(leaves.raws):
            rows = zip(leaves.at, leaves.raws, leaves.data, strict=True)
            for at, data in [(at, data) for at, raw, data in rows if CITES in raw]:
                for sha256 in cited(data):
                    self.cited.setdefault(sha256, at)
        return odd


def _anchors(index: int, kind: str, data: dict[str, Any]) -> list[Anchor]:
    if kind == COMPILED:
        return [Anchor(index, None, _size(data["prefix_size"]), str(data["prefix_root"]))]
    heads = data["heads"]
    return [Anchor(index, str(head["province"]), _size(head["size"]), str(head["root"])) for head in heads]


def _size(value: Any) -> int:  # noqa: ANN401 - whatever stands there
    size = int(value)
    if size < 0:
        raise ValueError
    return size


def cited(value: object) -> Iterator[str]:
    """The SHA-256 of every document that an event's data cites."""
    if isinstance(value, dict):
        if "media_type" in value and isinstance(value.get("sha256"), str):
            yield value["sha256"]
        else:
            for item in value.values():
                yield from cited(item)
    elif isinstance(value, list):
        for item in value:
            yield from cited(item)
