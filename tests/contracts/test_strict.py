"""Strict reading: a value is taken for what it is, or refused; what was recorded is read as it was accepted."""

import json
from datetime import date
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from ksad.contracts import wording
from ksad.contracts.catalogue import DocumentRef, load_fact
from ksad.contracts.registry import Manner
from ksad.contracts.strict import Day, Identity, Strict, parse, read, read_value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside),
)


class Inner(Strict):
    """A value inside another."""

    count: Annotated[int, Field(ge=0)]


class Sample(Strict):
    """A field of each kind that requests have."""

    number: int | None = None
    flag: bool = False
    day: Day | None = None
    manner: Manner | None = None
    identity: Identity | None = None
    names: dict[str, str] | None = None
    inner: Inner | None = None
    document: DocumentRef | None = None


ID = "6f9619ff-8b86-5011-b42d-00c04fc964ff"
DOCUMENT: dict[str, Any] = {"sha256": "0" * 64, "media_type": "application/pdf"}
LAX = [
    *(("number", number) for number in ("250.000", "1_000", True, "12", 1.0, " 7 ", "+5", "1e3", 1e3)),
    *(("flag", flag) for flag in ("yes", "true", 1, 0, "on")),
    *(("day", day) for day in (1792886400, "1792886400", 1792886400.0, "2026-10-25T00:00:00+09:00", "0", "")),
    *(
        ("day", day)
        for day in ("20261025", "2026-W43-7", " 2026-10-25", "2026-10-25\n", "2026-02-30", "2026-10-25 00:00")
    ),
    *(("identity", one) for one in (ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", 7)),
    ("manner", "Deliberation"),
    ("names", [["32", "a"]]),
    ("names", {"32": 7}),
    ("inner", {"count": "1"}),
    ("inner", {"count": 1, "more": 2}),
    *(("document", DOCUMENT | {"size": size}) for size in ("4.000", 4.0, True)),
]


@pytest.mark.fault(
    "bug-reports 1",
    kind="A library that means well takes one value for another: text for numbers, seconds for days, words for truth.",
    looked="Every field of every request of the three services, steps of histories, corrections, documents named in "
    "them, adopted regions, profiles, policies and holidays, paths and queries.",
    found="Numbers in paths and queries (1_0, 5.0), UUIDs in braces, sizes of documents, holidays as seconds since "
    "1970, JSON with NaN, a charset that nobody reads.",
)
@pytest.mark.fault(
    "bug-reports 15",
    kind="A number of seconds, or a text with an hour in it, is taken for a date.",
    looked="Each date of a request, of a correction and of an adopted text.",
    found="Strict reading of pydantic still takes a text of digits for seconds since 1970.",
)
@pytest.mark.fault(
    "bug-reports V3",
    kind="Whatever resembles a value is accepted, so that the documented types are not those that are taken.",
    looked="Booleans, line numbers of files, numbers and UUIDs in paths and queries.",
    found="nothing",
)
@pytest.mark.parametrize(("field", "value"), LAX)
def test_nothing_is_taken_for_what_it_is_not(field: str, value: Any) -> None:
    """A text is no number, seconds are no date, a word is not true: also inside values that events have, too."""
    with pytest.raises(ValidationError) as caught:
        read(Sample, json.dumps({field: value}))
    assert [one.field.split(".")[0] for one in wording.faults(caught.value)] == [field]


def test_what_is_meant_is_read() -> None:
    """Each kind of value in its own form comes through as what it is."""
    text = '{"number": -7, "flag": true, "day": "2026-10-25", "manner": "deliberation", "names": {"32": "a"}}'
    sample = read(Sample, text)
    assert (sample.number, sample.flag, sample.day) == (-7, True, date(2026, 10, 25))
    assert (sample.manner, sample.names) == (Manner.DELIBERATION, {"32": "a"})
    assert read_value(Sample, {"day": date(2026, 10, 25)}).day == date(2026, 10, 25)


@pytest.mark.fault(
    "bug-reports 26",
    kind="Of a key that is given twice one value is lost in silence.",
    looked="Bodies of all routes at any depth, history files at any depth, adopted holidays, query fields, headers, "
    "and maps whose keys are region codes, after these are read by lineage.",
    found="Query fields given twice; the two codes of one region in numbers and in corrections.",
)
@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"number": 1, "number": 1}', "number"),
        ('{"names": {"31": "a", "32": "b", "31": "c"}}', "names.31"),
        ('{"names": {"31": "a"}, "inner": {"count": 1, "\\u0063ount": 2}}', "inner.count"),
        ('{"x": [0, {"a": 1, "a": 2}]}', "x.1.a"),
    ],
)
def test_a_key_given_twice_is_refused(text: str, field: str) -> None:
    """Neither value counts, however deep it stands and however the key is spelled, and the place is named."""
    with pytest.raises(ValidationError) as caught:
        read(Sample, text)
    said = "diberikan dua kali; pilih salah satu"
    assert [(one.field, one.message) for one in wording.faults(caught.value)] == [(field, said)]


NO_JSON = [b"", b"{", b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": 1e999}']
NO_JSON += [b"9" * 5000, b'{"a": "\\ud83d"}', b'{"\\udc00": 1}', b"[" * 100_000, b"[" * 500 + b"]" * 500, b"[1,]"]


@pytest.mark.parametrize("raw", NO_JSON)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    """Other encodings, numbers that JSON lacks, half characters and bottomless nesting are refusals, never faults."""
    with pytest.raises(ValidationError):
        read(Sample, raw)


@given(JSON)
def test_a_json_value_is_what_python_reads(value: Any) -> None:
    """Strict reading refuses texts or gives the value that stands there; it changes none."""
    assert parse(json.dumps(value)) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(JSON, st.sampled_from(list(Sample.model_fields)))
def test_what_is_read_is_written_as_it_was(value: Any, field: str) -> None:
    """Whatever a field accepts, its JSON is what came in: nothing was converted on the way."""
    try:
        sample = read_value(Sample, {field: value})
    except ValidationError:
        return
    assert sample.model_dump(mode="json")[field] == value


def test_what_was_recorded_is_read_as_before() -> None:
    """Facts of earlier releases, which accepted more, are read as they were understood then."""
    data = {"item": "c", "region": None, "proof": "evidence", "document": None, "amount_idr": "250"}
    assert getattr(load_fact("ksad.cooperation.termination_item_completed.v1", data), "amount_idr", None) == 250
    notice = {"ground": "policy_change", "planned_end_on": "1861920000"}
    assert getattr(load_fact("ksad.cooperation.termination_notice_given.v1", notice), "planned_end_on", None) == date(
        2029, 1, 1
    )
