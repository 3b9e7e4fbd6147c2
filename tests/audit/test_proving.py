"""A report is proved from its prefix: root, figures, citations and content recomputed; anything else is named."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import orjson
import pytest

from ksad.audit.proving import prove
from ksad.chassis.documents import Documents
from ksad.contracts.reporting import Citation
from ksad.ledger.archive.archive import read_events
from ksad.ledger.figures.accepted import FIGURES
from ksad.ledger.figures.compiling import Compiled
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.model import ReportContent
from tests.support.forgers.reported import BUILT, FIRST, SECOND, compiled, replaced, said

OTHER = "00000000-0000-5000-8000-000000000000"
Forge = Callable[[Compiled], Compiled]


@pytest.mark.parametrize("report", [FIRST, SECOND, BUILT])
def test_an_honest_report_is_proved(honest: Path, tmp_path: Path, report: str) -> None:
    """All of an untouched report holds: the first of its kind, one with a report before it, one built from others."""
    assert said(honest, report) == {}
    checks = [one.name.removeprefix("version 1 ") for one in prove(honest, report)]
    proved = ["documents", "prefix", "figures", "citations", "events", "content", "printed"]
    assert checks == (proved if report == BUILT else [*proved, "signed"])


def test_an_unknown_report_is_told_from_the_others(honest: Path, tmp_path: Path) -> None:
    """Another id is not found, and the message lists the reports that there are."""
    with pytest.raises(LookupError, match=rf"(?s)it has:.*R2 tkksd:33 2026-S2: {SECOND}.*R3 governor:33 2026: {BUILT}"):
        prove(honest, OTHER)


def _figure(fact: dict[str, object]) -> None:
    assert isinstance(fact["figures"], dict)
    fact["figures"]["cooperations"] += 1


@pytest.mark.parametrize(
    ("change", "check", "named"),
    [
        (_figure, "figures", "cooperations"),
        (lambda fact: fact.update(prefix_size=10), "prefix", "the first 10 leaves"),
        (lambda fact: fact.update(prefix_size=2**53 - 1), "prefix", f"the first {2**53 - 1} leaves"),
        (lambda fact: fact.update(previous_size=1), "content", "event previous_size"),
        (lambda fact: fact.update(period_to="2026-12-30"), "content", "event period_to"),
        (lambda fact: fact.update(from_office="tkksd:34"), "content", "event subject"),
        (lambda fact: fact.update(kind="R1"), "content", "nothing can be compiled"),
        (lambda fact: fact.update(kind="R9"), "content", "nothing can be compiled"),
        (lambda fact: fact.update(period="besok"), "content", "nothing can be compiled"),
    ],
)
def test_a_forged_event_is_named(
    data: Path, tmp_path: Path, change: Callable[[dict[str, object]], None], check: str, named: str
) -> None:
    """Row 19: one figure more, another range of the log, or another report than this one is not what leaves give."""
    at = replaced(data, SECOND, change)

    first_bad, detail = said(data, SECOND)[check]

    assert first_bad == at
    assert named in detail


def _content(forge: Callable[[ReportContent], ReportContent]) -> Forge:
    return lambda made: made._replace(content=forge(made.content))


def _raised(content: ReportContent) -> ReportContent:
    """Half as many cooperations before: growth that never was."""
    first, *rest = content.figures
    assert (first.name, first.value, first.previous) == ("cooperations", 2, 1)
    return content.model_copy(update={"figures": (first.model_copy(update={"previous": 0}), *rest)})


def _counted(content: ReportContent) -> ReportContent:
    """One more in a table, and nowhere else."""
    table = content.recapitulation
    total = table.total.model_copy(update={"active": table.total.active + 1})
    return content.model_copy(update={"recapitulation": table.model_copy(update={"total": total})})


def _unaccepted(made: Compiled) -> Compiled:
    """A report that nobody has accepted, cited as if it were."""
    cite = Citation.model_validate({"report_id": OTHER, "version": 1, "content_sha256": "ab" * 32})
    told = made.content.cited[0].model_copy(update={"id": OTHER, "content_hash": "ab" * 32})
    content = made.content.model_copy(update={"cited": (*made.content.cited, told)})
    return made._replace(content=content, cites=(*made.cites, cite))


def _left_out(made: Compiled) -> Compiled:
    """One of two accepted reports passed over."""
    content = made.content.model_copy(update={"cited": made.content.cited[1:]})
    return made._replace(content=content, cites=made.cites[1:])


def _swapped(made: Compiled) -> Compiled:
    """The second report cited with another content than the Governor accepted."""
    cite = made.cites[1].model_copy(update={"content_sha256": "cd" * 32})
    told = made.content.cited[1].model_copy(update={"content_hash": "cd" * 32})
    content = made.content.model_copy(update={"cited": (made.content.cited[0], told)})
    return made._replace(content=content, cites=(made.cites[0], cite))


def _before(content: ReportContent) -> ReportContent:
    """Compared with a report before it that has another content."""
    assert content.previous_report is not None
    told = content.previous_report.model_copy(update={"content_hash": "ef" * 32})
    return content.model_copy(update={"previous_report": told})


@pytest.mark.parametrize(
    ("report", "forge", "check", "named"),
    [
        (SECOND, _content(_raised), "figures", "cooperations"),
        (SECOND, _content(_counted), "figures", "recap.total.active"),
        (SECOND, _content(_before), "citations", FIRST),
        (BUILT, _unaccepted, "citations", OTHER),
        (BUILT, _left_out, "citations", FIRST),
        (BUILT, _swapped, "citations", SECOND),
        (SECOND, lambda made: made._replace(behind={**made.behind, "tasks": [1]}), "events", "tasks"),
    ],
)
def test_a_report_that_was_forged_whole_is_named(
    data: Path, tmp_path: Path, report: str, forge: Forge, check: str, named: str
) -> None:
    """Row 19 with the log's key: content, documents and event fit one another; the leaves before give another one."""
    documents = Documents(data / "documents" / "reporting")

    def change(fact: dict[str, object]) -> None:
        kept = {one["media_type"]: documents.get(one["sha256"]) for one in fact["documents"]}  # type: ignore[attr-defined] # from JSON
        day = date.fromisoformat(str(fact["as_of"]))
        cites = tuple(map(Citation.model_validate, fact["cites"]))  # type: ignore[call-overload] # from JSON
        content, behind = model.decode(kept[model.MEDIA_TYPE]), orjson.loads(kept[FIGURES])
        made = forge(Compiled(content, behind, cites, day, draft=False, narratives=[]))
        papers = [
            documents.put(model.encode(made.content), model.MEDIA_TYPE),
            documents.put(made.events(), FIGURES),
        ]
        fact.update(made.fact(papers, None, None).model_dump(mode="json"))

    at = replaced(data, report, change)

    found = said(data, report)

    assert found[check] == (at, f"not what the prefix gives: {named}")
    assert {"documents", "prefix"}.isdisjoint(found)
    assert set(found) <= {check, "content"}


def test_changed_documents_are_named(data: Path, tmp_path: Path) -> None:
    """Row 19: a PDF with another byte has no longer the hash that the report's event names; nor has another content."""
    ((at, event),) = compiled(read_events(data / "events"), FIRST)
    pdf = next(one["sha256"] for one in event["data"]["documents"] if one["media_type"] == "application/pdf")
    file = data / "documents" / "reporting" / pdf[:2] / pdf[2:]
    file.write_bytes(file.read_bytes() + b"\n")

    assert said(data, FIRST) == {"documents": (at, f"missing or changed: {pdf}")}
