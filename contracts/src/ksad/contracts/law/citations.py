"""Clause ids as the citations that officials write."""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"P(\d+)(?:\((\d+)\))?((?:\.[a-z0-9]+)*)")
_BETWEEN = re.compile(r"; |/(?=P\d)")
RECALLED = ("PP 50/2007", "Permendagri 22/2020")
"""The regulations of whose body no text was at hand: what the profiles say by them is recalled."""


def is_recalled(identifier: str) -> bool:
    """Whether a citation, or one of several, is of a regulation that was not compared with its official text."""
    return any(one.startswith(RECALLED) for one in _BETWEEN.split(identifier))


def citation(identifier: str) -> str:
    """Clause ids as legal citations: ``P10.d.4.c`` is ``Pasal 10 huruf d angka 4 huruf c``.

    An id of another regulation is a citation already and is returned unchanged; of several, separated by ``; `` or, as
    the same duty of two tiers, by ``/``, each.
    """
    return "; ".join(map(_cited, _BETWEEN.split(identifier)))


def _cited(identifier: str) -> str:
    found = _CLAUSE.fullmatch(identifier)
    if found is None:
        return identifier
    article, paragraph, rest = found.groups()
    words = [f"Pasal {article}", *([f"ayat ({paragraph})"] if paragraph else [])]
    words += [f"{'angka' if part.isdigit() else 'huruf'} {part}" for part in rest.split(".") if part]
    return " ".join(words)
