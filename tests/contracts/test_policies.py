"""Whether a rule is the law's or the platform's: told of every rule that cites a clause, one by one."""

import ast
from collections.abc import Iterator

from ksad.contracts.access import registry, reporting, supervision
from ksad.contracts.law import Basis
from ksad.contracts.policies import CLOSERS, CONSENT, DAYS, OFFICES, PAPER, POLICIES, RECORD
from ksad.contracts.rules import RuleBrokenError
from ksad.registry.domain.order.rules import AFTERWARDS, AT_ONCE, ELSEWHERE
from tests.support.text.source import ROOT

READ = """
addressee agreement-after-accord agreement-signed begins-with-exploration begins-with-negotiation between-parties
body-supervises category-known division-closes end-within-life ending-ground escalated-once finding-basis-exists
good-allotted-once heads-decision is-forum is-joiner is-party item-at-stage item-in-rupiah item-per-party
ministers-dispute money-as-divided nothing-signed notice-by-all office-owes-report owes own-body own-party own-report
participants-only parties-differ party-is-region region-autonomous region-is-party replaced-by-all report-submitted
right-forum signatory-of-party signed-after-stage signed-at-signing something-signed stage-in-order stage-order
term-over two-parties-remain workbook-in-order
"""
BY_LAW = frozenset(READ.split())
"""The rules that the words of their clause, or what follows from them, give: whose act it is, in which stage, between
whom, with which sums. Whoever adds a rule reads its clause, and puts it here or among the policies."""
ASKED = {"correction-keeps-rules", "date-not-future"}
"""Rules that answer with the clause of another."""
TABLES = (registry.TABLE, supervision.TABLE, reporting.TABLE)
ORDER = (*AT_ONCE, *AFTERWARDS, *ELSEWHERE)
UNNAMED = {"error.rule", "rule", "rule.name"}
"""How the calls call their rule that take it from a table, or pass on the refusal of a service."""


def raised() -> Iterator[str]:
    """How each call that makes a refusal with a clause, also from a class of its own, calls its rule."""
    for room in ("contracts", *(f"services/{one}" for one in ("registry", "supervision", "reporting", "ledger"))):
        for file in (ROOT / room / "src").rglob("*.py"):
            if "rules/v1" in file.as_posix():
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                bases = [ast.unparse(one) for one in node.bases] if isinstance(node, ast.ClassDef) else []
                if "RuleBrokenError" in bases:
                    yield from _made(node, "super().__init__")
                elif not isinstance(node, ast.ClassDef):
                    yield from _made(node, "RuleBrokenError", deep=False)


def _made(node: ast.AST, called: str, *, deep: bool = True) -> Iterator[str]:
    for call in ast.walk(node) if deep else (node,):
        if not isinstance(call, ast.Call) or ast.unparse(call.func) != called or not call.args:
            continue
        if len(call.args) > 2 or any(one.arg == "clause" for one in call.keywords):
            yield ast.unparse(call.args[0])


def citing() -> set[str]:
    """Every rule that is named with a clause: by a refusal, by a table of access, by the table of the order."""
    told = {str(ast.literal_eval(one)) for one in raised() if one not in UNNAMED}
    granted = {one.condition for table in TABLES for one in table.grants if one.clause is not None}
    return told | {one for one in granted if one is not None} | {one.name for one in ORDER if one.clause is not None}


def test_every_rule_that_cites_a_clause_is_the_laws_or_a_policy() -> None:
    """Each was read beside its clause, and no rule is both."""
    assert citing() - BY_LAW - ASKED - POLICIES == set()
    assert (BY_LAW | POLICIES) - citing() == set()
    assert set() == BY_LAW & POLICIES
    assert len(POLICIES) == sum(map(len, (PAPER, CONSENT, RECORD, DAYS, CLOSERS, OFFICES)))


def test_the_order_tells_its_policies_as_such() -> None:
    """A rule of order that cites a clause is a policy here where its own basis says so, and nowhere else."""
    for rule in ORDER:
        if rule.clause is not None:
            assert (rule.basis is Basis.POLICY) is (rule.name in POLICIES), rule.name


def test_a_correction_is_refused_by_the_rule_that_it_would_break() -> None:
    """Where that is a policy, the refusal of the correction claims no more."""
    kept = RuleBrokenError("correction-keeps-rules", "x", "P6.d.4", breaks="workbook-in-time")
    law = RuleBrokenError("correction-keeps-rules", "x", "P1.4", breaks="two-parties-remain")
    assert (kept.policy, law.policy) == (True, False)
    assert not RuleBrokenError("supervises", "x").policy
