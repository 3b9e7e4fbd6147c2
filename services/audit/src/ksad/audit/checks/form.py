"""Checks the form of leaves: each is exactly the canonical bytes of a valid envelope."""

from __future__ import annotations

import re
from datetime import date
from functools import reduce
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import orjson
from msgspec import Meta, Struct
from msgspec.json import Decoder, Encoder
from msgspec.structs import astuple

from ksad.contracts.canonical import INTEGER_MAX, is_clear
from ksad.contracts.envelope import COUNT_MAX, SIZE_MAX, SUBJECT, DatePrecision, Envelope, EnvelopeError
from ksad.contracts.identifiers import event_id_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Data = dict[str, Any]
else:
    SCALAR = None | bool | Annotated[int, Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)] | str
    Data = dict[str, reduce(lambda value, _: SCALAR | list[value] | dict[str, value], range(6), SCALAR)]
    """The values of canonical JSON down to the depth of known facts. The size of the type doubles with each level;
    deeper
    data are checked one by one."""

Count = Annotated[int, Meta(ge=1, le=COUNT_MAX)]
Day = Annotated[str, Meta(min_length=10, max_length=10)]
Digest = Annotated[str, Meta(min_length=64, max_length=64)]
Id = Annotated[str, Meta(min_length=36, max_length=36)]
Time = Annotated[str, Meta(min_length=27, max_length=27)]


class Leaf(Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """The attributes of `ksad.contracts.envelope`, in the order of canonical bytes.

    Its constraints are weaker than the envelope's, so that many leaves are decoded at once. Further checks follow.
    """

    actorid: str
    actoroffice: str
    causationid: Id | None = None
    commanddigest: Digest | None = None
    commandid: Id | None = None
    correlationid: Id
    data: Data
    datacontenttype: Literal["application/json"]
    dataschema: str
    dateprecision: DatePrecision
    id: Id
    legacy: bool = False
    occurredon: Day
    source: str
    sourcefile: Digest | None = None
    sourceline: Count | None = None
    specversion: Literal["1.0"]
    streamversion: Count
    subject: str
    time: Time
    type: str


read = Decoder(Leaf).decode_lines
written = Encoder(order="deterministic").encode_lines
"""Writes canonical bytes for values within the canonical profile."""
FEW = ("actorid", "actoroffice", "dataschema", "source", "type")
"""Attributes with few distinct values in a log; accepted values are remembered."""
SHORT = 256
"""The longest value that is remembered, in characters."""
are_subjects = re.compile(rf"(?:{SUBJECT.strip('^$')}(?:\n|\Z))*+").fullmatch
"""Matches any number of subjects, one per line."""
DIGITS = b"0123456789abcdef"
TIME_SHAPE = b"0000-00-00T00:00:00.000000Z"
ANY_DECIMAL = bytes.maketrans(b"123456789", b"0" * 9)
# Any of these means that a leaf may be invalid, or is only unusual: the slow check decides.
UNSURE = (LookupError, TypeError, ValueError, AttributeError)


class Fault(NamedTuple):
    """The first leaf that breaks a rule: its index, and what is wrong."""

    at: int
    detail: str


class Leaves(NamedTuple):
    """The attributes of valid envelopes that other checks use, in columns. ``at`` has the indexes in the log.

    ``days`` are the dates of ``times``; a cause is ``None`` where there is none.
    """

    at: Sequence[int]
    raws: Sequence[bytes]
    ids: Sequence[str]
    subjects: Sequence[str]
    versions: Sequence[int]
    times: Sequence[str]
    days: Sequence[str]
    occurred: Sequence[str]
    precisions: Sequence[str]
    sources: Sequence[str]
    types: Sequence[str]
    schemas: Sequence[str]
    unsourced: Sequence[bool]
    """Whether a leaf is a legacy fact that names no source file."""
    causes: Sequence[str | None]
    data: Sequence[dict[str, Any]]


NOTHING = Leaves(*[()] * len(Leaves._fields))


class Form:
    """Decodes leaves and checks that they are envelopes.

    `ksad.contracts.envelope` defines what is valid and is asked about all new values. Every attribute but the id is
    valid by its own value, so accepted values are not asked about again, and columns of many leaves are checked at
    once. That takes seconds for a million leaves.
    """

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self._accepted: tuple[set[str], ...] = tuple(set() for _ in FEW)
        self._days: set[str] = set()

    def take(self, index: int, lines: bytes) -> tuple[Sequence[bytes], Leaves]:
        """Splits complete lines into leaves, from the index ``index`` on, and reads the envelopes among them.

        ``fault`` is the first leaf that is not an envelope.
        """
        raws = lines.split(b"\n")[:-1]
        try:
            return raws, self._sure(index, lines, raws)
        except UNSURE:
            rows = list(self._asked(index, raws))
            return raws, Leaves(*zip(*rows, strict=True)) if rows else NOTHING

    def refuse(self, index: int, detail: str) -> None:
        """Records that a leaf is not an envelope; the smallest index is kept."""
        if self.fault is None or index < self.fault.at:
            self.fault = Fault(index, detail[:200])

    def _asked(self, index: int, raws: Sequence[bytes]) -> Iterator[tuple[Any, ...]]:
        for at, raw in enumerate(raws, index):
            try:
                Envelope.from_bytes(raw)
            except EnvelopeError as error:
                self.refuse(at, str(error))
            else:
                yield _row(at, raw)

    def _sure(self, index: int, lines: bytes, raws: Sequence[bytes]) -> Leaves:
        """Reads all leaves, if all of them certainly are envelopes.

        :raises LookupError, TypeError, ValueError, AttributeError: one of them may be invalid.
        """
        leaves = read(lines)
        columns = dict(zip(Leaf.__struct_fields__, zip(*map(astuple, leaves), strict=True), strict=True))
        few = [columns[name] for name in FEW]
        if not all(map(set.issuperset, self._accepted, few)):
            self._ask(raws, zip(*few, strict=True))
        ids, subjects, versions, times = (columns[name] for name in ("id", "subject", "streamversion", "time"))
        causes, occurred, days = columns["causationid"], columns["occurredon"], [time[:10] for time in times]
        other_ids = chain(columns["correlationid"], filter(None, causes), filter(None, columns["commandid"]))
        sure = (
            written(leaves) == lines
            and (is_clear(lines) or _are_envelopes(raws))
            and max(map(len, raws)) <= SIZE_MAX
            and self._are_days({*occurred, *days})
            and _are_times("".join(times).encode())
            and _are_digests("".join(filter(None, columns["commanddigest"] + columns["sourcefile"])).encode())
            and are_ids("".join(chain(ids, other_ids)).encode())
            and _are_subjects(subjects)
            and "".join(ids).replace("-", "") == event_id_digits(subjects, versions)
        )
        if not sure:
            raise ValueError
        at, data = range(index, index + len(raws)), columns["data"]
        precisions, sources, types = (columns[name] for name in ("dateprecision", "source", "type"))
        head = (at, raws, ids, subjects, versions, times, days, occurred, precisions, sources)
        legacies, files = columns["legacy"], columns["sourcefile"]
        unsourced = [legacy and not file for legacy, file in zip(legacies, files, strict=True)]
        return Leaves(*head, types, columns["dataschema"], unsourced, causes, data)

    def _ask(self, raws: Sequence[bytes], rows: Iterable[tuple[str, ...]]) -> None:
        """Validates the leaves with new values by `ksad.contracts.envelope`, and remembers the values.

        :raises ValueError: a leaf is not an envelope.
        """
        for raw, row in zip(raws, rows, strict=True):
            if not all(value in accepted for accepted, value in zip(self._accepted, row, strict=True)):
                Envelope.from_bytes(raw)
                for accepted, value in zip(self._accepted, row, strict=True):
                    if len(value) <= SHORT:
                        accepted.add(value)

    def _are_days(self, texts: set[str]) -> bool:
        new = texts - self._days
        if not all(date.fromisoformat(text).isoformat() == text for text in new):
            return False
        self._days |= new
        return True


def are_ids(joined: bytes) -> bool:
    """Whether texts of 36 characters each are UUIDs in lower case with hyphens."""
    hyphens = b"-" * (len(joined) // 36)
    here = all(joined[place::36] == hyphens for place in (8, 13, 18, 23))
    return here and joined.translate(None, DIGITS) == 4 * hyphens


def _are_digests(joined: bytes) -> bool:
    """Whether texts consist of lower-case hexadecimal digits."""
    return joined.translate(None, DIGITS) == b""


def _are_times(joined: bytes) -> bool:
    """Whether texts of 27 characters each are times in the form of events; the date is checked elsewhere."""
    size = len(TIME_SHAPE)
    hours = zip(joined[11::size], joined[12::size], strict=True)
    return (
        joined.translate(ANY_DECIMAL) == TIME_SHAPE * (len(joined) // size)
        and max(hours) <= tuple(b"23")
        and max(joined[14::size] + joined[17::size]) <= ord("5")
    )


def _are_subjects(texts: Sequence[str]) -> bool:
    joined = "\n".join(texts)
    return joined.count("\n") < len(texts) and are_subjects(joined) is not None


def _are_envelopes(raws: Sequence[bytes]) -> bool:
    """Validates by `ksad.contracts.envelope` the leaves whose text needs a closer look.

    :raises ValueError: a leaf is not an envelope.
    """
    for raw in raws:
        if not is_clear(raw):
            Envelope.from_bytes(raw)
    return True


def _row(at: int, raw: bytes) -> tuple[Any, ...]:
    """A row of `Leaves`."""
    event = orjson.loads(raw)
    names = ("time", "occurredon", "dateprecision", "source", "type", "dataschema")
    time, *others = (event[name] for name in names)
    own, subject, version = (event[name] for name in ("id", "subject", "streamversion"))
    unsourced = "legacy" in event and "sourcefile" not in event
    return (
        at,
        raw,
        own,
        subject,
        version,
        time,
        time[:10],
        *others,
        unsourced,
        event.get("causationid"),
        event["data"],
    )
