"""What the office writes of its report: the newest text counts, drafts are never printed, nothing is not nothing."""

from datetime import date

import pytest

from ksad.contracts import registry
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id, report_id
from ksad.contracts.reporting import NarrativeSection, ReportKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.figures import narrative
from ksad.ledger.figures.content.model import ReportContent
from ksad.ledger.printing.summary import summary
from tests.support.histories.histories import origin as made_by
from tests.support.histories.newest import fact_of
from tests.support.histories.report_chain import GOVERNOR, PERIOD, TEAM, Chain, asked, life, submit
from tests.support.histories.report_contents import report
from tests.support.servers.schemas import ON_SQLITE

NAMED = (ReportKind.R2, TEAM, PERIOD)


def problem(key: str) -> Envelope:
    """A problem of the cooperation, which nobody has resolved."""
    fact = fact_of(registry.ProblemReported, problem="sampah", description="truk terlambat")
    return seal(fact, f"cooperation/{cooperation_id(key)}", 2, made_by())


def write(chain: Chain, section: NarrativeSection, *text: str) -> None:
    """The team writes a section."""
    chain.settle()
    chain.cases.write(asked(TEAM, f"{section}{text}"), NAMED, section, text)


def test_the_newest_text_of_a_section_is_frozen_by_the_compilation(chain: Chain) -> None:
    """A section written twice is printed as last written; what nobody wrote stays empty; the event names the texts."""
    chain.admit(life("a", TEAM))
    chain.owe(*NAMED)
    write(chain, NarrativeSection.CONCLUSIONS, "Baik.")
    write(chain, NarrativeSection.CONCLUSIONS, "Berjalan baik.", "Satu evaluasi terlambat.")
    write(chain, NarrativeSection.COPIES, "Sekretaris Daerah Provinsi Jawa Tengah")
    content = chain.compile(ReportKind.R2, TEAM)
    write(chain, NarrativeSection.CONCLUSIONS, "Untuk versi berikutnya.")

    report = chain.cases.report(report_id("R2", TEAM, PERIOD))[1]
    assert content.narrative.conclusions == ("Berjalan baik.", "Satu evaluasi terlambat.")
    assert content.narrative.advice == ()
    assert [one["section"] for one in report.versions[0].compiled["narratives"]] == ["conclusions", "copies"]
    assert report.narratives[0][1] != report.versions[0].compiled["narratives"][0]["document"]


@ON_SQLITE
def test_a_report_that_was_only_written_has_no_version_yet(chain: Chain) -> None:
    """Before the first compilation the report is known, with its office, and has no version."""
    chain.admit(life("a", TEAM))
    chain.owe(*NAMED)
    write(chain, NarrativeSection.CONCLUSIONS, "Baik.")
    report = chain.cases.report(report_id("R2", TEAM, PERIOD))[1]
    assert (report.from_office, report.state, report.versions) == (TEAM, "none", ())


@pytest.mark.fault(
    "law report 2",
    kind="What only an office can say is empty, or a constant.",
    looked="Conclusions, obstacles, advice, follow-up, requests and copies of every kind of report.",
    found="'Nihil' stood where a dispute waited for the addressee.",
)
@ON_SQLITE
def test_nihil_is_refused_where_the_data_have_open_rows(chain: Chain) -> None:
    """A section cannot say that there is nothing while there is; neither can a text that was true when written."""
    chain.admit(life("a", TEAM))
    chain.owe(*NAMED)
    write(chain, NarrativeSection.OBSTACLES, "Nihil.")
    chain.admit([problem("a")])
    with pytest.raises(RuleBrokenError) as caught:
        write(chain, NarrativeSection.OBSTACLES, "Tidak ada.")
    assert caught.value.rule == "narrative-not-nihil"
    assert "masih ada 1 permasalahan" in str(caught.value.detail)
    with pytest.raises(RuleBrokenError, match="nihil"):
        chain.compile(ReportKind.R2, TEAM)
    write(chain, NarrativeSection.OBSTACLES, "Truk terlambat; jadwal disusun ulang.")
    assert chain.compile(ReportKind.R2, TEAM, "again").narrative.obstacles == ("Truk terlambat; jadwal disusun ulang.",)


@pytest.mark.fault(
    "law report 3",
    kind="The platform speaks for an office, and gives its superior orders.",
    looked="Advice and every other section that a report draws from the data.",
    found="Nothing else.",
)
@ON_SQLITE
def test_a_draft_is_made_from_the_data_and_never_printed(chain: Chain) -> None:
    """The draft says what is open; compiling without writing prints none of it."""
    chain.admit([*life("a", TEAM), problem("a")])
    chain.owe(*NAMED)
    chain.settle()
    _, content = chain.cases.draft(TEAM, *NAMED)
    drafted = narrative.draft(content)
    assert "truk terlambat" in drafted.obstacles[0]
    assert "1 kerja sama" in drafted.conclusions[0]
    assert drafted.copies[0] == "Sekretaris Daerah Provinsi Jawa Tengah"
    assert chain.compile(ReportKind.R2, TEAM).narrative.obstacles == ()


@ON_SQLITE
def test_only_the_office_writes_and_only_before_it_is_sent(chain: Chain) -> None:
    """The Governor does not write the team's report; a version with its addressee is not written on."""
    chain.admit(life("a", TEAM))
    chain.owe(*NAMED)
    with pytest.raises(RuleBrokenError) as caught:
        chain.cases.write(asked(GOVERNOR, "w"), NAMED, NarrativeSection.ADVICE, ("x",))
    assert caught.value.kind is RefusalKind.FORBIDDEN
    chain.compile(ReportKind.R2, TEAM)
    submit(chain, ReportKind.R2, TEAM, "1")
    with pytest.raises(RuleBrokenError) as caught:
        write(chain, NarrativeSection.ADVICE, "x")
    assert caught.value.rule == "written-before-sent"


@ON_SQLITE
def test_a_draft_is_read_by_its_office_and_by_auditors(chain: Chain) -> None:
    """What a report would say is shown to who owes it and to auditors, who cannot write it; to nobody else."""
    chain.admit(life("a", TEAM))
    chain.owe(*NAMED)
    chain.settle()
    assert chain.cases.draft("auditor", *NAMED) == chain.cases.draft(TEAM, *NAMED)
    for office in ("tkksd:34", GOVERNOR, "minister"):
        with pytest.raises(RuleBrokenError) as refused:
            chain.cases.draft(office, *NAMED)
        assert refused.value.kind is RefusalKind.FORBIDDEN
    with pytest.raises(RuleBrokenError) as refused:
        chain.cases.write(asked("auditor", "x"), NAMED, NarrativeSection.CONCLUSIONS, ("Baik.",))
    assert refused.value.kind is RefusalKind.FORBIDDEN


@pytest.mark.clause("P12")
@ON_SQLITE
def test_nothing_is_written_for_a_period_that_nobody_owes(chain: Chain) -> None:
    """Before the regulation, before the platform, or in another length than is owed: refused, and nothing is recorded;
    of the running period sections are written before its task arises.
    """
    chain.admit(life("a", TEAM))
    chain.admit([seal(registry.DayPassed(day=date(2026, 7, 5)), "calendar/days", 1, made_by())])
    chain.owe(*NAMED)
    chain.settle()
    for period in ("1999-S1", "2025", "2026-05"):
        named = (ReportKind.R2, TEAM, period)
        with pytest.raises(RuleBrokenError) as caught:
            chain.cases.write(asked(TEAM, period), named, NarrativeSection.ADVICE, ("Baik.",))
        assert caught.value.rule == "period-owed"
        assert chain.cases.report(report_id("R2", TEAM, period))[0] == 0
    running = (ReportKind.R2, TEAM, "2026-S2")
    assert chain.cases.write(asked(TEAM, "w"), running, NarrativeSection.ADVICE, ("Baik.",)).version == 1


@pytest.mark.fault("law report 2")
@pytest.mark.parametrize("kind", [ReportKind.R1, ReportKind.R2, ReportKind.OVERVIEW])
def test_a_dispute_that_lies_before_the_addressee_is_not_nothing(kind: ReportKind) -> None:
    """Whoever is the forum of an open dispute reads of it, also where its decision has not been asked for."""
    content = report(kind, 3)
    (given, *_) = content.matters.disputes

    def lying(before: str) -> ReportContent:
        one = given.model_copy(update={"state": "open", "settlement": None, "forum": before})
        return content.model_copy(update={"matters": content.matters.model_copy(update={"disputes": (one,)})})

    forum = content.to_office.head
    with pytest.raises(RuleBrokenError, match="masih ada 1 perselisihan"):
        narrative.check(NarrativeSection.REQUESTS, ("Nihil.",), lying(forum))
    (drafted,) = narrative.draft(lying(forum)).requests
    assert f"Mohon perhatian {forum} atas perselisihan antara" in drafted
    assert any(
        "belum dimohonkan keputusan: 1" in one for part in summary(lying(forum)) for one in part.get("items", ())
    )
    # Of a dispute before somebody else nothing is asked of him.
    narrative.check(NarrativeSection.REQUESTS, ("Nihil.",), lying("Bupati"))
    assert narrative.draft(lying("Bupati")).requests == ()
