"""Corrections that earlier releases recorded as they came in."""

from datetime import date

import pytest

from ksad.contracts import registry
from ksad.contracts.catalogue import Fact
from ksad.contracts.corrections import substituted
from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.reporting import ReportKind
from tests.support.histories.histories import origin
from tests.support.histories.newest import fact_of
from tests.support.histories.report_chain import TEAM, Chain, life
from tests.support.servers.schemas import ON_SQLITE

ITEM = fact_of(registry.TerminationItemCompleted, item="c", region=None, proof="evidence", document=None, amount_idr=1)
NOTICE = fact_of(registry.TerminationNoticeGiven, ground="mutual", planned_end_on=date(2027, 1, 1))


@pytest.mark.fault("bug-reports V1")
@pytest.mark.parametrize(
    ("fact", "fields", "read"),
    [
        (ITEM, {"amount_idr": "250.000"}, {"amount_idr": 250}),
        (NOTICE, {"planned_end_on": "2029-01-01T00:00:00+09:00"}, {"planned_end_on": "2029-01-01"}),
        (NOTICE, {"planned_end_on": 1861920000}, {"planned_end_on": "2029-01-01"}),
    ],
)
@ON_SQLITE
def test_what_an_earlier_release_recorded_stops_no_report(
    chain: Chain, fact: Fact, fields: dict[str, object], read: dict[str, object]
) -> None:
    """A correction that was recorded as it came in is read by the model of its event, by each reader alike."""
    chain.admit(life("a", TEAM))
    made = origin().model_copy(update={"occurred_on": date(2026, 1, 6)})
    subject = f"cooperation/{cooperation_id('a')}"
    first = seal(fact, subject, 2, made)
    corrected = seal(registry.Corrected(corrects=first.id, reason="salah ketik", fields=fields), subject, 3, made)
    chain.admit([first, corrected])
    assert chain.compile(ReportKind.R2, TEAM).matrix
    assert read.items() <= substituted([first, corrected])[0].data.items()
