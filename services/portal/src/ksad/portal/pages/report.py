"""One report: its way, its figures, what was written, its versions beside one another, and its signed copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Path, Query, Response

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.rules import RefusalKind
from ksad.portal.chain import STATES, STEPS, mendable, way
from ksad.portal.languages import noted
from ksad.portal.offers import on_report
from ksad.portal.telling import lines
from ksad.portal.visits import Officer, download_of, officer

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

CLAUSES = {"R1": "P8", "R2": "P12", "R3": "P13"}
FORMS = Literal["pdf", "xlsx", "json"]
EVENTS = 200
RECORDED = {
    "disusun": noted("Laporan sudah disusun. Periksa, lalu sampaikan."),
    "tertulis": noted("Bagian laporan sudah tercatat. Susun versi baru agar ikut tercetak."),
    "berlaku": noted("Sudah tercatat."),
}
Version = Annotated[int, Path(ge=1, le=9_999)]
Chosen = Annotated[int | None, Query(ge=1, le=9_999)]


def router() -> Router:
    """The routes of a report."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/laporan/{laporan}", response_class=Response)
    def get_report(
        visit: Officer,
        laporan: UUID,
        versi: Chosen = None,
        tercatat: Annotated[Literal["disusun", "tertulis", "berlaku"] | None, Query()] = None,
    ) -> Response:
        """A report: its way, the figures and texts of a version, and what may be done with it."""
        report = visit.read("reporting", f"/reports/{laporan}")
        chosen = _chosen(report, versi)
        acts = visit.read("reporting", f"/reports/{laporan}/may")["acts"]
        return visit.page(
            "report.html",
            report=report,
            chosen=chosen,
            content=_content(visit, report, chosen),
            way=way(report),
            states=STATES,
            offers=on_report(acts),
            basis=CLAUSES.get(report["kind"]),
            mended=_own(visit.office, chosen),
            recorded=None if tercatat is None else RECORDED[tercatat],
            order_key=visit.form_key("/laporan/susun"),
            copy_key=visit.form_key(f"/laporan/{laporan}/salinan/{chosen['version']}") if chosen else None,
        )

    @routes.get("/laporan/{laporan}/versi/{versi}/{bentuk}", response_class=Response)
    def get_version(visit: Officer, laporan: UUID, versi: Version, bentuk: FORMS) -> Response:
        """A version of a report as it is printed, as a workbook, or as data; a download."""
        return download_of(visit, "reporting", f"/reports/{laporan}/versions/{versi}.{bentuk}")

    @routes.get("/laporan/{laporan}/angka/{nama}", response_class=Response)
    def get_figure(visit: Officer, laporan: UUID, nama: str, versi: Chosen = None) -> Response:
        """What stands behind a figure of a report: cooperations, and the entries of the log."""
        report = visit.read("reporting", f"/reports/{laporan}")
        chosen = _chosen(report, versi)
        content = _content(visit, report, chosen)
        if chosen is None or content is None:
            raise Problem(RefusalKind.UNKNOWN, "version-known", "Laporan ini belum disusun.")
        behind = visit.read("reporting", f"/reports/{laporan}/figures/{nama}/events", version=chosen["version"])[
            "items"
        ]
        titles = {str(cooperation_id(row["registration"])): row for row in content["matrix"]}
        about = [titles[one] for one in dict.fromkeys(map(_about, behind)) if one in titles]
        entries = [{"index": one["index"], "event": one["event"], "corrects": None} for one in behind[:EVENTS]]
        return visit.page(
            "figure.html",
            report=report,
            chosen=chosen,
            figure=_figure(content, nama),
            about=about,
            titles={one: row["title"] for one, row in titles.items()},
            history=list(zip(lines(visit.names, entries, {}), map(_about, reversed(behind[:EVENTS])), strict=True)),
            count=len(behind),
        )

    @routes.get("/laporan/{laporan}/bandingkan", response_class=Response)
    def compare(visit: Officer, laporan: UUID, dari: Chosen = None, ke: Chosen = None) -> Response:
        """Two versions of a report beside one another; without a choice the last two."""
        report = visit.read("reporting", f"/reports/{laporan}")
        after = ke or report["version"]
        before = dari or max(after - 1, 1)
        found = visit.read("reporting", f"/reports/{laporan}/differences", **{"from": before, "to": after})
        return visit.page("differences.html", report=report, before=before, after=after, found=found)

    return routes


def _chosen(report: dict[str, Any], number: int | None) -> dict[str, Any] | None:
    """The version with a number, or the newest; ``None`` before the first.

    :raises Problem: 404, the report has no version with the number.
    """
    versions: list[dict[str, Any]] = report["versions"]
    if number is None:
        return versions[-1] if versions else None
    found = next((one for one in versions if one["version"] == number), None)
    if found is None:
        raise Problem(RefusalKind.UNKNOWN, "version-known", f"Laporan ini tidak mempunyai versi {number}.")
    return found


def _own(office: str, chosen: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The steps of a version that an office recorded and may correct, each with what it is called."""
    steps = chosen["steps"] if chosen else []
    return [one | {"label": STEPS[one["what"]]} for one in steps if one["office"] == office and mendable(one)]


def _content(visit: Visit, report: dict[str, Any], chosen: dict[str, Any] | None) -> dict[str, Any] | None:
    """The content of a version; ``None`` before the first."""
    if chosen is None:
        return None
    found: dict[str, Any] = visit.read("reporting", f"/reports/{report['report_id']}/versions/{chosen['version']}.json")
    return found


def _figure(content: dict[str, Any], name: str) -> dict[str, Any] | None:
    """A headline figure by its name; ``None`` for the counts of tables, which say themselves what they are."""
    return next((one for one in content["figures"] if one["name"] == name), None)


def _about(entry: dict[str, Any]) -> str | None:
    """The id of the cooperation that an entry of the log is about; ``None`` for none."""
    kind, _, identity = entry["event"]["subject"].partition("/")
    if kind in {"cooperation", "supervision"}:
        return str(identity)
    found = entry["event"]["data"].get("cooperation_id")
    return None if found is None else str(found)
