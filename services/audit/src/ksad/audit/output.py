"""The output of ``ksad-audit``: escaped lines, JSON, verdicts and exit codes."""

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
# Control, formatting, bidirectional, zero-width, tag and surrogate characters.
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""Escapes characters that a terminal interprets, hides or reorders text by, in the form ``\u001b``.

    Without this, text of an event or of a file name could hide or forge lines of the output.
    """
    return UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def line(text: str) -> None:
    """Writes one line to stdout."""
    sys.stdout.write(visible(text) + "\n")


def show(value: object) -> None:
    """Writes one JSON document to stdout; the same characters are escaped as in `line`, in JSON's own form."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n".join(map(visible, text.split("\n"))) + "\n")


def warn(*lines: str) -> None:
    """Writes lines to stderr, the first with the command's name."""
    sys.stderr.write("\n".join(map(visible, (f"ksad-audit: {lines[0]}", *lines[1:]))) + "\n")


def fail(*lines: str, code: int = REFUSED) -> NoReturn:
    """Writes lines to stderr and ends the command.

    :param code: the exit code: 1, the command was refused or impossible; 3, something differs from what was signed.
    """
    warn(*lines)
    raise typer.Exit(code)


def described(check: Check) -> str:
    """One line for a check."""
    verdict = "FAILED" if not check.ok else "noted " if check.noted else "ok    "
    return f"{verdict} {check.name}: {check.detail}{_where(check)}"


def _where(check: Check) -> str:
    if check.first_bad is None:
        return ""
    last = "" if check.up_to is None else f" to {check.up_to - 1}, which one cannot be told"
    return f" (first bad index: {check.first_bad}{last})"


def verdict(checks: Sequence[Check]) -> str:
    """The last line of the output, for all checks."""
    if not all(check.ok for check in checks):
        return "NOT EVERYTHING HOLDS"
    noted = sum(check.noted for check in checks)
    return f"everything holds, and {noted} checks have something noted: read it" if noted else "everything holds"
