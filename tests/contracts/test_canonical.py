"""The canonical form: exactly RFC 8785 inside the profile, and a named refusal outside it."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ksad.contracts import canonical
from tests.support.histories.values import VALUES


@given(VALUES)
def test_equals_rfc_8785(value: Any) -> None:
    """Inside the profile the bytes are those of the reference implementation of RFC 8785."""
    assert rfc8785.dumps(value) == canonical.encode(value)


@given(VALUES)
def test_round_trip(value: Any) -> None:
    """Decoding canonical bytes gives the value back."""
    assert value == canonical.decode(canonical.encode(value))


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        -0.0,
        float("nan"),
        2**53,
        -(2**53),
        {"é": 1},
        {1: 2},
        "e\u0301",
        "\ud800",
        "a\x00b",
        {"a\x00": 1},
        b"bytes",
        {"deep": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]},
    ],
)
def test_outside_the_profile(value: object) -> None:
    """Floats, large integers, other keys than ASCII, decomposed text, lone surrogates and NUL are refused."""
    with pytest.raises(canonical.NotCanonicalError):
        canonical.encode(value)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b"1.0",
        b"1e3",
        b"-0",
        b"9007199254740993",
        b'"\\u00e9"',
        b'"e\xcc\x81"',
        b'{"a":1}\n',
        b"\xef\xbb\xbf{}",
        b"",
        b"{",
        b"\xff",
    ],
)
def test_json_that_is_not_canonical(raw: bytes) -> None:
    """Duplicate keys, spaces, other orders, other numbers and other escapes are no canonical form."""
    with pytest.raises(canonical.NotCanonicalError):
        canonical.decode(raw)


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    """Any bytes are either the canonical form of their value, or refused with the named error."""
    try:
        value = canonical.decode(raw)
    except canonical.NotCanonicalError:
        return
    assert raw == canonical.encode(value)
