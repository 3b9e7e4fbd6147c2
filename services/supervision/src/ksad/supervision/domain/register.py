"""What the register itself answers: a.1.c, which regions already cooperate, and a.1.d, which formed a body."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ksad.contracts import canonical
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.supervision import Tier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ksad.contracts.law import Duty
    from ksad.supervision.domain.case import Case, FormedBody
    from ksad.supervision.domain.reference import Reference

MEDIA_TYPE = "application/json"


class RegisteredCooperation(NamedTuple):
    """What the register knows of another cooperation."""

    key: str
    title: str
    affair: str
    parties: tuple[str, ...]
    agreement_on: date | None
    bodies: tuple[FormedBody, ...]


class RegisterQueries(Protocol):
    """What a reaction asks of the register; the table of cases answers in the service, a list in tests."""

    def cooperating(self, affair: str) -> Sequence[RegisteredCooperation]:
        """The cooperations on an affair that were agreed on, by key."""
        ...

    def with_bodies(self) -> Sequence[RegisteredCooperation]:
        """The cooperations that formed a body, by key."""
        ...


class Document(NamedTuple):
    """A document as a value: its bytes, and how events refer to it."""

    content: bytes
    ref: DocumentRef


def document_of(content: bytes, media_type: str = MEDIA_TYPE) -> Document:
    """A document of these bytes."""
    sha256 = hashlib.sha256(content).hexdigest()
    return Document(content, DocumentRef(sha256=sha256, size=len(content), media_type=media_type))


def register_extract(
    duty: Duty, clause: str, case: Case, register: RegisterQueries, reference: Reference, on: date
) -> Document:
    """The register's answer to a.1.c or a.1.d for one cooperation, as of a day."""
    found = register.with_bodies() if duty.filled_from == "bodies" else register.cooperating(case.affair)
    rows: list[dict[str, Any]] = []
    for one in found:
        if one.key == case.key:
            continue
        row: dict[str, Any] = {
            "kunci": one.key,
            "judul": one.title,
            "urusan": one.affair,
            "daerah": [{"kode": code, "nama": reference.regions.known(code).name} for code in one.parties],
            "perjanjian": one.agreement_on.isoformat() if one.agreement_on else None,
        }
        if duty.filled_from == "bodies":
            row["badan"] = [body.model_dump() for body in one.bodies]
        rows.append(row)
    tier = Tier.MINISTER if duty.clause.minister == clause else Tier.GOVERNOR
    document = {"dasar": clause, "tentang": duty.wording(tier), "per": on.isoformat(), "daftar": rows}
    if duty.filled_from == "cooperations":
        document["urusan"] = case.affair
    return document_of(canonical.encode(document))
