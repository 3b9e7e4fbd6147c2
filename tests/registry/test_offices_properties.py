"""Whatever many offices try in turn: nobody is bound by another's word, the order holds, and all folds agree.

Who had to be asked is counted here from the events and the provinces of the codes, without a rule of the registry.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.corrections import correctable, is_correction, substituted
from ksad.contracts.envelope import Envelope, newest
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.umbrella import AccordState, Instrumented, Occurred, Umbrella, evolve
from ksad.ledger.folds import cooperation
from ksad.registry.domain import corrections
from ksad.supervision.domain import folding
from ksad.supervision.domain.case import Case as SupervisedCase
from tests.conftest import EXAMPLES, ROUNDS
from tests.contracts.test_umbrella import as_newest
from tests.registry.test_consent_properties import DAYS, STARTS, attempt, drawn
from tests.registry.test_order_properties import impossible
from tests.support.histories.cooperations import KARANGANYAR, PAPER, SOLO, TODAY, YOGYA, Case

PARTIES = (SOLO, KARANGANYAR, "33.11", YOGYA)
STRANGER = "32.01"
REGIONS = [f"region:{code}" for code in (*PARTIES, STRANGER)]
HEADS = ["tkksd:33", "governor:33", "tkksd:34", "governor:34", "joint_secretariat", "minister"]
OFFICES = [*REGIONS, *HEADS, "operator", "auditor"]
NOTHING = ["operator", "auditor", f"region:{STRANGER}", "tkksd:34", "governor:34"]
"""Who has no part in any cooperation of these parties."""
OWN = (facts.PartyWithdrew, facts.CouncilApprovalRecorded, facts.TerminationItemCompleted, facts.ActRefused)
"""What a region does for itself."""
TRIES, RARELY = 6, 0.15
MIXED = (SOLO, KARANGANYAR, YOGYA)
DRAFT: dict[str, Any] = {"agreement": "berdua", "title": "x", "between": [SOLO, KARANGANYAR]}


def drafted(parties: tuple[str, ...]) -> Case:
    """One of three drafts an agreement with another, which is about to be signed."""
    case = Case(parties).agreed().do("open-agreement", office=f"region:{SOLO}", **DRAFT)
    return case.do("enter-stage", office=f"region:{SOLO}", stage="signing", agreement="berdua")


def signed_ahead() -> Case:
    """An agreement of three that is not in force yet."""
    case = Case(MIXED).agreed()
    numbers = dict.fromkeys(MIXED, "1")
    return case.do("sign-agreement", numbers=numbers, effective_on="2026-07-01", ends_on="2030-01-01")


NOT_SHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Half of a life is chance by its seed, which has no shorter form."""
THREE = (SOLO, KARANGANYAR, "33.11")
BEGUN = STARTS | {
    "agreed by three": lambda: Case(THREE).agreed(),
    "agreed in two tiers": lambda: Case(MIXED).agreed(),
    "of two tiers": lambda: Case(MIXED).running(),
    "drafted by two": lambda: drafted(MIXED),
    "drafted in one province": lambda: drafted(THREE),
    "signed ahead": signed_ahead,
}


def supervisors(codes: tuple[str, ...]) -> set[str]:
    """The body that supervises a cooperation of these regencies and cities, and its head."""
    provinces = {code[:2] for code in codes}
    return {f"tkksd:{provinces.pop()}", f"governor:{codes[0][:2]}"} if len(provinces) == 1 else {*HEADS[-2:]}


def lived(data: st.DataObject) -> tuple[Case, int]:
    """A cooperation with which many offices have tried much, and how many events it had before.

    Now one office tries anything; now one proposes what it may, and others answer. Half is left to hypothesis, and half
    to chance alone, which tries the same thing less often.
    """
    chance = Random(data.draw(st.integers(0, 2**32)))
    case = BEGUN[chance.choice(sorted(BEGUN))]()
    known = len(case.events)
    for _ in range(data.draw(st.integers(1, 6))):
        office = data.draw(st.sampled_from(OFFICES))
        name, fields = drawn(data, case, office)
        tells(case, office, name, data.draw(DAYS), legacy=data.draw(st.booleans()), fields=fields)
        for _ in range(TRIES):
            office, name, fields = agreed(chance, case)
            if tells(case, office, name, TODAY.isoformat(), legacy=chance.random() < RARELY, fields=fields):
                break
        answered(chance, case)
    return case, known


def agreed(chance: Random, case: Case) -> tuple[str, str, dict[str, Any]]:
    """An act of several that one of two parties, or of all, proposes; or that a body records in their name."""
    parties = case.state.parties
    between = chance.choice([None, sorted(chance.sample([*parties, chance.choice(PARTIES)], 2))])
    office = f"region:{chance.choice(between or parties)}"
    if chance.random() < RARELY:
        office = chance.choice(HEADS)
    signed: dict[str, Any] = {
        "numbers": {code: "1" for code in between or parties if office in {f"region:{code}", *HEADS}},
        "document": PAPER if chance.random() > RARELY else None,
    }
    keys: dict[str, Any] = {"agreement": chance.choice([None, "perjanjian-1", "berdua"])}
    accord: dict[str, Any] = {"accord": chance.choice([None, None, "kesepakatan-1", "kesepakatan-2"])}
    document: dict[str, Any] = {"document": signed["document"]}
    joined: dict[str, Any] = {
        "umbrella": chance.random() > RARELY,
        "agreements": chance.choice([[], ["berdua"], ["perjanjian-1"]]),
    }
    told: list[tuple[str, dict[str, Any]]] = [
        ("sign-accord", signed | accord | {"between": between, "replaces": chance.choice([None, "kesepakatan-1"])}),
        ("sign-agreement", signed | keys | {"between": between, "ends_on": "2029-12-31"}),
        ("amend", signed | keys | {"ends_on": "2028-12-31"}),
        ("extend", signed | keys | {"ends_on": "2032-12-31"}),
        ("end", document | keys | accord | {"ground": "mutual"}),
        ("add-party", document | joined | {"region": chance.choice(PARTIES)}),
        ("settle-dispute", document | {"dispute": "d", "manner": "deliberation", "outcome": "x"}),
    ]
    name, fields = chance.choice(told)
    return office, name, {field: value for field, value in fields.items() if value is not None or field == "document"}


def answered(chance: Random, case: Case) -> None:
    """What waits is confirmed by who is asked, most of the time, and by whoever else tries."""
    for proposal, act in list(case.state.umbrella.pending.items()):
        answer = {"proposal": proposal}
        for code in act.awaiting:
            office = chance.choice(OFFICES) if chance.random() < RARELY else f"region:{code}"
            if chance.random() < RARELY:
                tells(case, office, "refuse-act", TODAY.isoformat(), legacy=False, fields={**answer, "reason": "x"})
            confirmed = {**answer, "numbers": {code: "1"}, "document": PAPER}
            tells(case, office, "confirm-act", TODAY.isoformat(), legacy=False, fields=confirmed)


def tells(case: Case, office: str, name: str, on: str, *, legacy: bool, fields: dict[str, Any]) -> bool:
    """Whether a command was carried out."""
    try:
        attempt(case, name, on, legacy=legacy, office=office, fields=fields)
    except (RuleBrokenError, ValueError):
        return False
    return True


def umbrella_of(events: list[Envelope]) -> Umbrella:
    """The umbrella that events make, with corrections in place."""
    umbrella = Umbrella()
    for one in substituted(events):
        told = Occurred(one.id, one.occurredon, one.legacy is True)
        umbrella = evolve(umbrella, one.type.rpartition(".v")[0], one.data, told)
    return umbrella


def binding(umbrella: Umbrella) -> dict[str, tuple[tuple[str, ...], object]]:
    """What binds whom: each accord and agreement in force, with its parties and what they agreed on."""
    found: dict[str, tuple[tuple[str, ...], object]] = {}
    for key, accord in umbrella.accords.items():
        if accord.signed_on and accord.state is AccordState.IN_FORCE:
            found[f"accord {key}"] = accord.between, _said(accord)
    for key, one in umbrella.agreements.items():
        if one.stands and one.ended is None:
            agreed = (_said(one), one.title, one.object, one.affair, one.scope, one.accord)
            found[f"agreement {key}"] = one.between, agreed
    return found


def _said(one: Instrumented) -> object:
    return one.signed_on, one.effective_on, one.ends_on, one.ends_precision, one.term


def word_of(event: Envelope, before: list[Envelope]) -> set[str]:
    """The offices whose word an event rests on: its own, and of an act of several all that have confirmed it."""
    standing = event.data.get("standing") or {}
    if standing.get("proposal") is None:
        return {event.actoroffice}
    mine = [one for one in before if isinstance(fact := one.fact(), facts.ActConfirmed) and _of(fact, standing)]
    assert all(one.data["document"] for one in mine if not one.actoroffice.startswith("region:"))
    return {one.actoroffice for one in mine}


def _of(fact: facts.ActConfirmed, standing: dict[str, Any]) -> bool:
    return str(fact.proposal) == str(standing["proposal"])


def unheard(events: list[Envelope], number: int) -> Iterator[str]:
    """Whom an event binds, frees or binds otherwise without a word of theirs or of who supervises them."""
    event, fact = events[number], events[number].fact()
    umbrella = umbrella_of(events[:number])
    before, after = binding(umbrella), binding(umbrella_of(events[: number + 1]))
    if isinstance(fact, facts.Ended) and fact.rests_on is not None:
        return
    word = word_of(event, events[:number])
    for name in before.keys() | after.keys():
        old, new = before.get(name, ((), None)), after.get(name, ((), None))
        if old == new or (isinstance(fact, facts.PartyWithdrew) and old[1] == new[1]):
            continue
        concerned = (*old[0], *(code for code in new[0] if code not in old[0]))
        if isinstance(fact, facts.PartyJoined):
            assert set(new[0]) - set(old[0]) == {fact.region}
        said = supervisors(old[0]) if old[0] and not isinstance(fact, facts.PartyJoined) else set()
        said |= supervisors(new[0]) if new[0] else set()
        if event.legacy:
            said |= {"joint_secretariat", "minister"}
        if isinstance(fact, facts.PartyJoined | facts.Ended | facts.AccordSigned):
            said |= supervisors(umbrella.parties)
        # An accord still names who has left; that one is not bound by it any more.
        bound = (code for code in concerned if code in umbrella.parties or code not in old[0])
        missing = [code for code in bound if f"region:{code}" not in word]
        if missing and not word & said:
            yield f"{type(fact).__name__} of {name}: nobody heard {missing}, only {sorted(word)}"


@pytest.mark.clause("P1.4", "P1.5", "P1.6")
@settings(max_examples=EXAMPLES * ROUNDS * 2, phases=NOT_SHRUNK)
@given(st.data())
def test_nobody_is_bound_by_the_word_of_others(data: st.DataObject) -> None:
    """What binds several is made, changed and ended by the word of each, or of who supervises them from the document.

    A region's own act is its own or its supervisor's; who has no part in the cooperation records nothing of it.
    """
    case, known = lived(data)
    for number in range(known, len(case.events)):
        event, fact = case.events[number], case.events[number].fact()
        assert list(unheard(case.events, number)) == []
        assert event.actoroffice not in NOTHING
        region = getattr(fact, "region", None) if isinstance(fact, OWN) else None
        if region is not None and not event.legacy:
            assert event.actoroffice == f"region:{region}" or not event.actoroffice.startswith("region:")
    assert list(impossible(substituted(case.events))) == []


WHICH = ("agreement", "accord", "key", "agreements", "umbrella", "of")
"""What an event is about; before there were keys it was about the only agreement and the only accord."""


def older(event: Envelope, fields: set[str]) -> Envelope:
    """An event as version 1 would have said it, where that can say it at all; ``fields`` are corrected in it."""
    kind = f"{event.type.rpartition('.v')[0]}.v1"
    first = DECLARATIONS.get(kind)
    if first is None or event.type == kind or not fields <= correctable(first):
        return event
    data = {name: value for name, value in event.data.items() if name in first.model.model_fields}
    try:
        first.model.model_validate(data, strict=False)
    except ValueError:
        return event
    said = event.model_copy(update={"type": kind, "dataschema": f"urn:ksad:schema:{kind}", "data": data})
    read = newest(said).data
    return said if all(read.get(name) == event.data.get(name) for name in WHICH) else event


@settings(max_examples=EXAMPLES * ROUNDS, phases=NOT_SHRUNK)
@given(st.data())
def test_folds_agree_from_either_version(data: st.DataObject) -> None:
    """Registry, supervision, ledger and the shared fold are equal, from version 1 as from what that is read as."""
    case, _ = lived(data)
    assert corrections.folded(case.events) == case.state
    named: dict[str, set[str]] = {}
    for one in case.events:
        if is_correction(one.type):
            named.setdefault(str(one.data["corrects"]), set()).update(one.data["fields"])
    old = [older(one, named.get(str(one.id), set())) for one in case.events]
    new = as_newest(old)
    for stream in (case.events, old, new):
        shared = umbrella_of(stream)
        supervised = SupervisedCase(id=case.events[0].id)
        told = [one.model_dump(mode="json", exclude_none=True) | {"data": one.data} for one in stream]
        row = cooperation.refold(told)
        assert corrections.folded(stream).umbrella == shared
        assert Umbrella.model_validate(row["detail"]["parts"]) == shared
        assert folding.refold(supervised, stream).parts == shared
    assert umbrella_of(old) == umbrella_of(new)
    assert max(one.occurredon for one in case.events) <= TODAY
