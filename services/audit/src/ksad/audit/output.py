"""What ``ksad-audit`` writes for people and programs: lines in which nothing hides, JSON, verdicts, and its ends."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.audit.checks.verdict import Check

REFUSED, DIFFERENT = 1, 3
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""The text with each character escaped, as ``\u001b``, that a terminal obeys, does not show, or turns lines with.

    What a clerk has typed, or a forger has named a file, may not hide lines from the auditor.
    """
    return UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def line(text: str) -> None:
    """Write one line."""
    sys.stdout.write(visible(text) + "\n")


def show(value: object) -> None:
    """Write one JSON document; the escapes in it are those of JSON."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n".join(map(visible, text.split("\n"))) + "\n")


def warn(*lines: str) -> None:
    """Write lines to stderr."""
    sys.stderr.write("\n".join(map(visible, (f"ksad-audit: {lines[0]}", *lines[1:]))) + "\n")


def fail(*lines: str, code: int = REFUSED) -> NoReturn:
    """End the command with lines that say what, where, and how to go on."""
    warn(*lines)
    raise typer.Exit(code)


def described(check: Check) -> str:
    """One check as a line."""
    verdict = "FAILED" if not check.ok else "noted " if check.noted else "ok    "
    return f"{verdict} {check.name}: {check.detail}{_where(check)}"


def _where(check: Check) -> str:
    if check.first_bad is None:
        return ""
    last = "" if check.up_to is None else f" to {check.up_to - 1}, which one cannot be told"
    return f" (first bad index: {check.first_bad}{last})"


def verdict(checks: Sequence[Check]) -> str:
    """The last line of a verdict."""
    if not all(check.ok for check in checks):
        return "NOT EVERYTHING HOLDS"
    noted = sum(check.noted for check in checks)
    return f"everything holds, and {noted} checks have something noted: read it" if noted else "everything holds"
