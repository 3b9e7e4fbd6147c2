"""Every card fits what the services describe: nothing required is forgotten, nothing is asked that does not exist."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksad.contracts.access import registry, reporting, supervision
from ksad.contracts.policies import is_policy
from ksad.portal.forms.cards import NEVER_ASKED, ActCard, FieldCard, acts, formless
from ksad.portal.forms.questions import DescriptionError, Question, model_of, placed, questions
from ksad.portal.forms.reading import EMPTY, NO_DAY, NO_REGION, key_from, read
from ksad.portal.forms.typing import typed
from ksad.portal.languages import language
from tests.contracts.test_policies import citing
from tests.support.text.source import ROOT

TABLES = {"registry": registry.TABLE, "supervision": supervision.TABLE, "reporting": reporting.TABLE}
REGIONS = (("33.72", "Kota Surakarta"), ("33.11", "Kabupaten Sukoharjo"))
INSTRUMENTS = ("agreement", "accord", "continues", "replaces")
CHOSEN = (*INSTRUMENTS, "dispute", "problem", "ground", "item", "finding", "entry", "entries")
OPTIONS = {
    **dict.fromkeys(CHOSEN, (("1", "Satu"), ("2", "Dua"))),
    "parties": REGIONS,
    "region": REGIONS,
    "numbers": REGIONS,
    "between": REGIONS,
    "budget": REGIONS,
    "signatories.region": REGIONS,
    "findings.follow_up.who": (("region:33.72", "Kota Surakarta"),),
    "affair": (("pariwisata", "Pariwisata"),),
}


def described(service: str) -> dict[str, Any]:
    """What a service says of itself, as committed."""
    found: dict[str, Any] = json.loads((ROOT / "contracts" / "schemas" / "openapi" / f"{service}.json").read_text())
    return found


def description(act: ActCard) -> dict[str, Any]:
    """What the act's service says of itself."""
    return described(act.service)


def offered(act: ActCard) -> dict[str, tuple[tuple[str, str], ...]]:
    """What a page might know: two of everything that is asked for where there are several."""
    several = {one.name: (("1", "Satu"), ("2", "Dua")) for one in act.fields if one.kind == "which"}
    return several | OPTIONS


def words(card: FieldCard) -> list[str]:
    """All that a card says to people."""
    own = [card.label, card.help, *card.options.values()]
    return [one for one in own if one] + [one for part in card.fields for one in words(part)]


def with_clauses(card: ActCard | FieldCard) -> Iterator[ActCard | FieldCard]:
    """A card and those in it that cite a clause."""
    if card.clause is not None:
        yield card
    for part in card.fields:
        yield from with_clauses(part)


def test_a_card_cites_its_clause_for_a_rule() -> None:
    """Each clause of a card is that of a rule of which it was read whether the law says it, and so is each policy's."""
    found = [one for act in acts().values() for one in with_clauses(act)]
    assert len(found) > 40
    assert [one for one in found if one.rule not in citing()] == []
    own = {name for name, act in acts().items() if act.rule is not None and is_policy(act.rule)}
    assert {"verify-entries", "return-entry", "confirm-act", "acknowledge", "report-problem"} <= own
    assert {"sign-accord", "divide", "end", "settle-dispute", "withdraw-party"} & own == set()


@pytest.mark.parametrize("name", sorted(acts()))
def test_a_card_fits_its_command(name: str) -> None:
    """Every field of the command is asked for or left out with a reason; closed lists have a word for each value."""
    act = acts()[name]
    schema = model_of(act, description(act))
    asked = questions(act, description(act), offered(act))
    assert {one.card.name for one in asked} | set(act.left_out) == set(schema["properties"]) - set(NEVER_ASKED)
    assert set(schema.get("required", ())) <= {one.card.name for one in asked}
    for one in placed(asked):
        inputs = one.kind in {"choice", "scale", "yes_no"}
        assert not inputs or one.options, one.name
        assert one.required or one.kind != "fixed"
    assert any(grant.action == (act.grant or act.action) for grant in TABLES[act.service].grants)


@pytest.mark.parametrize("name", sorted(acts()))
def test_a_card_is_translated(name: str) -> None:
    """Each label, help and sentence of a card has its English text."""
    act, english = acts()[name], language("en")
    told = [act.title, act.button, act.lead, *(one for field in act.fields for one in words(field))]
    assert [one for one in told if english.gettext(one) == one] == []


def test_every_act_of_the_services_is_a_form() -> None:
    """Each operation that changes something has a card, or stands among those without one, with the reason."""
    written = {
        (service, f"{method.upper()} {path}")
        for service in ("registry", "supervision", "reporting")
        for path, methods in described(service)["paths"].items()
        for method in methods
        if method in {"post", "put", "patch", "delete"}
    }
    formed = {(act.service, f"POST {act.path}") for act in acts().values()}
    assert written - formed == formless().keys()
    assert all(formless().values())


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


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.from_regex(r"[a-zA-Z0-9/.]{1,20}", fullmatch=True),
    "region": st.sampled_from([code for code, _ in REGIONS]),
    "money": st.integers(-(10**14), 10**14),
}


def values_of(one: Question) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one line for each kind
    """Values that a question could be answered with."""
    keys = [key for key, _ in one.options]
    match one.kind:
        case "date":
            return st.dates().map(str)
        case "day":
            return (
                st.dates().map(str)
                | st.dates().map(lambda day: str(day)[:7])
                | st.dates().map(lambda day: str(day)[:4])
            )
        case "choice" | "region" | "name" | "only":
            return st.sampled_from(keys)
        case "scale":
            return st.sampled_from([int(key) for key in keys])
        case "yes_no":
            return st.booleans()
        case "regions" | "picks":
            return st.lists(st.sampled_from(keys), min_size=1, unique=True)
        case "numbers":
            return st.dictionaries(st.sampled_from(keys), VALUES["text"], min_size=1)
        case "amount" | "amounts":
            return (
                VALUES["money"]
                if one.kind == "amount"
                else st.dictionaries(st.sampled_from(keys), VALUES["money"], min_size=1)
            )
        case "each":
            return st.dictionaries(st.sampled_from(keys), objects(one.parts), min_size=1)
        case "group":
            return objects(one.parts)
        case "groups":
            return st.lists(objects(one.parts), min_size=1, max_size=one.card.places)
    return VALUES["text"]


def answerable(one: Question) -> bool:
    """Whether something can be made up for a question, and it is not made from another."""
    if one.kind in {"choice", "region", "name", "only", "picks", "regions", "numbers", "amounts", "allotments", "each"}:
        return bool(one.options)
    return one.kind not in {"file", "files", "fixed", "derived"}


def objects(found: tuple[Question, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with a value for some of the questions, and at least one."""
    asked = {one.card.name: values_of(one) for one in found if answerable(one)}
    needed = {one.card.name for one in found if one.required and one.card.name in asked} or set(list(asked)[:1])
    return st.fixed_dictionaries(
        {name: asked[name] for name in asked if name in needed},
        optional={name: asked[name] for name in asked if name not in needed},
    )


@settings(max_examples=40)
@given(st.data())
def test_what_stands_is_shown_as_it_would_be_typed(data: st.DataObject) -> None:
    """Of any form, reading what was filled in from values gives these values again."""
    act = data.draw(st.sampled_from([one for one in acts().values() if not any(f.kind == "entry" for f in one.fields)]))
    found = tuple(one for one in questions(act, description(act), offered(act)) if one.kind not in {"names", "derived"})
    found = tuple(one for one in found if not any(part.kind == "derived" for part in one.parts))
    values = data.draw(objects(found)) if any(one.kind != "fixed" for one in found) else {}
    given_texts = typed(found, values)
    read_back = read(found, given_texts).body
    assert said(read_back) == said(values)


def said(value: Any) -> Any:
    """A value without the fields that say nothing."""
    if isinstance(value, dict):
        return {name: said(one) for name, one in value.items() if one not in (None, {})}
    return [said(one) for one in value] if isinstance(value, list) else value
