"""The quick look at whole columns of leaves accepts exactly what `ksad.contracts.envelope` accepts, leaf by leaf."""

import random
from typing import Any

import orjson
import pytest
from hypothesis import given

from ksad.audit.checks.form import SHORT, Form, Leaf, written
from ksad.contracts import canonical
from ksad.contracts.envelope import SIZE_MAX, Envelope, EnvelopeError
from ksad.contracts.identifiers import event_id
from tests.support.histories.histories import generated
from tests.support.histories.values import VALUES

ODD: list[Any] = [
    None, True, False, 0, 1, 5, -1, 1.0, 2**31, 2**53, "", "1", "x", "x\n", "é", "e\u0301", "\u0000", [], {}, ["x"],
    "2015-01-05", "1420416000", "2015-W01-1T01:00:00.250000Z", "2015-02-30T01:00:00.250000Z",
    "2015-01-05T24:00:00.000000Z",
    "2015-01-05T01:00:00,250000Z", "2015-01-05 01:00:00.250000Z", "٢٠١٥-01-05T01:00:00.250000Z", "A" * 64, "a" * 64,
    "227dae1d-126d-51b1-83a3-87787ca83e64", "227DAE1D-126D-51B1-83A3-87787CA83E64", "cooperation/x", "cooperation/X",
    "task/x\ntask/y", "227dae1-d126d-51b1-83a3-87787ca83e64",
]  # fmt: skip
OPTIONAL = ["causationid", "commandid", "commanddigest", "sourcefile", "legacy", "sourceline", "surprise"]


def accepted(raw: bytes) -> bool:
    """Whether `ksad.contracts.envelope` takes these bytes for an envelope."""
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
    first = (at, raw, event["id"], event["subject"], event["streamversion"], event["time"], event["time"][:10])
    others = [event[name] for name in ("occurredon", "dateprecision", "source", "type", "dataschema")]
    return (*first, *others, "legacy" in event and "sourcefile" not in event, event.get("causationid"), event["data"])


def lines(raws: list[bytes]) -> bytes:
    """Leaves as an archive has them."""
    return b"".join(raw + b"\n" for raw in raws)


def first_bad(form: Form) -> int | None:
    """The first leaf that was no envelope."""
    return None if form.fault is None else form.fault.at


def test_both_judge_alike(rng: random.Random, rounds: int) -> None:
    """Of thousands of mutilated leaves each is refused or accepted as the envelope itself says, and the first named."""
    leaves = [event.to_bytes() for event in generated(400)]
    form = Form()
    assert len(form.take(0, lines(leaves))[1].at) == len(leaves)
    refused = 0
    for _ in range(rounds * 300):
        chunk = rng.sample(leaves, 8)
        at = rng.randrange(8)
        chunk[at] = mutated(chunk[at], rng)
        form.fault = None

        raws, found = form.take(1_000, lines(chunk))

        right = accepted(chunk[at])
        refused += not right
        assert list(raws) == chunk
        assert list(found.at) == [1_000 + number for number in range(8) if number != at or right], chunk[at]
        assert first_bad(form) == (None if right else 1_000 + at)
        assert list(zip(*found, strict=True)) == [row(each, chunk[each - 1_000]) for each in found.at]
    assert refused > 100


@pytest.mark.parametrize("raw", [b"", b"5", b"[]", b"{}", b"null", b"\xff", b'{"data":{}}', b"{" * 2_000])
def test_what_is_no_object(raw: bytes) -> None:
    """Bytes that are no event at all are refused one by one, and their neighbours are read."""
    leaf = next(iter(generated(1))).to_bytes()

    raws, found = Form().take(0, lines([leaf, raw, leaf]))

    assert list(raws) == [leaf, raw, leaf]
    assert list(found.at) == [0, 2]


def judged_quickly(event: dict[str, Any], **changed: Any) -> bool:
    """Whether an event with changed attributes is taken by one that has met its like before."""
    form = Form()
    form.take(0, lines([canonical.encode(event)]))
    _, found = form.take(1, lines([orjson.dumps({**event, **changed}, option=orjson.OPT_SORT_KEYS)]))
    return len(found.at) == 1


@pytest.mark.parametrize("depth", range(canonical.DEPTH_MAX - 3, canonical.DEPTH_MAX + 2))
@pytest.mark.parametrize("inmost", [[], {}, ["x"], {"x": []}, 1])
def test_how_deep_data_may_be_nested(depth: int, inmost: object) -> None:
    """Data that is nested as deep as an event may be, and deeper, is judged as the whole event is."""
    event = orjson.loads(next(iter(generated(1))).to_bytes())
    for _ in range(depth):
        inmost = [inmost]
    right = accepted(orjson.dumps({**event, "data": {"x": inmost}}, option=orjson.OPT_SORT_KEYS))
    assert judged_quickly(event, data={"x": inmost}) == right


@pytest.mark.parametrize(
    ("clock", "right"),
    [
        ("00:00:00.000000Z", True), ("23:59:59.999999Z", True), ("09:09:09.000000Z", True), ("24:00:00.000000Z", False),
        ("25:00:00.000000Z", False), ("30:00:00.000000Z", False), ("00:60:00.000000Z", False),
        ("00:00:60.000000Z", False), ("00:00:00,000000Z", False), ("00:00:00.000000z", False),
        ("00:00:00.00000aZ", False), ("0a:00:00.000000Z", False),
    ],
)  # fmt: skip
def test_the_time_of_day(clock: str, right: bool) -> None:
    """An hour after 23, a minute or second after 59, and other spellings are no time of a leaf."""
    event = orjson.loads(next(iter(generated(1))).to_bytes())
    changed = event["time"][:11] + clock
    assert accepted(orjson.dumps({**event, "time": changed}, option=orjson.OPT_SORT_KEYS)) == right
    assert judged_quickly(event, time=changed) == right


def test_texts_that_need_a_second_look() -> None:
    """Leaves with letters beyond ASCII are read among the others; a letter in another form than NFC is refused."""
    event = orjson.loads(next(iter(generated(1))).to_bytes())
    plain, composed, apart = (
        orjson.dumps({**event, "data": {"x": text}}, option=orjson.OPT_SORT_KEYS) for text in ("e", "\u00e9", "e\u0301")
    )
    form = Form()

    _, found = form.take(0, lines([plain, composed, apart, plain]))

    assert list(found.at) == [0, 1, 3]
    assert first_bad(form) == 2


def test_what_is_read_at_once_has_the_attributes_of_an_envelope() -> None:
    """The description for many leaves names each attribute, in the order of canonical bytes."""
    assert list(Leaf.__struct_fields__) == sorted(Envelope.model_fields)


@given(VALUES)
def test_what_is_written_at_once_is_canonical(value: object) -> None:
    """Whatever the profile holds is written as `ksad.contracts.canonical` writes it."""
    assert written([value]) == canonical.encode(value) + b"\n"


def test_many_leaves_of_a_kind_that_was_met_are_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """The envelope judges each new value, and then no more: without it the same leaves are read again."""
    form, leaves = Form(), lines([event.to_bytes() for event in generated(400)])
    _, before = form.take(0, leaves)
    monkeypatch.delattr("ksad.audit.checks.form.Envelope")
    assert form.take(0, leaves)[1] == before


@pytest.mark.parametrize("size", [SIZE_MAX, SIZE_MAX + 1])
def test_the_largest_leaf(size: int) -> None:
    """A leaf of 60,000 bytes is an event, one of a byte more is none."""
    event = orjson.loads(next(iter(generated(1))).to_bytes())
    data = {"x": "", **event["data"]}
    data["x"] = "x" * (size - len(canonical.encode({**event, "data": data})))
    assert len(canonical.encode({**event, "data": data})) == size
    assert judged_quickly(event, data=data) == (size == SIZE_MAX)


@pytest.mark.parametrize("subject", ["a/b\nc/d", "a/b\n", "a/b", 'a/b"c/d'])
def test_a_subject_of_more_than_one_line(subject: str) -> None:
    """Two subjects in one, with the id that follows from them, are none."""
    event = orjson.loads(next(iter(generated(1))).to_bytes())
    own = str(event_id(subject, event["streamversion"]))
    assert judged_quickly(event, subject=subject, id=own) == (subject == "a/b")


def test_long_values_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A leaf with a very long name of its schema is an event, and asked about each time it stands in a log."""
    event = orjson.loads(next(iter(generated(1))).to_bytes())
    form, leaf = Form(), lines([canonical.encode({**event, "dataschema": "x" * (SHORT + 1)})])
    assert len(form.take(0, leaf)[1].at) == 1
    monkeypatch.delattr("ksad.audit.checks.form.Envelope")
    with pytest.raises(NameError):
        form.take(1, leaf)
