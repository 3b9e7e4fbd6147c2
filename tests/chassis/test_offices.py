"""Offices in a token: which one acts, what each role may do, and what no token can claim."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ksad.chassis.affordances import possible_acts
from ksad.chassis.auth import Caller
from ksad.chassis.offices import OFFICES_MAX
from ksad.chassis.problems import Problem
from ksad.contracts.access import EXAMINES, HEADS_WORD, AccessTable, Role
from ksad.contracts.rules import NOTHING, Affordance
from tests.support.servers.doorway import Visitor
from tests.support.servers.issuer import AUDIENCE, NAME, Issuer, claims, told, trusting

TEAM = {"office": "tkksd:32", "role": "clerk"}
REGION = {"office": "region:32.75", "role": "signer"}
READING = {"office": "region:32.73", "role": "reader"}
SEVERAL = {"offices": [TEAM, REGION, READING], "office": None}


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """Somebody who knocks at a service that trusts a real issuer."""
    with Issuer() as issuer:
        issuer.add("a")
        visitor = Visitor(tmp_path, issuer=NAME, jwks_url=issuer.url, audience=AUDIENCE)
        token = issuer.sign(claims(**SEVERAL))
        visitor.client.headers["Authorization"] = f"Bearer {token}"
        yield visitor


@pytest.mark.anyio
async def test_a_request_says_under_which_office_it_is_made(issuer: Issuer) -> None:
    """One of several is named, with its role; a single one need not be, and one named as usual is meant if none is."""
    service = trusting(issuer)
    several = issuer.sign(claims(**SEVERAL))
    assert await told(service, several, "tkksd:32") == Caller("tkksd:32", "petugas-7", Role.CLERK)
    assert await told(service, several, "region:32.75") == Caller("region:32.75", "petugas-7", Role.SIGNER)
    single = issuer.sign(claims(offices=[TEAM], office=None))
    assert await told(service, single) == Caller("tkksd:32", "petugas-7", Role.CLERK)
    usual = issuer.sign(claims(offices=[TEAM, REGION], office="tkksd:32"))
    assert await told(service, usual) == Caller("tkksd:32", "petugas-7", Role.CLERK)
    assert await told(service, issuer.sign(claims()), "governor:32") == Caller("governor:32", "petugas-7", Role.SIGNER)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("token", "named", "rule"),
    [
        (SEVERAL, None, "office-named"),
        (SEVERAL, "governor:32", "office-held"),
        (SEVERAL, "region:*", "office-held"),
        ({}, "tkksd:32", "office-held"),
    ],
)
async def test_no_request_takes_an_office_that_its_token_has_not(
    issuer: Issuer, token: dict[str, Any], named: str | None, rule: str
) -> None:
    """An office that the token does not give is refused, whoever asks; none of several is guessed."""
    with pytest.raises(Problem) as refused:
        await told(trusting(issuer), issuer.sign(claims(**token)), named)
    assert (refused.value.status, refused.value.rule) == (403, rule)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "offices",
    [
        "tkksd:32",
        [],
        ["tkksd:32"],
        [{"office": "tkksd:32"}],
        [{"office": "tkksd:32", "role": "king"}],
        [{"office": "platform", "role": "signer"}],
        [{"office": "tkksd", "role": "clerk"}],
        [{"office": ["tkksd:32"], "role": "clerk"}],
        [TEAM, {**TEAM, "role": "signer"}],
        [{"office": f"region:11.{number:02}", "role": "clerk"} for number in range(1, OFFICES_MAX + 2)],
    ],
)
async def test_a_list_of_offices_that_does_not_hold_is_no_token(issuer: Issuer, offices: Any) -> None:
    """Offices that nobody can hold, roles that do not exist, one office twice, and lists without end are refused."""
    assert await told(trusting(issuer), issuer.sign(claims(offices=offices, office=None))) == "token-office"


def test_a_reader_records_nothing(visitor: Visitor) -> None:
    """Whoever only reads for an office is refused everything that changes something, and reads all the same."""
    asked = {"Ksad-Office": "region:32.73", "Idempotency-Key": "k"}
    assert visitor.get("/things", None, **asked).status_code == 200
    answer = visitor.post("/things", None, headers=asked, json={"name": "a"})
    assert (answer.status_code, answer.json()["rule"]) == (403, "role-may")
    asked["Ksad-Office"] = "region:32.75"
    assert visitor.post("/things", None, headers=asked, json={"name": "a"}).status_code == 200


def test_the_heads_word_is_given_by_a_signer(issuer: Issuer, tmp_path: Path) -> None:
    """An act that is kept for signers is refused to a clerk and to a reviewer of the same office."""
    visitor = Visitor(tmp_path, issuer=NAME, jwks_url=issuer.url, audience=AUDIENCE)
    answers = {}
    for role in Role:
        token = issuer.sign(claims(offices=[{"office": "region:32.75", "role": role}], office=None))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
        answer = visitor.client.post("/documents", headers=headers, content=b"x")
        answers[role] = answer.json().get("least") if answer.status_code == 403 else answer.status_code
    assert answers == {Role.READER: "signer", Role.CLERK: "signer", Role.REVIEWER: "signer", Role.SIGNER: 200}


def test_an_office_is_named_once(visitor: Visitor) -> None:
    """Two headers that name an office are refused, since programs along the way could take either."""
    answer = visitor.client.get("/things", headers=[("Ksad-Office", "tkksd:32"), ("Ksad-Office", "region:32.75")])
    assert (answer.status_code, answer.json()["rule"]) == (400, "header-once")


def test_each_role_may_what_those_before_it_may() -> None:
    """The roles are ranks: what a clerk may, a reviewer and a signer may; a reader records nothing at all."""
    table = AccessTable((), {}, roles={"verify": EXAMINES, "submit": HEADS_WORD})
    allowed = {
        role: [act for act in ("record", "verify", "submit") if table.role_refusal(role, act) is None] for role in Role
    }
    assert allowed == {
        Role.READER: [],
        Role.CLERK: ["record"],
        Role.REVIEWER: ["record", "verify"],
        Role.SIGNER: ["record", "verify", "submit"],
    }


@pytest.mark.parametrize("role", Role)
def test_what_a_role_is_refused_is_not_offered(role: Role) -> None:
    """An act is told as allowed exactly when neither the office's rules nor the officer's role refuse it."""
    table = AccessTable((), {}, roles={"submit": HEADS_WORD})
    acts = [Affordance("submit", True, ({"a": 1},), None), Affordance("record", False, (), NOTHING)]
    submit, record = possible_acts(3, acts, role, table).acts
    assert (submit.allowed, submit.about) == ((True, [{"a": 1}]) if role is Role.SIGNER else (False, []))
    assert submit.refusal is None or submit.refusal.rule == "role-may"
    assert record.refusal is not None
    assert record.refusal.rule == "nothing-to-do"
