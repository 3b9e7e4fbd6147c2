"""How a domain refuses: a named rule, the clause it stands on where there is one, and what to do about it."""

from __future__ import annotations


class RuleBrokenError(Exception):
    """A command breaks a rule.

    :param rule: the rule's stable name in kebab-case, such as ``parties-differ``.
    :param detail: what is wrong and how to mend it, in Indonesian: a clerk reads it.
    :param clause: where the rule stands (``P1.4``, ``PP 28/2018 Pasal 9(1)``); ``None`` marks a rule of the platform.
    :param facts: the values that broke it, for programs.
    """

    def __init__(self, rule: str, detail: str, clause: str | None = None, **facts: object) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail
        self.clause = clause
        self.facts = facts
