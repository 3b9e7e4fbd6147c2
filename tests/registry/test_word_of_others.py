"""Ways by which one office's word could bind others: what was signed is signed once, and no scope opens another."""

from typing import Any

import pytest

from ksad.contracts import registry as facts
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.umbrella import AccordState
from ksad.registry.domain import corrections, vouching
from ksad.registry.domain.commands import Correct
from ksad.registry.domain.context import Context
from tests.support.histories.cooperations import KARANGANYAR, PAPER, SOLO, TODAY, YOGYA, Case, adopted, barred

SUKOHARJO = "33.11"
THREE, MIXED = (SOLO, KARANGANYAR, SUKOHARJO), (SOLO, KARANGANYAR, YOGYA)
TWO = [SOLO, KARANGANYAR]
CITY, TEAM, SECRETARIAT = f"region:{SOLO}", "tkksd:33", "joint_secretariat"
NUMBERS = dict.fromkeys(TWO, "1")


@pytest.mark.fault(
    "http A6",
    kind="some of several parties, or a body that supervises some, undo what all have signed",
    looked="every act of several under a key that stands, every command that names two scopes, corrections of acts of "
    "before consent, legacy acts on what stands, refusals of other acts, joining nothing",
    found="signing again under one key, a renewal without a party, an end with two scopes, a draft's body signing for "
    "strangers to the draft, a draft corrected after its signing, an old term moved by who had recorded it",
)
@pytest.mark.clause("P1.4", "P1.5")
def test_an_accord_is_signed_once() -> None:
    """Two of three do not sign it again among themselves; a renewal names it, and has all whom it binds."""
    case = Case(THREE).agreed()
    again = {"numbers": NUMBERS, "between": TWO}
    assert case.refused("signed-once", "sign-accord", office=CITY, **again).clause == "P1.4"
    case.refused("replaced-by-all", "sign-accord", office=CITY, replaces="kesepakatan-1", **again)
    case.refused("replaced-by-all", "sign-accord", office=TEAM, replaces="kesepakatan-1", **again)
    case.do("sign-accord", numbers=dict.fromkeys(THREE, "2"), replaces="kesepakatan-1")
    accords = case.state.umbrella.accords
    assert [one.state for one in accords.values()] == [AccordState.REPLACED, AccordState.IN_FORCE]


@pytest.mark.clause("P1.5")
def test_no_accord_is_signed_beside_one_in_force() -> None:
    """Two of three bind themselves by no second accord about the same object, under whatever key; it follows the first.

    What begins after the last day of the one in force follows it, and so does what replaces it.
    """
    case = Case(THREE).by_parties().agreed()
    beside: dict[str, Any] = {"numbers": NUMBERS, "between": TWO, "accord": "kesepakatan-2"}
    for office in (CITY, TEAM):
        error = case.refused("accords-in-sequence", "sign-accord", office=office, **beside)
        assert (error.clause, error.facts["accord"], error.facts["bound"]) == ("P1.5", "kesepakatan-1", TWO)
        assert "masih terikat kesepakatan nomor" in error.detail
    case = Case(THREE).signing().do("sign-accord", numbers=dict.fromkeys(THREE, "1"), ends_on="2026-12-31")
    later: dict[str, Any] = {"effective_on": "2027-01-01", "ends_on": "2030-01-01"}
    case.refused("accords-in-sequence", "sign-accord", **beside, ends_on="2030-01-01")
    assert len(case.do("sign-accord", **beside, **later).state.umbrella.accords) == 2


@pytest.mark.clause("P1.5")
def test_after_the_last_accord_another_is_signed() -> None:
    """Under a key of its own, by whoever is party; one that has ended binds nobody who would have to be asked."""
    case = Case(THREE).agreed().do("end", ground="mutual", accord="kesepakatan-1")
    case.do("sign-accord", numbers=NUMBERS, between=TWO)
    assert [key for key, one in case.state.umbrella.accords.items() if not one.ended] == ["kesepakatan-2"]


@pytest.mark.clause("P1.5", "P1.6")
def test_a_draft_carries_out_what_has_renewed_its_accord() -> None:
    """Signed after the renewal it carries out the accord in force, unless its signing names the earlier one."""
    case = Case(THREE).agreed()
    for key in ("satu", "dua"):
        case.do("open-agreement", agreement=key, title="x", between=TWO)
        case.do("enter-stage", stage="signing", agreement=key)
    case.do("sign-accord", numbers=dict.fromkeys(THREE, "2"), replaces="kesepakatan-1")
    case.do("sign-agreement", agreement="satu", numbers=NUMBERS, ends_on="2030-01-01")
    case.do("sign-agreement", agreement="dua", accord="kesepakatan-1", numbers=NUMBERS, ends_on="2030-01-01")
    known = case.state.umbrella.agreements
    assert [known[key].accord for key in ("satu", "dua")] == ["kesepakatan-2", "kesepakatan-1"]


@pytest.mark.clause("P1.4", "P1.6")
def test_an_agreement_is_signed_once() -> None:
    """One that is signed and not yet in force is in the stage of signing, and yet not signed again by two of three."""
    numbers = dict.fromkeys(THREE, "1")
    case = Case(THREE).agreed().do("sign-agreement", numbers=numbers, effective_on="2026-07-01", ends_on="2030-01-01")
    error = case.refused("signed-once", "sign-agreement", office=CITY, numbers=NUMBERS, between=TWO, ends_on="2031")
    assert error.facts["signed_on"] == TODAY


@pytest.mark.clause("P1.4")
def test_what_stands_is_not_changed_as_of_paper() -> None:
    """The Ministry enters legacy facts everywhere: none of them signs, changes or extends what stands since."""
    case, numbers = Case(THREE).running(), dict.fromkeys(THREE, "9")
    old: dict[str, Any] = {"legacy": True, "office": SECRETARIAT, "numbers": numbers}
    case.refused("legacy-of-paper", "amend", "2020-01-01", ends_on="2027-01-01", **old)
    case.refused("legacy-of-paper", "extend", "2020-01-01", ends_on="2040-01-01", **old)
    case.refused("signed-once", "sign-agreement", "2020-01-01", **old)
    case.refused("signed-once", "sign-accord", "2020-01-01", **old)
    paper = Case.paper().do("sign-agreement", "2019", numbers=NUMBERS, ends_on="2030", legacy=True)
    paper.do("sign-agreement", "2019-05-01", numbers=NUMBERS, ends_on="2031", legacy=True)
    paper.do("amend", "2020", numbers=NUMBERS, ends_on="2032-01-01", legacy=True)
    assert str(paper.last.ends_on) == "2032-01-01"


@pytest.mark.clause("P1.4", "P3")
def test_an_end_has_one_scope() -> None:
    """Whoever supervises an agreement of one province does not end the accord of two in the same breath."""
    case = Case(MIXED).agreed().do("open-agreement", agreement="berdua", title="x", between=TWO)
    both = {"ground": "mutual", "agreement": "berdua", "accord": "kesepakatan-1"}
    case.refused("one-end", "end", office=TEAM, **both)
    assert barred(case, TEAM, "end", ground="mutual", accord="kesepakatan-1") == "supervises"
    planned = {"signing_on": "2026-07-01", "agreement": "berdua"}
    assert barred(case, TEAM, "schedule-signing", instrument="accord", **planned) == "supervises"
    assert barred(case, TEAM, "schedule-signing", instrument="agreement", **planned) is None


@pytest.mark.clause("P1.4", "P2", "P3")
def test_who_signs_decides_who_supervises_the_signing() -> None:
    """A draft of one province that is signed with another region is not the team's to record, nor to confirm."""
    case = Case(MIXED).agreed().do("open-agreement", agreement="berdua", title="x", between=TWO)
    case.do("enter-stage", stage="signing", agreement="berdua")
    other: dict[str, Any] = {"agreement": "berdua", "between": [SOLO, YOGYA], "ends_on": "2030-01-01"}
    other |= {"numbers": {SOLO: "1"}}
    offices = (TEAM, SECRETARIAT, f"region:{KARANGANYAR}")
    assert [barred(case, one, "sign-agreement", **other) for one in offices] == ["supervises", None, "is-party"]
    case.do("sign-agreement", office=CITY, **other)
    waiting: dict[str, Any] = {
        "proposal": str(case.event(facts.ActProposed)),
        "numbers": {YOGYA: "2"},
        "document": PAPER,
    }
    assert [barred(case, one, "confirm-act", **waiting) for one in offices] == ["supervises", None, "is-asked"]
    mine = {"agreement": "berdua", "numbers": NUMBERS, "document": PAPER}
    assert [barred(case, one, "sign-agreement", **mine) for one in offices[:2]] == [None, "supervises"]


@pytest.mark.clause("P1.4", "P1.6")
def test_what_is_confirmed_is_what_was_proposed() -> None:
    """The draft's title, object, affair and accord are signed with it; its correction changes them no more."""
    case = Case(THREE).agreed()
    said: dict[str, Any] = {"title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup"}
    case.do("open-agreement", office=CITY, agreement="k", between=TWO, **said)
    case.do("enter-stage", stage="signing", agreement="k", office=CITY)
    case.do("sign-agreement", office=CITY, agreement="k", numbers={SOLO: "1"}, ends_on="2030-01-01")
    [waiting] = case.state.umbrella.pending.values()
    effect = waiting.data
    assert {name: effect[name] for name in said} == said
    assert effect["accord"] == "kesepakatan-1"
    case.correct(facts.AgreementOpened, title="Lain", object="lain")
    proposal = str(case.event(facts.ActProposed))
    case.do("confirm-act", office=f"region:{KARANGANYAR}", proposal=proposal, numbers={KARANGANYAR: "2"})
    case.correct(facts.AgreementOpened, title="Lain lagi")
    assert (case.state.umbrella.agreements["k"].title, case.state.umbrella.agreements["k"].object) == (
        "Sampah",
        "sampah",
    )


@pytest.mark.clause("P1.4")
def test_each_refusal_is_remembered() -> None:
    """Until such an act stands: that another was refused since does not let the first be recorded without a reason."""
    case, numbers = Case(THREE).running(), dict.fromkeys(THREE, "9")
    tried: dict[str, dict[str, Any]] = {
        "amend": {"numbers": {SOLO: "9"}, "changes": "x"},
        "end": {"ground": "mutual"},
    }
    for name, fields in tried.items():
        case.do(name, office=CITY, agreement="perjanjian-1", **fields)
        proposal = str(case.event(facts.ActProposed))
        case.do("refuse-act", office=f"region:{SUKOHARJO}", proposal=proposal, reason="belum sepakat")
    amended: dict[str, Any] = {"office": TEAM, "numbers": numbers, "changes": "x"}
    case.refused("over-refusal", "amend", **amended)
    case.do("amend", over_refusal="naskah bertanda tangan", **amended)
    assert list(case.state.umbrella.refused) == ["agreement:perjanjian-1/ended"]


@pytest.mark.clause("P1.4")
def test_what_is_missing_is_recorded_over_a_refusal_with_its_reason() -> None:
    """Proposed anew after a refusal, an act is completed from the instrument no more silently than it is recorded."""
    case, signed = Case().running(), dict[str, Any](numbers={SOLO: "9"}, changes="x")
    regency = f"region:{KARANGANYAR}"
    case.do("amend", office=CITY, **signed)
    case.do("refuse-act", office=regency, proposal=str(case.event(facts.ActProposed)), reason="belum sepakat")
    case.do("amend", office=CITY, **signed)
    waiting: dict[str, Any] = {"proposal": str(case.event(facts.ActProposed)), "numbers": {KARANGANYAR: "8"}}
    error = case.refused("over-refusal", "confirm-act", office=TEAM, document=PAPER, **waiting)
    assert (error.clause, error.facts["refused_by"]) == ("P1.4", KARANGANYAR)
    why = "naskah bertanda tangan bupati"
    case.do("confirm-act", office=TEAM, document=PAPER, over_refusal=why, **waiting)
    confirmed, amended = case.facts[-2:]
    assert (confirmed.by, confirmed.regions, confirmed.over_refusal) == ("instrument", [KARANGANYAR], why)
    assert (amended.standing.by, case.state.umbrella.refused) == ("instrument", {})


@pytest.mark.clause("P1.4")
def test_a_party_overcomes_its_refusal_by_its_own_word() -> None:
    """Who confirms for itself what it refused before says no reason, and none is put into its mouth."""
    case, signed = Case().running(), dict[str, Any](numbers={SOLO: "9"}, changes="x")
    said: dict[str, Any] = {"office": f"region:{KARANGANYAR}"}
    case.do("amend", office=CITY, **signed)
    case.do("refuse-act", proposal=str(case.event(facts.ActProposed)), reason="belum sepakat", **said)
    case.do("amend", office=CITY, **signed)
    said |= {"proposal": str(case.event(facts.ActProposed)), "numbers": {KARANGANYAR: "8"}}
    case.do("confirm-act", over_refusal="salah tempat", **said)
    assert (case.facts[-2].over_refusal, case.last.standing.by) == (None, "parties")


@pytest.mark.clause("P1.4")
def test_a_region_joins_something() -> None:
    """A joining that names neither the cooperation nor an agreement asks nobody, and is none."""
    joins = {"region": SOLO, "umbrella": False, "agreements": []}
    assert Case(THREE).running().refused("joins-something", "add-party", office=CITY, **joins).clause == "P1.4"


@pytest.mark.clause("P1.4")
@pytest.mark.parametrize("standing", ["unconfirmed", "legacy", None])
def test_of_acts_of_before_consent_a_party_corrects_its_own_number(standing: str | None) -> None:
    """Whoever recorded an old agreement alone moves its term alone no more; its own number it does."""
    case = Case(THREE).running()
    place = next(place for place, one in enumerate(case.events) if one.id == case.event(facts.AgreementSigned))
    event = case.events[place]
    data = event.data | {"standing": {"by": standing, "proposal": None}}
    kind = event.type
    if standing is None:
        names = ("numbers", "effective_on", "ends_on", "scope", "witnesses", "document")
        kind, data = kind.replace(".v2", ".v1"), {name: event.data[name] for name in names}
    changed = {"actoroffice": CITY, "type": kind, "dataschema": f"urn:ksad:schema:{kind}", "data": data}
    case.events[place] = event.model_copy(update=changed)
    case.state = corrections.folded(case.events)
    context = Context(adopted(), TODAY, TODAY, office=CITY)

    def corrects(office: str, **fields: Any) -> None:
        command = Correct(corrects=event.id, reason="x", fields=fields)
        vouching.check_correction(office, case.events, command, case.state, context)

    corrects(CITY, numbers=event.data["numbers"] | {SOLO: "99"})
    for fields in ({"ends_on": "2040-01-01"}, {"numbers": event.data["numbers"] | {KARANGANYAR: "99"}}):
        with pytest.raises(RuleBrokenError) as caught:
            corrects(CITY, **fields)
        assert caught.value.rule == "own-number-only"
    with pytest.raises(RuleBrokenError) as caught:
        corrects(f"region:{KARANGANYAR}", numbers=event.data["numbers"] | {KARANGANYAR: "99"})
    assert caught.value.rule == "own-entry"
