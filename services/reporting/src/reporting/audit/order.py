"""The order of leaves: each stream counts 1, 2, 3, causes stand before effects, and recorded times do not go back."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import and_, le, lt
from typing import TYPE_CHECKING, NamedTuple

from reporting.audit.form import Fault

if TYPE_CHECKING:
    from reporting.audit.form import Leaves

TOLERANCE = timedelta(minutes=5)


class Needs(NamedTuple):
    """What leaves within a log ask of those before them, so that their order holds."""

    versions: dict[str, int]
    """By stream, the version that is next."""
    times: dict[str, str]
    """By service, the earliest time that it says."""
    causes: dict[str, str]
    """By cause, the earliest time of an effect."""


class Order:
    """Takes consecutive leaves. ``faults`` has, by the name of the check, the first leaf that breaks it.

    Of leaves within a log, what only those before them can tell is no fault, but noted in ``needs``.
    """

    def __init__(self, *, within: bool = False) -> None:
        self.late = 0
        self.faults: dict[str, Fault] = {}
        self.needs = Needs({}, {}, {})
        self._within = within
        self._versions: dict[str, int] = {}
        self._times: dict[str, str] = {}
        self._latest: dict[str, str] = {}

    def take(self, leaves: Leaves) -> None:
        """Look at leaves. Times have one form, so their texts sort as they do."""
        self._clocks(leaves)
        versions, times, within = self._versions, self._times, self._within
        columns = (leaves.at, leaves.ids, leaves.subjects, leaves.versions, leaves.times, leaves.causes)
        for at, own, stream, version, time, cause in zip(*columns, strict=True):
            last = versions.get(stream, 0)
            if last == 0 and within:
                self.needs.versions[stream] = version
            elif version != last + 1:
                self._fault("versions", at, f"{stream} has version {version} where {last + 1} is next")
            versions[stream] = version
            if cause:
                caused = times.get(cause)
                if caused is None or time < caused:
                    self._cause(at, time, cause, caused)
            times[own] = time
        late = map(lt, leaves.occurred, leaves.days)
        self.late += sum(map(and_, late, map("day".__eq__, leaves.precisions)))

    def meets(self, needs: Needs) -> bool:
        """Whether leaves with these needs may follow now."""
        return (
            all(self._versions.get(stream, 0) + 1 == version for stream, version in needs.versions.items())
            and not any(_behind(time, self._latest.get(service, time)) for service, time in needs.times.items())
            and all(cause in self._times for cause in needs.causes)
            and not any(_behind(time, self._times[cause]) for cause, time in needs.causes.items())
        )

    def _clocks(self, leaves: Leaves) -> None:
        """Each service's recorded times against its own earlier ones."""
        sources, times = leaves.sources, leaves.times
        for service in set(sources) - self._latest.keys():
            self._latest[service] = self.needs.times[service] = times[sources.index(service)]
        if all(map(le, (max(self._latest.values(), default=""), *times), times)):
            self._latest.update(zip(sources, times, strict=True))
            return
        for at, service, time in zip(leaves.at, sources, times, strict=True):
            newest = self._latest[service]
            if time >= newest:
                self._latest[service] = time
                continue
            self.needs.times[service] = min(time, self.needs.times[service])
            if behind := _behind(time, newest):
                self._fault("times", at, f"{service} says {time}, {behind} s before what it recorded earlier")

    def _cause(self, at: int, time: str, cause: str, caused: str | None) -> None:
        if caused is not None:
            if _behind(time, caused):
                self._fault("times", at, f"{time} is before its cause")
        elif self._within:
            self.needs.causes[cause] = min(time, self.needs.causes.get(cause, time))
        else:
            self._fault("causes", at, f"its cause {cause} is not among the leaves before it")

    def _fault(self, check: str, index: int, detail: str) -> None:
        self.faults.setdefault(check, Fault(index, detail))


def _behind(time: str, other: str) -> int:
    """How many seconds a time lies before another one, if that is more than clocks may differ; else none."""
    behind = datetime.fromisoformat(other) - datetime.fromisoformat(time)
    return int(behind.total_seconds()) if behind > TOLERANCE else 0
