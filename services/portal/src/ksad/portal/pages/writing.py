"""The editor of a report: what its office writes, section by section, beside what the data say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Path, Query, Response
from fastapi.responses import RedirectResponse

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.free_text import CONFIRMED, CONFIRMS
from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import NarrativeSection, ReportKind
from ksad.contracts.rules import RefusalKind
from ksad.portal.drafts import DRAFT
from ksad.portal.foreseeing import TRIAL
from ksad.portal.form_keys import KEY
from ksad.portal.guarding import sent_from_here
from ksad.portal.languages import SaidRefusal, noted
from ksad.portal.pages.acts import AGAIN, NO_NAMES, PERSONAL, UNSURE, tried
from ksad.portal.visits import Officer, Posted, officer

if TYPE_CHECKING:
    from ksad.portal.foreseeing import Forecast
    from ksad.portal.visits import Visit

TEXT = "isi"
NOTHING_WRITTEN = noted("Bagian ini belum diisi.")
Kind = Annotated[ReportKind, Path()]
Period = Annotated[str, Path(pattern=r"^\d{4}(-(S[12]|Q[1-4]|\d\d))?$")]
Section = Annotated[NarrativeSection, Query()]


def router() -> Router:
    """The routes of the editor."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/laporan/tulis/{jenis}/{periode}", response_class=Response)
    def get_editor(
        visit: Officer,
        jenis: Kind,
        periode: Period,
        bagian: Section = NarrativeSection.CONCLUSIONS,
        isi: Annotated[str | None, Query(pattern="^rancangan$")] = None,
        tercatat: Annotated[NarrativeSection | None, Query()] = None,
    ) -> Response:
        """A section of the office's own report, as written, as kept, or as drafted from the data."""
        narrative = _narrative(visit, jenis, periode)
        section = next(one for one in narrative["sections"] if one["section"] == bagian.value)
        kept = visit.parts.drafts.find(visit.office, _address(visit, bagian))
        text = joined(bagian, section["draft"] if isi else section["written"])
        if kept is not None and not isi:
            text = kept.given[TEXT][0]
        saved = None if kept is None else visit.moment(kept.saved)
        return _editor(visit, narrative, jenis, periode, bagian, text=text, saved=saved, recorded=tercatat)

    @routes.post("/laporan/tulis/{jenis}/{periode}", response_class=Response, dependencies=[Depends(sent_from_here)])
    def write(
        visit: Officer, form: Posted, jenis: Kind, periode: Period, bagian: Section = NarrativeSection.CONCLUSIONS
    ) -> Response:
        """Records a section of the office's own report, or keeps it as a draft."""
        sent = str(form.get(KEY, ""))
        key = visit.check_key(sent)
        text = str(form.get(TEXT, "")).replace("\r\n", "\n")
        address = _address(visit, bagian)
        if form.get(DRAFT):
            title = f"{visit.names.report(jenis.value)}, {visit.names.period(periode)}"
            visit.parts.drafts.save(visit.office, address, title, {TEXT: [text]})
            return RedirectResponse(address, 303)
        paragraphs = split(bagian, text)
        named = {"kind": jenis.value, "office": visit.office, "period": periode, "section": bagian.value}
        confirms = {CONFIRMS: [PERSONAL]} if form.get(CONFIRMS) else {}
        body = {**named, "paragraphs": paragraphs, **confirms}
        foreseen, problem = _tried(visit, key, body) if form.get(TRIAL) else (None, _refused(visit, key, body))
        if foreseen is not None:
            narrative = _narrative(visit, jenis, periode)
            return _editor(visit, narrative, jenis, periode, bagian, text=text, key=sent, foreseen=foreseen)
        if problem is not None:
            kept = sent if problem.kind in UNSURE else None
            narrative = _narrative(visit, jenis, periode)
            return _editor(visit, narrative, jenis, periode, bagian, text=text, problem=problem, key=kept)
        visit.parts.drafts.forget(visit.office, address)
        return RedirectResponse(f"{address}&tercatat={bagian.value}", 303)

    return routes


def _refused(visit: Visit, key: str, body: dict[str, Any]) -> Problem | None:
    """Records a section; what forbids it, if something does.

    :raises Problem: 401, nobody is signed in.
    """
    if not body["paragraphs"]:
        return Problem(RefusalKind.INVALID, "request-valid", NOTHING_WRITTEN)
    try:
        visit.record("reporting", "/reports/narrative", key, body)
    except Problem as problem:
        if problem.kind is RefusalKind.UNIDENTIFIED:
            raise
        return problem
    return None


def _tried(visit: Visit, key: str, body: dict[str, Any]) -> tuple[Forecast | None, Problem | None]:
    """What a section would bring about, or what forbids it; nothing is recorded.

    :raises Problem: 401, nobody is signed in.
    """
    if not body["paragraphs"]:
        return None, Problem(RefusalKind.INVALID, "request-valid", NOTHING_WRITTEN)
    try:
        return tried(visit, "reporting", "/reports/narrative", key, body), None
    except Problem as problem:
        if problem.kind is RefusalKind.UNIDENTIFIED:
            raise
        return None, problem


def split(section: NarrativeSection, text: str) -> list[str]:
    """The paragraphs of a text: those between empty lines, of receivers of copies each line."""
    between = r"\n" if section is NarrativeSection.COPIES else r"\n\s*\n"
    return [one for one in (" ".join(part.split()) for part in re.split(between, text)) if one]


def joined(section: NarrativeSection, paragraphs: list[str]) -> str:
    """A text for an input, so that :func:`split` gives its paragraphs back."""
    return ("\n" if section is NarrativeSection.COPIES else "\n\n").join(paragraphs)


def _address(visit: Visit, section: NarrativeSection) -> str:
    return f"{visit.request.url.path}?bagian={section.value}"


def _narrative(visit: Visit, kind: ReportKind, period: str) -> dict[str, Any]:
    found: dict[str, Any] = visit.read(
        "reporting", "/reports/narrative", kind=kind.value, office=visit.office, period=period
    )
    return found


def _editor(  # noqa: PLR0913 - what a page shows
    visit: Visit,
    narrative: dict[str, Any],
    kind: ReportKind,
    period: str,
    section: NarrativeSection,
    *,
    text: str,
    saved: str | None = None,
    recorded: NarrativeSection | None = None,
    problem: Problem | None = None,
    key: str | None = None,
    foreseen: Forecast | None = None,
) -> Response:
    identity = str(report_id(kind.value, visit.office, period))
    return visit.page(
        "writing.html",
        200 if problem is None else problem.status,
        kind=kind.value,
        period=period,
        identity=identity,
        sections=narrative["sections"],
        now=next(one for one in narrative["sections"] if one["section"] == section.value),
        figures=narrative["figures"],
        late=narrative["late"],
        text=text,
        trial_name=TRIAL,
        foreseen=foreseen,
        saved=saved,
        recorded=recorded,
        refusal=None if problem is None else _said(visit, problem),
        refused=problem,
        personal=problem is not None and problem.rule == CONFIRMED,
        confirms=CONFIRMS,
        key=key or visit.form_key(visit.request.url.path),
        order_key=visit.form_key("/laporan/susun"),
    )


def _said(visit: Visit, problem: Problem) -> SaidRefusal:
    if problem.rule == CONFIRMED:
        return SaidRefusal(visit.language.gettext(NO_NAMES))
    if problem.kind in UNSURE:
        return SaidRefusal(visit.language.gettext(AGAIN))
    if problem.detail == NOTHING_WRITTEN:
        return SaidRefusal(visit.language.gettext(NOTHING_WRITTEN))
    return SaidRefusal(problem.detail, problem.rule)
