"""The work list of verification: facts that a supervising body has not examined, or has sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field

from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.openapi import answers
from ksad.chassis.requests import Router
from ksad.chassis.transfer import repeated
from ksad.chassis.waiting import require_current
from ksad.contracts.catalogue import Audience
from ksad.contracts.identifiers import Office
from ksad.contracts.sight import WIDTHS
from ksad.contracts.verification import EntryStatus
from ksad.reporting.api import answering
from ksad.reporting.domain.permissions import sight_of
from ksad.reporting.parts import Running
from ksad.reporting.projections.examined import EntriesWanted, examined
from ksad.reporting.projections.views import Views

if TYPE_CHECKING:
    from datetime import date

    from ksad.contracts.regions import RegionTable

PAGE_MAX = 500
Reader = Annotated[Caller, Depends(require_current("read"))]
TO_DO = (EntryStatus.UNVERIFIED, EntryStatus.RETURNED)
LABELS = {
    "registered": "Pendaftaran kerja sama",
    "accord_signed": "Kesepakatan ditandatangani",
    "agreement_signed": "Perjanjian ditandatangani",
    "agreement_amended": "Perubahan perjanjian",
    "agreement_extended": "Perpanjangan perjanjian",
    "council_approval_recorded": "Persetujuan DPRD",
    "party_joined": "Daerah bergabung",
    "party_withdrew": "Daerah keluar",
    "body_formed": "Pembentukan badan kerja sama",
    "body_dissolved": "Pembubaran badan kerja sama",
    "dispute_settled": "Penyelesaian perselisihan",
    "termination_notice_given": "Pemberitahuan pengakhiran",
    "goods_inventoried": "Inventarisasi barang",
    "obligations_listed": "Daftar kewajiban",
    "division_agreed": "Pembagian hasil pengakhiran",
    "termination_item_completed": "Bukti butir pengakhiran",
    "ended": "Pengakhiran",
}
"""What each kind of fact is called."""
STATUSES = {
    EntryStatus.UNVERIFIED: "belum diverifikasi",
    EntryStatus.VERIFIED: "terverifikasi",
    EntryStatus.RETURNED: "dikembalikan",
}


class VerificationQuery(BaseModel):
    """Whose list: of facts that ``body`` examines, that ``recorder`` recorded, in these states, after a log index."""

    body: Office | None = None
    recorder: Office | None = None
    cooperation_id: UUID | None = None
    status: Annotated[list[EntryStatus], Field(max_length=3)] = list(TO_DO)
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100
    after: Annotated[int | None, Field(ge=0, le=2**53 - 1)] = None


def router() -> Router:
    """The route of the work list."""
    routes = Router(tags=["verification"])

    @routes.get("/verification", **answers(answering.VerificationPage))
    def list_entries(caller: Reader, parts: Running, asked: Annotated[VerificationQuery, Query()]) -> Response:
        """Facts not examined yet, and facts sent back with what to mend, in the order in which they were recorded.

        A supervising body sees those that it examines, any other office those that it recorded; ministry and auditors
        see all.
        """
        wanted = EntriesWanted(
            asked.body,
            asked.recorder,
            None if asked.cooperation_id is None else str(asked.cooperation_id),
            tuple(one.value for one in asked.status),
        )
        with parts.journal.database.read() as connection:
            regions, day = parts.references.table(connection), today(parts.clock)
            mine = _own(caller.office, regions)
            rows = examined(Views(connection), connection, wanted, mine, asked.after, asked.limit)
        items = [_item(caller.office, row, regions, day) for row in rows]
        return repeated({"items": items, "next": rows[-1]["index"] if len(rows) == asked.limit else None})

    return routes


def _own(office: str, regions: RegionTable) -> tuple[str, ...] | None:
    """The offices by which an office is named in its list, as body or as recorder; ``None``: it sees every list."""
    role, _, code = office.partition(":")
    if role in {"governor", "tkksd"}:
        return (f"tkksd:{code}", f"governor:{code}")
    if role == "region":
        # A region recorded under the code of its time (P1.1).
        lineage = regions.lineage(code)
        return tuple(f"region:{one.code}" for one in regions.regions if one.lineage == lineage)
    return None


def _item(office: str, row: dict[str, Any], regions: RegionTable, day: date) -> dict[str, Any]:
    cooperation = row.pop("cooperation")
    status = EntryStatus(row["status"])
    seen = sight_of(office, cooperation, regions, day)
    if WIDTHS[seen] < WIDTHS[Audience.PARTIES]:
        row |= {"reason": None, "mend": None}
    codes = [regions.code_on(code, day) for code in cooperation["parties"]]
    return {
        **row,
        "label": LABELS.get(row["name"], row["name"]),
        "status_label": STATUSES[status],
        "key": cooperation["key"],
        "title": cooperation["title"],
        "parties": [{"code": code, "name": regions.known(code).name} for code in codes],
    }
