"""What officers and parties may do with a task, and what is refused, with rule and clause."""

from collections.abc import Callable
from datetime import date

import pytest

from ksad.contracts import registry
from ksad.contracts.envelope import Envelope
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.supervision.domain import deciding
from ksad.supervision.domain.register import document_of
from ksad.supervision.domain.task import Status
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, World, completion

PAPER = document_of(b"peraturan", "text/plain").ref


def world() -> World:
    """A cooperation in exploration."""
    made = World()
    made.register_it()
    return made


@pytest.mark.clause("P1.7")
def test_guidance_is_done_when_it_reached_or_was_declined_by_every_party() -> None:
    """One party gets it with its document, the other declines: both are recorded, and the task closes by itself."""
    made = world()
    made.record(deciding.deliver(made.context(made.one("a.1.a")), "33.72", [PAPER], "diserahkan langsung"))
    assert made.one("a.1.a").status is Status.IN_PROGRESS
    made.record(deciding.decline(made.context(made.one("a.1.a")), "33.11", "sudah memiliki"))
    done = made.one("a.1.a")
    assert done.status is Status.COMPLETED
    assert done.delivered["33.72"].documents == (PAPER,)
    assert done.declined["33.11"].reason == "sudah memiliki"


def test_guidance_is_not_completed_by_hand_while_a_party_waits() -> None:
    """The refusal names the parties that were not reached."""
    made = world()
    with pytest.raises(RuleBrokenError) as refused:
        deciding.complete(made.context(made.one("a.2")), completion(), None)
    assert (refused.value.rule, refused.value.facts["remaining"]) == ("parties-reached", list(GOVERNORS))


COMMANDS: dict[str, Callable[[deciding.TaskContext, str], object]] = {
    "assign": lambda context, _: deciding.assign(context, "petugas-1"),
    "deliver": lambda context, region: deciding.deliver(context, region, [], "rapat"),
    "decline": lambda context, region: deciding.decline(context, region, "tidak perlu"),
    "acknowledge": deciding.acknowledge,
    "complete": lambda context, _: deciding.complete(context, completion(), None),
}


def test_a_delivery_has_a_note_or_a_document() -> None:
    """That something was delivered, and nothing of what it was, is refused, and so is a correction that empties it."""
    made = world()
    context = made.context(made.one("a.2"))
    with pytest.raises(RuleBrokenError) as refused:
        deciding.deliver(context, "33.72", [], None)
    assert (refused.value.rule, refused.value.clause) == ("delivery-has-content", "P10.a.2")
    [given] = made.record(deciding.deliver(context, "33.72", [], "rapat"))
    with pytest.raises(RuleBrokenError) as emptied:
        made.record(deciding.correct(made.context(made.one("a.2")), [given], given.id, "salah", {"note": None}))
    assert emptied.value.rule == "delivery-has-content"


@pytest.mark.parametrize("command", ["deliver", "decline", "acknowledge"])
def test_a_region_that_is_no_recipient_is_refused(command: str) -> None:
    """Nobody delivers to, or speaks for, a region that the task is not for."""
    made = world()
    with pytest.raises(RuleBrokenError) as refused:
        COMMANDS[command](made.context(made.one("a.2")), "34.71")
    assert (refused.value.rule, refused.value.clause) == ("task-for-party", "P10.a.2")


def test_a_party_is_reached_once() -> None:
    """Delivering again, or declining what was delivered, is refused."""
    made = world()
    made.record(deciding.deliver(made.context(made.one("a.2")), "33.72", [], "rapat"))
    with pytest.raises(RuleBrokenError, match="sudah menerima"):
        deciding.deliver(made.context(made.one("a.2")), "33.72", [], "rapat")
    with pytest.raises(RuleBrokenError, match="sudah menerima"):
        deciding.decline(made.context(made.one("a.2")), "33.72", "terlambat")


def test_only_a_reminder_is_acknowledged() -> None:
    """Guidance is delivered or declined."""
    made = world()
    with pytest.raises(RuleBrokenError, match="Hanya pengingat"):
        deciding.acknowledge(made.context(made.one("a.2")), "33.72")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("duty", ["a.2", "a.1.d"])
def test_a_closed_task_accepts_nothing_more(command: str, duty: str) -> None:
    """Completed (a.1.d, by the register) or cancelled (a.2), every further deed is refused as a conflict."""
    made = world()
    made.tell(registry.ProposalWithdrawn(reason="batal"))
    with pytest.raises(RuleBrokenError) as refused:
        COMMANDS[command](made.context(made.one(duty)), "33.72")
    assert refused.value.rule == "task-open"
    assert refused.value.kind is RefusalKind.CONFLICT


def test_an_assigned_task_is_in_progress_until_it_changes_hands() -> None:
    """The officer's pseudonym is on it; with another body it is assigned anew."""
    made = world()
    made.record(deciding.assign(made.context(made.one("a.2")), "petugas-7"))
    assert (made.one("a.2").assignee, made.one("a.2").status) == ("petugas-7", Status.IN_PROGRESS)
    made.tell(fact_of(registry.PartyJoined, region="34.71", reason=None, parties=[*GOVERNORS, "34.71"]))
    assert made.one("a.2", occurrence="exploration").assignee is None


def history(made: World, subject: str) -> list[Envelope]:
    """The stream of a task."""
    return [event for event in made.log if event.subject == subject]


def test_a_correction_gives_correctable_fields_other_values() -> None:
    """The delivery's note reads otherwise afterwards; what happened stays."""
    made = world()
    made.record(deciding.deliver(made.context(made.one("a.2")), "33.72", [], "catatan salah"))
    one = made.one("a.2")
    stream = history(made, one.subject)
    made.record(deciding.correct(made.context(one), stream, stream[-1].id, "salah ketik", {"note": "catatan benar"}))
    corrected = made.one("a.2")
    assert corrected.delivered["33.72"].note == "catatan benar"
    assert corrected.version == one.version + 1


@pytest.mark.parametrize(
    ("fields", "rule"),
    [({"region": "33.11"}, "field-correctable"), ({}, "field-correctable"), ({"note": 7}, "correction-fits")],
)
def test_a_correction_of_other_fields_or_with_other_shapes_is_refused(fields: dict[str, object], rule: str) -> None:
    """Whom it reached is not correctable, nor may a note become a number."""
    made = world()
    made.record(deciding.deliver(made.context(made.one("a.2")), "33.72", [], "rapat"))
    stream = history(made, made.one("a.2").subject)
    with pytest.raises(RuleBrokenError) as refused:
        deciding.correct(made.context(made.one("a.2")), stream, stream[-1].id, "salah", fields)
    assert refused.value.rule == rule


def test_a_correction_that_would_break_a_rule_is_refused() -> None:
    """An opinion cannot be corrected into one without a document, nor findings into none."""
    made = World().implement()
    made.tell(fact_of(registry.ProblemReported, problem="sarana", description="rusak"))
    made.record(deciding.complete(made.context(made.one("d.2")), completion(documents=[PAPER]), None))
    one = made.one("d.2")
    stream = history(made, one.subject)
    with pytest.raises(RuleBrokenError) as refused:
        deciding.correct(made.context(one), stream, stream[-1].id, "salah", {"documents": []})
    assert refused.value.rule == "document-attached"
    with pytest.raises(RuleBrokenError) as unknown:
        deciding.correct(made.context(one), stream, made.log[0].id, "salah", {"outcome": "lain"})
    assert unknown.value.rule == "corrected-known"


def test_what_is_shown_of_a_date_is_the_day_of_the_deed() -> None:
    """A delivery of an earlier day is kept with that day."""
    made = world()
    context = made.context(made.one("a.2"))._replace(on=date(2026, 1, 7))
    made.record(deciding.deliver(context, "33.72", [], "rapat"))
    assert made.one("a.2").delivered["33.72"].on == date(2026, 1, 7)
