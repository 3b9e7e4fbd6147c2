"""The checker of what clients were told finds what is planted."""

import pytest

from tests.support.histories.acknowledged import Invocation, KeptFact, contradictions

TOLD = [Invocation(f"c{number}", recorded=True) for number in range(1, 5)]
KEPT = [KeptFact("c1", "a", 1), KeptFact("c2", "b", 1), KeptFact("c3", "a", 2), KeptFact("c4", "a", 3)]


def test_a_whole_history_has_no_contradiction() -> None:
    """Nor has one with a command that nobody was told about, which is recorded or not."""
    told = [*TOLD, Invocation("c5", recorded=None), Invocation("c6", recorded=False)]
    assert contradictions(told, {"store": KEPT, "journal": KEPT}) == []
    more = [*KEPT, KeptFact("c5", "b", 2)]
    assert contradictions(told, {"store": more, "journal": more}) == []


@pytest.mark.parametrize(
    ("journal", "found"),
    [
        (KEPT[:3], "lost: c4 was acknowledged and is not in journal"),
        ([*KEPT, KEPT[3]], "doubled: a@3 is in journal 2 times"),
        ([*KEPT, KeptFact("c6", "b", 2)], "invented: c6 was refused and is in journal"),
        ([*KEPT[:3], KeptFact("c9", "a", 3)], "forked: a@3 is c9 in journal, c4 in store"),
        ([KEPT[2], KEPT[0], KEPT[1], KEPT[3]], "disordered: a@2 follows 0 in journal"),
    ],
)
def test_a_planted_fault_is_found(journal: list[KeptFact], found: str) -> None:
    """A loss, a double, a refused command, a fork, another order: each is named with its place."""
    told = [*TOLD, Invocation("c6", recorded=False)]
    assert found in contradictions(told, {"store": KEPT, "journal": journal})
