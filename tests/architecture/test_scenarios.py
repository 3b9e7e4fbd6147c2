"""The hard scenarios of the law, each named by its number in the test that plays it."""

import ast
import re

from tests.support.text.source import ROOT

SCENARIOS = {
    1: "backdating gives no power",
    3: "a cooperation flips to the Minister's tier",
    5: "legacy is no loophole",
    6: "one party speaks for no other",
    7: "the order of dates",
    8: "an empty workbook proves nothing",
    9: "Papua is divided in 2022",
    10: "a boundary moves while somebody is asked",
    11: "one of three refuses",
    12: "two last confirmations in one moment",
    13: "a term expires with an open dispute",
    14: "an agreement under an accord that is over",
    15: "an extension signed in time and recorded late",
    16: "an extension signed after the end",
    17: "the approval of a council is missing",
    18: "withdrawals leave one party",
    19: "finality follows the calendar",
    20: "a subset of one province under an umbrella of two",
    21: "a corrected term",
    22: "two notices",
    23: "a chosen day picks no law",
    24: "a proposal is overtaken",
    25: "a workbook that closes",
    26: "an archive of the release before",
}
"""By number; 2 (waiting before it is asked who) and 4 (an early report) are told by the faults of their trial."""
NAMED = re.compile(r"Scenarios? ([0-9]+)(?: and ([0-9]+))?")


def named() -> set[int]:
    """The numbers that docstrings of tests name."""
    found: set[int] = set()
    for path in (ROOT / "tests").glob("*/**/test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                told = NAMED.findall(ast.get_docstring(node) or "")
                found |= {int(one) for numbers in told for one in numbers if one}
    return found


def test_each_scenario_is_played() -> None:
    """Every scenario has a test whose sentence begins with its number, and no test names one that there is not."""
    assert named() == set(SCENARIOS)
