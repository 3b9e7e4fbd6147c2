"""Holds what clients were told against what is kept: nothing lost, doubled, invented, or in another order."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class KeptFact(NamedTuple):
    """A fact where it is kept: the command that recorded it, its stream and its place in that."""

    command: str
    stream: str
    version: int


class Invocation(NamedTuple):
    """What a client asked for and was told: True for recorded, False for refused, None where no answer came."""

    command: str
    recorded: bool | None


def contradictions(told: Iterable[Invocation], kept: Mapping[str, Sequence[KeptFact]]) -> list[str]:
    """Each contradiction between clients and places, and between the places; an empty list if there is none.

    :param kept: by place (store, journal …) its facts in its own order; every place has to have all of them.
    """
    found = []
    invocations = {one.command: one.recorded for one in told}
    for place, facts in kept.items():
        there = Counter(one.command for one in facts)
        for command, recorded in invocations.items():
            if recorded and not there[command]:
                found.append(f"lost: {command} was acknowledged and is not in {place}")
            if recorded is False and there[command]:
                found.append(f"invented: {command} was refused and is in {place}")
        twice = Counter((one.stream, one.version) for one in facts)
        found += [
            f"doubled: {stream}@{version} is in {place} {count} times"
            for (stream, version), count in twice.items()
            if count > 1
        ]
        newest: dict[str, int] = {}
        for one in facts:
            if one.version != newest.get(one.stream, 0) + 1 and twice[one.stream, one.version] == 1:
                found.append(f"disordered: {one.stream}@{one.version} follows {newest.get(one.stream, 0)} in {place}")
            newest[one.stream] = one.version
    first, *others = kept.items()
    whole = {(one.stream, one.version): one.command for one in first[1]}
    for place, facts in others:
        for one in facts:
            known = whole.get((one.stream, one.version))
            if known != one.command:
                found.append(f"forked: {one.stream}@{one.version} is {one.command} in {place}, {known} in {first[0]}")
    return found
