"""Letters of reports: who signs in a head's place is named by a letter of his own, and a number is of one letter."""

from datetime import date
from uuid import UUID

import pytest

from ksad.contracts.identifiers import report_id
from ksad.contracts.registry import SignedAs
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from tests.support.histories.report_chain import GOVERNOR, PERIOD, SECRETARIAT, TEAM, Chain, asked, life, submit
from tests.support.servers.schemas import ON_SQLITE


@pytest.mark.clause("P12")
@ON_SQLITE
def test_an_acting_head_is_named_by_his_letter(chain: Chain) -> None:
    """A report is sent, returned and accepted by an acting official with number and day of his letter, or not."""
    chain.admit(life("a", TEAM))
    identity = report_id("R2", TEAM, PERIOD)
    chain.compile(ReportKind.R2, TEAM)
    unnamed = SignedAs(capacity="plh", number="800/1", date=None)
    ahead = SignedAs(capacity="plh", number="800/1", date=date(2026, 7, 7))
    for said, rule in ((unnamed, "acting-by-letter"), (ahead, "date-not-future")):
        with pytest.raises(RuleBrokenError) as refused:
            chain.cases.submit(asked(TEAM, f"s {rule}"), identity, "100/1", said)
        assert refused.value.rule == rule
    submit(chain, ReportKind.R2, TEAM, "1")
    for said, rule in ((unnamed, "acting-by-letter"), (ahead, "date-not-future")):
        with pytest.raises(RuleBrokenError) as refused:
            chain.cases.accept(asked(GOVERNOR, f"a {rule}"), identity, None, said)
        assert refused.value.rule == rule
        with pytest.raises(RuleBrokenError) as refused:
            chain.cases.give_back(asked(GOVERNOR, f"b {rule}"), identity, "lengkapi", said)
        assert refused.value.rule == rule


@pytest.mark.clause("P8", "P12")
@ON_SQLITE
def test_a_letters_number_is_of_one_letter(chain: Chain) -> None:
    """Neither another version nor a report on another period is sent under a number that was used, nor is one corrected
    to it; another office has numbers of its own, and the overview goes with the report on its period.
    """
    chain.admit([*life("a", TEAM), *life("b", SECRETARIAT)])
    for period in (PERIOD, "2025-S2"):
        chain.compile(ReportKind.R2, TEAM, period=period)
    first, other = (report_id("R2", TEAM, period) for period in (PERIOD, "2025-S2"))
    old = chain.cases.submit(asked(TEAM, "1"), first, "100/1").record.events[0]

    def refused(office: str, report: UUID, number: str) -> None:
        with pytest.raises(RuleBrokenError) as caught:
            chain.cases.submit(asked(office, f"{report}{number}"), report, number)
        assert (caught.value.rule, caught.value.kind) == ("letter-number-once", RefusalKind.CONFLICT)

    refused(TEAM, other, "100/1")
    sent = chain.cases.submit(asked(TEAM, "2"), other, "100/2").record.events[0]
    with pytest.raises(RuleBrokenError) as caught:
        chain.cases.correct(asked(TEAM, "c"), other, sent, "salah ketik", {"letter_number": "100/1"})
    assert caught.value.rule == "letter-number-once"
    chain.cases.give_back(asked(GOVERNOR, "r"), first, "lengkapi kendala")
    chain.compile(ReportKind.R2, TEAM, "second")
    refused(TEAM, first, "100/1")
    chain.cases.submit(asked(TEAM, "3"), first, "100/3")
    with pytest.raises(RuleBrokenError) as caught:
        chain.cases.correct(asked(TEAM, "d"), first, old, "salah ketik", {"letter_number": "100/3"})
    assert caught.value.rule == "letter-number-once"
    chain.cases.correct(asked(TEAM, "e"), first, old, "salah ketik", {"letter_number": "100/4"})
    for kind in (ReportKind.R1, ReportKind.OVERVIEW):
        chain.compile(kind, SECRETARIAT)
        chain.cases.submit(asked(SECRETARIAT, kind), report_id(kind.value, SECRETARIAT, PERIOD), "100/1")
