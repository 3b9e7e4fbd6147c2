"""The public route behind the code on a printed report: that a version was sent, when, by whom, and its hashes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from ksad.chassis.documents import NoDocumentError
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.ledger.figures.content import model
from ksad.ledger.folds.report_state import CLAUSES, Version
from ksad.ledger.printing import pdf, xlsx
from ksad.reporting.api import answering_reports as answering
from ksad.reporting.parts import Parts, Running

PUBLIC_STEPS = ("submitted", "accepted", "returned")
"""The steps that anybody may know of a version that was sent; what was said in them stays with the offices."""


def router() -> Router:
    """The route; it needs no token."""
    routes = Router(tags=["transparency"])

    @routes.get("/printed-reports/{report_id}/{version}", **answers(answering.PrintedReport))
    def get_printed_report(parts: Running, report_id: UUID, version: int) -> dict[str, Any]:
        """What the code on a printed report leads to: who sent this version, when, how it stands, and its hashes.

        Nothing of its content. 404 for a version that is none or was not sent, without saying which.
        """
        report = parts.reporting.report(report_id)[1]
        chosen = next((one for one in report.versions if one.number == version and _sent(one)), None)
        if chosen is None:
            detail = "Tidak ada laporan yang disampaikan dengan kode ini. Periksa kembali alamat pada cetakannya."
            raise Problem(RefusalKind.UNKNOWN, "printed-known", detail)
        sender, receiver = _labels(parts, chosen)
        compiled = chosen.compiled
        papers = [("sent", one) for one in (chosen.sent or {}).get("documents", ())]
        papers += [("compiled", one) for one in compiled["documents"]]
        return {
            "report_id": report_id,
            "version": version,
            "kind": report.kind,
            "clause": CLAUSES.get(report.kind),
            "sender": sender,
            "receiver": receiver,
            "period": report.period,
            "as_of": compiled["as_of"],
            "state": chosen.state,
            "newest": max(one.number for one in report.versions if _sent(one)),
            "steps": [{"what": one.what, "on": one.on} for one in chosen.steps if one.what in PUBLIC_STEPS],
            "content_sha256": compiled["content_sha256"],
            "prefix_size": compiled["prefix_size"],
            "prefix_root": compiled["prefix_root"],
            "documents": [
                {"sha256": one["sha256"], "media_type": one["media_type"], "printed": printed}
                for printed, one in papers
                if one["media_type"] in {pdf.MEDIA_TYPE, xlsx.MEDIA_TYPE, model.MEDIA_TYPE}
            ],
        }

    return routes


def _sent(version: Version) -> bool:
    return any(one.what == "submitted" for one in version.steps)


def _labels(parts: Parts, version: Version) -> tuple[str, str]:
    """Sender and addressee as the print names them."""
    kept = next(one["sha256"] for one in version.compiled["documents"] if one["media_type"] == model.MEDIA_TYPE)
    try:
        content = orjson.loads(parts.documents.get(kept))
    except NoDocumentError as error:
        raise Problem(RefusalKind.UNKNOWN, "document-known", "Dokumen ini tidak ada.") from error
    return content["from_office"]["label"], content["to_office"]["label"]
