"""Content negotiation by RFC 9110: weighted lists and entity tags."""

from __future__ import annotations

import re

WEIGHTED = re.compile(
    r"[ \t]*(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*(;[ \t]*[qQ]=(?P<weight>0(\.[0-9]{0,3})?|1(\.0{0,3})?)[ \t]*)?"
)
TAG = r'"[\x21\x23-\x7e\x80-\xff]*"'
TAGS = re.compile(rf"[ \t]*(?:W/)?{TAG}(?:[ \t]*,[ \t]*(?:W/)?{TAG})*[ \t]*")
ALIASES = {"x-gzip": "gzip"}


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a client accepts gzip and does not prefer the identity encoding (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept_encoding.split(","):
        found = WEIGHTED.fullmatch(part)
        if found is not None:
            name = found["name"].lower()
            weights.setdefault(ALIASES.get(name, name), float(found["weight"] or 1))
    compressed = weights.get("gzip", weights.get("*", 0.0))
    return compressed > 0 and compressed >= weights.get("identity", 0.0)


def matches(if_none_match: str, etag: str) -> bool:
    """Whether ``If-None-Match`` matches an ETag by weak comparison (RFC 9110, 13.1.2)."""
    if if_none_match.strip() == "*":
        return True
    if not TAGS.fullmatch(if_none_match):
        return False
    return etag.removeprefix("W/") in re.findall(TAG, if_none_match)
