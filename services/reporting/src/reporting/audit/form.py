"""The form of leaves: each is exactly the canonical bytes of a valid envelope."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from contracts.canonical import are_plain, is_clear
from contracts.envelope import SIZE_MAX, SUBJECT, Envelope, EnvelopeError
from contracts.identifiers import event_id_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LEAF = re.compile(
    rb'((\{"actorid":"[^"]*+","actoroffice":"[^"]*+")'
    rb'(?:,"causationid":"(.{36})")?+'
    rb'(?:,"commanddigest":"[0-9a-f]{64}")?+'
    rb'(?:,"commandid":"(.{36})")?+'
    rb',"correlationid":"(.{36})"'
    rb',"data":((?:[^}]*+\})+?)'
    rb',("datacontenttype":"[^"]*+","dataschema":"[^"]*+","dateprecision":"([^"]*+)")'
    rb',"id":"(.{36})"'
    rb'(?:,"legacy":true)?+'
    rb',"occurredon":"(.{10})"'
    rb',"source":"([^"]*+)"'
    rb'(?:,"sourcefile":"[0-9a-f]{64}")?+'
    rb'(?:,"sourceline":[1-9][0-9]{0,8})?+'
    rb',"specversion":"1\.0"'
    rb',"streamversion":([1-9][0-9]{0,8})'
    rb',"subject":"([^"]*+)"'
    rb',"time":"((.{10}).{17})"'
    rb',"type":"([^"]*+)"\})\n',
    re.DOTALL,
)
"""A line, and where the attributes stand in the canonical bytes of an envelope, whose keys are sorted.

Whatever can be told from many at once is left to that: a line that fits may be no envelope yet.
"""
canonical_bytes = partial(orjson.dumps, option=orjson.OPT_SORT_KEYS)
are_subjects = re.compile(rb'(?:%b(?:"|\Z))*+' % SUBJECT.strip("^$").encode()).fullmatch
"""Takes many with quotes between them: a leaf has none inside one."""
ID_SHAPE = b"00000000-0000-0000-0000-000000000000"
ANY_DIGIT = bytes.maketrans(b"123456789abcdef", b"0" * 15)
TIME_SHAPE = b"0000-00-00T00:00:00.000000Z"
ANY_DECIMAL = bytes.maketrans(b"123456789", b"0" * 9)
UNSURE = (LookupError, TypeError, ValueError, AttributeError)


class Fault(NamedTuple):
    """The first leaf that breaks a rule, and how."""

    at: int
    detail: str


class Leaves(NamedTuple):
    """What the other checks read in leaves that are envelopes, in columns; ``at`` has their indexes in the log.

    ``days`` are those of ``times``; ``bodies`` are the bytes of ``data``; a
    cause is empty where there is none.
    """

    at: Sequence[int]
    ids: Sequence[bytes]
    subjects: Sequence[bytes]
    versions: Sequence[int]
    times: Sequence[bytes]
    days: Sequence[bytes]
    occurred: Sequence[bytes]
    precisions: Sequence[bytes]
    sources: Sequence[bytes]
    types: Sequence[str]
    causes: Sequence[bytes]
    bodies: Sequence[bytes]
    data: Sequence[dict[str, Any]]


NOTHING = Leaves(*[()] * len(Leaves._fields))


class Form:
    """Reads leaves as events.

    What an envelope is, `contracts.envelope` says, and it is asked about whatever is new here. But an attribute is
    valid by its own value, except an id, which follows from two others: so a piece of a leaf that was accepted once is
    not asked about again, and whole columns of many leaves are looked at together. A million leaves take seconds.
    """

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self._accepted: tuple[set[bytes], ...] = (set(), set(), set(), set())
        self._days: set[bytes] = set()

    def take(self, index: int, lines: bytes) -> tuple[Sequence[bytes], Leaves]:
        """The leaves in whole lines, from an index on, and the envelopes among them.

        ``fault`` has the first leaf that is none.
        """
        try:
            return self._sure(index, lines)
        except UNSURE:
            raws = lines.split(b"\n")[:-1]
            rows = list(self._asked(index, raws))
            return raws, Leaves(*zip(*rows, strict=True)) if rows else NOTHING

    def refuse(self, index: int, detail: str) -> None:
        """Note that a leaf is no envelope."""
        if self.fault is None or index < self.fault.at:
            self.fault = Fault(index, detail[:200])

    def _asked(self, index: int, raws: Sequence[bytes]) -> Iterator[tuple[Any, ...]]:
        for at, raw in enumerate(raws, index):
            try:
                Envelope.from_bytes(raw)
            except EnvelopeError as error:
                self.refuse(at, str(error))
            else:
                yield _row(at, orjson.loads(raw))

    def _sure(self, index: int, lines: bytes) -> tuple[Sequence[bytes], Leaves]:
        """All the leaves, if they are envelopes without doubt.

        Nothing that is accepted around the data has a quote or a backslash in it, and nothing at all a line break: a
        leaf means what `LEAF` sees in it. As no object in JSON is the beginning of another one, lists of objects are
        equal bytes only if each of the objects is.

        :raises LookupError, TypeError, ValueError, AttributeError: one of them may be none.
        """
        raws, *columns = zip(*LEAF.findall(lines), strict=True)
        actors, causes, commands, correlations, bodies, schemas, precisions, *rest = columns
        ids, occurred, sources, counts, subjects, times, days, types = rest
        data = list(map(orjson.loads, bodies))
        pieces, sizes = (actors, schemas, sources, types), list(map(len, raws))
        if not all(map(set.issuperset, self._accepted, pieces)):
            self._ask(zip(raws, bodies, zip(*pieces, strict=True), strict=True))
        sure = (
            are_plain(data, depth=1)
            and canonical_bytes(data) == b"[%b]" % (joined := b",".join(bodies))
            and (is_clear(joined) or _are_envelopes(raws, bodies))
            and self._are_days({*occurred, *days})
            and _are_times(times)
            and are_subjects(b'"'.join(subjects))
            and _are_ids([*ids, *correlations, *causes, *commands])
            and b"".join(ids).replace(b"-", b"") == event_id_digits(subjects, counts)
            and max(sizes) <= SIZE_MAX
            and sum(sizes) + len(raws) == len(lines)
        )
        if not sure:
            raise ValueError
        at, names = range(index, index + len(raws)), list(map(bytes.decode, types))
        versions = orjson.loads(b"[%b]" % b",".join(counts))
        return raws, Leaves(
            at, ids, subjects, versions, times, days, occurred, precisions, sources, names, causes, bodies, data
        )

    def _ask(self, leaves: Iterable[tuple[bytes, bytes, tuple[bytes, ...]]]) -> None:
        """Have `contracts.envelope` judge the leaves with a piece that was not met before.

        :raises ValueError: one is no envelope, or not surely one with these pieces.
        """
        for raw, body, pieces in leaves:
            if not all(piece in accepted for accepted, piece in zip(self._accepted, pieces, strict=True)):
                if raw.count(b"\\") > body.count(b"\\"):
                    raise ValueError
                Envelope.from_bytes(raw)
                for accepted, piece in zip(self._accepted, pieces, strict=True):
                    accepted.add(piece)

    def _are_days(self, texts: set[bytes]) -> bool:
        new = texts - self._days
        if not all(date.fromisoformat(text.decode()).isoformat().encode() == text for text in new):
            return False
        self._days |= new
        return True


def _are_ids(texts: Sequence[bytes]) -> bool:
    """Whether texts of 36 characters each, or none, are ids in their only spelling."""
    joined = b"".join(texts)
    return joined.translate(ANY_DIGIT) == ID_SHAPE * (len(joined) // len(ID_SHAPE))


def _are_times(texts: Sequence[bytes]) -> bool:
    """Whether texts of 27 characters each are times in their only spelling, but for the day."""
    joined, size = b"".join(texts), len(TIME_SHAPE)
    hours = zip(joined[11::size], joined[12::size], strict=True)
    return (
        joined.translate(ANY_DECIMAL) == TIME_SHAPE * len(texts)
        and max(hours) <= tuple(b"23")
        and max(joined[14::size] + joined[17::size]) <= ord("5")
    )


def _are_envelopes(raws: Sequence[bytes], bodies: Sequence[bytes]) -> bool:
    """Have `contracts.envelope` judge the leaves whose texts need a second look.

    :raises ValueError: one is no envelope.
    """
    for raw, body in zip(raws, bodies, strict=True):
        if not is_clear(body):
            Envelope.from_bytes(raw)
    return True


def _row(at: int, event: dict[str, Any]) -> tuple[Any, ...]:
    """A row of `Leaves`."""
    names = ("id", "subject", "time", "occurredon", "dateprecision", "source")
    own, subject, time, occurred, precision, source = (event[name].encode() for name in names)
    cause = event.get("causationid", "").encode()
    body = canonical_bytes(event["data"])
    return (
        *(at, own, subject, event["streamversion"], time, time[:10], occurred, precision, source, event["type"]),
        *(cause, body, event["data"]),
    )
