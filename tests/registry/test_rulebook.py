"""The registry's rules as a whole: each is refused in a test, and each stands on a clause or is the platform's own."""

import ast
import re

from tests.support.text.source import ROOT

SOURCE = ROOT / "services" / "registry" / "src" / "ksad" / "registry"
TESTS = ROOT / "tests" / "registry"
OWN = {
    "accord-named",
    "agreement-key-unique",
    "agreement-named",
    "body-named",
    "backfill-open",
    "boundary-kept",
    "cooperation-known",
    "cooperation-open",
    "correction-fits",
    "corrects-own-event",
    "date-not-future",
    "date-plausible",
    "day-ascending",
    "day-contiguous",
    "day-over",
    "decision-named",
    "document-is-paper",
    "document-known",
    "field-correctable",
    "key-unique",
    "legacy-before-opening",
    "legacy-by-supervisor",
    "nothing-to-do",
    "office-may",
    "opened-for-training",
    "own-entry",
    "profile-known",
    "recorded-in-time",
}
"""Rules of the register itself: identity, time, order of recording. No law says them, and they claim none."""


def raised() -> dict[str, set[bool]]:
    """Each rule that the domain and the use cases name, and whether its refusals carry a clause."""
    found: dict[str, set[bool]] = {}
    for file in (*(SOURCE / "domain").rglob("*.py"), SOURCE / "application.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if not isinstance(call, ast.Call) or ast.unparse(call.func) != "RuleBrokenError":
                continue
            name = call.args[0]
            if isinstance(name, ast.Constant):
                found.setdefault(str(name.value), set()).add(len(call.args) > 2)
    return found


def test_every_rule_is_refused_in_a_test() -> None:
    """Whoever adds a rule shows it at work: its name stands in a test of the registry."""
    said = "\n".join(file.read_text() for file in TESTS.glob("test_*.py") if file.name != "test_rulebook.py")
    named = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', said))
    assert len(raised()) > 50
    assert sorted(set(raised()) - named) == []


def test_every_rule_has_a_clause_or_is_the_platforms_own() -> None:
    """A refusal names the clause it stands on, always; the rules of the register itself are listed and have none."""
    without = {name for name, clauses in raised().items() if False in clauses}
    assert without - OWN - {"correction-keeps-rules", "reference-adopted", "reference-readable"} == set()
    assert {name for name, clauses in raised().items() if True in clauses} & OWN == set()
