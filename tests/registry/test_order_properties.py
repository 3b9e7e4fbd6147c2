"""Random histories with random days, partly known ones too: no effect ever comes before its cause."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ksad.contracts import registry as facts
from ksad.contracts.corrections import substituted
from ksad.contracts.dates import PartialDate, Precision
from ksad.contracts.envelope import Envelope
from ksad.contracts.rules import RuleBrokenError
from tests.conftest import EXAMPLES, ROUNDS
from tests.support.histories.cooperations import BOTH, KARANGANYAR, LAST, SOLO, TODAY, YOGYA, Case

START = TODAY - timedelta(days=60)
OFFICES = st.sampled_from([f"region:{SOLO}", f"region:{KARANGANYAR}", "tkksd:33", "governor:33", "minister"])
DAYS = st.integers(-90, 5).map(lambda days: (TODAY + timedelta(days=days)).isoformat())
PARTLY = st.one_of(DAYS, DAYS, DAYS.map(lambda day: day[:7]), st.sampled_from(["2025", "2026", "1950"]))
ENDS = st.sampled_from(["2026-05-20", "2026-06", "2026", "2027-01-01", "2030"])
STEPS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "enter-stage": {"stage": st.sampled_from(["negotiation", "signing", LAST])},
    "sign-accord": {"numbers": st.just(BOTH), "ends_on": ENDS},
    "sign-agreement": {"numbers": st.just(BOTH), "ends_on": ENDS},
    "amend": {"numbers": st.just(BOTH), "ends_on": st.none() | ENDS},
    "extend": {"numbers": st.just(BOTH), "ends_on": ENDS},
    "add-party": {"region": st.just(YOGYA)},
    "withdraw-party": {"region": st.sampled_from([SOLO, YOGYA])},
    "report-problem": {"problem": st.just("p"), "description": st.just("x")},
    "resolve-problem": {"problem": st.just("p"), "outcome": st.just("x")},
    "raise-dispute": {
        "dispute": st.just("d"),
        "between": st.just([SOLO, KARANGANYAR]),
        "description": st.just("x"),
    },
    "request-decision": {"dispute": st.just("d")},
    "escalate-dispute": {"dispute": st.just("d"), "reason": st.just("x")},
    "settle-dispute": {"dispute": st.just("d"), "manner": st.just("deliberation"), "outcome": st.just("x")},
    "give-termination-notice": {
        "ground": st.just("mutual"),
        "planned_end_on": DAYS | st.sampled_from(["2026-12-31", "2050-01-01"]),
    },
    "end": {"ground": st.sampled_from(["mutual", "term_expired"]), "agreement": st.none() | st.just("perjanjian-1")},
}
"""Acts that rest on one another."""
STARTS: dict[str, Callable[[], Case]] = {
    "new": lambda: Case(on=START),
    "agreed": lambda: Case(on=START).agreed(),
    "paper": Case.paper,
}
TRIED = st.lists(st.sampled_from(sorted(STEPS)), min_size=4, max_size=20)
RESTS: dict[type[facts.Registered] | type[Any], tuple[type[Any], ...]] = {
    facts.ProblemResolved: (facts.ProblemReported,),
    facts.DisputeDecisionRequested: (facts.DisputeRaised,),
    facts.DisputeEscalated: (facts.DisputeRaised,),
    facts.DisputeSettled: (facts.DisputeRaised,),
    facts.ProblemReported: (facts.Registered,),
    facts.DisputeRaised: (facts.Registered,),
    facts.PartyJoined: (facts.Registered,),
    facts.PartyWithdrew: (facts.Registered,),
    facts.StageEntered: (facts.Registered, facts.StageEntered),
    facts.AgreementSigned: (facts.AccordSigned,),
    facts.AgreementAmended: (facts.AgreementSigned,),
    facts.AgreementExtended: (facts.AgreementSigned,),
}
"""What must not come after: each of these kinds, live, rests on all facts of those kinds before it in the stream."""


def tried(data: st.DataObject) -> Case:
    """What the rules take of what offices try, on whatever days, legacy or not, with corrections of days in between."""
    case = STARTS[data.draw(st.sampled_from(sorted(STARTS)))]()
    for name in data.draw(TRIED):
        fields = {field: value for field, values in STEPS[name].items() if (value := data.draw(values)) is not None}
        if "numbers" in fields:
            fields["numbers"] = dict.fromkeys(case.state.parties, "1")
        try:
            if data.draw(st.integers(0, 5)) == 0:
                event = data.draw(st.sampled_from(case.events))
                case.do("correct", corrects=event.id, reason="x", fields={"on": data.draw(PARTLY)})
            case.do(name, data.draw(PARTLY), office=data.draw(OFFICES), legacy=data.draw(st.booleans()), **fields)
        except RuleBrokenError:
            continue
    return case


def when(event: Envelope) -> PartialDate:
    """The day of an event as exactly as it is known."""
    return PartialDate(first=event.occurredon, precision=Precision(event.dateprecision))


def impossible(events: list[Envelope]) -> Iterator[str]:
    """What no reading of the dates allows, counted from the events alone."""
    for number, event in enumerate(events):
        fact = event.fact()
        name = type(fact).__name__
        if event.occurredon > TODAY:
            yield f"{name} is of a day to come"
        own = isinstance(fact, facts.Ended) and fact.rests_on is not None
        if isinstance(fact, facts.AccordSigned | facts.AgreementSigned | facts.AgreementExtended) and fact.ends_on:
            ends = PartialDate(first=fact.ends_on, precision=fact.ends_precision or Precision.DAY)
            if ends.last <= event.occurredon:
                yield f"{name} ends with its day or before"
        if isinstance(fact, facts.TerminationNoticeGiven) and fact.planned_end_on < event.occurredon:
            yield "a notice looks back"
        if isinstance(fact, facts.Ended) and not own:
            yield from _ends_too_early(event, events[:number])
        if event.legacy and not isinstance(fact, facts.ProblemResolved | facts.DisputeSettled):
            continue
        for before in _unreplaced(events[:number]):
            if isinstance(before.fact(), RESTS.get(type(fact), ())) and when(event).before(when(before)):
                yield f"{name} precedes {type(before.fact()).__name__}"


def _unreplaced(earlier: list[Envelope]) -> Iterator[Envelope]:
    """What still counts: of a paper's signings the newest, since what came from the archive may be recorded anew."""
    seen: set[str] = set()
    for event in reversed(earlier):
        fact = event.fact()
        if isinstance(fact, facts.AgreementSigned | facts.AccordSigned):
            signed = fact.agreement if isinstance(fact, facts.AgreementSigned) else fact.accord
            if signed in seen:
                continue
            seen.add(signed)
        yield event


def _ends_too_early(event: Envelope, earlier: list[Envelope]) -> Iterator[str]:
    signed = [one for one in earlier if isinstance(one.fact(), facts.AgreementSigned)]
    if signed and when(event).before(when(signed[-1])) and event.data["of"] != "accord":
        yield "an end precedes the signing"


@settings(max_examples=EXAMPLES * ROUNDS * 3)
@given(st.data())
def test_no_effect_comes_before_its_cause(data: st.DataObject) -> None:
    """Whatever is tried by whomever on whatever day, corrections of days among it: the stream stays possible."""
    assert list(impossible(substituted(tried(data).events))) == []
