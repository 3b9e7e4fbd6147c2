"""Decimal numbers and Base64 as C2SP formats use them, parsed strictly: each value has exactly one spelling."""

from __future__ import annotations

import base64
import binascii
import re

SIZE_MAX = 2**63 - 1
"""The largest tree size: other implementations of these formats use signed 64-bit integers."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def decimal(text: str) -> int | None:
    """A tree size or index without sign or leading zeros, at most 2^63 - 1; ``None`` for any other text."""
    if not _DECIMAL.fullmatch(text):
        return None
    number = int(text)
    return number if number <= SIZE_MAX else None


def from_base64(text: str, length: int | None = None) -> bytes | None:
    """Decodes padded standard Base64 (RFC 4648 section 4).

    Returns ``None`` for invalid or non-canonical text, or for bytes of another length.

    :param length: the expected number of bytes; ``None`` accepts any.
    """
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    # The decoder ignores unused trailing bits, so several texts give the same bytes (RFC 4648 section 3.5).
    if to_base64(raw) != text or (length is not None and len(raw) != length):
        return None
    return raw


def to_base64(raw: bytes) -> str:
    """Standard Base64 with padding."""
    return base64.b64encode(raw).decode("ascii")
