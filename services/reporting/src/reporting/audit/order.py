"""The order of leaves: each stream counts 1, 2, 3, causes stand before effects, and recorded times do not go back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reporting.audit.form import Event, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

TOLERANCE = timedelta(minutes=5)


class Order:
    """Takes every leaf once. ``faults`` has, by the name of the check, the first leaf that breaks it."""

    def __init__(self) -> None:
        self.late = 0
        self.faults: dict[str, Fault] = {}
        self._versions: dict[str, int] = {}
        self._times: dict[str, str] = {}
        self._latest: dict[str, str] = {}

    def take(self, index: int, events: Sequence[Event | None]) -> None:
        """Look at the events from an index on. Times have one form, so their texts sort as they do."""
        versions, times, latest = self._versions, self._times, self._latest
        for at, event in enumerate(events, index):
            if event is None:
                continue
            stream, version, time, service = event["subject"], event["streamversion"], event["time"], event["source"]
            expected = versions.get(stream, 0) + 1
            if version != expected:
                self._fault("versions", at, f"{stream} has version {version} where {expected} is next")
            versions[stream] = version
            if time >= latest.get(service, ""):
                latest[service] = time
            elif behind := _behind(time, latest[service]):
                self._fault("times", at, f"{service} says {time}, {behind} s before what it recorded earlier")
            if "causationid" in event:
                self._cause(at, time, event["causationid"])
            times[event["id"]] = time
            day = event["occurredon"]
            if day < time and not time.startswith(day) and event["dateprecision"] == "day":
                self.late += 1

    def _cause(self, at: int, time: str, cause: str) -> None:
        caused = self._times.get(cause)
        if caused is None:
            self._fault("causes", at, f"its cause {cause} is not among the leaves before it")
        elif time < caused and _behind(time, caused):
            self._fault("times", at, f"{time} is before its cause")

    def _fault(self, check: str, index: int, detail: str) -> None:
        self.faults.setdefault(check, Fault(index, detail))


def _behind(time: str, other: str) -> int:
    """How many seconds a time lies before another one, if that is more than clocks may differ; else none."""
    behind = datetime.fromisoformat(other) - datetime.fromisoformat(time)
    return int(behind.total_seconds()) if behind > TOLERANCE else 0
