"""A cooperation on which tests carry out commands, without HTTP and store: given facts, when a command, then facts."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import pytest

from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law import Lawbook, packaged
from ksad.contracts.regions import RegionTable, load_text
from ksad.contracts.rules import RuleBrokenError
from ksad.registry.domain import corrections
from ksad.registry.domain.commands import COMMANDS, Command, Correct, Register
from ksad.registry.domain.context import Context
from ksad.registry.domain.cooperation import Cooperation
from ksad.registry.domain.deciding import check_known, decided
from ksad.registry.domain.reference import Adopted

TODAY = date(2026, 6, 1)
SOLO, KARANGANYAR, YOGYA = "33.72", "33.13", "34.71"
BOTH = {SOLO: "1/2026", KARANGANYAR: "2/2026"}
HEAD: dict[str, Any] = {"key": "a", "title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup"}
LAST = "implementation_and_termination"


@cache
def adopted() -> Adopted:
    """The packaged reference data."""
    book: Lawbook = packaged()
    return Adopted(RegionTable.from_csv(load_text()), book)


def reference_to(content: bytes) -> DocumentRef:
    """How a fact names a document."""
    return DocumentRef(sha256=hashlib.sha256(content).hexdigest(), size=len(content), media_type="application/pdf")


class Case:
    """A cooperation on which commands are carried out one after the other; ``facts`` and ``events`` are what came."""

    def __init__(self, parties: Sequence[str] = (SOLO, KARANGANYAR), on: date = TODAY, **changes: Any) -> None:
        self.state = Cooperation()
        self.facts: list[Any] = []
        self.events: list[Envelope] = []
        if parties:
            self.do("register", on, **{**HEAD, "parties": list(parties), **changes})

    @classmethod
    def empty(cls) -> "Case":
        """Nothing has been registered yet."""
        return cls(())

    @classmethod
    def paper(cls, parties: Sequence[str] = (SOLO, KARANGANYAR), on: date = date(2000, 1, 1)) -> "Case":
        """A legacy cooperation in its last stage, of which no instrument is known."""
        return cls(parties, on, stage=LAST, legacy=True)

    @property
    def last(self) -> Any:
        """The newest fact."""
        return self.facts[-1]

    def do(self, name: str, on: date = TODAY, /, *, legacy: bool = False, **fields: Any) -> "Case":
        """Carry out a command."""
        model: type[Command] = Register if name == "register" else COMMANDS[name]
        command = model.model_validate({"on": on.isoformat(), "legacy": legacy, **fields})
        context = Context(adopted(), on, TODAY, legacy)
        check_known(self.state, command)
        made, state = decided(self.state, command, context)
        if isinstance(command, Correct):
            corrections.check(self.events, command, context)
        self.facts += made
        self.events += [self._sealed(fact, on, legacy, number) for number, fact in enumerate(made, 1)]
        self.state = corrections.folded(self.events) if isinstance(command, Correct) else state
        return self

    def _sealed(self, fact: Fact, on: date, legacy: bool, number: int) -> Envelope:
        origin = Origin(
            source="urn:ksad:test:registry",
            time=datetime(2026, 6, 1, tzinfo=UTC),
            occurred_on=on,
            date_precision="day",
            actor_office="operator",
            actor_id="test",
            command_id=None,
            command_digest=None,
            correlation_id=UUID(int=1),
            causation_id=None,
            legacy=legacy,
        )
        return seal(fact, f"cooperation/{cooperation_id('a')}", len(self.events) + number, origin)

    def event(self, kind: type[Fact]) -> UUID:
        """The id of the newest event of a kind."""
        return next(one.id for one in reversed(self.events) if isinstance(one.fact(), kind))

    def correct(self, kind: type[Fact], **fields: Any) -> "Case":
        """Correct fields of the newest event of a kind."""
        return self.do("correct", corrects=self.event(kind), reason="salah ketik", fields=fields)

    def refused(self, rule: str, name: str, on: date = TODAY, /, **fields: Any) -> RuleBrokenError:
        """The refusal of a command that breaks a rule; nothing happened."""
        before, facts = self.state, len(self.facts)
        with pytest.raises(RuleBrokenError) as caught:
            self.do(name, on, **fields)
        assert rule == caught.value.rule
        assert caught.value.detail
        assert (before, facts) == (self.state, len(self.facts))
        return caught.value

    def negotiating(self) -> "Case":
        """In negotiation for the first time."""
        return self.do("enter-stage", stage="negotiation")

    def signing(self) -> "Case":
        """Before the accord is signed."""
        return self.negotiating().do("enter-stage", stage="signing")

    def agreed(self) -> "Case":
        """With the accord signed, and back in the stage of signing for the agreement."""
        self.signing().do("sign-accord", numbers=self._numbers())
        return self.do("enter-stage", stage="negotiation").do("enter-stage", stage="signing")

    def signed(self) -> "Case":
        """On the normal path to a signed agreement that runs until 2030."""
        return self.agreed().do(
            "sign-agreement", numbers=self._numbers(), effective_on="2026-06-01", ends_on="2030-01-01"
        )

    def running(self) -> "Case":
        """In implementation."""
        return self.signed().do("enter-stage", stage=LAST)

    def _numbers(self) -> dict[str, str]:
        return {code: f"{number}/2026" for number, code in enumerate(self.state.parties, 1)}
