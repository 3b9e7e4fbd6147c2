"""Whether a rule is the law's or the platform's: told of every rule that cites a clause, one by one."""

import ast

import pytest

from ksad.contracts.policies import CLOSERS, CONSENT, PAPER, POLICIES, RECORD
from ksad.registry.domain.order.rules import AFTERWARDS, AT_ONCE, ELSEWHERE
from tests.support.text.source import ROOT

READ = """
accord-in-force accord-known accords-in-sequence affair-known agreement-drafting agreement-known
agreement-own-line agreement-signed agreements-first begins-with-exploration begins-with-negotiation
between-parties body-stands body-supervises built-from-accepted carried-into-next category-known
dispute-between-parties division-closes division-itemised ending-ground escalated-once finding-basis-exists
findings-filed good-allotted-once ground-is-early initiator-is-party is-asked item-at-stage item-in-rupiah
item-nihil item-not-nihil item-per-party item-proof mandate-named head-without-mandate money-as-divided
one-signatory notice-by-all notice-fits-profile nothing-signed office-owes-report participants-only
parties-reached period-begun period-closed period-owed period-over region-is-party region-once replaced-by-all
right-forum same-parties signatory-of-party signed-at-signing signed-once something-signed stage-order
task-for-party task-in-order task-open two-parties-remain while-in-force workbook-in-order
"""
BY_LAW = frozenset(READ.split())
"""The rules that the words of their clause, or what follows from them, give: whose act it is, in which stage and order,
between whom, with which sums, for which period. Whoever adds a rule reads its clause, and puts it here or among the
policies."""
ASKED = {"correction-keeps-rules", "date-not-future"}
"""Rules that answer with the clause of another."""


def citing() -> set[str]:
    """Every rule that the services name with a clause."""
    found: set[str] = set()
    for room in ("contracts", *(f"services/{one}" for one in ("registry", "supervision", "reporting", "ledger"))):
        for file in (ROOT / room / "src").rglob("*.py"):
            if "rules/v1" in file.as_posix():
                continue
            for call in ast.walk(ast.parse(file.read_text())):
                if not isinstance(call, ast.Call) or ast.unparse(call.func) != "RuleBrokenError" or not call.args:
                    continue
                named = len(call.args) > 2 or any(one.arg == "clause" for one in call.keywords)
                if named and isinstance(call.args[0], ast.Constant):
                    found.add(str(call.args[0].value))
    return found


@pytest.mark.fault(
    "law policy",
    kind="A rule of the platform is shown as if its clause said it.",
    looked="Every rule of every service that cites a clause.",
    found="Papers, numbers, the form of consent and what keeps the record whole cited the duty that they serve.",
)
def test_every_rule_that_cites_a_clause_is_the_laws_or_a_policy() -> None:
    """Each was read beside its clause, and no rule is both."""
    assert citing() - BY_LAW - ASKED - POLICIES == set()
    assert (BY_LAW | POLICIES) - citing() == set()
    assert set() == BY_LAW & POLICIES
    assert len(POLICIES) == sum(map(len, (PAPER, CONSENT, RECORD, CLOSERS)))


def test_no_rule_of_order_is_a_policy_in_disguise() -> None:
    """Rules of order say their basis themselves; one that cites a clause rests on its words or follows from them."""
    rules = (*AT_ONCE, *AFTERWARDS, *ELSEWHERE)
    assert {one.name for one in rules if one.clause} & POLICIES == set()
