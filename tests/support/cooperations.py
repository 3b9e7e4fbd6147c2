"""A cooperation on which tests carry out commands, without HTTP and store."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import pytest

from contracts.law import Lawbook, packaged
from contracts.regions import RegionTable, load_text
from contracts.rules import RuleBrokenError
from registry.domain.commands import COMMANDS, Command, Register
from registry.domain.cooperation import Cooperation, evolve
from registry.domain.reference import Adopted
from registry.domain.rules import Context, check

TODAY = date(2026, 6, 1)
SOLO, KARANGANYAR, YOGYA = "33.72", "33.13", "34.71"
BOTH = {SOLO: "1/2026", KARANGANYAR: "2/2026"}
HEAD: dict[str, Any] = {"key": "a", "title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup"}


@cache
def adopted() -> Adopted:
    """The packaged reference data."""
    book: Lawbook = packaged()
    return Adopted(RegionTable.from_csv(load_text()), book)


class Case:
    """A cooperation on which commands are carried out one after the other."""

    def __init__(self, parties: Sequence[str] = (SOLO, KARANGANYAR)) -> None:
        self.state = Cooperation()
        self.facts: list[Any] = []
        self.do("register", **HEAD, parties=list(parties))

    def do(self, name: str, on: date = TODAY, /, *, legacy: bool = False, **fields: Any) -> "Case":
        """Carry out a command."""
        model: type[Command] = Register if name == "register" else COMMANDS[name]
        command = model.model_validate({"on": on.isoformat(), "legacy": legacy, **fields})
        context = Context(adopted(), on, TODAY, legacy)
        for fact in command.facts(self.state, context):
            check(self.state, fact, context)
            self.state = evolve(self.state, fact, on, legacy=legacy)
            self.facts.append(fact)
        return self

    def refused(self, rule: str, name: str, on: date = TODAY, /, **fields: Any) -> RuleBrokenError:
        """The refusal of a command that breaks a rule; nothing happened."""
        before = self.state
        with pytest.raises(RuleBrokenError) as caught:
            self.do(name, on, **fields)
        assert rule == caught.value.rule
        assert caught.value.detail
        assert before == self.state
        return caught.value

    def signed(self) -> "Case":
        """On the normal path to a signed agreement that runs until 2030."""
        self.do("enter-stage", stage="negotiation").do("enter-stage", stage="signing").do("sign-accord", numbers=BOTH)
        self.do("enter-stage", stage="negotiation").do("enter-stage", stage="signing")
        return self.do("sign-agreement", numbers=BOTH, effective_on="2026-06-01", ends_on="2030-01-01")

    def running(self) -> "Case":
        """In implementation."""
        return self.signed().do("enter-stage", stage="implementation_and_termination")
