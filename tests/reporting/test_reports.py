"""What a report says: its own cases and period, from one prefix, every figure traceable; never changed."""

from datetime import date

import orjson
import pytest

from ksad.contracts import registry
from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import event_id, report_id
from ksad.contracts.law import load_text as law_text
from ksad.contracts.regions import sha256
from ksad.contracts.registry import ReferenceKind
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.figures.accepted import FIGURES, SUMMED
from ksad.ledger.figures.content import model
from ksad.ledger.printing import pdf, xlsx
from tests.support.forgers.foreign import retyped
from tests.support.histories.histories import admit
from tests.support.histories.histories import origin as made_by
from tests.support.histories.report_chain import PERIOD, SECRETARIAT, TEAM, Chain, life
from tests.support.platforms.fed_supervision import DECISION, reference_facts
from tests.support.servers.schemas import ON_SQLITE

BLESSED = "ksad.cooperation.blessed.v1"


@pytest.mark.clause("P12")
def test_a_report_tells_its_prefix_and_never_changes(chain: Chain) -> None:
    """R2 states size and root of the log it was counted from; later facts change nothing of it."""
    chain.admit(life("a", TEAM))
    content = chain.compile(ReportKind.R2, TEAM)
    head = chain.journal.head()
    chain.admit(life("b", TEAM))

    version = chain.cases.report(report_id("R2", TEAM, PERIOD))[1].versions[0]
    assert (head.size, head.root.hex()) == (content.prefix.size, content.prefix.root)
    assert (
        model.content_hash(content) == version.compiled["content_sha256"] == version.compiled["documents"][0]["sha256"]
    )
    assert chain.read(version.compiled["documents"][0]) == content
    assert {pdf.MEDIA_TYPE, xlsx.MEDIA_TYPE, FIGURES} < {one["media_type"] for one in version.compiled["documents"]}


@pytest.mark.clause("P8")
@pytest.mark.parametrize(("kind", "office", "count"), [(ReportKind.R1, SECRETARIAT, 1), (ReportKind.R2, TEAM, 2)])
@ON_SQLITE
def test_a_body_reports_its_own_cases(chain: Chain, kind: ReportKind, office: str, count: int) -> None:
    """The Joint Secretariat and each TKKSD report what they supervise, and nothing else."""
    for key, body in (("a", TEAM), ("b", TEAM), ("c", SECRETARIAT), ("d", "tkksd:34")):
        chain.admit(life(key, body))

    content = chain.compile(kind, office)

    assert count == len(content.matrix)
    assert count == next(figure.value for figure in content.figures if figure.name == "cooperations")
    assert 2 * count == len(content.late)
    assert [row.office for row in content.timeliness.rows] == [office]


@pytest.mark.clause("P14")
@ON_SQLITE
def test_a_report_quotes_the_law_as_adopted(chain: Chain) -> None:
    """Another wording that the Minister adopts is what later reports print; the earlier ones stay as they were."""
    chain.admit(life("a", TEAM))
    first = chain.compile(ReportKind.R2, TEAM, period="2025-S2")
    text = law_text("ksad-2009").replace("dicabut dengan PP 28/2018 Pasal 51", "dicabut pada 13 Juli 2018")
    other = registry.ReferenceAdopted(
        kind=ReferenceKind.PROFILE, name="ksad-2009", content=text, sha256=sha256(text), source="uji", decision=DECISION
    )
    chain.admit([seal(other, "reference/adopted", len(reference_facts()) + 1, made_by())])
    second = chain.compile(ReportKind.R2, TEAM)

    said = [
        next(line.text for line in one.introduction.legal_history if line.clause == "PP 50/2007")
        for one in (first, second)
    ]
    lines = [line for line in second.introduction.legal_basis if line.clause == DECISION.cited]
    assert [line.text.partition(",")[0] for line in lines] == ["daftar wilayah"]
    assert said[0].endswith("dicabut dengan PP 28/2018 Pasal 51")
    assert said[1].endswith("dicabut pada 13 Juli 2018")


def test_every_figure_follows_to_its_events(chain: Chain) -> None:
    """Each figure has its entries in the log; counting their streams again gives the figure."""
    for key in ("a", "b", "c"):
        chain.admit(life(key, TEAM))
    content = chain.compile(ReportKind.R2, TEAM)
    version = chain.cases.report(report_id("R2", TEAM, PERIOD))[1].versions[0]
    paper = next(one for one in version.compiled["documents"] if one["media_type"] == FIGURES)
    behind = orjson.loads(chain.content(paper))

    # What an R3 adds up of an R2 has its entries, too.
    assert {figure.name for figure in content.every_figure()} | set(SUMMED) == set(behind)
    with chain.journal.database.read() as connection:
        for figure in content.every_figure():
            subjects = {one["event"]["subject"] for one in chain.journal.at(connection, behind[figure.name])}
            streams = {name for name in subjects if not name.startswith("supervision/")}
            if figure.unit == "kerja sama" or not figure.name.startswith("guidance."):
                assert figure.value == len(streams), figure.name
            else:
                assert (figure.value > 0) == bool(streams), figure.name


@ON_SQLITE
def test_the_change_since_the_report_before(chain: Chain) -> None:
    """A figure shows what it was in the report of the period before."""
    chain.admit(life("a", TEAM, date(2025, 11, 3)))
    chain.compile(ReportKind.R2, TEAM, period="2025-S2")
    chain.admit(life("b", TEAM))

    content = chain.compile(ReportKind.R2, TEAM)

    registered_ones = next(figure for figure in content.figures if figure.name == "cooperations")
    assert (registered_ones.value, registered_ones.previous, registered_ones.difference) == (2, 1, 1)
    assert content.previous_report is not None
    assert content.prefix.previous_size == len(reference_facts()) + 7


@pytest.mark.clause("P8", "P12", "P13")
@ON_SQLITE
def test_a_report_is_about_its_period(chain: Chain) -> None:
    """What began after the period is not in its matrix, its chapters and its figures; the next report has it."""
    chain.admit(life("a", TEAM))
    chain.admit(life("b", TEAM, date(2026, 7, 1)))

    first, second = (chain.compile(ReportKind.R2, TEAM, period=period) for period in ("2026-S1", "2026-S2"))

    assert [row.registration for row in first.matrix] == ["a"]
    assert [row.registration for row in second.matrix] == ["a", "b"]
    assert {figure.name: figure.value for figure in first.figures}["tasks"] == 3
    assert {figure.name: figure.value for figure in second.figures}["tasks"] == 5
    assert first.activities is not None
    assert {one.cooperation.registration for one in first.activities.evaluations} == {"a"}


@pytest.mark.fault("audit F4")
def test_a_fact_that_is_not_known_is_told(chain: Chain) -> None:
    """Where the journal has a fact that this release does not know, no report is compiled, and the refusal says why."""
    known = life("a", TEAM)
    odd = retyped(known[0].model_copy(update={"streamversion": 2, "id": event_id(known[0].subject, 2)}), BLESSED)
    admit(chain.journal, [*known, odd])
    chain.runner.catch_up()

    with pytest.raises(RuleBrokenError) as caught:
        chain.compile(ReportKind.R2, TEAM)

    assert (caught.value.rule, caught.value.kind) == ("facts-known", RefusalKind.UNAVAILABLE)
    assert caught.value.facts["type"] == BLESSED


@pytest.mark.parametrize("count", [0, 1, 40])
def test_any_number_of_cooperations_prints(chain: Chain, count: int) -> None:
    """A province without, with one and with many cooperations gets a PDF and a table."""
    chain.admit([event for number in range(count) for event in life(f"k{number}", TEAM)])

    content = chain.compile(ReportKind.R2, TEAM)
    overview = chain.compile(ReportKind.OVERVIEW, SECRETARIAT)

    assert count == len(content.matrix) == len(overview.matrix)
    assert pdf.render(content).startswith(b"%PDF")
    assert xlsx.render(overview).startswith(b"PK")
