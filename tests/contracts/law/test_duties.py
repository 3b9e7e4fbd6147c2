"""The duty catalogue: what is owed when, to whom, and what closes it, in both tiers."""

import pytest

from ksad.contracts.law import DutyKind, Mode, TriggerKind, packaged
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import Tier

PROFILE = packaged().profile("ksad-2009")
GUIDANCE = ["a.1.a", "a.1.b", "a.1.c", "a.1.d", "a.2", "a.3", "b.1", "b.2"]


@pytest.mark.clause("P6.a.1.a", "P6.a.1.b", "P6.a.2", "P10.a.1.a", "P10.a.1.b", "P10.a.2", "P1.7")
def test_guidance_is_owed_on_entry_to_every_party() -> None:
    """Information, assistance and consultation are owed when their stage is entered, and reach every party."""
    owed = {
        stage: [duty.key for duty in PROFILE.triggered_by(TriggerKind.STAGE_ENTERED, Tier.GOVERNOR, stage)]
        for stage in Stage
    }
    assert owed[Stage.EXPLORATION] + owed[Stage.NEGOTIATION] == GUIDANCE
    assert owed[Stage.SIGNING] == owed[Stage.IMPLEMENTATION_AND_TERMINATION] == []
    for key in GUIDANCE:
        duty = PROFILE.duty(key)
        assert (duty.kind, duty.per_party, duty.closes) == (DutyKind.GUIDANCE, True, "reached_every_party")


@pytest.mark.clause("P6.a.1.c", "P6.a.1.d", "P10.a.1.c", "P10.a.1.d")
def test_two_informations_are_filled_from_the_register() -> None:
    """Which regions cooperate and which formed a body is what the register itself knows."""
    filled = {duty.key: duty.filled_from for duty in PROFILE.duties if duty.filled_from}
    assert filled == {"a.1.c": "cooperations", "a.1.d": "bodies"}


@pytest.mark.clause("P6.a.2", "P10.a.2", "P6.b.1", "P10.b.1")
def test_what_is_accepted_stands_in_the_words() -> None:
    """The parts that assistance and consultation consist of are quoted from the clause."""
    for key, count in (("a.2", 2), ("b.1", 3)):
        duty = PROFILE.duty(key)
        assert len(duty.acceptance) == count
        assert all(part in duty.wording(tier) for tier in Tier for part in duty.acceptance)


@pytest.mark.clause("P6.a.3", "P6.b.1", "P6.b.2")
def test_the_ministers_tier_extends_guidance_to_regencies() -> None:
    """Where the words name provinces only, the others are offered the same, and a note says it is no text."""
    for key in ("a.3", "b.1", "b.2"):
        duty = PROFILE.duty(key)
        assert "daerah provinsi" in duty.wording(Tier.MINISTER)
        assert "daerah kabupaten/kota" in duty.wording(Tier.GOVERNOR)
        assert duty.addressed == "own_kind"
        assert [str(note.basis) for note in duty.notes if note.about == "addressed"] == ["policy"]


@pytest.mark.clause("P6.c.1", "P6.c.2", "P10.c.1", "P10.c.2")
def test_milestones_wait_for_a_scheduled_signing() -> None:
    """c.1 is owed for the accord and c.2 for the agreement; the Governor is coordinated with in his own tier only."""
    for key, trigger in (("c.1", "accord_signing_scheduled"), ("c.2", "agreement_signing_scheduled")):
        duty = PROFILE.duty(key)
        assert (duty.trigger, duty.kind, duty.mode) == (trigger, DutyKind.MILESTONE, Mode.COORDINATION)
        assert duty.coordinate_with is not None
        assert duty.coordinate_with.minister == ("sectoral_institution_head",)
        assert duty.coordinate_with.governor == ("governor", "sectoral_institution_head")
        assert "Gubernur" in duty.wording(Tier.GOVERNOR)
        assert "Gubernur" not in duty.wording(Tier.MINISTER)


@pytest.mark.clause("P6.d.2", "P6.d.3", "P6.d.5", "P10.d.2", "P10.d.3", "P10.d.5")
def test_a_problem_is_not_a_dispute() -> None:
    """A problem asks for an opinion, a dispute for advice, a requested decision for a brief; one paper may be both."""
    reactive = {key: (PROFILE.duty(key).trigger, PROFILE.duty(key).kind) for key in ("d.2", "d.3", "d.5")}
    assert reactive == {
        "d.2": ("problem_reported", "opinion"),
        "d.3": ("dispute_raised", "advice"),
        "d.5": ("decision_requested", "brief"),
    }
    assert (PROFILE.duty("d.3").may_satisfy, PROFILE.duty("d.5").may_satisfy) == (("d.5",), ("d.3",))
    assert (PROFILE.duty("d.2").addressee, PROFILE.duty("d.2").copy_to) == ("parties", "supervising_head")


@pytest.mark.clause("P6.d.1", "P10.d.1", "P7", "P11", "P1.8")
def test_oversight_is_of_every_stage_and_monitoring_recurs() -> None:
    """P7 and P11 know no stage because they are of all; d.1 recurs by the policy's period."""
    for stage in Stage:
        found = PROFILE.triggered_by(TriggerKind.STAGE_ENTERED_OR_LEFT, Tier.MINISTER, stage)
        assert [duty.id(Tier.MINISTER) for duty in found] == ["P7"]
    assert PROFILE.duty("d.1").cadence == "monitoring"
    assert PROFILE.duty("P11").key == "oversight"


@pytest.mark.clause("P8", "P12", "P13")
def test_reports_are_duties_that_a_submitted_report_closes() -> None:
    """R1, R2 and R3 are owed when a period closes, and each goes to the office that its clause names."""
    reports = [duty for duty in PROFILE.duties if duty.kind == DutyKind.REPORT]
    assert [(duty.key, duty.addressee) for duty in reports] == [
        ("R1", "home_affairs_minister"),
        ("R2", "governor"),
        ("R3", "home_affairs_minister"),
    ]
    assert {PROFILE.closings[duty.closes].events for duty in reports} == {("ksad.report.submitted",)}


@pytest.mark.clause("P6.d.4", "P10.d.4")
@pytest.mark.clause("P6.d.4.a", "P6.d.4.b", "P6.d.4.c", "P6.d.4.d", "P6.d.4.e", "P6.d.4.f")
@pytest.mark.clause("P10.d.4.a", "P10.d.4.b", "P10.d.4.c", "P10.d.4.d", "P10.d.4.e", "P10.d.4.f")
def test_four_parties_owe_sixteen_proofs() -> None:
    """One for a, b, c and f each, one per party for d, two per party for e: the record and the council's report."""
    slots = PROFILE.checklist.slots(("32.08", "32.74", "33.01", "33.29"))
    counts = {key: sum(slot.item == key for slot in slots) for key in "abcdef"}
    assert counts == {"a": 1, "b": 1, "c": 1, "d": 4, "e": 8, "f": 1}
    assert len(slots) == len(set(slots)) == 16
    assert {slot.proof for slot in slots if slot.item == "e"} == {"asset_record", "council_report"}


@pytest.mark.clause("P6.d.4.c", "P10.d.4.c")
def test_the_checklist_has_an_order_and_is_open() -> None:
    """A and b come before c, d and e after c, f last; c is valued in rupiah; further items may be added."""
    needs = {item.key: set(item.needs) for item in PROFILE.checklist.items}
    assert needs == {"a": set(), "b": set(), "c": {"a", "b"}, "d": {"c"}, "e": {"c"}, "f": set("abcde")}
    assert [item.key for item in PROFILE.checklist.items if item.rupiah == "required"] == ["c"]
    assert PROFILE.checklist.open
    assert PROFILE.checklist.item("g") is None
    assert "antara lain" in PROFILE.duty("d.4").wording(Tier.MINISTER)


def test_the_parties_do_the_items_and_the_body_only_reminds() -> None:
    """No item of the checklist is a duty of the supervising side."""
    assert not {f"d.4.{letter}" for letter in "abcdef"} & {duty.key for duty in PROFILE.duties}
    assert PROFILE.duty("d.4").closes == "acknowledged_by_every_party"


def test_a_duty_is_found_by_its_key_and_by_its_clause() -> None:
    """``d.4``, ``P6.d.4`` and ``P10.d.4`` are one duty; what is none is refused."""
    assert PROFILE.duty("d.4") is PROFILE.duty("P6.d.4") is PROFILE.duty("P10.d.4")
    with pytest.raises(KeyError):
        PROFILE.duty("d.6")
