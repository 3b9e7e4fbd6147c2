"""Whatever one office tries alone, and corrects of its own, no act of several has effect; and every fold reads it."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import to_jsonable_python

from ksad.contracts import registry as facts
from ksad.contracts.corrections import is_correction
from ksad.contracts.dates import PartialDate
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.strict import read_value
from ksad.contracts.umbrella import AgreementState, Occurred, Umbrella, evolve
from ksad.ledger.folds import cooperation
from ksad.registry.domain import corrections, vouching
from ksad.registry.domain.acts import act_of
from ksad.registry.domain.commands import COMMANDS, Correct
from ksad.registry.domain.context import Context
from ksad.registry.domain.cooperation import Cooperation, after_event
from tests.conftest import EXAMPLES, ROUNDS
from tests.support.histories.cooperations import KARANGANYAR, LAST, PAPER, SOLO, TODAY, YOGYA, Case, adopted
from tests.support.histories.settlements import GOODS, OWED, division, filed

ALONE, OTHER = f"region:{SOLO}", f"region:{KARANGANYAR}"
THREE = (SOLO, KARANGANYAR, "33.11")
SINGLE = [f"region:{code}" for code in (*THREE, YOGYA, "32.01")]
SINGLE += ["governor:34", "tkksd:34", "operator", "auditor"]
"""Who supervises no cooperation of these parties: each party, who could join, a stranger, and who has no part."""
KEY = st.sampled_from(["perjanjian-1", "berdua", "kesepakatan-1"])
DAYS = st.integers(-40, 0).map(lambda days: (TODAY + timedelta(days=days)).isoformat())
BETWEEN = st.lists(st.sampled_from([*THREE, YOGYA]), min_size=1, max_size=3, unique=True)
NUMBERS = st.dictionaries(st.sampled_from([*THREE, YOGYA]), st.just("1"), max_size=3) | st.just({SOLO: "1"})
TEXT, ENDS = st.just("x"), st.sampled_from(["2026-05-20", "2026", "2031-01-01"])
WORDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "enter-stage": {"stage": st.sampled_from(["negotiation", "signing", LAST]), "agreement": st.none() | KEY},
    "open-agreement": {"agreement": KEY, "title": TEXT, "between": st.none() | BETWEEN},
    "drop-agreement": {"agreement": KEY, "reason": TEXT},
    "sign-accord": {"numbers": NUMBERS, "between": st.none() | BETWEEN},
    "sign-agreement": {"numbers": NUMBERS, "between": st.none() | BETWEEN, "agreement": st.none() | KEY},
    "amend": {"numbers": NUMBERS, "changes": TEXT, "agreement": st.none() | KEY},
    "extend": {"numbers": NUMBERS, "ends_on": ENDS},
    "add-party": {"region": st.sampled_from([SOLO, "33.11", YOGYA])},
    "withdraw-party": {"region": st.sampled_from(THREE)},
    "raise-dispute": {"dispute": st.sampled_from(["d", "e"]), "between": BETWEEN, "description": TEXT},
    "request-decision": {"dispute": TEXT},
    "settle-dispute": {
        "dispute": st.sampled_from(["d", "e"]),
        "manner": st.sampled_from(["deliberation", "deliberation", "decision"]),
        "outcome": TEXT,
    },
    "give-termination-notice": {"ground": st.just("mutual"), "planned_end_on": st.just("2026-12-31")},
    "end": {"ground": st.sampled_from(["mutual", "term_expired"]), "agreement": st.none() | KEY},
    "inventory-goods": {"goods": st.just(GOODS)},
    "list-obligations": {"obligations": st.just(OWED)},
    "confirm-act": {"numbers": NUMBERS},
    "refuse-act": {"reason": TEXT},
    "withdraw-act": {},
}
CHANGED = st.fixed_dictionaries(
    {}, optional={"ends_on": st.none() | ENDS, "numbers": NUMBERS, "on": DAYS, "ground": st.just("mutual")}
)


def asked_by_another(parties: Sequence[str]) -> Case:
    """Another party has proposed an agreement to three."""
    case = Case(parties).agreed()
    return case.do("sign-agreement", office=OTHER, numbers={KARANGANYAR: "2"}, ends_on="2030-01-01")


def refused_before() -> Case:
    """An agreement that another party has refused."""
    case = Case().agreed().do("sign-agreement", office=ALONE, numbers={SOLO: "1"}, ends_on="2030-01-01")
    return case.do("refuse-act", office=OTHER, proposal=str(case.event(facts.ActProposed)), reason="x")


STARTS: dict[str, Callable[[], Case]] = {
    "new": Case,
    "to be signed": lambda: Case().signing(),
    "agreed": lambda: Case().agreed(),
    "in force": lambda: Case().running(),
    "in force between three": lambda: Case(THREE).running(),
    "with a dispute": lambda: (
        Case(THREE).running().do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="x")
    ),
    "to be divided": lambda: filed(Case().ending().do("end", ground="mutual")),
    "asked by another": lambda: asked_by_another(THREE),
    "refused before": refused_before,
    "on paper": Case.paper,
}


def attempt(case: Case, name: str, on: str, *, legacy: bool, office: str, fields: dict[str, Any]) -> None:
    """A command of an office, as far as permissions and rules let it."""
    command = read_value(COMMANDS[name], to_jsonable_python({"on": on, "legacy": legacy, **fields}))
    day = PartialDate.parse(on)
    context = Context(adopted(), day.first, TODAY, legacy, day.precision, office)
    vouching.check(office, command, case.state, context)
    if isinstance(command, Correct):
        vouching.check_correction(office, case.events, command, case.state, context)
    case.do(name, on, office=office, legacy=legacy, **fields)


def drawn(data: st.DataObject, case: Case, office: str = ALONE) -> tuple[str, dict[str, Any]]:
    """A command with random fields, on what there is: an act that was proposed, or an entry to correct."""
    name = data.draw(st.sampled_from(sorted([*WORDS, "divide", "correct", "sign-agreement", "confirm-act"])))
    if name == "divide":
        agreement = case.state.umbrella.agreements.get("perjanjian-1")
        return name, division(case) if agreement is not None and len(agreement.participants) > 1 else {}
    if name == "correct":
        mine = [one.id for one in case.events if one.actoroffice == office] or [case.events[-1].id]
        corrected = {"corrects": str(data.draw(st.sampled_from(mine))), "reason": "x", "fields": data.draw(CHANGED)}
        return name, corrected
    fields: dict[str, Any] = {
        field: found for field, values in WORDS[name].items() if (found := data.draw(values)) is not None
    }
    if name in {"confirm-act", "refuse-act", "withdraw-act"}:
        proposals = [str(one.id) for one in case.events if isinstance(one.fact(), facts.ActProposed)]
        fields["proposal"] = data.draw(st.sampled_from(proposals or [str(case.events[0].id)]))
    if "document" in COMMANDS[name].model_fields:
        fields["document"] = PAPER
    return name, fields


def tried(data: st.DataObject, case: Case, office: str = ALONE) -> None:
    """Up to fourteen commands of the one office."""
    for _ in range(data.draw(st.integers(1, 14))):
        name, fields = drawn(data, case, office)
        try:
            attempt(case, name, data.draw(DAYS), legacy=data.draw(st.booleans()), office=office, fields=fields)
        except (RuleBrokenError, ValueError):
            continue


def in_force(umbrella: Umbrella) -> set[tuple[str, ...]]:
    """What binds several, and whom: agreements and accords in force, each with its parties."""
    agreements = [
        (key, *one.between) for key, one in umbrella.agreements.items() if one.state is AgreementState.IN_FORCE
    ]
    accords = [(key, *one.between) for key, one in umbrella.accords.items() if one.signed_on and not one.ended]
    return {*agreements, *accords}


@pytest.mark.clause("P1.4", "P1.5", "P1.6")
@settings(max_examples=EXAMPLES * ROUNDS * 3)
@given(st.data())
def test_one_office_alone_gives_no_act_of_several_effect(data: st.DataObject) -> None:
    """From every stage, with what others have proposed or refused: nothing is signed, changed, ended or divided.

    Nor does anything come into force, and nobody becomes a party.
    """
    case = STARTS[data.draw(st.sampled_from(sorted(STARTS)))]()
    before, known = case.state, len(case.facts)
    office = data.draw(st.sampled_from(SINGLE))
    tried(data, case, office)
    assert [fact for fact in case.facts[known:] if act_of(fact) is not None] == []
    assert in_force(case.state.umbrella) - in_force(before.umbrella) <= {
        (key, *(code for code in between if f"region:{code}" != office)) for key, *between in in_force(before.umbrella)
    }
    assert set(case.state.parties) <= set(before.parties)


@given(st.data())
def test_every_fold_reads_what_waits(data: st.DataObject) -> None:
    """Read anew a stream is what was decided on, and registry's, the ledger's and the shared fold take any part of it.

    A confirmation, a refusal or a closing without its proposal changes nothing, as does one that comes twice.
    """
    case = STARTS[data.draw(st.sampled_from(sorted(STARTS)))]()
    tried(data, case)
    assert corrections.folded(case.events) == case.state
    first, *others = [one for one in case.events if not is_correction(one.type)]
    picked = data.draw(st.permutations([*others, *(one for one in others if ".act_" in one.type)]))
    some = [first, *picked[: data.draw(st.integers(0, len(picked)))]]
    state, umbrella = Cooperation(), Umbrella()
    for one in some:
        state = after_event(state, one)
        occurred = Occurred(one.id, one.occurredon, one.legacy is True)
        umbrella = evolve(umbrella, one.type.rpartition(".v")[0], one.data, occurred)
    told = [one.model_dump(mode="json", exclude_none=True) | {"data": one.data} for one in some]
    assert umbrella.pending.keys() == state_of(cooperation.refold(told)).pending.keys()
    assert umbrella.pending.keys() <= {str(one.id) for one in some if one.type.endswith(".act_proposed.v1")}


def state_of(row: dict[str, Any]) -> Umbrella:
    """The umbrella that the register keeps in a row."""
    return Umbrella.model_validate(row["detail"]["parts"])
