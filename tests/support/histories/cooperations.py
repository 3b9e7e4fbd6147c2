"""A cooperation on which tests carry out commands, without HTTP and store: given facts, when a command, then facts."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from pydantic_core import to_jsonable_python

from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.dates import PartialDate
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law import Affairs, Lawbook, affairs_text, packaged, read_policy
from ksad.contracts.law import load_text as law_text
from ksad.contracts.regions import RegionTable, load_text
from ksad.contracts.registry import ActProposed, Standing
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.strict import read_value
from ksad.registry.domain import corrections, vouching
from ksad.registry.domain.commands import COMMANDS, ActCommand, Command, Correct, Register
from ksad.registry.domain.consequences import consequences
from ksad.registry.domain.context import Context
from ksad.registry.domain.cooperation import Cooperation, Made
from ksad.registry.domain.deciding import check_known, decided
from ksad.registry.domain.reference import Adopted
from tests.support.text.refused import ABOUT_CODES, coded

TODAY = date(2026, 6, 1)
OPENED_ON = date(2026, 7, 1)
"""A day ahead, for parties that come later, so that what is of today may be a legacy fact, too."""
SOLO, KARANGANYAR, YOGYA = "33.72", "33.13", "34.71"
BOTH = {SOLO: "1/2026", KARANGANYAR: "2/2026"}
HEAD: dict[str, Any] = {"key": "a", "title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup"}
LAST = "implementation_and_termination"
PINNED: dict[str, Any] = {
    "reason": "uji",
    "decision": {"number": "100.2.1-1/2020", "date": "2020-01-02", "office": "minister"},
}
"""Why a profile is pinned, and by which decision."""


@cache
def adopted() -> Adopted:
    """The packaged reference data."""
    book: Lawbook = packaged()
    policy = read_policy(law_text("policy"))
    regions = RegionTable.from_csv(load_text())
    return Adopted(regions, book, OPENED_ON, policy=policy, affairs=packaged_affairs())


def packaged_affairs() -> Affairs:
    """The affairs of the package."""
    return Affairs.from_text(affairs_text())


def reference_to(content: bytes) -> DocumentRef:
    """How a fact names a document."""
    return DocumentRef(sha256=hashlib.sha256(content).hexdigest(), size=len(content), media_type="application/pdf")


PAPER = reference_to(b"naskah yang ditandatangani")


CODED = re.compile(r"\b\d\d\.\d\d\b|\b[a-z]+_[a-z_]+\b|\b\d{4}-\d\d-\d\d\b|\bNone\b|[\[\]{}]|\bdocument\b")
"""What does not belong into a sentence for people: codes of regions, names of fields, days as programs write them."""


DOCUMENTED = {
    "dissolve-body",
    "drop-agreement",
    "form-body",
    "give-termination-notice",
    "raise-dispute",
    "resolve-problem",
    "withdraw-party",
}
"""Commands that need a paper where the supervising body gives them, or from everybody."""


class Case:
    """A cooperation on which commands are carried out one after the other; ``facts`` and ``events`` are what came."""

    def __init__(self, parties: Sequence[str] = (SOLO, KARANGANYAR), on: date = TODAY, **changes: Any) -> None:
        self.state = Cooperation()
        self.facts: list[Any] = []
        self.events: list[Envelope] = []
        self.today = TODAY
        self._confirmed = False
        self._office = "operator"
        self.policy = adopted().policy
        self.subject = f"cooperation/{cooperation_id(changes.get('key', 'a'))}"
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

    @property
    def act(self) -> Any:
        """The newest fact, without why it stands and without the paper that was added here."""
        said: dict[str, Any] = {"standing": Standing(by="unconfirmed", proposal=None)}
        if getattr(self.last, "document", None) == PAPER:
            said["document"] = None
        known = {name: value for name, value in said.items() if name in type(self.last).model_fields}
        return self.last.model_copy(update=known)

    def do(
        self, name: str, on: date | str = TODAY, /, *, legacy: bool = False, office: str | None = None, **fields: Any
    ) -> "Case":
        """Carry out a command, an act of several from its instrument; its day may be partly known, as text."""
        model: type[Command] = Register if name == "register" else COMMANDS[name]
        day = PartialDate.parse(str(on))
        given = {"on": str(on), "legacy": legacy, **fields}
        if issubclass(model, ActCommand) and not legacy and fields.get("manner", "deliberation") == "deliberation":
            given.setdefault("document", PAPER)
            if self._confirmed and office is None:
                return self._by_all(name, on, fields)
        if name in DOCUMENTED and not legacy:
            given.setdefault("document", PAPER)
        command = read_value(model, to_jsonable_python(given))
        known = adopted()._replace(policy=self.policy)
        context = Context(known, day.first, self.today, legacy, day.precision, office)
        check_known(self.state, command)
        following: list[Made] = []
        if isinstance(command, Correct):
            command, following = corrections.checked(self.events, command, self.state, context)
        made, state = decided(self.state, command, context)
        self._office = office or "operator"
        self._record([*made, *following])
        self.state = corrections.folded(self.events) if isinstance(command, Correct) else state
        return self

    def by_parties(self) -> "Case":
        """From here on acts of several parties are proposed by the first and confirmed by the others."""
        self._confirmed = True
        return self

    def _by_all(self, name: str, on: date | str, fields: dict[str, Any]) -> "Case":
        self.do(name, on, office=f"region:{self.state.parties[0]}", **fields)
        proposal = self.event(ActProposed)
        for code in self.state.umbrella.pending[str(proposal)].awaiting:
            self.do("confirm-act", office=f"region:{code}", proposal=str(proposal))
        return self

    def pass_time(self, today: date) -> "Case":
        """What the calendar has brought about when a day begins."""
        self.today = today
        context = Context(adopted()._replace(policy=self.policy), today, today)
        made, self.state = consequences(self.state, context, through=today - timedelta(days=1))
        self._record(made, today)
        return self

    def _record(self, made: list[Made], today: date = TODAY) -> None:
        self.facts += [one.fact for one in made]
        self.events += [self._sealed(one, today, number) for number, one in enumerate(made, 1)]

    def _sealed(self, made: Made, today: date, number: int) -> Envelope:
        origin = Origin(
            source="urn:ksad:test:registry",
            time=datetime(today.year, today.month, today.day, tzinfo=UTC),
            occurred_on=made.on,
            date_precision=made.precision.value,
            actor_office=self._office,
            actor_id="test",
            command_id=None,
            command_digest=None,
            correlation_id=UUID(int=1),
            causation_id=None,
            legacy=made.legacy,
        )
        return seal(made.fact, self.subject, len(self.events) + number, origin)

    def event(self, kind: type[Fact]) -> UUID:
        """The id of the newest event of a kind."""
        return next(one.id for one in reversed(self.events) if isinstance(one.fact(), kind))

    def correct(self, kind: type[Fact], **fields: Any) -> "Case":
        """Correct fields of the newest event of a kind."""
        return self.do("correct", corrects=self.event(kind), reason="salah ketik", fields=fields)

    def refused(self, rule: str, name: str, on: date | str = TODAY, /, **fields: Any) -> RuleBrokenError:
        """The refusal of a command that breaks a rule; nothing happened."""
        before, facts = self.state, len(self.facts)
        with pytest.raises(RuleBrokenError) as caught:
            self.do(name, on, **fields)
        assert rule == caught.value.rule
        assert caught.value.detail
        if rule not in ABOUT_CODES:
            assert CODED.findall(caught.value.detail) == [], caught.value.detail
            assert coded({(rule, caught.value.detail)}) == {}
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
        """In implementation, which the register entered when the agreement stood."""
        return self.signed()

    def ending(self) -> "Case":
        """In implementation, and notice of the end was given."""
        return self.running().do("give-termination-notice", ground="mutual", planned_end_on="2026-12-31")

    def _numbers(self) -> dict[str, str]:
        return {code: f"{number}/2026" for number, code in enumerate(self.state.parties, 1)}


def barred(case: Case, office: str, name: str, **fields: Any) -> str | None:
    """The condition under which an office may not give a command; ``None`` if it may."""
    command = read_value(COMMANDS[name], to_jsonable_python(fields))
    try:
        vouching.check(office, command, case.state, Context(adopted(), TODAY, TODAY, office=office))
    except RuleBrokenError as error:
        return error.rule if error.kind is RefusalKind.FORBIDDEN else f"{error.kind}: {error.rule}"
    return None
