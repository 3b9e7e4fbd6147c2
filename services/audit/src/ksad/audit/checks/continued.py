"""Changes of origin: whether a log that goes on under another name is the one whose old head it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.audit.checks.validity import SignedHead
from ksad.audit.checks.verdict import Check
from ksad.ledger.log.checkpoint import open_signed
from ksad.ledger.log.errors import NoteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ksad.audit.checks.meaning import ContinuedLog
    from ksad.ledger.log.note import Verifier

FIRST_SUCCESSOR = 2


class Continuation(NamedTuple):
    """The check, and the old heads in the log that a key was given for."""

    check: Check
    heads: list[SignedHead]


class _Unchecked(NamedTuple):
    """The leaves whose old head cannot be held against a signature, by why not."""

    unsigned: list[int]
    unpinned: list[int]


def origin_after(origin: str) -> str:
    """The origin under which a log goes on after this one: ``…/national/2`` after ``…/national``."""
    name, _, number = origin.rpartition("/")
    return f"{name}/{int(number) + 1}" if number.isdecimal() else f"{origin}/{FIRST_SUCCESSOR}"


def continued(
    leaves: Sequence[ContinuedLog], first: str, origin: str, roots: Mapping[int, str], keys: Iterable[Verifier]
) -> Continuation:
    """Hold each change of origin against the leaves before it, and the last one against the archive's own origin.

    :param first: the origin that a log of this platform begins with.
    :param origin: that of the archive.
    :param roots: the roots of the archive's prefixes, by size.
    """
    expected, heads, pinned, unchecked = first, list[SignedHead](), list(keys), _Unchecked([], [])
    for one in leaves:
        wrong = _wrong(one, expected, roots) or _signed(one, pinned, heads, unchecked)
        if wrong is not None:
            return Continuation(Check("continued", ok=False, detail=wrong, first_bad=one.at), heads)
        expected = origin_after(expected)
    if origin != expected:
        told = f"by its leaves the log goes on as {expected}, and this head is of {origin}"
        at = leaves[-1].at if leaves else None
        return Continuation(Check("continued", ok=False, detail=told, first_bad=at), heads)
    return Continuation(_told(len(leaves), unchecked), heads)


def _wrong(one: ContinuedLog, expected: str, roots: Mapping[int, str]) -> str | None:
    if one.origin != expected:
        return f"the leaf at {one.at} goes on from {one.origin[:80]}, where the log was {expected}"
    if one.size != one.at:
        return f"the leaf at {one.at} goes on from a head over {one.size} leaves, and {one.at} stand before it"
    if roots.get(one.size) != one.root:
        return f"the leaf at {one.at} names another root for the {one.size} leaves before it"
    return None


def _signed(one: ContinuedLog, keys: Sequence[Verifier], heads: list[SignedHead], unchecked: _Unchecked) -> str | None:
    """Hold the head that a leaf carries against the old key; what is wrong with it."""
    if one.note is None:
        unchecked.unsigned.append(one.at)
        return None
    if not any(key.name == one.origin for key in keys):
        unchecked.unpinned.append(one.at)
        return None
    try:
        old, signers = open_signed(one.note.encode(), one.origin, keys)
    except NoteError as error:
        return f"the old head that the leaf at {one.at} carries: {error}"
    if (old.size, old.root.hex()) != (one.size, one.root):
        return f"the leaf at {one.at} carries a signed head over {old.size} leaves, and names another one"
    heads.append(SignedHead(f"the old head in leaf {one.at}", one.size, signers, vouched=True))
    return None


def _told(count: int, unchecked: _Unchecked) -> Check:
    if unchecked.unsigned:
        told = (
            f"the leaf at {unchecked.unsigned[0]} names the old head and does not carry it, as releases before 0.2.0 "
            "wrote it: that the old key signed these leaves cannot be checked here"
        )
        return Check("continued", ok=True, detail=told, noted=True)
    if unchecked.unpinned:
        told = (
            f"you gave no key for the old head in the leaf at {unchecked.unpinned[0]}: the leaves before it are "
            "vouched for by the newer key alone"
        )
        return Check("continued", ok=True, detail=told, noted=True)
    if count:
        return Check(
            "continued", ok=True, detail=f"{count} old heads, each signed by its key, are prefixes of this log"
        )
    return Check("continued", ok=True, detail="the log has had one origin from its first leaf on")
