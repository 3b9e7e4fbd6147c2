"""Random legal histories of the register: whatever offices try and correct, what the stream says stays lawful."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ksad.contracts import registry as facts
from ksad.contracts.corrections import substituted
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RuleBrokenError
from tests.support.histories.cooperations import KARANGANYAR, SOLO, TODAY, YOGYA, Case

AFTER_END = (
    facts.Corrected,
    facts.ProblemReported,
    facts.ProblemResolved,
    facts.TerminationItemCompleted,
    facts.SettlementClosed,
)
"""What goes on after an end, of what is tried here."""
DAYS = st.integers(-400, 4000).map(lambda days: (TODAY + timedelta(days=days)).isoformat())
CODES = st.sampled_from([SOLO, KARANGANYAR, YOGYA, "33", "33.11"])
NUMBERS = st.dictionaries(CODES, st.sampled_from(["1", "2"]), min_size=1, max_size=4)
STAGES = st.sampled_from([stage.value for stage in Stage])
ITEMS = st.sampled_from(["a", "b", "c", "d", "e", "f", "arsip"])
GROUNDS = st.sampled_from(["mutual", "term_expired", "object_lost", "bored"])
KEYS = st.sampled_from(["p", "q"])
PROOFS = st.sampled_from(["evidence", "asset_record", "council_report"])
WORDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "enter-stage": {"stage": STAGES},
    "sign-accord": {"numbers": NUMBERS},
    "sign-agreement": {"numbers": NUMBERS, "ends_on": DAYS, "effective_on": DAYS},
    "amend": {"numbers": NUMBERS, "ends_on": st.none() | DAYS},
    "extend": {"numbers": NUMBERS, "ends_on": DAYS},
    "add-party": {"region": CODES},
    "withdraw-party": {"region": CODES},
    "report-problem": {"problem": KEYS, "description": st.just("x")},
    "resolve-problem": {"problem": KEYS, "outcome": st.just("x")},
    "give-termination-notice": {"ground": GROUNDS, "planned_end_on": DAYS},
    "complete-termination-item": {
        "item": ITEMS,
        "region": st.none() | CODES,
        "proof": PROOFS,
        "amount_idr": st.none() | st.just(5),
    },
    "end": {"ground": GROUNDS, "reason": st.just("x")},
}
TRIES = st.lists(st.sampled_from(sorted(WORDS)), max_size=14)
FIELDS = st.fixed_dictionaries(
    {},
    optional={"ends_on": st.none() | DAYS, "effective_on": st.none() | DAYS, "numbers": NUMBERS, "title": st.just("y")},
)
STARTS: st.SearchStrategy[Callable[[], Case]] = st.sampled_from(
    [Case, lambda: Case().agreed(), lambda: Case().running(), Case.paper]
)


def lived(data: st.DataObject) -> Case:
    """A history: what the rules allow of what somebody tried."""
    make: Callable[[], Case] = data.draw(STARTS)
    case = make()
    for name in data.draw(TRIES):
        fields = {field: data.draw(values) for field, values in WORDS[name].items()}
        if "numbers" in fields and data.draw(st.booleans()):
            fields["numbers"] = dict.fromkeys(case.state.parties, "1")
        try:
            case.do(name, **fields)
        except RuleBrokenError:
            continue
    return case


def unlawful(case: Case) -> list[str]:
    """What is wrong with the stream as it reads with its corrections, counted here from the facts alone."""
    found: list[str] = []
    parties: set[str] = set()
    end: date | None = None
    over = False
    for event in substituted(case.events):
        fact = event.fact()
        if over and not isinstance(fact, AFTER_END):
            found.append("goes on after its end")
        if isinstance(fact, facts.Registered | facts.PartyJoined | facts.PartyWithdrew):
            parties = set(fact.parties)
            found += ["fewer than two parties"] if len(parties) < 2 else []
        if isinstance(
            fact, facts.AccordSigned | facts.AgreementSigned | facts.AgreementAmended | facts.AgreementExtended
        ):
            found += ["numbers are not the parties'"] if set(fact.numbers) != parties else []
        if isinstance(fact, facts.AgreementSigned):
            begins = fact.effective_on or event.occurredon
            found += ["ends before it begins"] if fact.ends_on and fact.ends_on <= begins else []
            end = fact.ends_on
        if isinstance(fact, facts.AgreementExtended):
            found += ["extended to an earlier day"] if end and fact.ends_on and fact.ends_on <= end else []
            end = fact.ends_on
        if isinstance(fact, facts.AgreementAmended):
            end = fact.ends_on or end
        if isinstance(fact, facts.TerminationNoticeGiven):
            found += ["noticed for a day after the term"] if end and fact.planned_end_on > end else []
        over = over or isinstance(fact, facts.Ended)
    return found


@settings(max_examples=60)
@given(st.data())
def test_no_history_breaks_the_law(data: st.DataObject) -> None:
    """Whatever is tried in whatever order, what is recorded has its numbers, terms, parties and an end that holds."""
    assert unlawful(lived(data)) == []


@settings(max_examples=60)
@given(st.data())
def test_no_correction_breaks_the_law(data: st.DataObject) -> None:
    """A correction is refused, or the stream with it, and with the corrections before it, is as lawful as before."""
    case = lived(data)
    for _ in range(3):
        event = data.draw(st.sampled_from(case.events))
        fields = data.draw(FIELDS)
        if not fields:
            continue
        before = len(case.events)
        try:
            case.do("correct", corrects=event.id, reason="x", fields=fields)
        except RuleBrokenError:
            assert len(case.events) == before
        assert unlawful(case) == []
