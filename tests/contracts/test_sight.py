"""Who sees what of a cooperation: an office is held against the parties, their provinces and the supervising body."""

from datetime import date

import pytest

from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import FormerParty, admits, former_party, sight

MOVED = {"91.71": "96.71"}


def seen(office: str, parties: tuple[str, ...] = ("32.75", "33.72"), body: str = "joint_secretariat") -> str:
    """What an office sees of a cooperation."""
    return sight(office, parties, {body}, lambda code: MOVED.get(code, code)).value


@pytest.mark.parametrize("office", ["minister", "joint_secretariat", "auditor", "operator"])
def test_who_answers_for_the_whole_sees_everything(office: str) -> None:
    """The Minister's side, auditors and operators see all of every cooperation."""
    assert seen(office, body="tkksd:33") == "supervisor"


@pytest.mark.parametrize(
    ("office", "body", "expected"),
    [
        ("tkksd:33", "tkksd:33", "supervisor"),
        ("governor:33", "tkksd:33", "supervisor"),
        ("tkksd:33", "joint_secretariat", "parties"),
        ("governor:32", "joint_secretariat", "parties"),
        ("governor:34", "joint_secretariat", "public"),
        ("tkksd:34", "tkksd:33", "public"),
        ("region:32.75", "tkksd:33", "parties"),
        ("region:32", "tkksd:33", "public"),
        ("region:34.71", "tkksd:33", "public"),
        ("feed:32", "tkksd:33", "public"),
    ],
)
def test_an_office_sees_as_far_as_it_is_part_of_it(office: str, body: str, expected: str) -> None:
    """The supervising body and its Governor see all, parties and their provinces what is meant for parties."""
    assert seen(office, body=body) == expected


def test_a_region_is_read_by_the_code_it_has_now() -> None:
    """After a boundary change the party is the same region, and its new province is its home."""
    parties = ("91.71", "32.75")
    offices = ("region:91.71", "region:96.71", "tkksd:96", "tkksd:91")

    assert [seen(office, parties) for office in offices] == ["parties", "parties", "parties", "public"]


def test_wider_audiences_admit_the_narrower_facts() -> None:
    """Each audience sees its own facts and the more public ones; what is not known only supervisors see."""
    types = (
        "ksad.cooperation.registered.v1",
        "ksad.cooperation.problem_reported.v1",
        "ksad.task.overdue.v1",
        "ksad.unheard.of.v1",
    )
    found = {audience: [admits(audience, one) for one in types] for audience in Audience}

    assert found == {
        Audience.PUBLIC: [True, False, False, False],
        Audience.PARTIES: [True, True, False, False],
        Audience.SUPERVISOR: [True, True, True, True],
    }


def test_whoever_supervises_an_agreement_supervises() -> None:
    """The body of an agreement sees what the body of the cooperation sees."""
    bodies = {"joint_secretariat", "tkksd:32"}
    found = [sight(office, ("32.75", "33.72"), bodies, str) for office in ("tkksd:32", "governor:32", "tkksd:33")]
    assert found == [Audience.SUPERVISOR, Audience.SUPERVISOR, Audience.PARTIES]


LEFT = [("91.71", date(2026, 3, 1)), ("33.72", date(2026, 6, 1))]


@pytest.mark.parametrize(
    ("office", "expected"),
    [
        ("region:33.72", FormerParty(date(2026, 6, 1), frozenset({"air"}))),
        ("tkksd:33", FormerParty(date(2026, 6, 1), frozenset({"air"}))),
        ("region:96.71", FormerParty(date(2026, 3, 1), frozenset())),
        ("region:91.71", FormerParty(date(2026, 3, 1), frozenset())),
        ("governor:96", FormerParty(date(2026, 3, 1), frozenset())),
        ("governor:91", None),
        ("region:32.75", None),
        ("auditor", None),
    ],
)
def test_a_region_that_left_is_a_former_party(office: str, expected: FormerParty | None) -> None:
    """It keeps its time until its last day, and the settlements that it takes part in, under the code of today."""
    participants = {"air": ["32.75", "33.72"], "jalan": ["32.75"]}
    assert former_party(office, LEFT, participants, lambda code: MOVED.get(code, code)) == expected


def test_a_former_party_sees_its_own_time_and_its_settlement() -> None:
    """Facts for parties until its last day; afterwards those of the settlement only, and never the supervisors'."""
    former = FormerParty(date(2026, 6, 1), frozenset({"air", "perjanjian-1"}))
    item, problem = "ksad.cooperation.termination_item_completed.v2", "ksad.cooperation.problem_reported.v2"
    last, later = date(2026, 6, 1), date(2026, 6, 2)
    assert [former.admits(problem, day, {}) for day in (last, later)] == [True, False]
    assert [former.admits(item, later, {"agreement": key}) for key in ("air", "jalan")] == [True, False]
    assert former.admits("ksad.cooperation.termination_item_completed.v1", later, {})
    assert not former.admits("ksad.task.overdue.v1", last, {})
