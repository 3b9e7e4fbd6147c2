"""The issuer's keys: how they rotate, and what an issuer that is slow, wrong or away changes for whom."""

import asyncio
import json

import pytest

from ksad.chassis.auth import Authenticator, IssuerKeys
from tests.support.servers.issuer import AUDIENCE, AWAY, GOVERNOR, NAME, Issuer, claims, jwk, make, told, trusting
from tests.support.servers.processes import wait_until

pytestmark = pytest.mark.anyio


async def test_keys_rotate_without_a_restart(issuer: Issuer) -> None:
    """A new key is picked up when its first token comes; a removed one is refused when the keys are read again."""
    service = trusting(issuer)
    assert await told(service, issuer.sign(claims())) == GOVERNOR
    issuer.add("b")
    assert await told(service, issuer.sign(claims(), "b")) == GOVERNOR
    issuer.remove("a")
    assert await told(service, issuer.sign(claims())) == GOVERNOR
    assert await told(service, issuer.sign(claims(), "a", named="c")) == "token-valid"
    assert await told(service, issuer.sign(claims())) == "token-valid"


async def test_unknown_keys_do_not_flood_the_issuer(issuer: Issuer) -> None:
    """A hundred made-up key ids ask the issuer once more at most, and known tokens not at all."""
    service = Authenticator(NAME, AUDIENCE, IssuerKeys(issuer.url), 0)
    for number in range(100):
        assert await told(service, issuer.sign(claims(), named=f"made-up-{number}")) == "token-valid"
        assert await told(service, issuer.sign(claims())) == GOVERNOR
    assert issuer.asked == 1


ENCRYPTING = json.dumps({"keys": [jwk("a", "EdDSA", make("EdDSA"), use="enc")]}).encode()
"""A key set with nothing that a token could be signed with."""


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", ENCRYPTING, b'{"keys": []}', b'{"keys": [{"kty": "oct"}]}', b'{"keys": 7}']
)
async def test_an_issuer_in_trouble_leaves_the_known_keys(issuer: Issuer, body: bytes) -> None:
    """While the issuer fails or talks nonsense, tokens of known keys are believed and others are not."""
    service = trusting(issuer, refresh=0)
    assert await told(service, issuer.sign(claims())) == GOVERNOR
    issuer.body, issuer.status = body, 200 if body else 503
    issuer.add("b")
    assert await told(service, issuer.sign(claims())) == GOVERNOR
    assert await told(service, issuer.sign(claims(), "b")) == "token-valid"
    issuer.body, issuer.status = b"", 200
    assert await told(service, issuer.sign(claims(), "b")) == GOVERNOR


async def test_an_issuer_that_is_gone_leaves_the_known_keys(issuer: Issuer) -> None:
    """An issuer whose address answers no more changes nothing for known keys."""
    with Issuer() as leaving:
        leaving.add("a")
        service = trusting(leaving, refresh=0)
        assert await told(service, leaving.sign(claims())) == GOVERNOR
    assert await told(service, leaving.sign(claims())) == GOVERNOR


async def test_keys_come_from_the_configured_address_only(issuer: Issuer) -> None:
    """An answer that sends elsewhere is not followed."""
    with Issuer() as elsewhere:
        elsewhere.add("evil")
        issuer.status, issuer.headers = 302, {"Location": elsewhere.url}
        assert await told(trusting(issuer), elsewhere.sign(claims(), "evil")) == AWAY
        assert elsewhere.asked == 0


async def test_an_issuer_that_never_answered_condemns_no_token(issuer: Issuer) -> None:
    """Before the first key is known, a token is neither believed nor refused, unless it is none; then it is judged."""
    service = trusting(issuer)
    issuer.status = 503
    assert await told(service, issuer.sign(claims())) == AWAY
    assert await told(service, "no token at all") == "token-valid"
    issuer.status = 200
    assert await told(service, issuer.sign(claims())) == GOVERNOR
    assert await told(service, issuer.sign(claims(), named="b")) == "token-valid"


async def test_who_is_known_does_not_wait_for_a_silent_issuer(issuer: Issuer) -> None:
    """While one question hangs at the issuer, tokens of known keys are verified at once."""
    service = trusting(issuer)
    await told(service, issuer.sign(claims()))
    issuer.answering.clear()
    asking = asyncio.create_task(told(service, issuer.sign(claims(), named="unknown")))
    await asyncio.to_thread(wait_until, lambda: issuer.asked == 2, what="the question")
    assert await told(service, issuer.sign(claims())) == GOVERNOR
    assert not asking.done()
    issuer.answering.set()
    assert await asking == "token-valid"
