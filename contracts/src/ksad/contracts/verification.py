"""Which facts of a cooperation its supervising body has examined, as their events say: folded alike by all services.

A fact that stands may still be wrong in number, date or document. Whether it was examined changes nothing of its force.
Which facts are examined is data: the types declared ``verifiable``. What the register records by itself is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from ksad.contracts.catalogue import DECLARATIONS, NEWEST, ValueObject
from ksad.contracts.corrections import NAMES
from ksad.contracts.umbrella import Umbrella

PREFIX = "ksad.cooperation."
INSTRUMENT = "instrument"
"""The standing of an act that the supervising body recorded from the signed instrument: it has examined it by that."""

Data = Mapping[str, Any]


class EntryStatus(StrEnum):
    """Belum diverifikasi, terverifikasi, dikembalikan."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    RETURNED = "returned"


class VerifiableEntry(ValueObject):
    """One fact that the supervising body examines.

    ``name`` is that of its event without ``ksad.cooperation.`` and version; ``agreement`` the agreement that it is
    about, None for the whole cooperation. ``since`` is the version of the stream, and ``time`` the moment, at which it
    was recorded or last corrected. ``reason`` and ``mend`` are of an entry that was returned.
    """

    name: str
    agreement: str | None
    since: int
    time: str = ""
    legacy: bool = False
    status: EntryStatus = EntryStatus.UNVERIFIED
    reason: str | None = None
    mend: str | None = None


Entries = Mapping[str, VerifiableEntry]
"""The facts to examine, by the ids of their events, in the order in which they were recorded."""


class RecordedEvent(NamedTuple):
    """What an event says beside its data; ``time`` is empty where nobody asks when it was recorded."""

    event: UUID
    version: int
    legacy: bool
    time: str = ""


class Verified(NamedTuple):
    """How many facts have been examined and found right, of how many."""

    verified: int
    of: int


def concerns(name: str) -> bool:
    """Whether events of this name, without version, may change what is examined: all others leave it as it is."""
    short = name.removeprefix(PREFIX)
    return short in {"entry_verified", "entry_returned", *NAMES} or _declared(name)


def _declared(name: str) -> bool:
    return name in NEWEST and DECLARATIONS[f"{name}.v{NEWEST[name]}"].verifiable


def is_verifiable(name: str, data: Data) -> bool:
    """Whether a fact is one to examine.

    :param name: the event's name without version.
    :param data: the event's data, in its newest version.
    """
    # An end that rests on a term is the register's own: the law brought it about, and nobody typed it in.
    return _declared(name) and data.get("rests_on") is None


def evolve(entries: Entries, name: str, data: Data, said: RecordedEvent, umbrella: Umbrella) -> Entries:
    """The entries after a fact; pure and total.

    :param name: the event's name without version, such as ``ksad.cooperation.ended``.
    :param data: the event's data, typed or decoded from JSON, in its newest version.
    :param umbrella: the cooperation after the fact, which knows the agreement of a dispute.
    """
    match name.removeprefix(PREFIX):
        case "entry_verified":
            changed = {"status": EntryStatus.VERIFIED, "reason": None, "mend": None}
            return _changed(entries, data["entries"], changed)
        case "entry_returned":
            changed = {"status": EntryStatus.RETURNED, "reason": data["reason"], "mend": data["mend"]}
            return _changed(entries, [data["entry"]], changed)
        case short if short in NAMES:
            again = {"status": EntryStatus.UNVERIFIED, "reason": None, "mend": None}
            return _changed(entries, [data["corrects"]], again | {"since": said.version, "time": said.time})
    if not is_verifiable(name, data):
        return entries
    made = VerifiableEntry(
        name=name.removeprefix(PREFIX),
        agreement=_scope(data, umbrella),
        since=said.version,
        time=said.time,
        legacy=said.legacy,
        status=EntryStatus.VERIFIED if _by(data) == INSTRUMENT else EntryStatus.UNVERIFIED,
    )
    return {**entries, str(said.event): made}


def counted(entries: Entries) -> Verified:
    """How many of the entries are verified."""
    return Verified(sum(one.status is EntryStatus.VERIFIED for one in entries.values()), len(entries))


def _changed(entries: Entries, events: list[UUID | str], change: dict[str, Any]) -> Entries:
    named = {str(event) for event in events}
    if not named & entries.keys():
        return entries
    return {key: one.model_copy(update=change) if key in named else one for key, one in entries.items()}


def _by(data: Data) -> str | None:
    standing = data.get("standing")
    if standing is None:
        return None
    by: str = standing["by"] if isinstance(standing, Mapping) else standing.by
    return by


def _scope(data: Data, umbrella: Umbrella) -> str | None:
    """The agreement that a fact is about: the one named, that of its dispute, or the only one that a party enters."""
    found: str | None = data.get("agreement")
    if "dispute" in data:
        matter = umbrella.disputes.get(data["dispute"])
        found = matter.agreement if matter else None
    elif data.get("of") == "agreement":
        found = data["key"]
    elif "agreements" in data and not data["umbrella"] and len(data["agreements"]) == 1:
        found = data["agreements"][0]
    return found
