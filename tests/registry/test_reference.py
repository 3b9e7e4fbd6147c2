"""What is no cooperation: bodies established by decision, boundary changes, reference data, days; on both databases."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from ksad.chassis.auth import Caller
from ksad.chassis.clock import SimulatedClock, set_simulated
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.edge import Submission
from ksad.chassis.store import EventStore
from ksad.contracts.catalogue import Fact
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import command_id
from ksad.contracts.law import PROFILES, packaged
from ksad.contracts.law import load_text as law_text
from ksad.contracts.regions import RegionTable, sha256
from ksad.contracts.regions import load_text as regions_text
from ksad.contracts.registry import (
    AdoptingDecision,
    BoundaryChanged,
    ReferenceAdopted,
    ReferenceAdoptedV1,
    ReferenceKind,
    SupervisingBodyEstablished,
)
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.supervision import Tier
from ksad.contracts.texts import opening
from ksad.registry.application import Registry
from ksad.registry.domain import reference
from ksad.registry.domain.calendar import check_next_day
from tests.support.histories.cooperations import TODAY
from tests.support.platforms.fed_supervision import DECISION
from tests.support.servers.schemas import ON_SQLITE

LAW = "UU 1/2027"


class Ministry:
    """The registry's use cases on the first of June 2026, called by the Minister."""

    def __init__(self, database: Database, folder: Path) -> None:
        set_simulated(folder / "clock", datetime(TODAY.year, TODAY.month, TODAY.day, 3, tzinfo=UTC))
        store, documents = EventStore(database), Documents(folder / "documents")
        self.registry = Registry(store, documents, SimulatedClock(folder / "clock"), "urn:ksad:test:registry")
        self._asked = 0

    def submission(self) -> Submission:
        """A command of its own each time."""
        self._asked += 1
        key = f"k{self._asked}"
        return Submission(
            Caller("minister", "uji"), command_id("minister", key), hashlib.sha256(key.encode()).hexdigest(), None
        )

    def adopt(self, kind: ReferenceKind, name: str, text: str, decision: AdoptingDecision | None = DECISION) -> bool:
        """Adopt a text; whether that was new."""
        fact = ReferenceAdopted(
            kind=kind, name=name, content=text, sha256=sha256(text), source="uji", decision=decision
        )
        return self.registry.adopt(self.submission(), fact) is not None

    def adopt_all(self) -> "Ministry":
        """Regions and both profiles."""
        self.adopt(ReferenceKind.REGIONS, "regions", regions_text())
        for name in PROFILES:
            self.adopt(ReferenceKind.PROFILE, name, law_text(name))
        return self

    def establish(self, body: str, decided_on: date = date(2010, 1, 4)) -> None:
        """A decision establishes a body, with the seat and the members that Pasal 5 or 9 gives it."""
        law = packaged().profile("ksad-2009").body(Tier.MINISTER if body == "joint_secretariat" else Tier.GOVERNOR)
        fact = SupervisingBodyEstablished(
            body=body,
            decision_number=f"{law.decision} 1/2010",
            decided_on=decided_on,
            seat=law.seat,
            members=list(law.members),
        )
        self.registry.establish(self.submission(), fact)

    def divide(self, region: str, successor: str, effective_on: date) -> None:
        """A boundary changes."""
        fact = BoundaryChanged(
            region=region, successor=successor, effective_on=effective_on, legal_basis=LAW, decision=DECISION
        )
        self.registry.change_boundary(self.submission(), fact)


@pytest.fixture
def ministry(database: Database, tmp_path: Path) -> Ministry:
    """A registry with regions and law."""
    return Ministry(database, tmp_path).adopt_all()


def sealed(fact: Fact, version: int, moment: datetime) -> Envelope:
    """An event of reference data that was recorded at a moment."""
    origin = Origin(
        source="urn:ksad:test:registry",
        time=moment,
        occurred_on=moment.date(),
        date_precision="day",
        actor_office="operator",
        actor_id="uji",
        command_id=None,
        command_digest=None,
        correlation_id=UUID(int=1),
        causation_id=None,
    )
    return seal(fact, "reference/adopted", version, origin)


def rule(caught: pytest.ExceptionInfo[RuleBrokenError]) -> tuple[str, str | None]:
    """The rule that was broken and its clause."""
    return caught.value.rule, caught.value.clause


@ON_SQLITE
def test_nothing_is_decided_before_the_reference_data_are_there(database: Database, tmp_path: Path) -> None:
    """Without regions and law every command is refused, and says what is missing."""
    with pytest.raises(RuleBrokenError) as caught:
        Ministry(database, tmp_path).registry.adopted()
    assert rule(caught) == ("reference-adopted", None)


def test_a_text_is_adopted_once_and_only_when_it_can_be_read(ministry: Ministry) -> None:
    """The same content again is no fact; a profile with a gap, a broken table or calendar is refused."""
    assert ministry.adopt(ReferenceKind.REGIONS, "regions", regions_text()) is False
    for kind, text in (
        (ReferenceKind.PROFILE, law_text("ksad-2009").replace('closes = "opinion_given"\n', "", 1)),
        (ReferenceKind.REGIONS, "code,name\n1,2\n"),
        (ReferenceKind.POLICY, 'id = "policy"\n'),
        (ReferenceKind.HOLIDAYS, "besok libur"),
    ):
        with pytest.raises(RuleBrokenError) as caught:
            ministry.adopt(kind, "x", text)
        assert rule(caught) == ("reference-readable", None)


@pytest.mark.clause("P5(1)", "P5(2)", "P5(3)", "P5(4)", "P9(1)", "P9(2)", "P9(3)", "P9(4)")
def test_bodies_are_the_secretariat_and_the_teams_of_provinces(ministry: Ministry) -> None:
    """A fact of the body's own stream and day says by which decision, where it sits, and its members by office."""
    day = date(2023, 5, 2)
    for body, decision, seat, members, last in (
        ("joint_secretariat", "Keputusan Menteri Dalam Negeri", "Direktorat Jenderal Pemerintahan Umum", 3, "tenaga"),
        ("tkksd:33", "Keputusan Gubernur", "Sekretariat Daerah", 8, "SKPD teknis"),
        ("tkksd:96", "Keputusan Gubernur", "Sekretariat Daerah", 8, "SKPD teknis"),
    ):
        ministry.establish(body, day)
        (event,) = ministry.registry.store.stream(f"body/{body}")
        assert (event.occurredon, event.data["body"], event.data["seat"]) == (day, body, seat)
        assert event.data["decision_number"] == f"{decision} 1/2010"
        assert (len(event.data["members"]), event.data["members"][-1][: len(last)]) == (members, last)


@pytest.mark.clause("P5(1)", "P9(1)")
@ON_SQLITE
def test_nobody_else_is_a_supervising_body(ministry: Ministry) -> None:
    """An office that is none, or the team of a province that did not exist on that day, is refused."""
    for body in ("minister", "governor:33", "auditor", "region:33.72", "tkksd:99", "tkksd:96"):
        with pytest.raises(RuleBrokenError) as caught:
            ministry.establish(body)
        assert rule(caught) == ("body-supervises", "P5(1)/P9(1)")


@ON_SQLITE
def test_a_decision_has_a_day_that_has_come(ministry: Ministry) -> None:
    """A body cannot have been established before independence, nor in the future."""
    for day, broken in ((date(1900, 1, 1), "date-plausible"), (date(2027, 1, 1), "date-not-future")):
        with pytest.raises(RuleBrokenError) as caught:
            ministry.establish("joint_secretariat", day)
        assert caught.value.rule == broken


@pytest.mark.clause("P3")
def test_a_region_goes_on_under_another_code(ministry: Ministry) -> None:
    """From the day of the law the new code is valid and its province another one; the lineage stays."""
    ministry.divide("33.11", "34.05", date(2027, 1, 1))
    regions = ministry.registry.adopted().regions
    assert regions.province_of("33.11", date(2026, 12, 31)).code == "33"
    assert regions.province_of("33.11", date(2027, 1, 1)).code == "34"
    assert regions.lineage("34.05") == regions.lineage("33.11")


def test_a_boundary_change_fits_the_table(ministry: Ministry) -> None:
    """Unknown regions, codes in use, a province for a regency and an absurd day are refused; nothing is recorded."""
    before = ministry.registry.store.head()
    for region, successor, year, broken in (
        ("99.99", "34.05", 2027, "region-known"),
        ("93.01", "93.99", 2020, "boundary-in-life"),
        ("33.11", "33.72", 2027, "boundary-consistent"),
        ("33.11", "34", 2027, "boundary-consistent"),
        ("33.11", "99.05", 2027, "region-known"),
        ("33.11", "34.05", 2999, "date-plausible"),
    ):
        with pytest.raises(RuleBrokenError) as caught:
            ministry.divide(region, successor, date(year, 1, 1))
        assert (caught.value.rule, ministry.registry.store.head()) == (broken, before)


@ON_SQLITE
def test_a_list_of_regions_keeps_the_changes_recorded(ministry: Ministry) -> None:
    """A list in which a code ends on the day of its change without the new one is refused; nothing is recorded."""
    day = date(2027, 1, 1)
    ministry.divide("33.11", "34.05", day)
    listed = RegionTable.from_csv(regions_text()).regions
    ended = [one.model_copy(update={"valid_to": day}) if one.code == "33.11" else one for one in listed]
    before = ministry.registry.store.head()

    with pytest.raises(RuleBrokenError, match=r"33\.11 menjadi 34\.05") as caught:
        ministry.adopt(ReferenceKind.REGIONS, "regions", RegionTable(tuple(ended)).to_csv())

    assert (rule(caught), ministry.registry.store.head()) == (("boundary-kept", None), before)


def test_days_pass_in_order(ministry: Ministry) -> None:
    """The first day is any plausible one that is over; then one after the other, each once, never the running one."""
    for day, broken in (
        (date(1066, 1, 1), "date-plausible"),
        (date(2026, 6, 2), "day-over"),
        (date(2026, 6, 1), "day-over"),
        (date(2026, 5, 29), None),
        (date(2026, 5, 29), "day-ascending"),
        (date(2026, 5, 28), "day-ascending"),
        (date(2026, 5, 31), "day-contiguous"),
        (date(2026, 5, 30), None),
        (date(2026, 5, 31), None),
        (date(2026, 6, 1), "day-over"),
    ):
        if broken is None:
            assert ministry.registry.pass_day(ministry.submission(), day) is not None
            continue
        with pytest.raises(RuleBrokenError) as caught:
            ministry.registry.pass_day(ministry.submission(), day)
        assert caught.value.rule == broken
    assert ministry.registry.last_day() == date(2026, 5, 31)


def test_no_day_since_the_opening_is_left_out() -> None:
    """What falls due on a day that never passes is never owed: the first day is that of the opening, or earlier."""
    opened, today = date(2026, 1, 5), date(2026, 7, 6)
    for day in (date(2026, 1, 4), opened):
        check_next_day(day, None, opened, today)
    for day in (date(2026, 1, 6), date(2026, 7, 5)):
        with pytest.raises(RuleBrokenError) as caught:
            check_next_day(day, None, opened, today)
        assert (caught.value.rule, "5 Januari 2026" in caught.value.detail) == ("day-contiguous", True)
    check_next_day(date(2026, 7, 5), date(2026, 7, 4), opened, today)


@pytest.mark.parametrize("decided", [True, False])
def test_an_older_log_opened_with_its_first_fact(decided: bool) -> None:
    """Where no fact opened the platform, the day on which its first text was recorded did, whatever came later."""
    old = ReferenceAdoptedV1.model_validate(
        {"kind": "policy", "name": "policy", "content": "x", "sha256": "0" * 64, "source": "paket"}
    )
    first = sealed(old, 1, datetime(2024, 3, 4, 20, tzinfo=UTC))
    later = sealed(opening(date(2026, 1, 1))[0], 2, datetime(2026, 1, 1, tzinfo=UTC))
    found = reference.folded([first, *([later] if decided else [])])
    assert (found.opened_on, found.texts) == (date(2024, 3, 5), (("policy", ("0" * 64, None)),))
    assert reference.in_use([first])[0].standing == "ditetapkan sebelum kewenangan diatur"


def test_neither_kind_of_platform_becomes_the_other() -> None:
    """One for work is refused to be one for training; asked to open again as it is, or without a word, none changes."""
    day, made = date(2026, 1, 5), datetime(2026, 1, 5, tzinfo=UTC)
    for training in (False, True):
        facts = reference.opened([], day, training=training)
        events = [sealed(one, number, made) for number, one in enumerate(facts, 1)]
        assert reference.folded(events).training is training
        assert reference.opened(events, day, training=False) == ()
        if training:
            assert reference.opened(events, day, training=True) == ()
            continue
        with pytest.raises(RuleBrokenError) as refused:
            reference.opened(events, day, training=True)
        assert (refused.value.rule, refused.value.kind) == ("opened-for-training", RefusalKind.CONFLICT)


def test_a_new_platform_opened_on_the_day_of_its_opening() -> None:
    """The opening says the day; its texts bind without anybody having adopted them."""
    facts = opening(date(2026, 1, 5))
    events = [sealed(one, number, datetime(2026, 1, 9, tzinfo=UTC)) for number, one in enumerate(facts, 1)]
    found = reference.adopted(reference.folded(events))
    assert found.opening_day(["33.72", "33.13"]) == date(2026, 1, 5)
    assert {one.standing for one in reference.in_use(events)} == {"bawaan perangkat lunak, belum ditetapkan"}
