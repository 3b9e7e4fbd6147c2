"""Canonical JSON: RFC 8785 (JCS) on a restricted profile, so that equal facts are equal bytes.

The profile leaves out what JSON writers disagree on: keys are ASCII, there are no floats, integers stay within
±(2^53-1), strings are in Unicode form NFC and hold neither NUL nor lone surrogates. Inside it, ``orjson`` with sorted
keys is exact.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 32
CONTAINERS = {dict, list, tuple}


class NotCanonicalError(ValueError):
    """A value or a byte string lies outside the canonical profile; the message names the place."""


def _check_text(text: str, path: str) -> None:
    if "\x00" in text:
        message = f"{path}: a NUL is no part of a text, and no database keeps it in one"
        raise NotCanonicalError(message)
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = f"{path}: a lone surrogate is no character"
        raise NotCanonicalError(message) from error
    if not unicodedata.is_normalized("NFC", text):
        message = f"{path}: text must be in Unicode form NFC"
        raise NotCanonicalError(message)


def _check(value: object, path: str, depth: int) -> None:
    if depth > DEPTH_MAX:
        message = f"{path}: nested deeper than {DEPTH_MAX}"
        raise NotCanonicalError(message)
    if isinstance(value, str):
        _check_text(value, path)
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int):
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            message = f"{path}: integer outside ±(2^53-1)"
            raise NotCanonicalError(message)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii() or "\x00" in key:
                message = f"{path}: key {key!r} is not ASCII text"
                raise NotCanonicalError(message)
            _check(item, f"{path}.{key}", depth + 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check(item, f"{path}[{index}]", depth + 1)
    else:
        message = f"{path}: {type(value).__name__} has no canonical form"
        raise NotCanonicalError(message)


def are_plain(values: Iterable[Any], depth: int = 0) -> bool:
    """Whether values surely lie inside the profile if their keys are text and their bytes are :func:`is_clear`.

    :param depth: how many objects and lists stand around them.
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
    """Whether no text in JSON needs a second look: it is ASCII, and without what looks like a NUL."""
    return raw.isascii() and (b"\\" not in raw or b"\\u0000" not in raw)  # one byte is looked for much faster


def encode(value: object) -> bytes:
    """The canonical bytes of a JSON value.

    :raises NotCanonicalError: the value lies outside the profile.
    """
    if are_plain((value,)):
        with suppress(orjson.JSONEncodeError):
            raw = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
            if is_clear(raw):
                return raw
    _check(value, "$", 0)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def decode(raw: bytes) -> Any:  # noqa: ANN401 - a JSON value has any shape
    """The value of canonical bytes, refusing bytes that are JSON but not canonical (duplicate keys, spaces, 1.0).

    :raises NotCanonicalError: the bytes are no JSON, or not the canonical form of their own value.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        message = f"no JSON: {error}"
        raise NotCanonicalError(message) from error
    if not (is_clear(raw) and are_plain((value,))):
        _check(value, "$", 0)
    if orjson.dumps(value, option=orjson.OPT_SORT_KEYS) != raw:
        message = "JSON, but not in canonical form"
        raise NotCanonicalError(message)
    return value
