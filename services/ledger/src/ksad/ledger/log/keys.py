"""Reads the file of public keys (``public.vkeys``) that auditors and provinces pin, and the validity of each key."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.log.errors import NoteError
from ksad.ledger.log.note import RESAVED, Verifier, is_cosigner, is_resaved

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE_MAX = 1024 * 1024
DAYS = re.compile(r"(?: from (?P<first>\d{4}-\d{2}-\d{2}))?(?: until (?P<last>\d{4}-\d{2}-\d{2}))?", re.ASCII)


class Validity(NamedTuple):
    """The first and last day on which a key is valid, in Jakarta; ``None`` where the file states none."""

    first: date | None = None
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Whether a key is valid on a day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def goes_on(self, today: date | None) -> bool:
        """Whether the last day is not over; always true without a last day, or without ``today``."""
        return self.last is None or today is None or today <= self.last

    def __str__(self) -> str:
        """The suffix of a line: `` from 2026-01-05 until 2026-06-30``; empty without days."""
        first = "" if self.first is None else f" from {self.first}"
        return first + ("" if self.last is None else f" until {self.last}")


def read_public(path: Path) -> dict[Verifier, Validity]:
    """The public keys in a file, in its order, with their validity; empty lines are skipped.

    So are the keys of witnesses, whose lines stand in files that other programs read as well.

    A line is ``NAME+ID+BASE64``, optionally followed by ``from YYYY-MM-DD``, ``until YYYY-MM-DD``, or both.

    :raises NoteError: the file cannot be read, is larger than 1 MiB, has no key, or has a line that is not a key.
    """
    try:
        with path.open("rb") as file:
            content = file.read(FILE_MAX + 1)
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise NoteError(f"{path}: no public keys can be read here") from error
    if len(content) > FILE_MAX:
        raise NoteError(f"{path}: larger than {FILE_MAX} bytes")
    found: dict[Verifier, Validity] = {}
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if line and not is_cosigner(line):
                _add(found, *parse_line(line))
        except NoteError as error:
            raise NoteError(
                f"{path}, line {number}: {error}; a line is NAME+ID+BASE64, as in keys/public.vkeys, and may go on "
                "with `from YYYY-MM-DD` and `until YYYY-MM-DD`"
            ) from error
    if not found:
        raise NoteError(f"{path}: holds no public key")
    return found


def _add(found: dict[Verifier, Validity], verifier: Verifier, validity: Validity) -> None:
    if found.setdefault(verifier, validity) != validity:
        raise NoteError(f"the key {verifier.name} stands here a second time, with other days")


def parse_line(line: str) -> tuple[Verifier, Validity]:
    """Parses a line of the file into a key and its validity.

    :raises NoteError: it is not a key, or the rest of the line does not state days in order.
    """
    if is_resaved(line):
        raise NoteError(f"a file of keys {RESAVED}")
    key, space, days = line.partition(" ")
    said = DAYS.fullmatch(space + days)
    if said is None:
        raise NoteError(f"{days[:40]!r} does not say from and until when the key holds")
    try:
        first, last = (None if day is None else date.fromisoformat(day) for day in said.group("first", "last"))
    except ValueError as error:
        raise NoteError(f"{days[:40]!r} is no day of the calendar") from error
    if first is not None and last is not None and last < first:
        raise NoteError(f"a key cannot hold from {first} until {last}")
    return Verifier.parse(key), Validity(first, last)


def public_text(keys: Mapping[Verifier, Validity]) -> str:
    """The text of a file with these keys, in the order given."""
    return "".join(f"{verifier.vkey}{validity}\n" for verifier, validity in keys.items())
