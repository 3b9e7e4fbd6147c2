"""What one who owns a log does to its leaves: every change is at one index, so that the first bad one is known."""

from collections.abc import Callable
from datetime import date, datetime

import orjson

from ksad.contracts import canonical
from ksad.contracts.registry import DayPassed
from tests.support.forgers.audited import made

Change = Callable[[list[bytes]], list[bytes]]
AT = 150
"""The first leaf that is not what it was, whichever the change."""


def edited(leaves: list[bytes]) -> list[bytes]:
    """Another actor at one leaf."""
    event = orjson.loads(leaves[AT])
    event["actorid"] = "orang-lain"
    return [*leaves[:AT], canonical.encode(event), *leaves[AT + 1 :]]


def deleted(leaves: list[bytes]) -> list[bytes]:
    """One leaf left out."""
    return leaves[:AT] + leaves[AT + 1 :]


def swapped(leaves: list[bytes]) -> list[bytes]:
    """Two neighbours the other way round."""
    return [*leaves[:AT], leaves[AT + 1], leaves[AT], *leaves[AT + 2 :]]


def inserted(leaves: list[bytes]) -> list[bytes]:
    """A fact put in between, with a time that fits there."""
    moment = datetime.fromisoformat(orjson.loads(leaves[AT])["time"])
    return [*leaves[:AT], made(DayPassed(day=date(2015, 1, 1)), "calendar/other", 1, moment).to_bytes(), *leaves[AT:]]


def truncated(leaves: list[bytes]) -> list[bytes]:
    """The newest leaves gone."""
    return leaves[:AT]


def regrown(leaves: list[bytes]) -> list[bytes]:
    """Cut back, and grown past the old size with other facts."""
    moment = datetime.fromisoformat(orjson.loads(leaves[-1])["time"])
    count = len(leaves) - AT + 20
    more = [made(DayPassed(day=date(2016, 1, 1)), "calendar/more", n, moment).to_bytes() for n in range(1, count)]
    return leaves[:AT] + more


CHANGES = [edited, deleted, swapped, inserted, truncated, regrown]
