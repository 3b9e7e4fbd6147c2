"""The form of leaves: each is exactly the canonical bytes of a valid envelope."""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from operator import eq, itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from contracts import canonical
from contracts.envelope import INTEGER_MAX, SIZE_MAX, SUBJECT, UUID_TEXT, Envelope, EnvelopeError
from contracts.identifiers import event_id_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Event = dict[str, Any]
RECURRING = (
    "source",
    "type",
    "actoroffice",
    "actorid",
    "occurredon",
    "dateprecision",
    "specversion",
    "datacontenttype",
    "dataschema",
)
REQUIRED = (*RECURRING, "id", "subject", "streamversion", "time", "correlationid", "data")
OPTIONAL = ("causationid", "commandid", "commanddigest", "sourcefile", "legacy", "sourceline")
columns_of = itemgetter(*REQUIRED)
canonical_bytes = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)
is_subject = re.compile(SUBJECT, re.ASCII).fullmatch
is_digest = re.compile(r"[0-9a-f]{64}").fullmatch
is_id = UUID_TEXT.fullmatch
UNSURE = (LookupError, TypeError, ValueError, AttributeError)


class Fault(NamedTuple):
    """The first leaf that breaks a rule, and how."""

    at: int
    detail: str


class Form:
    """Reads leaves as events.

    What an envelope is, `contracts.envelope` says, and it is asked about whatever is new here. But an attribute is
    valid by its own value, except an id, which follows from two others: so a value that was accepted once is not asked
    about again, and whole columns of many leaves are looked at together. A million leaves take seconds.
    """

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self._accepted: dict[str, set[Any]] = {name: set() for name in RECURRING}

    def take(self, index: int, raws: Sequence[bytes]) -> Sequence[Event | None]:
        """The events in leaves from an index on; None for one that is no envelope. ``fault`` has the first of those."""
        try:
            return self._sure(raws)
        except UNSURE:
            return [self._asked(index + number, raw) for number, raw in enumerate(raws)]

    def refuse(self, index: int, detail: str) -> None:
        """Note that a leaf is no envelope."""
        if self.fault is None or index < self.fault.at:
            self.fault = Fault(index, detail[:200])

    def _asked(self, index: int, raw: bytes) -> Event | None:
        try:
            Envelope.from_bytes(raw)
        except EnvelopeError as error:
            self.refuse(index, str(error))
            return None
        event: Event = orjson.loads(raw)
        return event

    def _sure(self, raws: Sequence[bytes]) -> list[Event]:
        """The events in leaves that are envelopes without doubt.

        :raises LookupError, TypeError, ValueError, AttributeError: one of them may be none.
        """
        events: list[Event] = list(map(orjson.loads, raws))
        columns = list(zip(*map(columns_of, events), strict=True))
        for name, column in zip(RECURRING, columns, strict=False):
            accepted = self._accepted[name]
            if not accepted.issuperset(column):
                self._ask(raws, events, name)
        ids, subjects, versions, times, correlations, bodies = columns[len(RECURRING) :]
        causes, commands, digests, files, legacy, lines = (_values(events, name) for name in OPTIONAL)
        sure = (
            all(map(eq, map(event_id_text, subjects, versions), ids))
            and all(map(_is_count, versions))
            and all(map(is_subject, set(subjects)))
            and all(map(_is_time, times))
            and all(map(is_id, {*correlations, *causes, *commands}))
            and all(map(is_digest, [*digests, *files]))
            and all(value is True for value in legacy)
            and all(map(_is_count, lines))
            and all(type(body) is dict and canonical.is_plain(body) for body in bodies)
            and sum(map(len, events))
            == len(events) * len(REQUIRED) + sum(map(len, (causes, commands, digests, files, legacy, lines)))
            and canonical.is_clear(b"".join(raws))
            and len(max(raws, key=len)) <= SIZE_MAX
            and all(map(eq, map(canonical_bytes, events), raws))
        )
        if not sure:
            raise ValueError
        return events

    def _ask(self, raws: Sequence[bytes], events: Sequence[Event], name: str) -> None:
        """Have `contracts.envelope` judge the leaves with a value of an attribute that was not met before.

        :raises EnvelopeError: one is no envelope.
        """
        for raw, event in zip(raws, events, strict=True):
            if event[name] not in self._accepted[name]:
                Envelope.from_bytes(raw)
                for each in RECURRING:
                    self._accepted[each].add(event[each])


def _values(events: Iterable[Event], name: str) -> list[Any]:
    return [event[name] for event in events if name in event]


def _is_count(value: object) -> bool:
    return type(value) is int and 0 < value <= INTEGER_MAX


def _is_time(text: str) -> bool:
    """Whether a text is surely a time in its only form."""
    return (
        len(text) == len("2009-05-19T00:00:00.000000Z")
        and text[10] == "T"
        and text[19] == "."
        and text[26] == "Z"
        and text[5] != "W"
        and text[11:13] != "24"
        and datetime.fromisoformat(text) is not None
    )
