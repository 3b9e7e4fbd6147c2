"""Each numbered rule of order has its tests: as a function, and on both databases."""

from ksad.registry.domain import order
from tests.pages.order import named_rules, rule_tests


def test_each_rule_has_its_tests() -> None:
    """On both databases every rule; those of what a fact presupposes as pure functions too."""
    found = rule_tests()
    assert [name for name, tests in found.items() if not tests["both"]] == []
    pure = [one.name for one in order.AFTERWARDS if not found[one.name]["pure"]]
    assert pure == []


def test_the_list_tells_the_databases_apart() -> None:
    """A test that is marked for one database, or asks for none, is no test on both."""
    asks = "def test_a(database):\n    'no-rule'\n"
    [(_, both)] = named_rules(asks)
    [(_, once)] = named_rules(f"@ON_SQLITE\n{asks}")
    [(_, pure)] = named_rules(asks.replace("database", ""))
    assert (both.both, once.both, pure.both) == (True, False, False)
