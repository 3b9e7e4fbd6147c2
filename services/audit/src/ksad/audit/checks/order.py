"""Checks the order of leaves: versions of streams, causes before effects, and recorded times.

A run of leaves is checked by itself (`Run`). What depends on earlier leaves is recorded in it and checked when the run
is appended to them (`Order`). Runs can therefore be read in any order and by several processes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import and_, le, lt
from struct import iter_unpack
from typing import TYPE_CHECKING, NamedTuple

from ksad.audit.checks.form import Fault
from ksad.contracts.envelope import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.audit.checks.form import Leaves

# For the clocks of several machines, which differ a little.
TOLERANCE = timedelta(minutes=5)
ID_SIZE, TIME_SIZE = 36, 27
ONE_BY_ONE = 64
"""Below this number, causes are searched for one by one; above it, a pass over all leaves is faster."""


class Stamp(NamedTuple):
    """The index of a leaf, and its recorded time."""

    at: int
    time: str


class Low(NamedTuple):
    """A leaf with an earlier time than all of its service before it in the run, and the latest time before it."""

    at: int
    time: str
    latest: str


class Run:
    """The order within a run of leaves. ``faults`` has the first leaf that breaks each check, by its name."""

    def __init__(self) -> None:
        self.late = 0
        self.faults: dict[str, Fault] = {}
        self.begun: dict[str, tuple[int, int]] = {}
        """By stream, the index of its first leaf, and that leaf's version."""
        self.ended: dict[str, int] = {}
        """By stream, the last version."""
        self.lows: dict[str, list[Low]] = {}
        """By service, its first leaf, and each leaf with an earlier time than all of its leaves before."""
        self.highs: dict[str, str] = {}
        """By service, the latest time."""
        self.effects: dict[str, list[Stamp]] = {}
        """By cause, the leaves that name it, where it does not precede them in this run."""
        self.ids = self.times = b""
        """After `end`, all ids and recorded times, packed; as objects they take four times the memory."""
        self._times: dict[str, str] = {}

    def take(self, leaves: Leaves) -> None:
        """Checks further leaves. Times have a single form, so that comparing texts compares times."""
        self._clocks(leaves)
        ended, times = self.ended, self._times
        columns = (leaves.at, leaves.ids, leaves.subjects, leaves.versions, leaves.times, leaves.causes)
        for at, own, stream, version, time, cause in zip(*columns, strict=True):
            last = ended.get(stream)
            if last is None:
                self.begun[stream] = (at, version)
            elif version != last + 1:
                _note(self.faults, "versions", _jump(at, stream, last, version))
            ended[stream] = version
            if cause:
                caused = times.get(cause)
                if caused is None:
                    self.effects.setdefault(cause, []).append(Stamp(at, time))
                elif time < caused and _behind(time, caused):
                    _note(self.faults, "times", Fault(at, f"{time} is before its cause"))
            times[own] = time
        late = map(lt, leaves.occurred, leaves.days)
        if leaves.precisions.count("day") < len(leaves.at):
            late = map(and_, late, map("day".__eq__, leaves.precisions))
        self.late += sum(late)

    def end(self) -> None:
        """Finishes the run."""
        self.ids, self.times = "".join(self._times).encode(), "".join(self._times.values()).encode()
        self._times = {}

    def _clocks(self, leaves: Leaves) -> None:
        """Checks each service's recorded times against its own earlier ones."""
        sources, times, highs = leaves.sources, leaves.times, self.highs
        for service in set(sources) - highs.keys():
            first = sources.index(service)
            highs[service] = times[first]
            self.lows[service] = [Low(leaves.at[first], times[first], times[first])]
        if all(map(le, (max(highs.values(), default=""), *times), times)):
            highs.update(zip(sources, times, strict=True))
            return
        for at, service, time in zip(leaves.at, sources, times, strict=True):
            if time >= highs[service]:
                highs[service] = time
                continue
            if time < self.lows[service][-1].time:
                self.lows[service].append(Low(at, time, highs[service]))
            _note(self.faults, "times", _back(at, service, time, highs[service]))


class Order:
    """The order of a log, checked run by run."""

    def __init__(self) -> None:
        self.late = 0
        self.faults: dict[str, Fault] = {}
        self._versions: dict[str, int] = {}
        self._latest: dict[str, str] = {}
        self._recorded: list[tuple[bytes, bytes]] = []
        """By run, the packed ids and times of its leaves."""
        self._highs: list[str] = []
        """By run, the latest time of its leaves."""
        self._effects: dict[bytes, list[tuple[int, Stamp]]] = {}
        """By cause, the leaves that name it, with the number of the run of each."""

    def follow(self, run: Run) -> None:
        """Appends the next run."""
        self.late += run.late
        for stream, (at, version) in run.begun.items():
            last = self._versions.get(stream, 0)
            if version != last + 1:
                _note(self.faults, "versions", _jump(at, stream, last, version))
        self._versions.update(run.ended)
        for service, lows in run.lows.items():
            latest = self._latest.setdefault(service, lows[0].time)
            for at, time, high in lows:
                _note(self.faults, "times", _back(at, service, time, max(latest, high)))
            self._latest[service] = max(latest, run.highs[service])
        for check, fault in run.faults.items():
            _note(self.faults, check, fault)
        for cause, effects in run.effects.items():
            caused = self._recent(cause.encode()) if len(run.effects) < ONE_BY_ONE else None
            if caused is None:
                self._effects.setdefault(cause.encode(), []).extend((len(self._recorded), effect) for effect in effects)
            else:
                self._after(caused, effects)
        self._recorded.append((run.ids, run.times))
        self._highs.append(max(run.highs.values(), default=""))

    def _recent(self, cause: bytes) -> str | None:
        """When a cause was recorded, if it is in the last run, where most are found; otherwise ``None``."""
        ids, times = self._recorded[-1] if self._recorded else (b"", b"")
        found = ids.rfind(cause)  # always at the start of an id: elsewhere the hyphens would not match
        return None if found < 0 else _time(times, found // ID_SIZE)

    def _after(self, time: str, effects: Iterable[Stamp]) -> None:
        """Checks the times of effects whose cause precedes them."""
        for at, effect in effects:
            if _behind(effect, time):
                _note(self.faults, "times", Fault(at, f"{effect} is before its cause"))

    def end(self) -> None:
        """Checks all causes, after the last run."""
        for number, (ids, times) in enumerate(self._recorded if self._effects else ()):
            causes = enumerate(own for (own,) in iter_unpack(f"{ID_SIZE}s", ids))
            for place, cause in [one for one in causes if one[1] in self._effects]:
                effects = self._effects.pop(cause)
                self._after(_time(times, place), [effect for run, effect in effects if run > number])
                for at in [effect.at for run, effect in effects if run <= number]:
                    _note(self.faults, "causes", _without(at, cause))
        for cause, effects in self._effects.items():
            for _, (at, _) in effects:
                _note(self.faults, "causes", _without(at, cause))

    def newest(self, size: int) -> str:
        """The latest recorded time among the first ``size`` leaves, as text; empty if there are none.

        Exact if every leaf is an envelope with an id of its own, which other checks verify.
        """
        latest = ""
        for (_, times), high in zip(self._recorded, self._highs, strict=True):
            count = len(times) // TIME_SIZE
            if count > size:
                return max([latest, *(_time(times, place) for place in range(size))])
            latest, size = max(latest, high), size - count
        return latest

    def settled(self, span: timedelta) -> int:
        """The number of leaves up to the last one recorded more than ``span`` before the newest."""
        newest = max(self._latest.values(), default="")
        if not newest:
            return 0
        until = format_time(datetime.fromisoformat(newest) - span).encode()
        count = sum(len(ids) // ID_SIZE for ids, _ in self._recorded)
        for _, times in reversed(self._recorded):
            for time in reversed([time for (time,) in iter_unpack(f"{TIME_SIZE}s", times)]):
                if time < until:
                    return count
                count -= 1
        return 0


def _note(faults: dict[str, Fault], check: str, fault: Fault | None) -> None:
    """Records a fault if it has the smallest index for its check."""
    if fault is not None and (check not in faults or fault.at < faults[check].at):
        faults[check] = fault


def _time(times: bytes, place: int) -> str:
    return times[place * TIME_SIZE : (place + 1) * TIME_SIZE].decode()


def _without(at: int, cause: bytes) -> Fault:
    return Fault(at, f"its cause {cause.decode()} is not among the leaves before it")


def _jump(at: int, stream: str, last: int, version: int) -> Fault:
    return Fault(at, f"{stream} has version {version} where {last + 1} is next")


def _back(at: int, service: str, time: str, latest: str) -> Fault | None:
    behind = _behind(time, latest)
    return Fault(at, f"{service} says {time}, {behind} s before what it recorded earlier") if behind else None


def _behind(time: str, other: str) -> int:
    """By how many seconds a time precedes another, if by more than the tolerance for clocks; otherwise 0."""
    behind = datetime.fromisoformat(other) - datetime.fromisoformat(time)
    return int(behind.total_seconds()) if behind > TOLERANCE else 0
