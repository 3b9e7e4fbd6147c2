"""The quick look at whole columns of leaves accepts exactly what `contracts.envelope` accepts, leaf by leaf."""

import random
from typing import Any

import orjson
import pytest

from contracts import canonical
from contracts.envelope import Envelope, EnvelopeError
from reporting.audit.form import Form
from tests.support.histories import generated

ODD: list[Any] = [
    None, True, False, 0, 1, 5, -1, 1.0, 2**31, 2**53, "", "1", "x", "x\n", "é", "e\u0301", "\u0000", [], {}, ["x"],
    "2015-01-05", "1420416000", "2015-W01-1T01:00:00.250000Z", "2015-02-30T01:00:00.250000Z",
    "2015-01-05T24:00:00.000000Z",
    "2015-01-05T01:00:00,250000Z", "2015-01-05 01:00:00.250000Z", "٢٠١٥-01-05T01:00:00.250000Z", "A" * 64, "a" * 64,
    "227dae1d-126d-51b1-83a3-87787ca83e64", "227DAE1D-126D-51B1-83A3-87787CA83E64", "cooperation/x", "cooperation/X",
]  # fmt: skip
OPTIONAL = ["causationid", "commandid", "commanddigest", "sourcefile", "legacy", "sourceline", "surprise"]


def accepted(raw: bytes) -> bool:
    """Whether `contracts.envelope` takes these bytes for an envelope."""
    try:
        Envelope.from_bytes(raw)
    except EnvelopeError:
        return False
    return True


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """A leaf with an attribute, or a value of its data, replaced, added or left out; or with a byte changed."""
    event = orjson.loads(raw)
    kind = rng.randrange(5)
    if kind == 0:
        at = rng.randrange(len(raw))
        return raw[:at] + rng.choice([b"", b" ", b'"', b"0", b"}"]) + raw[at + rng.randrange(2) :]
    if kind == 1:
        del event[rng.choice(sorted(event))]
    elif kind == 2:
        event["data"][rng.choice([*event["data"], "new"])] = rng.choice(ODD)
    else:
        event[rng.choice([*event, *OPTIONAL])] = rng.choice(ODD)
    return orjson.dumps(event, option=orjson.OPT_SORT_KEYS)


def row(at: int, raw: bytes) -> tuple[Any, ...]:
    """What the other checks have to read in an envelope."""
    event = orjson.loads(raw)
    names = ["id", "subject", "time", "occurredon", "dateprecision", "source"]
    own, subject, time, *days_and_source = [event[name].encode() for name in names]
    cause = event["causationid"].encode() if "causationid" in event else None
    body = canonical.encode(event["data"])
    first = (at, own, subject, event["streamversion"], time, time[:10])
    return (*first, *days_and_source, event["type"], cause, body, event["data"])


def first_bad(form: Form) -> int | None:
    """The first leaf that was no envelope."""
    return None if form.fault is None else form.fault.at


def test_both_judge_alike(rng: random.Random, rounds: int) -> None:
    """Of thousands of mutilated leaves each is refused or accepted as the envelope itself says, and the first named."""
    leaves = [event.to_bytes() for event in generated(400)]
    form = Form()
    assert len(form.take(0, leaves).at) == len(leaves)
    refused = 0
    for _ in range(rounds * 300):
        chunk = rng.sample(leaves, 8)
        at = rng.randrange(8)
        chunk[at] = mutated(chunk[at], rng)
        form.fault = None

        found = form.take(1_000, chunk)

        right = accepted(chunk[at])
        refused += not right
        assert list(found.at) == [1_000 + number for number in range(8) if number != at or right], chunk[at]
        assert first_bad(form) == (None if right else 1_000 + at)
        assert list(zip(*found, strict=True)) == [row(each, chunk[each - 1_000]) for each in found.at]
    assert refused > 100


@pytest.mark.parametrize("raw", [b"", b"5", b"[]", b"{}", b"null", b"\xff", b'{"data":{}}', b"{" * 2_000])
def test_what_is_no_object(raw: bytes) -> None:
    """Bytes that are no event at all are refused one by one, and their neighbours are read."""
    leaf = next(iter(generated(1))).to_bytes()

    found = Form().take(0, [leaf, raw, leaf])

    assert list(found.at) == [0, 2]
