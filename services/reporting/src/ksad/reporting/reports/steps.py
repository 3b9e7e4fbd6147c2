"""The steps of reports: each gives the fact to record from the report's state and its stream, or refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ksad.contracts import reporting as facts
from ksad.contracts.corrections import corrected_values
from ksad.contracts.dates import Period
from ksad.contracts.registry.acting import check_signed_as
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.figures import offices
from ksad.reporting.domain import permissions
from ksad.reporting.domain.chain import check_letter, check_step, check_writing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from ksad.contracts.catalogue import DocumentRef, Fact
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.registry import SignedAs
    from ksad.contracts.reporting import NarrativeSection, ReportKind
    from ksad.ledger.folds.report_state import Report
    from ksad.reporting.reports.compiling import SentForm

Decide: TypeAlias = Callable[["Report", Sequence["Envelope"]], "Fact"]
COMMON = ("kind", "from_office", "to_office", "period")


def writing(named: tuple[ReportKind, str, str], section: NarrativeSection, document: DocumentRef) -> Decide:
    """Writes a section of the coming version.

    :param named: kind, office and period of the report.
    :param document: the text of the section.
    """
    kind, office, period = named

    def decide(report: Report, _: Sequence[Envelope]) -> Fact:
        check_writing(report)
        return facts.NarrativeWritten(
            kind=kind,
            from_office=office,
            to_office=offices.to_office(kind, office),
            period=str(Period.parse(period)),
            version=len(report.versions) + 1,
            section=section,
            document=document,
        )

    return decide


def submitting(
    office: str, compiled: Mapping[str, Any], sent: SentForm, letter_number: str, signed_as: SignedAs | None
) -> Decide:
    """Submits a version.

    :param compiled: the data of its ``compiled`` event, by which it was printed.
    """

    def decide(report: Report, _: Sequence[Envelope]) -> Fact:
        permissions.check_step(office, report, "submit")
        version = check_step(report, "submit")
        if version.compiled != compiled:
            detail = "Laporan ini berubah sewaktu dicetak. Baca ulang lalu coba lagi."
            raise RuleBrokenError("changed-meanwhile", detail, kind=RefusalKind.CONFLICT)
        common = {name: compiled[name] for name in (*COMMON, "version")}
        told = {**sent._asdict(), "documents": list(sent.documents), "copies": list(sent.copies)}
        return facts.ReportSubmitted.model_validate(
            {**common, **told, "letter_number": letter_number, "signed_as": signed_as}
        )

    return decide


def stepping(office: str, wanted: str, made: type[facts.ReportFact], day: date, fields: Mapping[str, Any]) -> Decide:
    """Discards, accepts or returns a version.

    :param wanted: ``discard``, ``accept`` or ``return``.
    """

    def decide(report: Report, _: Sequence[Envelope]) -> Fact:
        permissions.check_step(office, report, wanted)
        version = check_step(report, wanted)
        check_signed_as(fields.get("signed_as"), day)
        common = {name: version.compiled[name] for name in COMMON}
        return made.model_validate({**common, "version": version.number, **fields})

    return decide


def correcting(
    office: str,
    corrects: UUID,
    reason: str,
    fields: dict[str, Any],
    others_of: Callable[[Report], list[Report]],
) -> Decide:
    """Corrects fields of an earlier step.

    :param others_of: the other reports whose letters may not bear the number of this one's.
    """

    def decide(report: Report, stream: Sequence[Envelope]) -> Fact:
        newest = report.newest
        target = next((one for one in stream if one.id == corrects), None)
        if newest is None or target is None:
            raise RuleBrokenError("corrects-own-event", "Catatan yang diperbaiki bukan dari laporan ini.")
        permissions.check_correcting(office, target.actoroffice)
        common = {name: newest.compiled[name] for name in COMMON}
        changed = {"corrects": corrects, "reason": reason, "fields": corrected_values(target, fields)}
        if "letter_number" in fields:
            check_letter(fields["letter_number"], report, target.data["version"], others_of(report))
        return facts.ReportCorrected.model_validate({**common, "version": newest.number, **changed})

    return decide
