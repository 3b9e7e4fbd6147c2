"""Histories of the hard scenarios that hang on who speaks on which day; through the store of both databases."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ksad.chassis.clock import set_simulated
from ksad.chassis.database import Database
from ksad.contracts import registry as facts
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.regions import sha256
from ksad.contracts.registry import BoundaryChanged, ReferenceAdopted, ReferenceKind
from ksad.contracts.rules import RefusalKind
from ksad.contracts.umbrella import AgreementState
from ksad.contracts.verification import EntryStatus
from ksad.registry.domain.cooperation import Cooperation
from tests.registry.test_authority import OfficesAtWork
from tests.support.histories.cooperations import LAST, TODAY
from tests.support.platforms.fed_supervision import DECISION

SUBJECT = f"cooperation/{cooperation_id('a')}"
FORBIDDEN = RefusalKind.FORBIDDEN
K = "perjanjian-1"


class Recorded(OfficesAtWork):
    """The registry's use cases, and what they have stored of one cooperation."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, folder)
        self._folder = folder
        kept = [self._documents.put(b"naskah", "application/pdf", office) for office in _OFFICES]
        self.paper: dict[str, Any] = {"document": kept[0].model_dump(mode="json")}

    def on(self, day: date) -> None:
        """It is another day."""
        set_simulated(self._folder / "clock", datetime(day.year, day.month, day.day, 3, tzinfo=UTC))

    @property
    def state(self) -> Cooperation:
        """As it is stored."""
        return self.registry.cooperation(SUBJECT)[1]

    def newest(self, count: int) -> list[Any]:
        """The newest facts."""
        return [one.fact() for one in self.registry.store.stream(SUBJECT)[-count:]]

    def proposal(self) -> str:
        """The newest proposal."""
        events = self.registry.store.stream(SUBJECT)
        return str(next(one.id for one in reversed(events) if isinstance(one.fact(), facts.ActProposed)))

    def signed(self, team: str, parties: tuple[str, ...], ends_on: str = "2030-01-01") -> None:
        """From the proposal to an agreement in force, recorded by the supervising body from the instruments."""
        signing = {"numbers": dict.fromkeys(parties, "1/2026"), **self.paper}
        self.do(f"region:{parties[0]}", "register", parties=list(parties))
        for stage in ("negotiation", "signing"):
            self.do(team, "enter-stage", stage=stage)
        self.do(team, "sign-accord", **signing)
        for stage in ("negotiation", "signing"):
            self.do(team, "enter-stage", stage=stage)
        self.do(team, "sign-agreement", **signing, ends_on=ends_on)


_OFFICES = (
    *("joint_secretariat", "tkksd:32", "tkksd:91"),
    *(f"region:{code}" for code in ("32.01", "32.71", "32.76", "33.01", "91.03", "93.01")),
)


@pytest.fixture
def work(database: Database, tmp_path: Path) -> Recorded:
    """A registry with the packaged texts."""
    return Recorded(database, tmp_path)


@pytest.mark.fault("http A5")
def test_legacy_is_no_loophole(work: Recorded) -> None:
    """Scenario 5: not by a region, not of after the opening; of before it stands, and nobody has verified it."""
    text = 'id = "openings"\nsays = "uji"\ndefault = 2025-07-01\n'
    said: dict[str, Any] = {"kind": ReferenceKind.OPENINGS, "name": "openings", "content": text, "sha256": sha256(text)}
    opening = ReferenceAdopted(**said, source="uji", decision=DECISION)
    assert work.registry.adopt(work.submission("minister"), opening) is not None
    old: dict[str, Any] = {"parties": ["32.01", "32.71"], "stage": LAST, "legacy": True}
    assert work.refused("region:32.01", "register", on="2019", **old) == (FORBIDDEN, "legacy-by-supervisor")
    late = (RefusalKind.INVALID, "legacy-before-opening")
    assert work.refused("joint_secretariat", "register", on="2026-02", **old) == late
    work.do("joint_secretariat", "register", on="2019", **old)
    assert [one.status for one in work.state.entries.values()] == [EntryStatus.UNVERIFIED]
    assert work.registry.store.stream(SUBJECT)[0].legacy


@pytest.mark.clause("P1.4")
@pytest.mark.fault("http A6")
def test_one_party_speaks_for_no_other(work: Recorded) -> None:
    """Scenario 6: three parties; what one of them says alone is refused, or waits, and changes nothing."""
    work.signed("tkksd:32", ("32.01", "32.71", "32.76"))
    work.do("region:32.01", "raise-dispute", dispute="d", between=["32.01", "32.76"], description="tarif")
    leave = {"region": "32.01", "agreements": [K], **work.paper}
    assert work.refused("region:32.76", "withdraw-party", **leave) == (FORBIDDEN, "own-party")
    work.do("region:32.76", "add-party", region="33.01", **work.paper)
    proposed, confirmed = work.newest(2)
    assert proposed.asked == ["32.01", "32.71", "32.76", "33.01"]
    assert confirmed.regions == ["32.76"]
    # Who supervises is asked of the parties: were the joining in effect, it would be the Joint Secretariat.
    work.do("tkksd:32", "report-problem", problem="p", description="x", **work.paper)
    work.do("region:32.76", "end", ground="policy_change", agreement=K, **work.paper)
    assert isinstance(work.newest(2)[0], facts.ActProposed)
    assert work.state.umbrella.agreements[K].state is AgreementState.IN_FORCE
    settle = {"dispute": "d", "manner": "deliberation", "outcome": "x", **work.paper}
    assert work.refused("region:32.71", "settle-dispute", **settle) == (FORBIDDEN, "side-deliberates")
    item = {"item": "e", "region": "32.76", "proof": "asset_record", **work.paper}
    assert work.refused("region:32.01", "complete-termination-item", **item) == (FORBIDDEN, "own-entry")
    assert list(work.state.parties) == ["32.01", "32.71", "32.76"]


@pytest.mark.clause("P1.1", "P1.4")
def test_parties_that_a_law_has_divided(work: Recorded) -> None:
    """Scenario 9: an extension asks those who came in; the office of today confirms, the province of then does not."""
    parties = ["91.01", "91.03"]
    work.do("joint_secretariat", "register", on="2021-03-01", parties=parties, stage=LAST, legacy=True)
    work.do("joint_secretariat", "close-backfill")
    numbers: dict[str, Any] = {"numbers": {"91.03": "1"}, "ends_on": "2031-01-01", **work.paper}
    work.do("region:91.03", "extend", **numbers)
    proposal = work.proposal()
    assert work.newest(2)[0].asked == parties
    mine = {"proposal": proposal, "numbers": {"91.01": "2"}}
    assert work.refused("region:91.01", "confirm-act", **mine) == (FORBIDDEN, "is-asked")
    from_paper = {**mine, **work.paper}
    assert work.refused("tkksd:91", "confirm-act", **from_paper)[0] is FORBIDDEN
    work.do("region:93.01", "confirm-act", proposal=proposal, numbers={"93.01": "2"})
    assert isinstance(work.newest(1)[0], facts.AgreementExtended)
    work.do("region:91.03", "amend", numbers={"91.03": "3"}, changes="tarif", **work.paper)
    work.do("joint_secretariat", "confirm-act", **{**from_paper, "proposal": work.proposal()})
    assert [type(one).__name__ for one in work.newest(2)] == ["ActConfirmed", "AgreementAmended"]
    assert work.newest(2)[0].by == "instrument"


@pytest.mark.clause("P1.1", "P1.4")
def test_a_boundary_moves_while_the_others_are_asked(work: Recorded) -> None:
    """Scenario 10: the proposal stays; the office of the new code confirms, and the old team supervises no more."""
    work.signed("tkksd:32", ("32.75", "32.76"))
    tomorrow = TODAY + timedelta(days=1)
    moved = BoundaryChanged(
        region="32.75", successor="36.80", effective_on=tomorrow, legal_basis="UU 1/2026", decision=DECISION
    )
    assert work.registry.change_boundary(work.submission("minister"), moved) is not None
    work.do("region:32.76", "amend", numbers={"32.76": "2"}, changes="tarif", **work.paper)
    proposal = work.proposal()
    work.on(tomorrow)
    assert list(work.state.umbrella.pending) == [proposal]
    mine = {"proposal": proposal, "numbers": {"32.75": "2"}}
    assert work.refused("region:32.75", "confirm-act", **mine) == (FORBIDDEN, "is-asked")
    work.do("region:36.80", "confirm-act", proposal=proposal, numbers={"36.80": "2"})
    assert isinstance(work.newest(1)[0], facts.AgreementAmended)
    told = {"problem": "p", "description": "x", **work.paper}
    assert work.refused("tkksd:32", "report-problem", **told) == (FORBIDDEN, "supervises")
    work.do("joint_secretariat", "report-problem", **told)


@pytest.mark.clause("P1.6")
def test_an_extension_that_is_recorded_after_months(work: Recorded) -> None:
    """Scenario 15: 90 days after its signing no party proposes it; the supervising body records it from the deed."""
    work.signed("tkksd:32", ("32.71", "32.76"), "2026-07-10")
    work.on(date(2026, 7, 11))
    work.do("tkksd:32", "report-problem", problem="p", description="x", **work.paper)
    assert work.state.umbrella.agreements[K].state is AgreementState.SETTLING
    work.on(date(2026, 10, 4))
    said: dict[str, Any] = {"on": "2026-07-05", "ends_on": "2031-07-10"}
    numbers = dict.fromkeys(("32.71", "32.76"), "3")
    mine = {**said, "numbers": {"32.71": "3"}, **work.paper}
    assert work.refused("region:32.71", "extend", **mine) == (FORBIDDEN, "recorded-in-time")
    bare = work.refused("tkksd:32", "extend", **said, numbers=numbers)
    assert bare == (RefusalKind.INVALID, "recorded-in-time")
    work.do("tkksd:32", "extend", **said, numbers=numbers, **work.paper)
    assert work.state.umbrella.agreements[K].state is AgreementState.IN_FORCE
    assert [one.on for one in work.state.umbrella.agreements[K].lifted] == [date(2026, 7, 10)]
