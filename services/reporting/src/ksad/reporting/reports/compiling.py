"""Compiles a version of a report from one cut of the journal, and keeps the documents that it is printed as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.figures.compiling import FIGURES, Compiled, ReportOrder, compile_report
from ksad.ledger.figures.content import model
from ksad.ledger.figures.prefix import Prefix
from ksad.ledger.folds.folding import PoisonError
from ksad.ledger.printing import pdf, xlsx
from ksad.reporting.projections import generations

if TYPE_CHECKING:
    from datetime import date

    from ksad.chassis.documents import Documents
    from ksad.contracts.dates import Period
    from ksad.contracts.reporting import ReportCompiled, ReportKind
    from ksad.reporting.journal import Journal


class Compiler:
    """What a report says goes by the log alone: the same entries give the same figures and the same content."""

    def __init__(self, journal: Journal, documents: Documents, platform: str) -> None:
        """:param platform: the name of the platform, which the origin of the log bears."""
        self._journal = journal
        self._documents = documents
        self._origin = f"ksad/{platform}/national"

    def compile(self, kind: ReportKind, office: str, period: Period, day: date) -> ReportCompiled:
        """The fact that a version was compiled on a day: from everything that is known, its documents kept already.

        :raises RuleBrokenError: nothing was accepted that it is built from, or facts are not known to this release.
        """
        order = ReportOrder(kind, office, period, self._origin, day)
        return self._kept(compile_report(self._prefix(), order))

    def _prefix(self) -> Prefix:
        """What is known as far as all projections have come.

        :raises RuleBrokenError: a fact in it is not known to this release, so that its figures would be false.
        """
        try:
            with self._journal.database.read() as connection:
                size = min(one.position for one in generations.live(connection))
                return Prefix(
                    self._journal.prefix(connection, size),
                    self._journal.frontier_at(connection, size),
                    lambda stream, until: self._journal.history(connection, stream, until),
                )
        except PoisonError as poison:
            detail = (
                f"Catatan nomor {poison.entry.number} pada jurnal belum dikenal rilis ini, sehingga angkanya akan "
                "keliru. Perbarui layanan pelaporan, lalu susun lagi."
            )
            raise RuleBrokenError(
                "facts-known", detail, kind=RefusalKind.UNAVAILABLE, entry=poison.entry.number, type=poison.kind
            ) from poison

    def _kept(self, compiled: Compiled) -> ReportCompiled:
        content = compiled.content
        papers = [
            self._documents.put(model.encode(content), model.MEDIA_TYPE),
            self._documents.put(pdf.render(content), pdf.MEDIA_TYPE),
            self._documents.put(xlsx.render(content), xlsx.MEDIA_TYPE),
            self._documents.put(compiled.events(), FIGURES),
        ]
        return compiled.fact(papers)
