"""No date that a party chose picks the law, from the request to the decision of a dispute; on both databases."""

from pathlib import Path

from ksad.chassis.database import Database
from ksad.contracts import registry as facts
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.rules import RefusalKind
from ksad.contracts.verification import EntryStatus
from tests.registry.test_authority import OfficesAtWork
from tests.support.histories.cooperations import KARANGANYAR, SOLO

TEAM, CITY, SUBJECT = "tkksd:33", f"region:{SOLO}", f"cooperation/{cooperation_id('a')}"


def test_a_chosen_day_picks_no_law(database: Database, tmp_path: Path) -> None:
    """Scenario 23: a party records no signing of 2018; from the instrument it is verified and bound at once.

    What is bound is the agreement; the statutes of today hold all the same, so that a Governor's decision is not final.
    """
    work = OfficesAtWork(database, tmp_path)
    paper = work.keep(b"naskah 2018").model_dump(mode="json")
    parties = [SOLO, KARANGANYAR]
    signing = {"numbers": dict.fromkeys(parties, "1/2018"), "document": paper}
    work.do(TEAM, "register", on="2018-01-02", parties=parties)
    for day, stage in (("2018-02-01", "negotiation"), ("2018-03-01", "signing")):
        work.do(TEAM, "enter-stage", on=day, stage=stage)
    work.do(TEAM, "sign-accord", on="2018-04-02", **signing)
    for day, stage in (("2018-05-01", "negotiation"), ("2018-06-01", "signing")):
        work.do(TEAM, "enter-stage", on=day, stage=stage)

    answer = work.refused(CITY, "sign-agreement", on="2018-07-01", ends_on="2030-01-01", **signing)
    assert answer == (RefusalKind.FORBIDDEN, "recorded-in-time")

    before = len(work.registry.store.stream(SUBJECT))
    work.do(TEAM, "sign-agreement", on="2018-07-01", ends_on="2030-01-01", **signing)
    made = work.registry.store.stream(SUBJECT)[before:]
    assert len({one.commandid for one in made}) == 1
    _, state = work.registry.cooperation(SUBJECT)
    (bound,) = [fact for one in made if isinstance(fact := one.fact(), facts.ProfileBound)]
    assert (bound.profile, bound.occasion) == ("ksad-2009", "verified")
    (signed,) = [one.id for one in made if isinstance(one.fact(), facts.AgreementSigned)]
    assert state.entries[str(signed)].status is EntryStatus.VERIFIED

    work.do(CITY, "raise-dispute", dispute="d", between=parties, description="tarif")
    decided = {"manner": "governor_decision", "outcome": "x", "number": "1/2026", "document": paper}
    work.do("governor:33", "settle-dispute", dispute="d", **decided)
    settled = next(
        fact
        for one in reversed(work.registry.store.stream(SUBJECT))
        if isinstance(fact := one.fact(), facts.DisputeSettled)
    )
    assert settled.law is not None
    assert (settled.final, settled.law.clause) == (False, "UU 23/2014 Pasal 370(1), 370(4)")
