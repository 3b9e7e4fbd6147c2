"""Information that is filled in from the register: regions that cooperate (a.1.c), bodies formed (a.1.d)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ksad.contracts import canonical
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.supervision import Tier
from ksad.supervision.domain.resembling import stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from ksad.contracts.law import Duty
    from ksad.contracts.umbrella import JointBody
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference

MEDIA_TYPE = "application/json"


class SignedInstrument(NamedTuple):
    """An accord or agreement that was signed; ``on`` is as precise as it is known (``2009``)."""

    kind: str
    on: str


class RegisteredCooperation(NamedTuple):
    """Another cooperation as listed in the register. ``texts`` are object, title and scope of it and its agreements."""

    key: str
    title: str
    affair: str
    parties: tuple[str, ...]
    agreement_on: date | None
    bodies: tuple[JointBody, ...]
    object: str = ""
    texts: tuple[str, ...] = ()
    signed: tuple[SignedInstrument, ...] = ()


class RegisterQueries(Protocol):
    """Queries of reactions to the register. The service answers from its tables, tests from a list."""

    def with_bodies(self) -> Sequence[RegisteredCooperation]:
        """The cooperations that formed a body, by key."""
        ...


class Document(NamedTuple):
    """The bytes of a document, and the reference to it for events."""

    content: bytes
    ref: DocumentRef


def document_of(content: bytes, media_type: str = MEDIA_TYPE) -> Document:
    """A document with these bytes."""
    sha256 = hashlib.sha256(content).hexdigest()
    return Document(content, DocumentRef(sha256=sha256, size=len(content), media_type=media_type))


def bodies_formed(
    duty: Duty, clause: str, case: Case, register: RegisterQueries, reference: Reference, on: date
) -> Document:
    """The document that answers a.1.d for one cooperation as of a day, as canonical JSON."""
    rows = [
        {
            **_listed(one, reference),
            "perjanjian": one.agreement_on.isoformat() if one.agreement_on else None,
            "badan": [_told(body) for body in one.bodies],
        }
        for one in register.with_bodies()
        if one.key != case.key
    ]
    return _document(duty, clause, rows, on)


def resembling(
    duty: Duty, clause: str, case: Case, known: Iterable[RegisteredCooperation], reference: Reference, on: date
) -> Document:
    """The document that is proposed as the answer to a.1.c as of a day, as canonical JSON.

    It has every cooperation that resembles this one, those of the same province first, then those that have more in
    common; ``kata`` says by which stems.
    """
    mine = stems((case.title, case.object, case.affair, *case_texts(case)))
    home = _provinces(case.parties, reference, on)
    found = []
    for one in known:
        common = mine & stems((one.title, one.object, one.affair, *one.texts))
        if one.key != case.key and common:
            near = bool(home & _provinces(one.parties, reference, on))
            found.append((not near, -len(common), one.key, one, sorted(common)))
    rows = [
        {
            **_listed(one, reference),
            "objek": one.object,
            "naskah": [{"jenis": signed.kind, "tanggal": signed.on} for signed in one.signed],
            "satu_provinsi": not far,
            "kata": common,
        }
        for far, _, _, one, common in sorted(found, key=lambda each: each[:3])
    ]
    return _document(duty, clause, rows, on, urusan=case.affair)


def case_texts(case: Case) -> tuple[str, ...]:
    """What the agreements of a cooperation say that they are about."""
    agreements = case.parts.agreements.values()
    said = (text for one in agreements for text in (one.title, one.object, one.affair, one.scope))
    return tuple(text for text in said if text)


def _provinces(parties: Iterable[str], reference: Reference, on: date) -> set[str]:
    return {reference.regions.code_on(code, on)[:2] for code in parties}


def _listed(one: RegisteredCooperation, reference: Reference) -> dict[str, Any]:
    # Indonesian keys, since the document is delivered to the parties as it is.
    return {
        "kunci": one.key,
        "judul": one.title,
        "urusan": one.affair,
        "daerah": [{"kode": code, "nama": reference.regions.known(code).name} for code in one.parties],
    }


def _told(body: JointBody) -> dict[str, Any]:
    over = {} if body.stands else {"dibubarkan": str(body.dissolved_on)}
    return {"name": body.name, "seat": body.seat, "instrument": body.instrument, **over}


def _document(duty: Duty, clause: str, rows: list[dict[str, Any]], on: date, **more: str) -> Document:
    tier = Tier.MINISTER if duty.clause.minister == clause else Tier.GOVERNOR
    content = {"dasar": clause, "tentang": duty.wording(tier), "per": on.isoformat(), "daftar": rows, **more}
    return document_of(canonical.encode(content))
