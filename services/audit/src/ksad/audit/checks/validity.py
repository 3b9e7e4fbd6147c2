"""Whether each head was signed on a day on which its key held, by the days in the file of public keys.

A head has no date. It counts as of the day on which its newest fact was recorded, for nobody can have signed it before.
Whoever finds a key later can still sign a head of an earlier day; so when the last day of a key is over, the head of an
archive counts only if the auditor kept that very head from before.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from ksad.audit.checks.verdict import Check
from ksad.contracts.dates import jakarta_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from ksad.ledger.log.keys import Validity
    from ksad.ledger.log.note import Verifier


class SignedHead(NamedTuple):
    """A head, where it stands, and the keys that have signed it.

    ``size`` counts the national leaves up to the newest one under it. ``vouched`` says that somebody stands for it
    beside its key: the auditor who kept it, or the national log.
    """

    source: str
    size: int
    signers: tuple[Verifier, ...]
    vouched: bool


def validity(
    heads: Iterable[SignedHead], keys: Mapping[Verifier, Validity], newest: Callable[[int], str], today: date | None
) -> Check:
    """Judge the keys of all heads.

    :param newest: the latest recorded time among so many first leaves; empty where there are none.
    :param today: the day of the audit; without it no key is asked whether its last day is over.
    """
    count = 0
    used: set[Verifier] = set()
    for head in heads:
        count += 1
        used.update(head.signers)
        wrong = _wrong(head, keys, newest(head.size), today)
        if wrong is not None:
            return Check("validity", ok=False, detail=f"{head.source}: {wrong}")
    undated = [one for one in used if keys[one].first is None and keys[one].last is None]
    if undated:
        told = (
            f"{len(undated)} of the {len(used)} keys that signed stand without a day in the file of keys: whoever has "
            "one of them can sign as long as he likes"
        )
        return Check("validity", ok=True, detail=told, noted=True)
    return Check("validity", ok=True, detail=f"{count} signed heads are of days on which their keys held")


def _wrong(head: SignedHead, keys: Mapping[Verifier, Validity], latest: str, today: date | None) -> str | None:
    """Why no key of a head counts, if so."""
    if not latest:
        return None
    day = jakarta_day(datetime.fromisoformat(latest))
    held = [one for one in head.signers if keys[one].covers(day)]
    if not held:
        one = head.signers[0]
        return f"its newest fact was recorded on {day}, and its key {_named(one)} holds{keys[one]}"
    if head.vouched or any(keys[one].goes_on(today) for one in held):
        return None
    last = max(one for one in (keys[key].last for key in held) if one is not None)
    return (
        f"its key {_named(held[0])} held until {last}, and whoever has found it since can have signed this; it counts "
        "only with this very head, kept from before that day (--since)"
    )


def _named(key: Verifier) -> str:
    return f"{key.name}+{key.key_id.hex()}"
