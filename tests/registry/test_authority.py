"""Who may record what: authority is asked for the day of the command, whatever day a fact is of; on both databases."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksad.chassis.auth import Caller
from ksad.chassis.clock import SimulatedClock, set_simulated
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.edge import Submission
from ksad.chassis.store import EventStore
from ksad.contracts.access.registry import TABLE
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.identifiers import command_id, cooperation_id
from ksad.contracts.regions import sha256
from ksad.contracts.registry import BoundaryChanged, ReferenceAdopted, ReferenceKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.strict import read_value
from ksad.contracts.umbrella import Umbrella
from ksad.registry.application import Registry
from ksad.registry.domain import permissions
from ksad.registry.domain.commands import COMMANDS, Command, Register
from ksad.registry.domain.context import Context
from ksad.registry.domain.cooperation import Cooperation
from tests.support.histories.cooperations import HEAD as COOPERATION
from tests.support.histories.cooperations import PINNED, TODAY, Case, adopted
from tests.support.platforms.fed_supervision import DECISION, reference_facts
from tests.support.servers.schemas import ON_SQLITE

PAPUA = ("93.01", "93.02")
"""Merauke and Boven Digoel, of the province 91 until 25 July 2022 and of 93 since."""
BEFORE = "2020-01-01"
OFFICES = (
    *("minister", "joint_secretariat", "auditor", "operator"),
    *(f"{role}:{code}" for role in ("governor", "tkksd") for code in ("33", "91", "93")),
    *("region:33", "region:33.72", "region:91.01", "region:93.01", "region:93.02", "region:99.99"),
)
FIELDS: dict[str, dict[str, Any]] = {
    "report-problem": {"problem": "p", "description": "x"},
    "form-body": {"name": "Sekretariat", "seat": "Merauke", "instrument": "1/2019"},
    "dissolve-body": {"instrument": "2/2019"},
    "enter-stage": {"stage": "negotiation"},
    "withdraw-party": {"region": "93.01"},
    "end": {"ground": "mutual"},
    "raise-dispute": {"dispute": "e", "between": list(PAPUA), "description": "x"},
    "settle-dispute": {"dispute": "d", "manner": "governor_decision", "outcome": "x", "number": "1"},
    "escalate-dispute": {"dispute": "d", "reason": "x"},
    "close-backfill": {},
    "pin-profile": {"profile": "ksad-2009", **PINNED},
}


class OfficesAtWork:
    """The registry's use cases on the first of June 2026, each command by an office and under a key of its own."""

    def __init__(self, database: Database, folder: Path) -> None:
        set_simulated(folder / "clock", datetime(TODAY.year, TODAY.month, TODAY.day, 3, tzinfo=UTC))
        store, documents = EventStore(database), Documents(folder / "documents")
        self.registry = Registry(store, documents, SimulatedClock(folder / "clock"), "urn:ksad:test:registry")
        self._asked, self._documents = 0, documents
        for fact in reference_facts():
            self.registry.adopt(self.submission("minister"), fact)

    def submission(self, office: str) -> Submission:
        """A command of its own each time."""
        self._asked += 1
        key = f"k{self._asked}"
        digest = hashlib.sha256(key.encode()).hexdigest()
        return Submission(Caller(office, "uji"), command_id(office, key), digest, None)

    def do(self, office: str, name: str, key: str = "a", /, **fields: Any) -> None:
        """An office has a command carried out on a cooperation."""
        model: type[Command] = Register if name == "register" else COMMANDS[name]
        head = {**COOPERATION, "key": key} if name == "register" else {}
        subject = f"cooperation/{cooperation_id(key)}"
        self.registry.execute(self.submission(office), subject, read_value(model, {**head, **fields}))

    def refused(self, office: str, name: str, key: str = "a", /, **fields: Any) -> tuple[RefusalKind, str]:
        """Why a command is refused; nothing is recorded."""
        error = self._refusal(office, name, key, **fields)
        return error.kind, error.rule

    def detail(self, office: str, name: str, key: str = "a", /, **fields: Any) -> str:
        """What is told of a refusal."""
        return self._refusal(office, name, key, **fields).detail

    def _refusal(self, office: str, name: str, key: str, /, **fields: Any) -> RuleBrokenError:
        head = self.registry.store.head()
        with pytest.raises(RuleBrokenError) as caught:
            self.do(office, name, key, **fields)
        assert self.registry.store.head() == head
        return caught.value

    def keep(self, content: bytes) -> DocumentRef:
        """A document that the offices of these tests have uploaded, each by itself."""
        for office in ("region:33.72", "tkksd:33", "region:93.01", "tkksd:91", "joint_secretariat"):
            self._documents.put(content, "application/pdf", office)
        return self._documents.put(content, "application/pdf", "tkksd:93")


@pytest.fixture
def register(database: Database, tmp_path: Path) -> OfficesAtWork:
    """A cooperation of two regencies that went from one province to another, with a dispute."""
    made = OfficesAtWork(database, tmp_path)
    made.do("region:93.01", "register", parties=list(PAPUA))
    made.do("region:93.01", "raise-dispute", dispute="d", between=list(PAPUA), description="x")
    return made


@pytest.mark.fault(
    "http A1",
    kind="a condition of authority is asked for a day that the sender of the command chose",
    looked="all conditions of the registry's, supervision's and reporting's tables; offices of codes that have ended",
    found="a region's office under a code that had ended still acted for its party, in registry and supervision",
)
@pytest.mark.parametrize("on", [BEFORE, "2022-07-24", None])
@ON_SQLITE
def test_a_day_in_the_past_gives_no_power(register: OfficesAtWork, on: str | None) -> None:
    """Who supervised once, or was the forum once, may nothing today, whatever day it writes into the command."""
    for office in ("tkksd:91", "governor:91"):
        for name in ("report-problem", "enter-stage", "withdraw-party", "end", "raise-dispute", "close-backfill"):
            assert register.refused(office, name, on=on, **FIELDS[name]) == (RefusalKind.FORBIDDEN, "supervises")
    for name in ("settle-dispute", "escalate-dispute"):
        assert register.refused("governor:91", name, on=on, **FIELDS[name]) == (RefusalKind.FORBIDDEN, "is-forum")


@pytest.mark.fault("http A1")
def test_who_supervises_today_records_the_past(register: OfficesAtWork) -> None:
    """The supervising body of today may record what happened while another one supervised."""
    body = {**FIELDS["form-body"], "on": BEFORE, "legacy": True}
    register.do("tkksd:93", "form-body", **body)
    assert register.refused("tkksd:91", "form-body", **body) == (RefusalKind.FORBIDDEN, "supervises")


@pytest.mark.fault("http A1")
@ON_SQLITE
def test_an_office_whose_code_has_ended_speaks_for_nobody(register: OfficesAtWork) -> None:
    """Merauke acts as 93.01 today; there is no office of 91.01 any more, whatever the day of the fact."""
    for on in (BEFORE, None):
        answer = register.refused("region:91.01", "report-problem", on=on, **FIELDS["report-problem"])
        assert answer == (RefusalKind.FORBIDDEN, "is-party")
    register.do("region:93.01", "report-problem", **FIELDS["report-problem"])


def allowed(office: str, command: Command, state: Cooperation, on: date) -> bool:
    """Whether an office may give a command, were the fact of that day."""
    try:
        permissions.check(office, command, state, Context(adopted(), on, TODAY))
    except RuleBrokenError:
        return False
    return True


@settings(max_examples=300)
@given(
    office=st.sampled_from(OFFICES),
    name=st.sampled_from(sorted(FIELDS)),
    parties=st.sampled_from([PAPUA, ("91.01", "91.03"), ("33.72", "33.13"), ("33", "33.72"), ("33.72", "93.01")]),
    on=st.dates(date(2000, 1, 1), TODAY),
)
def test_authority_does_not_depend_on_the_day_of_the_fact(
    office: str, name: str, parties: tuple[str, ...], on: date
) -> None:
    """Whatever office, command, parties and day: the answer is that of today."""
    state = Case.empty().state._replace(key="a", umbrella=Umbrella(parties=parties), profile="ksdd-2018")
    command = read_value(COMMANDS[name], {"on": on.isoformat(), **FIELDS[name]})
    assert allowed(office, command, state, on) == allowed(office, command, state, TODAY)


@pytest.mark.fault(
    "http A5",
    kind="who records a fact says itself that no order and no duty follows from it",
    looked="every command that takes `legacy`, over HTTP and in a rehearsed history",
    found="a TKKSD or the operator could enter as legacy what happened after the platform was opened",
)
@ON_SQLITE
def test_no_party_enters_legacy_facts(register: OfficesAtWork) -> None:
    """Scenario 5: a region enters nothing as legacy, neither a cooperation nor anything on one."""
    for name, key, fields in (
        ("register", "b", {"parties": list(PAPUA)}),
        ("form-body", "a", FIELDS["form-body"]),
        ("enter-stage", "a", FIELDS["enter-stage"]),
    ):
        answer = register.refused("region:93.01", name, key, on="2019", legacy=True, **fields)
        assert answer == (RefusalKind.FORBIDDEN, "legacy-by-supervisor")


@pytest.mark.fault("http A5")
@ON_SQLITE
def test_who_enters_legacy_facts(register: OfficesAtWork) -> None:
    """The supervising body of today and the Ministry do; another province and the operator do not."""
    body = {**FIELDS["form-body"], "on": "2019", "legacy": True}
    for office in ("tkksd:93", "governor:93", "joint_secretariat", "minister"):
        register.do(office, "form-body", **body)
    assert register.refused("tkksd:91", "form-body", **body) == (RefusalKind.FORBIDDEN, "supervises")
    assert register.refused("operator", "form-body", **body) == (RefusalKind.FORBIDDEN, "office-may")


@pytest.mark.fault("http A5")
@pytest.mark.parametrize("on", [None, "2026-06-01", "2026-06"])
@ON_SQLITE
def test_legacy_is_for_what_happened_before_the_platform(register: OfficesAtWork, on: str | None) -> None:
    """What happens from the opening day on is a new fact; of a partly known day the first counts."""
    answer = register.refused("tkksd:93", "form-body", on=on, legacy=True, **FIELDS["form-body"])
    assert answer == (RefusalKind.INVALID, "legacy-before-opening")
    register.do("tkksd:93", "form-body", on="2026-05-31", legacy=True, **FIELDS["form-body"])


@ON_SQLITE
def test_the_opening_day_is_adopted(register: OfficesAtWork) -> None:
    """An adopted text names the day, for all regions and for single ones; the latest of the parties' counts."""
    text = 'id = "openings"\nsays = "uji"\ndefault = 2020-01-01\n\n[regions]\n"91.01" = 2021-01-01\n'
    fact = ReferenceAdopted(
        kind=ReferenceKind.OPENINGS,
        name="openings",
        content=text,
        sha256=sha256(text),
        source="uji",
        decision=DECISION,
    )
    assert register.registry.adopt(register.submission("minister"), fact) is not None
    body = {**FIELDS["form-body"], "legacy": True}
    register.do("tkksd:93", "form-body", on="2020-12-31", **body)
    answer = register.refused("tkksd:93", "form-body", on="2021-01-01", **body)
    assert answer == (RefusalKind.INVALID, "legacy-before-opening")


@pytest.mark.parametrize("name", sorted({*FIELDS, "register", "sign-accord", "sign-agreement", "correct"}))
def test_the_operator_records_nothing_of_a_cooperation(name: str) -> None:
    """No command on a cooperation, and no adoption, is granted to the operator, under whatever condition."""
    assert TABLE.grants_for("operator", name) == []
    assert TABLE.grants_for("operator", "adopt") == []
    assert TABLE.grants_for("operator", "upload") == []


@ON_SQLITE
def test_a_boundary_changes_by_decision(register: OfficesAtWork) -> None:
    """A change without decision is refused; with one it is recorded with it."""
    change = BoundaryChanged(
        region="33.11", successor="34.05", effective_on=date(2027, 1, 1), legal_basis="UU 1/2027", decision=None
    )
    with pytest.raises(RuleBrokenError) as caught:
        register.registry.change_boundary(register.submission("minister"), change)
    assert caught.value.rule == "decision-named"
    decided = change.model_copy(update={"decision": DECISION})
    record = register.registry.change_boundary(register.submission("minister"), decided)
    assert record is not None
    assert record.envelopes[0].data["decision"]["number"] == DECISION.number
