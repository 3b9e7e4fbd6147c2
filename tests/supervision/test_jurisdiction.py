"""Who supervises: resolved and recorded, anew when parties or boundaries change; open tasks go along."""

from datetime import date

import pytest

from ksad.contracts import registry
from ksad.contracts.catalogue import Fact
from ksad.contracts.envelope import Envelope
from ksad.contracts.law import PartiesDifferError
from ksad.contracts.regions import RegionTable, load_text
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import JurisdictionResolved, TaskHandedOver
from ksad.supervision.domain.reference import Reference
from ksad.supervision.domain.task import Status
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, MINISTERS, World, facts_of, reference

PROVINCE, NEAR, FAR = "33", "33.13", "34.71"


def resolved(events: list[Envelope]) -> list[JurisdictionResolved]:
    """The resolutions among events."""
    return [one for one in facts_of(events, JurisdictionResolved) if isinstance(one, JurisdictionResolved)]


@pytest.mark.parametrize(
    ("parties", "tier", "body", "forum", "gap", "informed"),
    [
        pytest.param(MINISTERS, "minister", "joint_secretariat", "minister", False, [], marks=pytest.mark.clause("P2")),
        pytest.param(("33", "33.72"), "minister", "joint_secretariat", "minister", False, [], id="T2"),
        pytest.param(("31", "32.75"), "minister", "joint_secretariat", "minister", False, [], id="T3"),
        pytest.param(GOVERNORS, "governor", "tkksd:33", "governor:33", False, [], marks=pytest.mark.clause("P3")),
        pytest.param(
            ("34.71", "33.71"),
            "minister",
            "joint_secretariat",
            "minister",
            True,
            ["governor:33", "governor:34"],
            id="T5",
        ),
        pytest.param((*GOVERNORS, "33.13"), "governor", "tkksd:33", "governor:33", False, [], id="T6"),
        pytest.param(
            ("34.71", "33.71", "33.08"),
            "minister",
            "joint_secretariat",
            "minister",
            True,
            ["governor:33", "governor:34"],
            id="T7",
        ),
        pytest.param(("33", "33.72", "33.11"), "minister", "joint_secretariat", "minister", False, [], id="T8"),
        pytest.param(("33", "34", "34.71"), "minister", "joint_secretariat", "minister", False, [], id="T9"),
    ],
)
def test_registration_records_who_supervises_and_who_settles(
    parties: tuple[str, ...], tier: str, body: str, forum: str, gap: bool, informed: list[str]
) -> None:
    """The resolution is recorded with its basis; a filled gap informs every home Governor."""
    made = World(parties=parties)
    [fact] = resolved(made.register_it())
    assert (fact.tier, fact.supervising_body, fact.dispute_forum) == (tier, body, forum)
    assert (fact.gap_filled, fact.informed, fact.holds_from) == (gap, informed, date(2026, 1, 5))
    assert {task.body for task in made.tasks()} == {body}


@pytest.mark.clause("P3", "P6", "P10")
def test_a_party_from_elsewhere_hands_open_tasks_over_with_their_history() -> None:
    """Scenario 3: joining flips Pasal 10 into 6: open tasks change body and clause, closed ones stay as they were."""
    made = World()
    made.register_it()
    closed = {one.id: one for one in made.tasks() if not one.open}
    before = {one.id: one for one in made.tasks() if one.open}
    events = made.tell(
        fact_of(registry.PartyJoined, region=FAR, reason=None, parties=[*GOVERNORS, FAR]), date(2026, 2, 2)
    )
    assert [one.supervising_body for one in made.case.resolutions] == ["tkksd:33", "joint_secretariat"]
    assert len(facts_of(events, TaskHandedOver)) == len(before)
    for task in made.tasks():
        if task.id in before:
            old = before[task.id]
            assert (task.body, task.clause) == ("joint_secretariat", _clause(old.clause))
            assert (task.due_on, task.occurrence, task.scheduled_on) == (old.due_on, old.occurrence, old.scheduled_on)
            assert [one.from_body for one in task.handovers] == ["tkksd:33"]
        elif task.id in closed:
            assert task == closed[task.id]


def _clause(of_governor: str) -> str:
    return {"P11": "P7"}.get(of_governor, of_governor.replace("P10", "P6"))


def test_withdrawal_hands_back_and_loses_nothing() -> None:
    """There and back again: the tasks are the same ones, with both handovers in their history."""
    made = World()
    made.register_it()
    tasks = {one.id for one in made.tasks()}
    made.tell(fact_of(registry.PartyJoined, region=FAR, reason=None, parties=[*GOVERNORS, FAR]))
    made.tell(fact_of(registry.PartyWithdrew, region=FAR, reason=None, parties=list(GOVERNORS)))
    again = made.one("a.2", occurrence="exploration")
    assert tasks <= {one.id for one in made.tasks()}
    assert [(one.from_body, one.to_body) for one in again.handovers] == [
        ("tkksd:33", "joint_secretariat"),
        ("joint_secretariat", "tkksd:33"),
    ]
    assert (again.body, again.clause) == ("tkksd:33", "P10.a.2")


def test_a_party_of_the_same_province_changes_no_supervisor() -> None:
    """T4 becomes T6: the row changes and is recorded, nothing is handed over."""
    made = World()
    made.register_it()
    events = made.tell(fact_of(registry.PartyJoined, region=NEAR, reason=None, parties=[*GOVERNORS, NEAR]))
    assert [one.row for one in resolved(events)] == ["t6"]
    assert not facts_of(events, TaskHandedOver)


@pytest.mark.clause("P2", "P3")
def test_a_governor_who_becomes_a_party_no_longer_supervises() -> None:
    """With its province among the parties the Governor neither supervises nor settles."""
    made = World()
    made.register_it()
    made.tell(fact_of(registry.PartyJoined, region=PROVINCE, reason=None, parties=[*GOVERNORS, PROVINCE]))
    assert made.case.resolution is not None
    assert (made.case.resolution.supervising_body, made.case.resolution.dispute_forum) == (
        "joint_secretariat",
        "minister",
    )


def test_parties_without_a_supervisor_are_refused_not_guessed() -> None:
    """Two codes of one region are one region: the event cannot be applied and says so."""
    made = World(parties=("91.01", "93.01"))
    with pytest.raises(PartiesDifferError):
        made.register_it()


def changed(region: str, successor: str, on: date) -> Reference:
    """The reference data after a boundary change."""
    table = RegionTable.from_csv(load_text()).with_boundary_change(region, successor, on)
    old = reference()
    return Reference(table, old.law, old.policy, old.calendar)


def test_papua_was_divided_and_its_cooperation_changed_hands() -> None:
    """Scenario 9: two regencies of Papua, in two provinces since 2022: the Governor's before, the Minister's after."""
    made = World(parties=("91.01", "91.03"), on=date(2021, 6, 1), recorded=date(2021, 6, 1))
    made.register_it()
    assert made.case.resolution is not None
    assert made.case.resolution.supervising_body == "tkksd:91"
    made.pass_days(date(2022, 7, 24))
    assert len(made.case.resolutions) == 1
    events = made.pass_day(date(2022, 7, 25))
    [fact] = resolved(events)
    assert (fact.supervising_body, fact.gap_filled, fact.holds_from) == ("joint_secretariat", True, date(2022, 7, 25))
    assert facts_of(events, TaskHandedOver)


def test_a_boundary_change_resolves_running_cooperations_anew() -> None:
    """A regency that goes on under another province's code makes it the Minister's, from the change on."""
    made = World()
    made.register_it()
    made.law = changed("33.11", "34.05", date(2026, 3, 1))
    made.pass_days(date(2026, 2, 28))
    assert len(made.case.resolutions) == 1
    made.pass_day(date(2026, 3, 1))
    assert [(one.supervising_body, one.holds_from) for one in made.case.resolutions] == [
        ("tkksd:33", date(2026, 1, 5)),
        ("joint_secretariat", date(2026, 3, 1)),
    ]


def test_past_resolutions_rest_on_the_law_and_the_parties_of_their_time() -> None:
    """A history from 1999: an inference until UU 23/2014, text from then on, the later party from its own day on."""
    made = World(parties=("31", "32.75"))
    made.register_it(date(1999, 1, 1), stage=Stage.IMPLEMENTATION_AND_TERMINATION, legacy=True)
    joined = fact_of(registry.PartyJoined, region="32.76", reason=None, parties=["31", "32.75", "32.76"])
    made.tell(joined, date(2016, 5, 1), legacy=True)
    made.tell(registry.BackfillClosed(facts=2), date(2026, 1, 5))
    assert [(one.holds_from, one.row, one.basis) for one in made.case.resolutions] == [
        (date(1999, 1, 1), "t3", "inference"),
        (date(2014, 10, 2), "t3", "text"),
        (date(2016, 5, 1), "t8", "inference"),
    ]


def test_a_late_fact_does_not_rewrite_who_supervised() -> None:
    """A joining that is recorded late takes effect after the newest resolution, never inside the history."""
    made = World()
    made.register_it()
    three = [*GOVERNORS, NEAR]
    made.tell(fact_of(registry.PartyJoined, region=NEAR, reason=None, parties=three), date(2026, 3, 2))
    made.tell(fact_of(registry.PartyJoined, region=FAR, reason=None, parties=[*three, FAR]), date(2026, 2, 2))
    days = [one.holds_from for one in made.case.resolutions]
    assert days == sorted(days)
    assert made.case.resolution is not None
    assert made.case.resolution.supervising_body == "joint_secretariat"


def test_an_ended_cooperation_changes_hands_no_more() -> None:
    """Once all is settled no boundary change resolves it anew; what stays owed stays with its body."""
    made = World().implement()
    made.tell(fact_of(registry.Ended, ground="term_expired", open_items=[], reason=None))
    made.law = changed("33.11", "34.05", date(2026, 3, 1))
    made.pass_days(date(2026, 3, 2))
    assert len(made.case.resolutions) == 1
    assert {one.body for one in made.tasks()} == {"tkksd:33"}
    assert {one.duty for one in made.tasks() if one.status is not Status.CANCELLED and one.open} == {"oversight", "d.1"}


def test_every_resolution_is_a_fact() -> None:
    """What is answered about the past is in the log, not computed."""
    made = World()
    facts: list[Fact] = facts_of(made.register_it(), JurisdictionResolved)
    assert len(facts) == len(made.case.resolutions) == 1
