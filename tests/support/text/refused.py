"""What every refusal of a test run said, whoever refused: sentences for people, in which no code belongs."""

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
    """The sentences with codes in them, each with its codes."""
    found = {detail: codes(detail) for rule, detail in heard if rule not in ABOUT_CODES}
    return {detail: spoken for detail, spoken in found.items() if spoken}
