"""One example of every event type, for the JSON Schemas, AsyncAPI and the golden samples. The values are made up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import cooperation_id, event_id, report_id, task_id

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Declaration

COOPERATION = cooperation_id("contoh")
TASK = task_id(COOPERATION, "a.1.a", "contoh")
REPORT = report_id("R2", "tkksd:33", "2026-S1")
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
DOCUMENT = {"sha256": DIGEST, "size": 1024, "media_type": "application/pdf"}

# By field name, because a field means the same in every event type. `OTHERWISE` has the exceptions.
VALUES: dict[str, Any] = {
    "affair": "lingkungan_hidup",
    "amount_idr": 1_250_000_000,
    "assignee": "petugas-7",
    "basis": "text",
    "between": ["33.72", "33.11"],
    "body": "tkksd:33",
    "category": "voluntary",
    "changes": "kompensasi disesuaikan",
    "cites": [{"report_id": str(REPORT), "version": 1, "content_sha256": DIGEST}],
    "clause": "P10.a.1.a",
    "content": "code,name\n",
    "content_sha256": DIGEST,
    "cooperation_id": str(COOPERATION),
    "corrects": str(event_id(f"cooperation/{COOPERATION}", 1)),
    "day": "2026-06-30",
    "decided_on": "2010-01-04",
    "decision_number": "120/1/2010",
    "description": "uraian singkat",
    "dispute": "tarif",
    "dispute_forum": "governor:33",
    "document": DOCUMENT,
    "documents": [DOCUMENT],
    "due_basis": "kebijakan operator; peraturan tidak menetapkan jangka waktu",
    "due_on": "2026-07-14",
    "duty": "a.1.a",
    "effective_on": "2026-01-01",
    "effective_on_boundary": "2022-07-25",
    "ends_on": "2031-01-01",
    "evaluation": {
        "purpose_met": 3,
        "on_time": 3,
        "partner_contribution": 4,
        "coordination": 3,
        "documents_complete": 2,
        "reports_regular": 3,
        "obstacles": None,
        "impact": "layanan meningkat",
        "recommendation": "continue",
        "rating": 4,
    },
    "facts": 4,
    "fields": {"title": "Judul yang dibetulkan"},
    "figures": {"cooperations": 14},
    "final": False,
    "findings": [{"basis": "legislation", "conforms": True, "description": "sesuai peraturan"}],
    "for_parties": ["33.72", "33.11"],
    "forum": "minister",
    "from_body": "tkksd:33",
    "from_office": "tkksd:33",
    "gap_filled": False,
    "ground": "mutual",
    "heads": [{"province": "33", "origin": "ksad/contoh/feed/33", "size": 12, "root": DIGEST}],
    "holds_from": "2026-01-05",
    "informed": [],
    "initiator": "33.72",
    "institutions": ["Kementerian Lingkungan Hidup"],
    "instrument": "1/2026",
    "item": "e",
    "key": "contoh",
    "kind": "R2",
    "left": "exploration",
    "legal_basis": "UU 14/2022",
    "letter_number": "100.2.2.3/1",
    "manner": "deliberation",
    "members": ["Sekretaris Daerah", "Kepala Biro Hukum"],
    "name": "Badan Kerja Sama Contoh",
    "note": None,
    "number": "12/2026",
    "numbers": {"33.72": "1/PKS/2026", "33.11": "2/PKS/2026"},
    "object": "pengolahan sampah",
    "occasion": "signing",
    "occurrence": "exploration",
    "old_origin": "ksad/contoh/national",
    "old_root": DIGEST,
    "old_size": 12,
    "open_items": [],
    "outcome": "dilaksanakan",
    "parties": ["33.72", "33.11"],
    "period": "2026-S1",
    "period_from": "2026-01-01",
    "period_to": "2026-06-30",
    "planned_end_on": "2026-12-31",
    "prefix_root": DIGEST,
    "prefix_size": 120,
    "previous_size": 60,
    "problem": "keterlambatan",
    "profile": "ksdd-2018",
    "proof": "asset_record",
    "reason": "alasan singkat",
    "region": "33.72",
    "remarks": "lengkapi tindak lanjut",
    "row": "t4",
    "satisfies": None,
    "scope": "layanan bersama",
    "seat": "Sekretariat Daerah",
    "sha256": DIGEST,
    "signing_on": "2026-01-05",
    "source": "Kepmendagri 300.2.2-2430/2025",
    "stage": "exploration",
    "successor": "93.01",
    "supervising_body": "tkksd:33",
    "tier": "governor",
    "title": "Pengolahan sampah bersama",
    "to_body": "joint_secretariat",
    "to_office": "governor:33",
    "version": 1,
    "witnesses": ["gubernur"],
}
OTHERWISE: dict[str, dict[str, Any]] = {
    "ksad.cooperation.signing_scheduled.v1": {"instrument": "agreement"},
    "ksad.cooperation.stage_entered.v1": {"stage": "negotiation"},
    "ksad.reference.reference_adopted.v1": {"kind": "regions", "name": "regions"},
    "ksad.reference.boundary_changed.v1": {"region": "91.01", "effective_on": "2022-07-25"},
    "ksad.anchor.feeds_anchored.v1": {},
    "ksad.task.scheduled.v1": {"period": None},
    "ksad.task.corrected.v1": {"fields": {"note": "catatan yang dibetulkan"}},
    "ksad.report.corrected.v1": {"fields": {"letter_number": "100.2.2.3/2"}},
}
SUBJECTS = {
    "cooperation": f"cooperation/{COOPERATION}",
    "supervision": f"supervision/{COOPERATION}",
    "task": f"task/{TASK}",
    "report": f"report/{REPORT}",
    "reference": "reference/regions",
    "body": "body/tkksd:33",
    "calendar": "calendar/days",
    "anchor": "anchor/feeds",
}


def example(declaration: Declaration) -> Envelope:
    """A valid envelope of an event type; always the same one."""
    changed = OTHERWISE.get(declaration.type, {})
    data = {name: changed.get(name, VALUES[name]) for name in declaration.model.model_fields}
    origin = Origin(
        source=f"urn:ksad:contoh:{declaration.service.value}",
        time=datetime(2026, 6, 30, 2, tzinfo=UTC),
        occurred_on=date(2026, 6, 30),
        date_precision="day",
        actor_office="operator",
        actor_id="petugas-1",
        command_id=UUID("00000000-0000-5000-8000-000000000001"),
        command_digest=DIGEST,
        correlation_id=COOPERATION,
        causation_id=None,
    )
    return seal(declaration.model.model_validate(data), SUBJECTS[declaration.noun], 1, origin)
