"""Who sees what of a cooperation: an office is held against the parties, their provinces and the supervising body."""

import pytest

from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import admits, sight

MOVED = {"91.71": "96.71"}


def seen(office: str, parties: tuple[str, ...] = ("32.75", "33.72"), body: str = "joint_secretariat") -> str:
    """What an office sees of a cooperation."""
    return sight(office, parties, body, lambda code: MOVED.get(code, code)).value


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
