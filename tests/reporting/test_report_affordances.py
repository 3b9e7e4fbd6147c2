"""What an office may do with a report is what it is not refused, at each step of the chain."""

from collections.abc import Callable

from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import NarrativeSection, ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.reporting.api.report_list import ReportQuery, page
from ksad.reporting.domain.affording import ACTS, may
from tests.support.histories.report_chain import GOVERNOR, PERIOD, SECRETARIAT, TEAM, Chain, asked, life, submit
from tests.support.servers.schemas import ON_SQLITE

IDENTITY = report_id("R2", TEAM, PERIOD)
OFFICES = (TEAM, GOVERNOR, SECRETARIAT)


def tried(chain: Chain, act: str, office: str, key: str) -> str | None:
    """The rule that an act of an office is refused by; None where it is carried out."""
    order, cases = asked(office, f"{key}-{act}-{office}"), chain.cases
    named = (ReportKind.R2, TEAM, PERIOD)
    ways: dict[str, Callable[[], object]] = {
        "compile": lambda: cases.compile(order, *named),
        "write": lambda: cases.write(order, named, NarrativeSection.OBSTACLES, ["Sungai meluap."]),
        "submit": lambda: cases.submit(order, IDENTITY, "1"),
        "discard": lambda: cases.discard(order, IDENTITY, "salah"),
        "accept": lambda: cases.accept(order, IDENTITY, None),
        "return": lambda: cases.give_back(order, IDENTITY, "lengkapi"),
    }
    assert set(ways) == set(ACTS)
    try:
        ways[act]()
    except RuleBrokenError as error:
        return error.rule
    return None


def in_turn(chain: Chain, office: str) -> list[str]:
    """The reports whose next step is an office's, which are as many as are counted."""
    with chain.journal.database.read() as connection:
        found = page(connection, ReportQuery(turn=True, counts=True, sort="-period"), office)
    assert found.counts is not None
    assert found.counts["total"] == len(found.rows)
    return [row["report_id"] for row in found.rows]


def check(chain: Chain, key: str, allowed: dict[str, set[str]]) -> None:
    """Who may do what now; and whatever is not allowed is refused, by the rule that was told."""
    report = chain.cases.report(IDENTITY)[1]
    chain.settle()
    for office in OFFICES:
        assert in_turn(chain, office) == ([str(IDENTITY)] if allowed.get(office) else []), (key, office)
        told = {one.act: one for one in may(office, report)}
        assert {act for act, one in told.items() if one.allowed} == allowed.get(office, set()), (key, office)
        for act, one in told.items():
            if one.refusal is not None:
                assert tried(chain, act, office, key) == one.refusal.rule, (key, office, act)


@ON_SQLITE
def test_each_step_is_whose_it_is(chain: Chain) -> None:
    """Compiled, submitted, returned: the acts change hands, and every other one is refused as was said."""
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    check(chain, "compiled", {TEAM: {"write", "submit", "discard"}})
    submit(chain, ReportKind.R2, TEAM, "1")
    check(chain, "submitted", {GOVERNOR: {"accept", "return"}})
    assert tried(chain, "return", GOVERNOR, "now") is None
    check(chain, "returned", {TEAM: {"write", "compile"}})
    assert tried(chain, "write", TEAM, "now") is None
