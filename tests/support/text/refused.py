"""What every refusal of a test run said, whoever refused: sentences for people, in which no code belongs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from ksad.contracts.rules import RuleBrokenError
from tests.support.text.printed import codes

ABOUT_CODES = frozenset({
    "affair-known", "json-syntax", "key-unique", "parties-differ", "region-autonomous", "region-known", "region-once",
    "region-valid", "request-fields",
})  # fmt: skip
"""The rules that speak of a code or a field that was given, as it was given."""

ABOUT_TEXTS = frozenset({"reference-readable", "reference-adopted"})
"""The rules that name the place in an adopted text where it is wrong, for whoever wrote it."""
KEYS = re.compile(r"\b(?:perjanjian|kesepakatan)-\d+\b|\bks[ad]d-\d{4}\b|\b[0-9a-f]{64}\b")
"""The keys that the platform gives or packages, and hashes."""


@contextmanager
def overheard() -> Iterator[set[tuple[str, str]]]:
    """The rule and the sentence of each refusal that is made meanwhile, in this process."""
    heard: set[tuple[str, str]] = set()
    made = RuleBrokenError.__init__

    @wraps(made)
    def listened(self: RuleBrokenError, *given: Any, **named: Any) -> None:
        made(self, *given, **named)
        heard.add((self.rule, self.detail))

    setattr(RuleBrokenError, "__init__", listened)  # noqa: B010 - mypy takes a method for a constant
    try:
        yield heard
    finally:
        setattr(RuleBrokenError, "__init__", made)  # noqa: B010 - as above


def coded(heard: set[tuple[str, str]]) -> dict[str, set[str]]:
    """The sentences with codes in them, each with its codes; for refusals of people, as those of the registry are."""
    found = {detail: codes(detail) for rule, detail in heard if rule not in ABOUT_CODES}
    return {detail: spoken for detail, spoken in found.items() if spoken}


def keyed(heard: set[tuple[str, str]]) -> dict[str, str]:
    """The sentences that call an accord, an agreement or a profile by its key, or a document by its hash.

    Of every service, also those that answer programs, whose sentences may name a header or a media type.
    """
    told = {detail for rule, detail in heard if rule not in ABOUT_CODES | ABOUT_TEXTS}
    return {detail: found[0] for detail in told if (found := KEYS.search(detail))}
