"""Compiles a version of a report from one snapshot of the journal, and stores its documents."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ksad.chassis.documents import reference_to
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.figures import narrative
from ksad.ledger.figures.accepted import FIGURES
from ksad.ledger.figures.closing import is_draft
from ksad.ledger.figures.compiling import RULES, Compiled, ReportOrder, compile_report, compile_unchecked
from ksad.ledger.figures.content import model
from ksad.ledger.figures.once import ReadOnce
from ksad.ledger.figures.prefix import Prefix
from ksad.ledger.figures.whole import WholeLog
from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.printing import pdf, xlsx
from ksad.ledger.printing.form import FORM, renderer
from ksad.reporting.projections import generations
from ksad.reporting.reports.selected import SELECTING, SelectedStreams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    import sqlalchemy as sa

    from ksad.chassis.documents import Documents
    from ksad.contracts.catalogue import DocumentRef
    from ksad.contracts.dates import Period
    from ksad.contracts.reporting import ReportCompiled, ReportKind
    from ksad.ledger.figures.content.model import ReportContent
    from ksad.ledger.figures.content.values import LetterSent
    from ksad.ledger.figures.source import ReportSource
    from ksad.reporting.journal import Journal

    Compiling = Callable[[ReportSource, ReportOrder], Compiled]


class CompileOne(Protocol):
    """Compiles the report of a kind, office and period within a pass; see :meth:`Compiler.one_pass`."""

    def __call__(self, kind: ReportKind, office: str, period: Period, compiling: Compiling = ...) -> Compiled:
        """The compiled report."""
        ...


class SentForm(NamedTuple):
    """A report as it was sent: its printed forms, what they were printed with, and place and copies of the letter."""

    documents: tuple[DocumentRef, ...]
    form: int | None
    renderer: str | None
    place: str | None
    copies: tuple[str, ...]


def unprinted(_compiled: Mapping[str, Any], _letter: LetterSent) -> SentForm:
    """What a report would be sent with, while nothing is printed."""
    return SentForm((), None, None, None, ())


def text_of(paragraphs: Sequence[str]) -> DocumentRef:
    """How facts name the text of a section, wherever it is stored."""
    return reference_to(narrative.encode(paragraphs), narrative.MEDIA_TYPE)


class Compiler:
    """Compiles reports from the journal. Equal entries give equal figures and contents."""

    def __init__(self, journal: Journal, documents: Documents, platform: str) -> None:
        """:param platform: the platform's name, part of the log's origin."""
        self._journal = journal
        self._documents = documents
        self._origin = f"ksad/{platform}/national"

    @contextmanager
    def one_pass(self, day: date) -> Iterator[CompileOne]:
        """Compiles reports from one snapshot of the journal: the prefix that all projections have folded.

        A stream that several of the reports need is read once. What is compiled is what each report by itself would be.

        :param day: the day of compilation.
        :return: a function that compiles the report of a kind, office and period. It raises RuleBrokenError where
            nobody owes the report, an R3 has no accepted R2 (P13), or this release does not know an event in the
            journal.
        """
        sources: list[ReportSource] = []

        def compiled(kind: ReportKind, office: str, period: Period, compiling: Compiling = compile_report) -> Compiled:
            try:
                # Within the function, since a journal that cannot be read is a refusal of each report.
                if not sources:
                    sources.append(ReadOnce(self._source(connection)))
                order = ReportOrder(kind, office, period, self._origin, day, self._documents.get)
                return compiling(sources[0], order)
            except PoisonError as poison:
                detail = (
                    f"Catatan nomor {poison.entry.number} pada jurnal belum dikenal rilis ini, sehingga angkanya akan "
                    "keliru. Perbarui layanan pelaporan, lalu susun lagi."
                )
                raise RuleBrokenError(
                    "facts-known", detail, kind=RefusalKind.UNAVAILABLE, entry=poison.entry.number, type=poison.kind
                ) from poison

        with self._journal.database.read() as connection:
            yield compiled

    def drafted(self, kind: ReportKind, office: str, period: Period, day: date) -> ReportContent:
        """The content of a report as it would be compiled now, whatever its written sections say; nothing is stored.

        :raises RuleBrokenError: as in :meth:`one_pass`.
        """
        with self.one_pass(day) as compile_one:
            return compile_one(kind, office, period, compile_unchecked).content

    def check_owed(self, kind: ReportKind, office: str, period: Period, day: date) -> None:
        """Checks that an office owes a report on a period, or may still come to owe it.

        :raises RuleBrokenError: nobody owes it.
        """
        with self._journal.database.read() as connection:
            is_draft(Prefix(self._source(connection), min(period.last, day)), kind, office, period)

    def write(self, paragraphs: Sequence[str]) -> DocumentRef:
        """Stores the text of a section."""
        return self._documents.put(narrative.encode(paragraphs), narrative.MEDIA_TYPE)

    def sent(self, compiled: Mapping[str, Any], letter: LetterSent) -> SentForm:
        """Prints a compiled version again with number, day and capacity of its letter, and stores what was printed.

        Of a version that an earlier release compiled nothing is printed: this release has not its form.

        :param compiled: the data of its ``compiled`` event.
        """
        if compiled["rules"] != RULES:
            return unprinted(compiled, letter)
        kept = next(one["sha256"] for one in compiled["documents"] if one["media_type"] == model.MEDIA_TYPE)
        content = model.decode(self._documents.get(kept))
        papers = (
            self._documents.put(pdf.render_apart(content, letter), pdf.MEDIA_TYPE),
            self._documents.put(xlsx.render(content, letter), xlsx.MEDIA_TYPE),
        )
        return SentForm(papers, FORM, renderer(), content.from_office.seat, content.narrative.copies)

    def _source(self, connection: sa.Connection) -> ReportSource:
        live = {one.name: one for one in generations.live(connection)}
        if all(live[one.name].follows({one.name: one}) for one in SELECTING):
            selected = SelectedStreams(self._journal, connection)
            selected.check()
            return selected
        # Tables of another release do not select: until the rebuild is done, the whole journal is read.
        size = min(one.position for one in live.values())
        prefix, tree = self._journal.prefix(connection, size), self._journal.frontier_at(connection, size)
        return WholeLog(prefix, tree, partial(self._journal.history, connection))

    def kept(self, compiled: Compiled) -> ReportCompiled:
        """Prints a compiled report and stores its documents; returns the event to record."""
        content = compiled.content
        papers = [
            self._documents.put(model.encode(content), model.MEDIA_TYPE),
            self._documents.put(pdf.render_apart(content), pdf.MEDIA_TYPE),
            self._documents.put(xlsx.render(content), xlsx.MEDIA_TYPE),
            self._documents.put(compiled.events(), FIGURES),
        ]
        return compiled.fact(papers, FORM, renderer())
