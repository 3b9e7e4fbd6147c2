"""Older versions read as the newest: every fold meets no other, and folds from v1 and from v2 are equal."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksad.contracts import umbrella
from ksad.contracts.catalogue import DECLARATIONS, NEWEST, UPCASTERS, upcast
from ksad.contracts.corrections import substituted
from ksad.contracts.envelope import Envelope, newest
from ksad.contracts.examples import example
from ksad.contracts.identifiers import cooperation_id, event_id
from ksad.contracts.umbrella import AgreementState, CooperationStatus, Occurred, Umbrella
from ksad.ledger.folds import cooperation, tasks
from ksad.registry.domain.cooperation import Cooperation
from ksad.registry.domain.cooperation import evolve as evolve_cooperation
from ksad.supervision.domain import folding
from ksad.supervision.domain.case import Case
from tests.support.text.source import ROOT

SUBJECT = f"cooperation/{cooperation_id('contoh')}"
PARTIES = ["33.72", "33.11"]
NUMBERS = dict.fromkeys(PARTIES, "1")
LAST = "implementation_and_termination"
OLDER = sorted(kind for kind in DECLARATIONS if kind in UPCASTERS)
KEY = {"key": "contoh", "title": "Judul", "object": "sampah", "affair": "lingkungan_hidup", "category": None}
FIRST = {**KEY, "parties": PARTIES, "initiator": None, "stage": "exploration", "profile": "ksdd-2018"}
SIGNED: dict[str, Any] = {"numbers": NUMBERS, "effective_on": None, "scope": None, "witnesses": [], "document": None}
DAYS = st.integers(1, 900).map(lambda days: (date(2026, 1, 1) + timedelta(days=days)).isoformat())
KEY_1 = "perjanjian-1"
GOOD = {"good": "a", "kind": "movable", "what": "truk", "place": None}
OWED = {"obligation": "o", "creditor": "PLN", "amount_idr": 3, "paid_idr": 1, "due_on": "2026-12-31"}
DIVIDED: dict[str, Any] = {
    "agreement": KEY_1,
    "goods_by": "00000000-0000-5000-8000-000000000003",
    "obligations_by": "00000000-0000-5000-8000-000000000004",
    "sold_for": {},
    "carried": [],
    "money": {"33.72": 1, "33.11": -1},
    "document": None,
    "standing": {"by": "unconfirmed", "proposal": None},
}
ACTS: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.sampled_from(["exploration", "negotiation", "signing", LAST]).map(
        lambda stage: ("stage_entered", {"left": "exploration", "stage": stage})
    ),
    st.just(("accord_signed", {"numbers": NUMBERS, "witnesses": [], "document": None})),
    (st.none() | DAYS).map(lambda day: ("agreement_signed", {**SIGNED, "ends_on": day})),
    (st.none() | DAYS).map(
        lambda day: ("agreement_amended", {"numbers": NUMBERS, "changes": None, "ends_on": day, "document": None})
    ),
    DAYS.map(
        lambda day: ("agreement_extended", {"numbers": NUMBERS, "changes": None, "ends_on": day, "document": None})
    ),
    st.just(("party_joined", {"region": "33.13", "reason": None, "parties": [*PARTIES, "33.13"]})),
    st.just(("party_withdrew", {"region": "33.11", "reason": None, "parties": ["33.72", "33.13"]})),
    st.sampled_from(["p", "q"]).map(lambda key: ("problem_reported", {"problem": key, "description": "x"})),
    st.just(("dispute_raised", {"dispute": "d", "between": PARTIES, "description": "x"})),
    DAYS.map(lambda day: ("termination_notice_given", {"ground": "mutual", "planned_end_on": day})),
    st.just(("termination_item_added", {"item": "arsip", "description": "x"})),
    st.sampled_from(["a", "b", "c"]).map(
        lambda item: (
            "termination_item_completed",
            {"item": item, "region": None, "proof": "evidence", "document": None, "amount_idr": 1},
        )
    ),
    st.integers(0, 9).map(
        lambda value: (
            "goods_inventoried",
            {"agreement": KEY_1, "goods": [{**GOOD, "value_idr": value}], "document": None, "nihil": None},
        )
    ),
    st.just(("goods_inventoried", {"agreement": KEY_1, "goods": [], "document": None, "nihil": "x"})),
    st.just(("obligations_listed", {"agreement": KEY_1, "obligations": [OWED], "document": None, "nihil": None})),
    st.sampled_from(["33.72", "33.11", "sold"]).map(lambda to: ("division_agreed", {**DIVIDED, "allotted": {"a": to}})),
    st.sampled_from([[], ["a evidence"]]).map(
        lambda items: ("ended", {"ground": "mutual", "open_items": items, "reason": "x"})
    ),
)


def told(acts: list[tuple[str, dict[str, Any]]], *, legacy: bool = False) -> list[Envelope]:
    """A stream as a release before versions of keys wrote it."""
    made = []
    for number, (name, data) in enumerate([("registered", FIRST), *acts], 1):
        kind = f"ksad.cooperation.{name}.v1"
        DECLARATIONS[kind].model.model_validate(data, strict=False)
        changed = {
            "id": event_id(SUBJECT, number),
            "type": kind,
            "subject": SUBJECT,
            "streamversion": number,
            "occurredon": date(2026, 1, 1) + timedelta(days=number),
            "legacy": True if legacy else None,
            "dataschema": f"urn:ksad:schema:{kind}",
            "data": data,
        }
        made.append(example(DECLARATIONS[kind]).model_copy(update=changed))
    return made


def as_newest(stream: list[Envelope]) -> list[Envelope]:
    """The same stream as this release would have written it."""
    return [
        event.model_copy(update={"dataschema": f"urn:ksad:schema:{read.type}", "type": read.type, "data": read.data})
        for event, read in zip(stream, map(newest, stream), strict=True)
    ]


def parts_of(stream: list[Envelope]) -> Umbrella:
    """The parts of a cooperation after a stream."""
    parts = Umbrella()
    for event in map(newest, stream):
        occurred = Occurred(event.id, event.occurredon, event.legacy is True)
        parts = umbrella.evolve(parts, event.type.rpartition(".v")[0], event.data, occurred)
    return parts


def folds_of(stream: list[Envelope]) -> list[Any]:
    """What registry, supervision and the ledger make of a stream, live and as for a correction."""
    state, case = Cooperation(), Case(id=cooperation_id("contoh"))
    for event in stream:
        state = evolve_cooperation(state, event.fact(), event.occurredon, legacy=event.legacy is True)
        case = folding.evolve(case, event)
    row = cooperation.refold(
        [event.model_dump(mode="json", exclude_none=True) | {"data": event.data} for event in stream]
    )
    return [state, case, folding.refold(Case(id=case.id), stream), row]


@settings(max_examples=80)
@given(st.lists(ACTS, max_size=12), st.booleans())
def test_folds_from_older_and_from_newest_versions_are_equal(
    acts: list[tuple[str, dict[str, Any]]], legacy: bool
) -> None:
    """Registry, supervision and ledger read an old stream as the one that this release would have written."""
    stream = told(acts, legacy=legacy)
    assert folds_of(stream) == folds_of(as_newest(stream))


@settings(max_examples=80)
@given(st.lists(ACTS, max_size=12), st.booleans())
def test_the_three_folds_agree(acts: list[tuple[str, dict[str, Any]]], legacy: bool) -> None:
    """Accords, agreements and states are the same for registry, supervision and ledger, typed or from JSON."""
    stream = told(acts, legacy=legacy)
    state, case, again, row = folds_of(stream)
    assert state.umbrella == case.parts == again.parts == parts_of(stream)
    assert Umbrella.model_validate(row["detail"]["parts"]) == state.umbrella


def is_kept(before: object, after: object) -> bool:
    """Whether a value still says all it said; objects may say more."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return all(name in after and is_kept(one, after[name]) for name, one in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(is_kept, before, after))
    return before == after


@pytest.mark.parametrize("kind", OLDER)
def test_an_older_version_is_read_as_the_newest(kind: str) -> None:
    """Each upcaster adds fields, keeps those that corrections may name, and gives what the newest model takes."""
    before = example(DECLARATIONS[kind])
    declaration, data = upcast(kind, before.data)
    assert declaration.version == NEWEST[declaration.name]
    assert is_kept(before.data, data)
    assert DECLARATIONS[kind].correctable <= declaration.correctable
    declaration.model.model_validate(data, strict=False)
    assert substituted([before])[0].type == declaration.type


def test_folds_know_newest_versions_only() -> None:
    """The ledger's folds are listed under the newest version of each type, and those of cooperations are all there."""
    known = {*cooperation.FOLDS, *tasks.FOLDS}
    assert {kind for kind in known if DECLARATIONS[kind].version != NEWEST[DECLARATIONS[kind].name]} == set()
    names = {name for name in NEWEST if name.startswith(("ksad.cooperation.", "ksad.task."))}
    assert {kind.rpartition(".v")[0] for kind in known} == names


def test_nobody_but_the_audit_names_a_version_of_a_cooperations_events() -> None:
    """What asks for a type by name and version misses the next one in silence."""
    named = re.compile(r"ksad\.(?:cooperation|task|supervision)\.[a-z_]+\.v[0-9]")
    files = [
        file
        for room in ("services", "deploy")
        for file in (ROOT / room).rglob("*.py")
        if "rules" not in file.parts and named.search(file.read_text())
    ]
    assert [str(file.relative_to(ROOT)) for file in files if file.name != "task.py"] == []


def test_a_stage_without_agreement_has_one_on_paper() -> None:
    """A cooperation in its last stage has perjanjian-1, between its parties, with a term that nobody knows."""
    parts = parts_of(told([("stage_entered", {"left": "exploration", "stage": LAST})]))
    paper = parts.agreements["perjanjian-1"]
    assert (paper.paper, paper.between, paper.ends_on, paper.state) == (
        True,
        tuple(PARTIES),
        None,
        AgreementState.IN_FORCE,
    )


def test_an_old_end_with_nothing_open_is_settled_by_itself() -> None:
    """With items open, or a dispute, it is being settled; of what came from paper nobody examines the settlement."""
    last = ("stage_entered", {"left": "exploration", "stage": LAST})
    dispute = ("dispute_raised", {"dispute": "d", "between": PARTIES, "description": "x"})

    def after(items: list[str], *acts: tuple[str, dict[str, Any]], legacy: bool = False) -> str | None:
        ended = ("ended", {"ground": "mutual", "open_items": items, "reason": "x"})
        parts = parts_of(told([last, *acts, ended], legacy=legacy))
        assert parts.status is CooperationStatus.ENDED
        return parts.settlement

    assert after([]) == "closed"
    assert after(["a evidence"]) == "open"
    assert after([], dispute) == "open"
    assert after(["a evidence"], legacy=True) == "not_examined"


def test_a_notice_later_than_the_term_is_read_as_the_term() -> None:
    """Old logs have notices that lengthened a term (A7): the day on which it is to end is the earlier of the two."""
    signed = ("agreement_signed", {**SIGNED, "ends_on": "2030-06-30"})
    for planned, end in (("2050-01-01", date(2030, 6, 30)), ("2029-01-01", date(2029, 1, 1))):
        notice = ("termination_notice_given", {"ground": "mutual", "planned_end_on": planned})
        known = parts_of(told([signed, notice])).agreements["perjanjian-1"]
        assert (known.ends_on, known.planned_end) == (date(2030, 6, 30), end)


def test_an_expiry_stands_on_its_term() -> None:
    """Where the term reads otherwise it has no effect, and the newest that has one is the end."""
    ending = umbrella.Ending(on=date(2026, 1, 1), ground="term_expired", rests_on=date(2026, 1, 1))
    accord = umbrella.Accord(ends_on=date(2027, 1, 1), endings=(ending,))
    assert (accord.ended, accord.lifted) == (None, (ending,))
    again = accord.model_copy(update={"ends_on": date(2026, 1, 1)})
    assert (again.ended, again.lifted) == (ending, ())
