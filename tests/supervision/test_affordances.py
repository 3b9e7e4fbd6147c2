"""What an office may do with a task is what it would not be refused: both are asked of the same rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksad.contracts.strict import read_value
from ksad.contracts.supervision import ReminderKind
from ksad.supervision.domain.affording import EXAMPLES, may, refused_by
from ksad.supervision.domain.commands import COMMANDS
from ksad.supervision.domain.deciding import decided
from ksad.supervision.domain.register import document_of
from tests.supervision.test_endings import made_soon
from tests.support.histories.supervised import GOVERNORS, World
from tests.support.platforms.pair import Pair

PAPER = document_of(b"naskah", "text/plain").ref.model_dump(mode="json")
FINDING = {"basis": "legislation", "conforms": True, "description": "sesuai"}
AGREED = {**FINDING, "basis": "agreement"}
FORM = {
    **dict.fromkeys(("purpose_met", "on_time", "partner_contribution", "coordination"), 3),
    "documents_complete": 2,
    "reports_regular": 3,
    "rating": 4,
    "recommendation": "stop",
    "obstacles": None,
    "impact": None,
}
REGIONS = st.sampled_from([*GOVERNORS, "34.71"])
FIELDS = {
    "assign": st.fixed_dictionaries({"assignee": st.just("petugas-1")}),
    "deliver": st.fixed_dictionaries({"region": REGIONS, "note": st.sampled_from([None, "rapat"])}),
    "decline": st.fixed_dictionaries({"region": st.one_of(st.none(), REGIONS), "reason": st.just("cukup")}),
    "acknowledge": st.fixed_dictionaries({"region": st.one_of(st.none(), REGIONS)}),
    "open-reminder": st.fixed_dictionaries({"reminder": st.sampled_from([one.value for one in ReminderKind])}),
    "complete": st.fixed_dictionaries(
        {
            "outcome": st.just("selesai"),
            "documents": st.sampled_from([[], [PAPER]]),
            "findings": st.sampled_from([[], [FINDING], [AGREED]]),
            "evaluation": st.sampled_from([None, FORM]),
        }
    ),
    "close-follow-up": st.fixed_dictionaries(
        {"finding": st.just(1), "outcome": st.just("x"), "documents": st.just([PAPER])}
    ),
}
FIELDS_OF = {act: model.model_fields for act, model in COMMANDS.items()}
OFFICES = [*(f"region:{code}" for code in GOVERNORS), "region:34.71", "tkksd:33", "governor:33", "tkksd:34", "minister"]


def world() -> World:
    """A cooperation that runs and ends soon: guidance, oversight, monitoring and a reminder are owed."""
    return World(parties=GOVERNORS).implement(ends_on=made_soon())


def test_every_act_on_a_task_is_tried() -> None:
    """All commands but the one that is about an entry."""
    assert set(COMMANDS) - set(EXAMPLES) == {"correct"}


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_what_is_not_refused_was_allowed(data: st.DataObject) -> None:
    """Whatever an office tries on whichever task: if no rule forbids it, the act was allowed, for that party."""
    made = world()
    for _ in range(6):
        tasks = sorted(made.tasks(), key=lambda one: (one.duty, one.occurrence))
        task = tasks[data.draw(st.integers(0, len(tasks) - 1))]
        act = data.draw(st.sampled_from(sorted(FIELDS)))
        office = data.draw(st.sampled_from(OFFICES))
        command = read_value(COMMANDS[act], data.draw(FIELDS[act]))
        context = made.context(task)
        if refused_by(office, command, context) is None:
            told = {one.act: one for one in may(office, context)}[act]
            assert told.allowed, (act, office, task.duty)
            if "region" in FIELDS_OF[act]:
                assert {"region": getattr(command, "region", None) or office.partition(":")[2]} in told.about
            made.record(decided(command, context, office))


def test_an_act_says_for_whom_or_why_not(pair: Pair) -> None:
    """Delivery is offered for each party that is left; a party may decline for itself; others hear the rule."""
    identity = pair.register("boleh")
    task = pair.task(identity, "P10.a.2")
    place = f"/tasks/{task['task_id']}"
    pair.do(task, "deliver", "tkksd:33", {"region": "33.72", "note": "rapat"})
    acts = {one["act"]: one for one in pair.read(f"{place}/may", "tkksd:33")["acts"]}
    assert acts["deliver"]["about"] == [{"region": "33.11"}]
    assert acts["complete"]["refusal"]["rule"] == "parties-reached"
    assert acts["complete"]["refusal"]["clause"] == "P10.a.2"
    assert acts["close-follow-up"]["refusal"]["rule"] == "nothing-to-do"
    party = {one["act"]: one for one in pair.read(f"{place}/may", "region:33.11")["acts"]}
    assert [act for act, one in party.items() if one["allowed"]] == ["decline"]
    assert pair.ask(f"{place}/may", "region:34.71").status_code == 404


@pytest.mark.parametrize("office", ["auditor", "operator"])
def test_who_only_reads_may_nothing(office: str) -> None:
    """Auditors and operators see tasks and do nothing with them."""
    made = world()
    assert not any(one.allowed for task in made.tasks() for one in may(office, made.context(task)))
