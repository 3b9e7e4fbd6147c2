"""Canonical JSON: RFC 8785 (JCS) on a restricted profile, so that equal facts have equal bytes.

The profile excludes what JSON writers disagree on: keys are ASCII, there are no floats, integers stay within ±(2^53-1),
strings are in Unicode form NFC and contain neither NUL nor lone surrogates. Within this profile the output of
``orjson`` with sorted keys is the canonical form of RFC 8785.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

# RFC 8785 serialises numbers as IEEE 754 doubles; beyond this bound two integers can have the same bytes.
INTEGER_MAX = 2**53 - 1
# Checks recurse, and hostile input must not exhaust the stack.
DEPTH_MAX = 32
CONTAINERS = {dict, list, tuple}


class NotCanonicalError(ValueError):
    """A value or a byte string is outside the canonical profile.

    :param kind: the reason, as a key of ``ksad.contracts.wording.WORDS``.
    :param path: the offending part, such as ``$.data.title``.
    """

    def __init__(self, message: str, kind: str = "not_canonical", path: str = "$") -> None:
        super().__init__(message)
        self.kind = kind
        self.path = path


def _check_text(text: str, path: str) -> None:
    if "\x00" in text:
        message = f"{path}: text must not contain NUL, which PostgreSQL cannot store"
        raise NotCanonicalError(message, "text_nul", path)
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = f"{path}: text must not contain a lone surrogate"
        raise NotCanonicalError(message, "string_unicode", path) from error
    if not unicodedata.is_normalized("NFC", text):
        message = f"{path}: text must be in Unicode form NFC"
        raise NotCanonicalError(message, "text_nfc", path)


def _check(value: object, path: str, depth: int) -> None:
    if depth > DEPTH_MAX:
        message = f"{path}: nested deeper than {DEPTH_MAX}"
        raise NotCanonicalError(message, "recursion_depth_exceeded", path)
    if isinstance(value, str):
        _check_text(value, path)
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int):
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            message = f"{path}: integer outside ±(2^53-1)"
            raise NotCanonicalError(message, "integer_size", path)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii() or "\x00" in key:
                message = f"{path}: key {key!r} is not ASCII text"
                raise NotCanonicalError(message, "key_ascii", path)
            _check(item, f"{path}.{key}", depth + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check(item, f"{path}[{index}]", depth + 1)
    else:
        message = f"{path}: {type(value).__name__} has no canonical form"
        raise NotCanonicalError(message, "no_number", path)


# Whole logs are encoded and decoded during a replay or verification, and `_check` is slow. The two functions below find
# the common case quickly: almost every event is ASCII text, and what they cannot vouch for goes through `_check`.
def are_plain(values: Iterable[Any], depth: int = 0) -> bool:
    """Whether values are within the profile, provided that their keys are text and their bytes pass :func:`is_clear`.

    ``False`` means that this quick test cannot tell.

    :param depth: the number of objects and lists that enclose the values.
    """
    for value in values:
        kind = type(value)
        if kind is str or value is None or kind is bool:
            continue
        if kind in CONTAINERS:
            inside = value.values() if kind is dict else value
            if depth == DEPTH_MAX or (value and not are_plain(inside, depth + 1)):
                return False
        elif kind is not int or not -INTEGER_MAX <= value <= INTEGER_MAX:
            return False
    return True


def is_clear(raw: bytes) -> bool:
    """Whether JSON bytes are ASCII and contain no escaped NUL, so that no text in them needs a closer check."""
    # Searching for the single backslash first is much faster, and most events have none.
    return raw.isascii() and (b"\\" not in raw or b"\\u0000" not in raw)


def encode(value: object) -> bytes:
    """The canonical UTF-8 bytes of a JSON value.

    :raises NotCanonicalError: the value is outside the profile.
    """
    if are_plain((value,)):
        # Keys that are no text, lone surrogates: `_check` repeats the refusal and names the place.
        with suppress(orjson.JSONEncodeError):
            raw = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
            if is_clear(raw):
                return raw
    _check(value, "$", 0)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def decode(raw: bytes) -> Any:  # noqa: ANN401 - a JSON value has any shape
    """The value that canonical bytes encode. JSON in any other form (duplicate keys, spaces, ``1.0``) is refused.

    :raises NotCanonicalError: the bytes are not JSON, or not the canonical form of their own value.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        message = f"not JSON: {error}"
        raise NotCanonicalError(message) from error
    if not (is_clear(raw) and are_plain((value,))):
        _check(value, "$", 0)
    # Two byte strings must never stand for the same fact: hashes, and with them proofs, are made of the bytes.
    if orjson.dumps(value, option=orjson.OPT_SORT_KEYS) != raw:
        message = "JSON, but not in canonical form"
        raise NotCanonicalError(message)
    return value
