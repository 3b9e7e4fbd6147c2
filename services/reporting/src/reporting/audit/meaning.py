"""What the leaves of an archive commit to beyond themselves: roots, documents, and what a province had to receive."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reporting.audit.membership import Membership

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reporting.audit.form import Event

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
    """Takes every leaf once."""

    def __init__(self) -> None:
        self.membership = Membership()
        self.anchors: list[Anchor] = []
        self.cited: dict[str, int] = {}

    def take(self, index: int, raw: bytes, event: Event) -> None:
        """Look at a leaf.

        :raises LookupError, TypeError, ValueError, AttributeError: its data has not the shape of its type.
        """
        if event["type"] in COMMITTING:
            self.anchors += _anchors(index, event)
        if CITES in raw:
            for sha256 in cited(event["data"]):
                self.cited.setdefault(sha256, index)
        self.membership.take(index, event)


def _anchors(index: int, event: Event) -> list[Anchor]:
    data = event["data"]
    if event["type"] == COMPILED:
        return [Anchor(index, None, int(data["prefix_size"]), str(data["prefix_root"]))]
    heads = data["heads"]
    return [Anchor(index, str(head["province"]), int(head["size"]), str(head["root"])) for head in heads]


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
