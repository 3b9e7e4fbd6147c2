"""Reports on one history with every hard case: what they must say, written by hand, and their bytes, kept for ever.

What is right was read out of Permendagri 23/2009 (Pasal 6, 8, 10, 12, 13), UU 23/2014 Pasal 370, PP 28/2018 Pasal 9,
and of the history's days alone. The rules before are held by ``tests/ledger/rules/test_frozen.py``.
"""

from datetime import date
from typing import Any

import orjson
import pytest

from ksad.contracts.dates import Period
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.compiling import RULES as NEWEST
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.sums import TimelinessCounts
from ksad.ledger.folds.rows import no_history
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.ledger.printing.form import FORM
from ksad.ledger.rules.versions import RULES, Asked
from tests.support.histories import golden
from tests.support.text.source import ROOT

SECTION_4 = pytest.mark.fault(
    "law reports",
    kind="A report tells what is so when it is compiled, or by whom it is now, and calls open things nothing.",
    looked="Every table, sentence and sum of R1, R2, R3 and the national overview, on one history with all hard cases.",
    found=(
        "A TKKSD's advice to its Governor was told as advice to the Minister after the dispute had moved; an agreement "
        "that had expired under a living accord was told without its end; the overview cited Pasal 6 for a Governor's "
        "workbook, and counted a task that changed hands, and its evaluation, twice; of several agreements it did not "
        "say which one is settled or evaluated."
    ),
)
SCORES = pytest.mark.fault(
    "law report 5",
    kind="Something is reported without how it ended: a settlement without decision, a problem without outcome.",
    looked="Disputes, problems, evaluations, councils' decisions, ends.",
    found="The six scores of an evaluation were printed nowhere.",
)
EVIDENCE = pytest.mark.fault(
    "law report 8",
    kind="What is stored once is told once, although it served several acts.",
    looked="The list of evidence, papers on problems and disputes, instruments.",
    found="Documents had no names, only media types and hashes.",
)
LEFT = {"cancelled": 1, "handed_over": 1, "late": 2, "not_done": 1}


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """The golden reports of the newest rules."""
    return golden.kept(NEWEST)


@pytest.fixture(scope="module")
def told(kept: dict[str, Any]) -> dict[str, model.ReportContent]:
    """The contents by name."""
    found = {name: raw for name, raw in kept["contents"].items() if not name.endswith(" figures")}
    return {name: model.decode(raw.encode()) for name, raw in found.items()}


@pytest.mark.parametrize("rules", [number for number in RULES if number > 1])
def test_golden_reports_are_compiled_again_to_the_byte(rules: int) -> None:
    """Each kept report comes out of the kept history again, by the rules that it was made by."""
    kept, leaves = golden.kept(rules), golden.leaves()
    assert {one["kind"] for one in kept["reports"]} == {kind.value for kind in ReportKind}
    for one in kept["reports"]:
        entries = [Entry(at, raw) for at, raw in enumerate(leaves[: one["size"]])]
        tree = Frontier.empty().extended(leaf_hash(entry.raw) for entry in entries)
        prefix = RULES[rules].folded(entries, tree, no_history)
        asked = Asked(
            ReportKind(one["kind"]), one["office"], Period.parse(one["period"]), golden.ORIGIN,
            date.fromisoformat(one["day"]), lambda sha256: kept["documents"][sha256].encode(),
        )  # fmt: skip
        made = RULES[rules].compiled(prefix, asked)
        assert made.content.decode() == kept["contents"][one["name"]]
        assert made.events.decode() == kept["contents"][f"{one['name']} figures"]


def test_a_form_prints_what_it_printed() -> None:
    """What is printed of the golden contents is what is recorded of this form; a form of a release never changes.

    Where it differs, the number of the form is raised and the new one recorded; until its release, it is recorded anew.
    """
    recorded = orjson.loads(golden.FORMS.read_bytes())
    entry = recorded[str(FORM)]
    assert max(map(int, recorded)) == FORM
    unreleased = "not released yet" in (ROOT / "CHANGELOG.md").read_text().partition("\n## ")[2].partition("\n")[0]
    assert (entry["released"] is None) == unreleased
    assert entry["programs"] == golden.programs(), "record the form under these programs, too"
    contents = golden.kept(NEWEST)["contents"]
    for name, hashes in entry["printed"].items():
        assert golden.printed(model.decode(contents[name].encode())) == hashes, f"{name}: raise FORM, or record it anew"


@SECTION_4
@pytest.mark.clause("P12")
@pytest.mark.parametrize("name", ["R2 first", "R2"])
def test_what_became_of_each_task(told: dict[str, model.ReportContent], name: str) -> None:
    """Late is what was done after its due day, not done what was due and open, and the sums close."""
    counts = told[name].timeliness.total
    assert counts.model_dump() == {
        **dict.fromkeys(TimelinessCounts.model_fields, 0), **LEFT, "carried_in": 1,
        "new": 10, "on_time": 4, "not_due": 2
    }  # fmt: skip
    (late,) = told[name].late
    assert (late.what, late.days) == ("Informasi tenaga ahli/profesional: Pengelolaan pasar", 109)
    assert told[name].timeliness.notes == ("1 tugas dibatalkan setelah jatuh temponya lewat.",)


@pytest.mark.fault(
    "law L6",
    kind="A ground of law is taken from another question: the article of advice for the forum of a dispute.",
    looked="Forum, advice, brief and settlement of disputes in every kind of report.",
    found="Advice written to a Governor was addressed to whoever decided later.",
)
@SECTION_4
@pytest.mark.clause("P6.d.5", "P10.d.3", "P10.d.5")
@pytest.mark.parametrize("name", ["R1", "R2", "R3", "overview"])
def test_a_dispute_before_the_minister_stands_in_every_report(told: dict[str, model.ReportContent], name: str) -> None:
    """The Minister has to decide (Pasal 370 (3)); the TKKSD had advised its Governor, to whom Pasal 10 addresses it."""
    (dispute,) = told[name].matters.awaiting
    assert dispute.forum_clause is not None
    assert (dispute.forum, dispute.forum_clause.id) == ("Menteri Dalam Negeri", "UU 23/2014 Pasal 370 ayat (3)")
    papers = [(one.clause.id, one.to, one.on) for one in (dispute.advice, dispute.brief) if one is not None]
    assert papers == [
        ("P10.d.3", "Gubernur Jawa Barat", "2026-03-20"),
        ("P10.d.5", "Gubernur Jawa Barat", "2026-04-20"),
    ]
    (informed,) = told[name].matters.informed
    assert informed.governors == ("Gubernur Jawa Barat", "Gubernur Banten")


@pytest.mark.fault(
    "law report 9",
    kind="The addressee is told that he was told, or of an office that there is none.",
    looked="Tasks that were not done, in reports to Governors and to the Minister.",
    found="Nobody could read on which day it was reported.",
)
def test_the_addressee_is_told_when_not_whom(told: dict[str, model.ReportContent]) -> None:
    """A Governor reads on which day it was reported to him; the Minister, to whom."""
    said = {name: [one.escalation for one in told[name].late] for name in ("R2", "R3", "overview")}
    assert said == {
        "R2": ["dilaporkan pada 6 April 2026"],
        "R3": ["dilaporkan kepada Gubernur Jawa Barat pada 6 April 2026"],
        "overview": ["dilaporkan kepada Gubernur Jawa Barat pada 6 April 2026"],
    }


@SCORES
def test_matters_end_and_evaluations_score(told: dict[str, model.ReportContent]) -> None:
    """The six scores of the evaluation stand with their sum and means, a resolved problem with its outcome."""
    for name in ("R2", "R3", "overview"):
        (one,) = told[name].scored.evaluations
        assert (one.cooperation.title, one.on, one.scores.sum) == ("Terminal angkutan umum", "2026-06-10", 19)
        assert told[name].scored.trend[-1].means["documents_complete"] == 200
        assert [one.outcome for one in told[name].matters.problems] == ["Tarif retribusi disepakati."]


@EVIDENCE
def test_every_use_of_a_document_is_named(told: dict[str, model.ReportContent]) -> None:
    """One file served as advice, as brief and as instrument: each stands in the list, by what it was."""
    listed = {one.what for one in told["R2"].evidence if one.sha256 == "a" * 64}
    assert {
        "Masukan dalam penyelesaian perselisihan (Pasal 10 huruf d angka 3): Penyediaan air baku",
        "Bahan pertimbangan penyelesaian perselisihan (Pasal 10 huruf d angka 5): Penyediaan air baku",
        "Kesepakatan 3 November 2025: Penyediaan air baku",
    } <= listed


@SECTION_4
def test_a_change_of_supervisor_leaves_the_work_where_it_was_done(told: dict[str, model.ReportContent]) -> None:
    """What the TKKSD handed over is in its report as handed over, and in the Secretariat's as taken over."""
    team, secretariat = told["R2"], told["R1"]
    (row,) = [one for one in team.matrix if one.registration == "air-baku"]
    assert row.remarks is not None
    assert row.remarks.startswith("dialihkan 20 Mei 2026 kepada Sekretariat Bersama; ")
    assert team.activities is not None
    assert secretariat.activities is not None
    assert sorted((one.clause.id, str(one.gone)) for one in team.activities.evaluations) == [
        ("P10.d.1", "None"),
        ("P10.d.1", "handed_over"),
    ]
    assert [(one.clause.id, one.gone) for one in secretariat.activities.evaluations] == [("P6.d.1", None)]
    assert (secretariat.timeliness.total.taken_over, secretariat.timeliness.total.new) == (1, 1)


@pytest.mark.fault(
    "law L7",
    kind="A clause is cited for the tier of the report instead of that of the cooperation.",
    looked="Evaluations, workbooks and reminders in the national overview.",
    found="Workbooks of Governors' cooperations cited Pasal 6, too.",
)
@SECTION_4
def test_what_expires_is_told_on_its_day(told: dict[str, model.ReportContent]) -> None:
    """An end inside the period has its day and ground; one after it is only to come, until a later report tells it."""
    ends = {
        name: {one.cooperation.registration: (one.planned_end, one.ended_on, one.ground) for one in found.terminations}
        for name, found in told.items()
    }
    expired = ("2026-04-30", "2026-04-30", "masa berlaku berakhir")
    for name in ("R2 first", "R2", "overview"):
        assert ends[name] == {"sampah": expired, "terminal": ("2026-08-14", None, None)}
    ground = "masa berlaku berakhir (perjanjian; kerja sama belum berakhir)"
    assert ends["R3"]["terminal"] == ("2029-08-14", "2026-08-14", ground)
    # Of two agreements only the one that ends is settled, and it is named.
    (found,) = [one for one in told["R2"].terminations if one.cooperation.registration == "terminal"]
    assert [slot.agreement for slot in found.checklist] == ["perjanjian ke-1"] * 10
    cited = {slot.clause.id for one in told["overview"].terminations for slot in one.checklist}
    assert cited == {f"P10.d.4.{item}" for item in "abcdef"}


@SECTION_4
def test_a_returned_version_is_answered_by_the_next(told: dict[str, model.ReportContent]) -> None:
    """The second version prints why the first was returned, has the written sections, and what was learned since."""
    first, second = told["R2 first"], told["R2"]
    assert [(one.version, one.office, one.text) for one in second.remarks] == [
        (1, "Gubernur Jawa Barat", "Jelaskan tugas yang tidak dilaksanakan.")
    ]
    assert second.narrative.obstacles == ("Tenaga ahli untuk pasar bersama belum tersedia.",)
    # The problem was resolved on 29 June; who compiled first did not know, and the opinion of 3 July came after.
    assert [(one.state, one.resolved_on, one.opinion) for one in first.matters.problems] == [("open", None, None)]
    assert [(one.state, one.resolved_on, one.opinion) for one in second.matters.problems] == [
        ("resolved", "2026-06-29", None)
    ]
    told_after = [(one.on, one.text) for one in second.developments.after]
    assert told_after == [
        ("2026-07-03", "Pertimbangan atas permasalahan dilaksanakan: disampaikan"),
        ("2026-07-06", "Laporan TKKSD kepada Gubernur dilaksanakan: laporan disampaikan"),
    ]


@SECTION_4
@pytest.mark.clause("P13")
def test_the_governor_reports_what_was_accepted_and_what_changed_since(told: dict[str, model.ReportContent]) -> None:
    """R3 has the accepted figures, beside them what a correction changed since, and names the R2 that is missing."""
    found = told["R3"]
    assert found.results is not None
    accepted = found.results.accepted
    assert accepted is not None
    assert [(one.period, one.version) for one in accepted.periods] == [("2026-S1", 2), ("2026-S2", None)]
    figures = {one.name: (one.values, one.deltas) for one in accepted.figures}
    # The term of what was told as expired was corrected to 2027 after the acceptance.
    assert figures["running"] == ((2, None), (1, None))
    assert figures["ended"] == ((1, None), (-1, None))
    changed = {name for name, (_, deltas) in figures.items() if deltas[0]}
    assert changed == {"running", "ended"}
    (opinion,) = [one.opinion for one in found.matters.problems if one.opinion is not None]
    assert (opinion.clause.id, opinion.to, opinion.on) == ("P10.d.2", "para pihak", "2026-07-03")


@SECTION_4
def test_the_overview_counts_each_task_once(told: dict[str, model.ReportContent]) -> None:
    """A task that went from a TKKSD to the Secretariat is one task and one evaluation, and the sum says so."""
    overview = told["overview"]
    total = overview.timeliness.total
    assert {name: value for name, value in total.model_dump().items() if value} == {
        "carried_in": 1, "new": 11, "on_time": 4, "late": 2, "cancelled": 1, "not_done": 1, "not_due": 4
    }  # fmt: skip
    assert sum(one.counts.total for one in overview.timeliness.rows) == total.total + 1
    assert overview.timeliness.notes[1] == (
        "1 tugas beralih dari satu badan ke badan lain; dalam jumlah dihitung satu kali."
    )
    assert overview.results is not None
    assert overview.results.evaluation_summary[0] == "Dari 2 evaluasi, 1 telah disampaikan; 1 belum jatuh tempo."
    named = {one.region.code[:2] for one in overview.recapitulation.rows}
    assert len(named) == 38  # Every province has a row, with or without cooperations.
