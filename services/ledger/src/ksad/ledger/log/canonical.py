"""The two text forms that C2SP formats share, read strictly: one value has one spelling."""

from __future__ import annotations

import base64
import binascii
import re

SIZE_MAX = 2**63 - 1
"""The largest tree anybody can name: other implementations count in signed 64-bit integers."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def decimal(text: str) -> int | None:
    """A size or index without sign or leading zero, at most 2^63 - 1; None if it is anything else."""
    if not _DECIMAL.fullmatch(text):
        return None
    number = int(text)
    return number if number <= SIZE_MAX else None


def from_base64(text: str, length: int | None = None) -> bytes | None:
    """The bytes of standard, padded, canonical Base64 (RFC 4648 section 4); None if it is no such text or length."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    if to_base64(raw) != text or (length is not None and len(raw) != length):
        return None
    return raw


def to_base64(raw: bytes) -> str:
    """Standard Base64 with padding."""
    return base64.b64encode(raw).decode("ascii")
