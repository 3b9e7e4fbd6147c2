"""Tables, store and reactions together, on both databases: nothing twice, nothing lost, everything rebuilt."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ksad.chassis.database import Database
from ksad.chassis.follower import Park
from ksad.contracts import registry, supervision
from ksad.contracts.envelope import Envelope
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law import holidays_text, load_text
from ksad.contracts.regions import sha256
from ksad.contracts.registry import ReferenceKind, Stage
from ksad.supervision.domain.task import Status
from ksad.supervision.queries import Queries
from ksad.supervision.reactions import _due
from ksad.supervision.restoring import rebuild_cases
from ksad.supervision.unit_of_work import UnitOfWork
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, LAST, MINISTERS
from tests.support.platforms.fed_supervision import DECISION, FedSupervision
from tests.support.servers.schemas import ON_SQLITE, opened

START = date(2026, 1, 5)


@pytest.fixture
def fed(database: Database, tmp_path: Path) -> FedSupervision:
    """Supervision with adopted reference data."""
    return FedSupervision(database, tmp_path).adopt()


def lives(fed: FedSupervision) -> FedSupervision:
    """Two cooperations with a bit of everything, over half a year."""
    fed.register("solo", GOVERNORS, START)
    fed.register("lama", ("31", "32.75"), date(1999, 1, 1), stage=LAST, legacy=True)
    fed.tell("lama", registry.BackfillClosed(facts=1), START)
    fed.pass_days(START, date(2026, 2, 5))
    entered = fact_of(registry.StageEntered, left=Stage.EXPLORATION, stage=Stage.NEGOTIATION)
    fed.tell("solo", entered, date(2026, 2, 6))
    fed.tell("lama", fact_of(registry.ProblemReported, problem="bau", description="bau"), date(2026, 2, 6))
    fed.tell(
        "solo",
        fact_of(registry.PartyJoined, region="34.71", reason=None, parties=[*GOVERNORS, "34.71"]),
        date(2026, 2, 6),
    )
    fed.pass_days(date(2026, 2, 6), date(2026, 7, 2))
    return fed


def test_what_follows_from_an_event_is_recorded_with_its_cause(fed: FedSupervision) -> None:
    """Every reaction names the event that caused it, the cooperation, and the platform as its actor."""
    made = fed.register("solo", GOVERNORS, START)
    assert isinstance(made[0].fact(), supervision.JurisdictionResolved)
    assert {event.causationid for event in made} == {fed.log[-len(made) - 1].id}
    assert {event.correlationid for event in made} == {cooperation_id("solo")}
    assert {event.actoroffice for event in made} == {"platform"}
    assert {event.occurredon for event in made} == {START}


@ON_SQLITE
def test_documents_of_the_register_are_kept_beside_the_store(fed: FedSupervision) -> None:
    """What a.1.d refers to can be read."""
    fed.register("solo", GOVERNORS, START)
    [task] = fed.tasks(duty="a.1.d")
    assert task.delivered
    for delivery in task.delivered.values():
        assert fed.documents.get(delivery.documents[0].sha256)


@ON_SQLITE
def test_the_second_registration_is_told_of_the_first(fed: FedSupervision) -> None:
    """What is proposed comes from the cases that have an accord or agreement, withdrawn ones left out."""
    fed.register("lama", MINISTERS, date(2010, 1, 1), stage=LAST, legacy=True)
    fed.register("batal", MINISTERS, date(2010, 1, 1), stage=LAST, legacy=True)
    fed.tell("batal", registry.ProposalWithdrawn(reason="batal"), START)
    fed.register("baru", GOVERNORS, START)
    with fed.database.read() as connection:
        found = Queries(connection).cooperating()
    assert [one.key for one in found] == ["lama"]


def test_all_tables_can_be_folded_anew_from_the_log(fed: FedSupervision) -> None:
    """Without deciding again: a rebuild from registry's, reporting's and own events gives the same rows."""
    lives(fed)
    before = fed.rows()
    head = fed.store.head()
    with fed.database.write() as connection:
        rebuild_cases(connection, fed.store, fed.reference_cache, fed.log)
    assert fed.rows() == before
    assert fed.store.head() == head
    assert before["tasks"]


@ON_SQLITE
def test_a_rebuilt_service_goes_on_as_the_original_would(new_database: Callable[[], str], tmp_path: Path) -> None:
    """After a rebuild the same days and facts make the same events."""
    logs = []
    for rebuilt in (False, True):
        with opened(new_database()) as database:
            fed = lives(FedSupervision(database, tmp_path).adopt())
            if rebuilt:
                with database.write() as connection:
                    rebuild_cases(connection, fed.store, fed.reference_cache, fed.log)
            fed.tell(
                "lama", registry.ProblemResolved(problem="bau", outcome="selesai", document=None), date(2026, 7, 3)
            )
            fed.pass_days(date(2026, 7, 3), date(2026, 8, 31))
            logs.append([event.to_bytes() for event in fed.log])
    assert logs[0] == logs[1]


def test_a_restored_store_is_not_given_twice_what_the_log_gave_back(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    """Own events are refilled first; the registry's events then come again, and nothing is decided twice."""
    with opened(new_database()) as database:
        original = lives(FedSupervision(database, tmp_path).adopt())
        with opened(new_database()) as empty:
            restored = FedSupervision(empty, tmp_path)
            own = [event for event in original.log if event.service == "supervision"]
            with empty.write() as connection:
                stored = [restored.store.mapper.to_stored_event(event) for event in own]
                restored.store.refill(connection, stored, own)
                restored.reactions.restored(connection, own)
            for event in original.log:
                if event.service != "supervision":
                    assert restored.see([event]) == [], event.type
            assert restored.rows() == original.rows()


@ON_SQLITE
def test_a_whole_batch_makes_what_its_events_make_one_by_one(new_database: Callable[[], str], tmp_path: Path) -> None:
    """However the log is cut into batches, the same is recorded."""
    with opened(new_database()) as database:
        original = lives(FedSupervision(database, tmp_path).adopt())
        with opened(new_database()) as empty:
            other = FedSupervision(empty, tmp_path)
            given = [event for event in original.log if event.service != "supervision"]
            made = other.see(given)
            assert made == [event for event in original.log if event.service == "supervision"]
            assert other.rows() == original.rows()


@ON_SQLITE
def test_another_boundary_resolves_every_running_cooperation_at_once(fed: FedSupervision) -> None:
    """The change is recorded when it is known, with its handovers, and only for those whose supervisor changes."""
    fed.register("solo", GOVERNORS, START)
    fed.register("jabar", ("32.75", "32.76"), START)
    changed = registry.BoundaryChanged(
        region="33.11", successor="34.05", effective_on=date(2026, 1, 6), legal_basis="UU 1/2026", decision=DECISION
    )
    made = fed.see([fed.event(changed, "reference/adopted", date(2026, 1, 7))])
    resolved = [event.fact() for event in made if event.subject.startswith("supervision/")]
    assert [fact.cooperation_id for fact in resolved if isinstance(fact, supervision.JurisdictionResolved)] == [
        cooperation_id("solo")
    ]
    assert {one.body for one in fed.tasks(cooperation_id=cooperation_id("solo")) if one.open} == {"joint_secretariat"}
    assert {one.body for one in fed.tasks(cooperation_id=cooperation_id("jabar"))} == {"tkksd:32"}


@ON_SQLITE
def test_another_policy_counts_from_its_adoption_on(fed: FedSupervision) -> None:
    """Lateness follows the policy in force when a day passes; due dates that were given stay."""
    fed.register("solo", GOVERNORS, START)
    due = {one.id: one.due_on for one in fed.tasks()}
    text = load_text("policy").replace("escalate_after = 10", "escalate_after = 2")
    adopted = registry.ReferenceAdopted(
        kind=ReferenceKind.POLICY, name="policy", content=text, sha256=sha256(text), source="uji", decision=DECISION
    )
    fed.see([fed.event(adopted, "reference/adopted", date(2026, 1, 6))])
    fed.pass_days(date(2026, 1, 6), date(2026, 1, 22))
    assert {one.due_on for one in fed.tasks()} == set(due.values())
    assert {one.status for one in fed.tasks(duty="a.2")} == {Status.ESCALATED}


@pytest.mark.fault(
    "bug-reports 29",
    kind="What follows from a change of the rules for what was recorded before is not said anywhere.",
    looked="Due days, days of reminders and escalations, reports that are owed, rebuilds.",
    found="nothing",
)
@ON_SQLITE
def test_a_due_day_once_recorded_stays_when_holidays_change(fed: FedSupervision) -> None:
    """The day that was told stays, the task is late on it, and a rebuild says the same; new duties count anew."""
    fed.register("solo", GOVERNORS, START)
    [task] = fed.tasks(duty="a.2")
    due = {one.id: one.due_on for one in fed.tasks()}
    listed = json.loads(holidays_text())
    listed["holidays"].append({"date": task.due_on.isoformat(), "name": "Cuti bersama"})
    text = json.dumps(listed)
    adopted = registry.ReferenceAdopted(
        kind=ReferenceKind.HOLIDAYS, name="holidays", content=text, sha256=sha256(text), source="uji", decision=DECISION
    )
    fed.see([fed.event(adopted, "reference/adopted", date(2026, 1, 6))])
    fed.register("baru", GOVERNORS, START)
    later = next(one for one in fed.tasks(duty="a.2") if one.id != task.id)
    assert later.due_on > task.due_on
    fed.pass_days(date(2026, 1, 6), task.due_on)
    assert {one.id: one.due_on for one in fed.tasks() if one.id in due} == due
    assert next(one for one in fed.tasks(duty="a.2") if one.id == task.id).overdue_on == task.due_on
    before = fed.rows()
    with fed.database.write() as connection:
        rebuild_cases(connection, fed.store, fed.reference_cache, fed.log)
    assert fed.rows() == before


@ON_SQLITE
def test_an_event_before_any_reference_data_is_parked_and_changes_nothing(database: Database, tmp_path: Path) -> None:
    """Nothing is decided on law that nobody adopted."""
    fed = FedSupervision(database, tmp_path)
    with pytest.raises(Park, match="adopted"):
        fed.register("solo", GOVERNORS, START)
    assert fed.store.head() == 0
    assert not fed.rows()["cases"]


@ON_SQLITE
def test_an_event_of_a_newer_version_is_parked(fed: FedSupervision) -> None:
    """What this code does not know it does not guess."""
    event = fed.event(registry.ProposalWithdrawn(reason="x"), f"cooperation/{cooperation_id('baru')}", START)
    newer = event.model_copy(update={"type": "ksad.cooperation.proposal_withdrawn.v9"})
    with pytest.raises(Park, match="NewerVersionError"):
        fed.see([newer])


@ON_SQLITE
def test_a_cooperation_whose_day_fails_stays_due_and_the_others_go_on(fed: FedSupervision) -> None:
    """One cooperation that cannot be looked at is named with the reason; it does not stop the calendar."""
    fed.register("solo", GOVERNORS, START)
    fed.register("jabar", ("32.75", "32.76"), START)
    bound = fact_of(registry.ProfileBound, profile="hilang", occasion="pinned", reason="uji")
    with pytest.raises(Park):
        fed.tell("jabar", bound, START)
    broken = fed.event(bound, f"cooperation/{cooperation_id('jabar')}", START)
    with fed.database.write() as connection:
        unit = UnitOfWork(connection, fed.store, fed.reference_cache)
        unit.fold_cooperation(broken)
        unit.replace_case(unit.case(cooperation_id("jabar")))
        unit.reference = None
        unit.flush()
    fed.pass_days(date(2026, 1, 6), date(2026, 1, 21))
    with fed.database.read() as connection:
        faults = Queries(connection).faults()
    assert [one["cooperation_id"] for one in faults] == [str(cooperation_id("jabar"))]
    assert {one.status for one in fed.tasks(cooperation_id=cooperation_id("solo"), duty="a.2")} == {Status.OVERDUE}


def test_a_day_passes_once(fed: FedSupervision) -> None:
    """A day that has passed passes no second time, even for a task that is due on it and came up since."""
    fed.register("solo", GOVERNORS, START)
    fed.pass_days(START, START)
    signing = fact_of(
        registry.SigningScheduled, instrument=registry.InstrumentKind.ACCORD, signing_on=START, institutions=[]
    )
    fed.tell("solo", signing, START)
    assert fed.pass_days(START, START) == []
    [late] = fed.pass_days(date(2026, 1, 6), date(2026, 1, 6))[:1]
    assert isinstance(late.fact(), supervision.TaskOverdue)


def test_only_what_is_due_is_looked_at(fed: FedSupervision) -> None:
    """A day on which nothing is due records nothing and loads no case."""
    for number in range(30):
        fed.register(f"k{number}", GOVERNORS, START)
    fed.pass_days(START, START)
    with fed.database.read() as connection:
        assert _due(connection, date(2026, 1, 6)) == []
        assert len(_due(connection, date(2026, 1, 20))) == 30


@ON_SQLITE
def test_the_log_is_a_function_of_what_was_told(new_database: Callable[[], str], tmp_path: Path) -> None:
    """Twice the same facts make twice the same bytes, on either database."""
    logs: list[list[Envelope]] = []
    for _ in range(2):
        with opened(new_database()) as database:
            logs.append(lives(FedSupervision(database, tmp_path).adopt()).log)
    assert logs[0] == logs[1]
