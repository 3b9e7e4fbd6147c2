"""What the leaves of an archive say, read once in order: each check notes the first leaf that breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from contracts import canonical
from contracts.envelope import SIZE_MAX, Envelope, EnvelopeError
from reporting.audit.membership import Membership
from reporting.transparency.tree import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

TOLERANCE_MICROSECONDS = 300 * 1_000_000
ANCHORED = "ksad.anchor.feeds_anchored.v1"
COMPILED = "ksad.report.compiled.v1"


class Fault(NamedTuple):
    """The first leaf that breaks a rule, and how."""

    at: int
    detail: str


class Anchor(NamedTuple):
    """A root that a leaf commits to: of a province's feed, or of the national log's prefix (province None)."""

    at: int
    province: str | None
    size: int
    root: str


class Leaves:
    """Takes every leaf once. ``faults`` has, by the name of the check, the first leaf that breaks it."""

    def __init__(self) -> None:
        self.count = 0
        self.late = 0
        self.faults: dict[str, Fault] = {}
        self.membership = Membership()
        self.anchors: list[Anchor] = []
        self.cited: dict[str, int] = {}
        self._versions: dict[str, int] = {}
        self._times: dict[bytes, int] = {}
        self._latest: dict[str, int] = {}

    def take(self, raw: bytes) -> None:
        """Look at the next leaf."""
        index = self.count
        self.count += 1
        digest = leaf_hash(raw)
        try:
            event = _checked(raw)
        except EnvelopeError as error:
            self._fault("envelopes", index, str(error)[:200])
            self.membership.take({"type": "", "subject": "/", "data": {}}, digest)
            return
        self._follow(index, event)
        self._clock(index, event)
        self._note(index, event)
        self.membership.take(event, digest)

    def _fault(self, check: str, index: int, detail: str) -> None:
        self.faults.setdefault(check, Fault(index, detail))

    def _follow(self, index: int, event: dict[str, Any]) -> None:
        stream, version = event["subject"], event["streamversion"]
        expected = self._versions.get(stream, 0) + 1
        if version != expected:
            self._fault("versions", index, f"{stream} has version {version} where {expected} is next")
        self._versions[stream] = version
        cause = event.get("causationid")
        if cause is not None and bytes.fromhex(cause.replace("-", "")) not in self._times:
            self._fault("causes", index, f"its cause {cause} is not among the leaves before it")

    def _clock(self, index: int, event: dict[str, Any]) -> None:
        moment = _microseconds(event["time"])
        service = event["source"]
        latest = self._latest.get(service, moment)
        if moment < latest - TOLERANCE_MICROSECONDS:
            behind = (latest - moment) // 1_000_000
            self._fault("times", index, f"{service} says {event['time']}, {behind} s before what it recorded earlier")
        cause = event.get("causationid")
        caused = self._times.get(bytes.fromhex(cause.replace("-", ""))) if cause else None
        if caused is not None and moment < caused - TOLERANCE_MICROSECONDS:
            self._fault("times", index, f"{event['time']} is before its cause")
        self._latest[service] = max(latest, moment)
        self._times[bytes.fromhex(event["id"].replace("-", ""))] = moment
        if event["occurredon"] < event["time"][:10] and event["dateprecision"] == "day":
            self.late += 1

    def _note(self, index: int, event: dict[str, Any]) -> None:
        data = event["data"]
        if event["type"] == ANCHORED:
            self.anchors += [Anchor(index, head["province"], head["size"], head["root"]) for head in data["heads"]]
        elif event["type"] == COMPILED:
            self.anchors.append(Anchor(index, None, data["prefix_size"], data["prefix_root"]))
        for sha256 in cited(data):
            self.cited.setdefault(sha256, index)


def _checked(raw: bytes) -> dict[str, Any]:
    """The event in a leaf: exactly the canonical bytes of a valid envelope.

    :raises EnvelopeError: they are not.
    """
    if len(raw) > SIZE_MAX:
        raise EnvelopeError(f"{len(raw)} bytes are more than an event's {SIZE_MAX}")
    try:
        event: dict[str, Any] = canonical.decode(raw)
        envelope = Envelope.model_validate(event)
    except ValueError as error:
        raise EnvelopeError(str(error)) from error
    spelt = (str(envelope.id), str(envelope.causationid) if envelope.causationid else None)
    if (event["id"], event.get("causationid")) != spelt:
        raise EnvelopeError("an id is not in its only spelling")
    return event


def _microseconds(text: str) -> int:
    """A time of the only form there is in an event, as a number that grows with it (days count 31 to a month)."""
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    seconds = int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    return (((year * 12 + month) * 31 + day) * 86_400 + seconds) * 1_000_000 + int(text[20:26])


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
