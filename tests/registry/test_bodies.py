"""Bodies of the parties: formed, and dissolved once; they belong to the cooperation and survive its agreements."""

from datetime import date
from typing import Any

import pytest

from ksad.contracts.registry import BodyDissolved, BodyFormed
from ksad.ledger.folds.cooperation import refold
from ksad.registry.domain.affording import may
from ksad.registry.domain.context import Context
from tests.support.histories.cooperations import PAPER, TODAY, Case, adopted

JOINT: dict[str, Any] = {"name": "Sekretariat Bersama", "seat": "Surakarta", "instrument": "1/2026"}
CLAUSE = "P6.a.1.d/P10.a.1.d"
DISSOLVED = "Keputusan Bersama 7/2026"


@pytest.mark.clause("P6.a.1.d", "P10.a.1.d")
def test_a_body_is_dissolved_once() -> None:
    """Named or the only one; what is shown of it in registry and reports is when, and by which instrument."""
    case = Case()
    assert case.refused("body-stands", "dissolve-body", instrument=DISSOLVED).clause == CLAUSE
    case.do("form-body", **JOINT).do("dissolve-body", instrument=DISSOLVED)
    formed = case.event(BodyFormed)
    assert case.last == BodyDissolved(body=formed, instrument=DISSOLVED, document=PAPER)
    assert case.state.umbrella.bodies[str(formed)].dissolved_on == TODAY
    (shown,) = refold([one.model_dump(mode="json") | {"data": one.data} for one in case.events])["detail"]["bodies"]
    assert (shown["name"], shown["dissolved_on"], shown["dissolved_by"]) == (JOINT["name"], str(TODAY), DISSOLVED)
    error = (
        Case()
        .do("form-body", **JOINT)
        .refused("body-has-instrument", "dissolve-body", instrument=DISSOLVED, document=None)
    )
    assert error.clause == "P1.4"
    case.refused("body-stands", "dissolve-body", body=formed, instrument=DISSOLVED)
    case.refused("body-stands", "dissolve-body", body="00000000-0000-5000-8000-000000000001", instrument=DISSOLVED)


@pytest.mark.clause("P6.a.1.d", "P10.a.1.d")
def test_of_several_bodies_one_is_named() -> None:
    """And the register offers each that stands, by its event."""
    case = Case().do("form-body", **JOINT).do("form-body", **JOINT | {"name": "BKSP"})
    error = case.refused("body-named", "dissolve-body", instrument=DISSOLVED)
    assert "Sekretariat Bersama, BKSP" in error.detail
    first, second = [str(key) for key in case.state.umbrella.bodies]
    assert error.facts["bodies"] == [first, second]
    case.do("dissolve-body", body=second, instrument=DISSOLVED)
    context = Context(adopted(), TODAY, TODAY, office="region:33.72")
    (offered,) = [one for one in may("region:33.72", case.state, context) if one.act == "dissolve-body"]
    assert (offered.allowed, offered.about) == (True, ({"body": first},))


@pytest.mark.clause("P6.a.1.d", "P10.a.1.d")
def test_a_body_is_dissolved_after_it_was_formed() -> None:
    """C23, under every reading of a partly known date, and also against a correction."""
    case = Case.paper().do("form-body", "2006", legacy=True, **JOINT)
    error = case.refused("body-in-order", "dissolve-body", "2005-12", legacy=True, instrument=DISSOLVED)
    assert error.clause == CLAUSE
    case.do("dissolve-body", "2006-03", legacy=True, instrument=DISSOLVED)
    breaks = case.refused(
        "correction-keeps-rules",
        "correct",
        corrects=case.event(BodyFormed),
        reason="salah ketik",
        fields={"on": "2007"},
    )
    assert breaks.facts["breaks"] == "body-in-order"


@pytest.mark.clause("P6.a.1.d", "P10.a.1.d")
def test_a_body_survives_agreements_and_the_cooperation() -> None:
    """An end dissolves none; it is dissolved afterwards, and is of a later day than the end."""
    case = Case().running().do("form-body", **JOINT)
    case.do("end", ground="mutual", reason="selesai", accord="kesepakatan-1")
    case.do("end", ground="mutual", reason="selesai")
    assert case.state.ended
    assert [one.stands for one in case.state.umbrella.bodies.values()] == [True]
    case.do("dissolve-body", date(2026, 6, 1), instrument=DISSOLVED)
