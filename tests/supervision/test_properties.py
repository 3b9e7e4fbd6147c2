"""For random legal lives: each duty once, none of a stage never entered, nothing lost, replays the same."""

from collections import Counter
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksad.contracts.envelope import Envelope
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import TaskCorrected, TaskScheduled
from ksad.supervision.domain import folding, task
from ksad.supervision.domain.case import Case
from ksad.supervision.domain.task import Status
from tests.support.histories.lives import Life, semesters
from tests.support.histories.supervised import LAST, World

ACTS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1000)), max_size=45)
FORWARD = [(1, 0), (1, 0), (3, 0), (1, 0), (1, 0), (3, 300), (1, 1)]
"""The normal path to the last stage, so that most lives see all four."""
RELAXED = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def lived(acts: list[tuple[int, int]], *, forward: bool) -> World:
    """A life: if ``forward``, the acts are spread over the normal path."""
    life = Life()
    steps = [step for pair in zip(FORWARD, acts, strict=False) for step in pair] if forward else acts
    for choice, number in [*steps, *(acts[len(FORWARD) :] if forward else [])]:
        life.live(choice, number)
    return life.world


def scheduled(world: World) -> list[TaskScheduled]:
    """Everything that was scheduled."""
    return [fact for event in world.log if isinstance(fact := event.fact(), TaskScheduled)]


@RELAXED
@given(acts=ACTS, forward=st.booleans())
def test_each_duty_owed_is_scheduled_exactly_once(acts: list[tuple[int, int]], *, forward: bool) -> None:
    """What the told facts owe, counted here from the facts alone, is what was scheduled, once each."""
    world = lived(acts, forward=forward)
    counted = Counter((fact.duty, fact.occurrence) for fact in scheduled(world))
    assert set(counted.values()) <= {1}
    entries = world.case.entries
    first, later = ("a.1.a", "a.1.b", "a.1.c", "a.1.d", "a.2", "a.3"), ("b.1", "b.2")
    guided = {
        (d, e.name) for e in entries for d in {Stage.EXPLORATION: first, Stage.NEGOTIATION: later}.get(e.stage, ())
    }
    assert {key for key in counted if key[0][0] in "ab" and "/" not in key[1]} == guided
    checks = {("oversight", f"{entry.name}/entry") for entry in entries}
    # The last stage is left when what ended is settled.
    settled = world.case.state == "ended" and world.case.parts.settlement != "open"
    left = entries if settled else entries[:-1]
    checks |= {("oversight", f"{entry.name}/exit") for entry in left}
    # Whom home Governors are told of does not follow from the stages: tests/supervision/test_home_governors.py.
    apart = ("accord", "home-governors/")
    assert {key for key in counted if key[0] == "oversight" and not any(one in key[1] for one in apart)} == checks
    milestones = {("c.1" if s.instrument.value == "accord" else "c.2", s.name) for s in world.case.signings}
    assert {key for key in counted if key[0] in ("c.1", "c.2")} == milestones
    last = next((e for e in entries if e.stage is LAST), None)
    if last is not None:
        through = min(world.case.closed_on or date.max, max(world.current or last.on, last.on))
        assert {key[1] for key in counted if key[0] == "d.1"} == semesters(last.on, max(through, last.on))


@RELAXED
@given(acts=ACTS, forward=st.booleans())
def test_no_duty_of_a_stage_never_entered_exists(acts: list[tuple[int, int]], *, forward: bool) -> None:
    """Every task belongs to a stage that was entered; help before a signing to a signing that was scheduled."""
    world = lived(acts, forward=forward)
    entered = folding.stages_entered(world.case)
    names = {signing.name for signing in world.case.signings}
    for fact in scheduled(world):
        assert fact.stage in entered or (fact.duty in ("c.1", "c.2") and fact.occurrence in names)


@RELAXED
@given(acts=ACTS, forward=st.booleans())
def test_handovers_lose_nothing(acts: list[tuple[int, int]], *, forward: bool) -> None:
    """Every open task is with the body of today, in that tier's clause, and its handovers are one chain."""
    world = lived(acts, forward=forward)
    resolution = world.case.resolution
    assert resolution is not None
    profile = world.law.law.profile(world.case.profile)
    for one in world.tasks():
        if one.open:
            assert (one.body, one.clause) == (resolution.supervising_body, profile.duty(one.duty).id(resolution.tier))
        chain = [step.from_body for step in one.handovers] + [one.body]
        assert all(step.to_body == after for step, after in zip(one.handovers, chain[1:], strict=True))
    assert {one.id for one in world.tasks() if one.open} == set(world.case.tasks)


@RELAXED
@given(acts=ACTS, forward=st.booleans())
def test_replays_give_the_same_tasks(acts: list[tuple[int, int]], *, forward: bool) -> None:
    """Folding the whole log from scratch gives the case that reactions were decided on, and seeing it again nothing."""
    world = lived(acts, forward=forward)
    case = Case(id=world.case.id)
    for event in world.log:
        case = folding.evolve(case, event)
    assert case == world.case
    for event in [one for one in world.log if one.subject.startswith("cooperation/")]:
        assert world.see(event) == []


@RELAXED
@given(acts=ACTS, forward=st.booleans())
def test_a_closed_task_gets_no_further_event(acts: list[tuple[int, int]], *, forward: bool) -> None:
    """After its completion or cancellation a task's stream is at its end, corrections aside."""
    world = lived(acts, forward=forward)
    streams: dict[str, list[Envelope]] = {}
    for event in world.log:
        streams.setdefault(event.subject, []).append(event)
    for subject, events in streams.items():
        if subject.startswith("task/"):
            for end in range(1, len(events)):
                state = task.refold(events[:end])
                assert state is not None
                assert state.open or isinstance(events[end].fact(), TaskCorrected)


@RELAXED
@given(acts=ACTS)
def test_an_ended_cooperation_owes_what_settles_it_and_a_withdrawn_one_nothing(acts: list[tuple[int, int]]) -> None:
    """An end leaves checks and the period's evaluation, and d.2 to d.5 until it is settled; a withdrawal nothing."""
    world = lived(acts, forward=True)
    duties = {one.duty for one in world.tasks() if one.status not in (Status.COMPLETED, Status.CANCELLED)}
    if world.case.state == "withdrawn":
        assert duties == set()
    if world.case.state == "ended":
        settling = set() if world.case.closed else {"d.2", "d.3", "d.4", "d.5"}
        assert duties <= {"oversight", "d.1"} | settling
