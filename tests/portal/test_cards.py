"""Every card fits what the services describe: nothing required is forgotten, nothing is asked that does not exist."""

import json
from typing import Any

import pytest

from ksad.contracts.access import registry, supervision
from ksad.portal.forms.cards import NEVER_ASKED, ActCard, FieldCard, acts
from ksad.portal.forms.questions import DescriptionError, model_of, placed, questions
from ksad.portal.forms.reading import EMPTY, NO_DAY, NO_REGION, key_from, read
from ksad.portal.languages import language
from tests.support.text.source import ROOT

TABLES = {"registry": registry.TABLE, "supervision": supervision.TABLE}
REGIONS = (("33.72", "Kota Surakarta"), ("33.11", "Kabupaten Sukoharjo"))
OPTIONS = {"parties": REGIONS, "region": REGIONS, "numbers": REGIONS, "affair": (("pariwisata", "Pariwisata"),)}


def description(act: ActCard) -> dict[str, Any]:
    """What the act's service says of itself, as committed."""
    found: dict[str, Any] = json.loads((ROOT / "contracts" / "schemas" / "openapi" / f"{act.service}.json").read_text())
    return found


def words(card: FieldCard) -> list[str]:
    """All that a card says to people."""
    own = [card.label, card.help, *card.options.values()]
    return [one for one in own if one] + [one for part in card.fields for one in words(part)]


@pytest.mark.parametrize("name", sorted(acts()))
def test_a_card_fits_its_command(name: str) -> None:
    """Every field of the command is asked for or left out with a reason; closed lists have a word for each value."""
    act = acts()[name]
    schema = model_of(act, description(act))
    asked = questions(act, description(act), OPTIONS)
    assert {one.card.name for one in asked} | set(act.left_out) == set(schema["properties"]) - set(NEVER_ASKED)
    assert set(schema.get("required", ())) <= {one.card.name for one in asked}
    for one in placed(asked):
        inputs = one.kind in {"choice", "scale", "yes_no"}
        assert not inputs or one.options, one.name
        assert one.required or one.kind != "fixed"
    assert any(grant.action == act.action for grant in TABLES[act.service].grants)


@pytest.mark.parametrize("name", sorted(acts()))
def test_a_card_is_translated(name: str) -> None:
    """Each label, help and sentence of a card has its English text."""
    act, english = acts()[name], language("en")
    told = [act.title, act.button, act.lead, *(one for field in act.fields for one in words(field))]
    assert [one for one in told if english.gettext(one) == one] == []


def test_a_card_that_fits_nothing_is_found() -> None:
    """A field that the command does not have, and a command that the service does not have, are errors."""
    act = acts()["refuse-act"]
    wrong = act.model_copy(update={"fields": (FieldCard.model_validate({"name": "motive", "label": "Alasan"}),)})
    with pytest.raises(DescriptionError, match="motive"):
        questions(wrong, description(act), {})
    with pytest.raises(KeyError):
        questions(act.model_copy(update={"path": "/nowhere"}), description(act), {})


def test_what_is_typed_becomes_a_command() -> None:
    """Names become regions, three inputs a day, a title an address; what cannot be read is said at its field."""
    act = acts()["register"]
    asked = questions(act, description(act), OPTIONS)
    given = {
        "title": ["  Pariwisata Solo–Sukoharjo "],
        "object": ["promosi"],
        "affair": ["pariwisata"],
        "parties.0": ["kota  surakarta"],
        "parties.4": ["Kabupaten Sukoharjo"],
        "on.m": ["3"],
        "on.y": ["2026"],
    }
    sent = read(asked, given)
    assert sent.faults == {}
    assert sent.body == {
        "key": "pariwisata-solo-sukoharjo",
        "title": "Pariwisata Solo–Sukoharjo",
        "object": "promosi",
        "affair": "pariwisata",
        "parties": ["33.72", "33.11"],
        "on": "2026-03",
    }
    wrong = given | {"object": [" "], "parties.0": ["Kota Antah"], "on.d": ["31"], "on.m": ["2"]}
    assert read(asked, wrong).faults == {"object": EMPTY, "parties.0": NO_REGION, "on": NO_DAY}


def test_objects_are_read_where_something_was_typed() -> None:
    """An empty place of a list is none; of one that was begun, all that is required is asked for."""
    act = acts()["complete"]
    asked = questions(
        act, description(act), {"findings.follow_up.who": (("region:33.72", "Kota Surakarta"),)}, "oversight"
    )
    assert "evaluation" not in {one.name for one in asked}
    given = {
        "outcome": ["selesai"],
        "findings.0.basis": ["legislation"],
        "findings.0.conforms": ["yes"],
        "findings.0.description": ["lengkap"],
        "findings.2.conforms": ["no"],
        "findings.2.follow_up.by.d": ["1"],
        "findings.2.follow_up.by.m": ["12"],
        "findings.2.follow_up.by.y": ["2026"],
        "findings.2.follow_up.who": ["region:33.11"],
    }
    sent = read(asked, given)
    assert sent.body["findings"][0] == {"basis": "legislation", "conforms": True, "description": "lengkap"}
    assert sent.body["findings"][1]["follow_up"] == {"by": "2026-12-01"}
    assert set(sent.faults) == {
        "findings.2.basis",
        "findings.2.description",
        "findings.2.follow_up.what",
        "findings.2.follow_up.who",
    }


def test_an_address_is_made_of_letters_and_digits() -> None:
    """Whatever a title holds, the key is one that the register takes."""
    assert key_from("Air Baku (SPAM) – Tahap 2") == "air-baku-spam-tahap-2"
    assert key_from("—") is None
    assert len(key_from("kerja sama " * 30) or "") <= 64
