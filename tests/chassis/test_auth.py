"""Bearer tokens against a real issuer on loopback: what is believed, what is not, and what an outage changes."""

import asyncio
import base64
import json
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from chassis.auth import TOKEN_MAX, Authenticator, Caller, IssuerKeys, LocalIssuer
from chassis.problems import Problem
from ksad.broker import new_seed
from tests.support.issuer import AUDIENCE, NAME, Issuer, claims, jwk, make
from tests.support.processes import wait_until

GOVERNOR = Caller("governor:32", "petugas-7")
AWAY = "issuer-reachable"
pytestmark = pytest.mark.anyio


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer with one Ed25519 key."""
    with Issuer() as made:
        made.add("a")
        yield made


def trusting(issuer: Issuer, refresh: float = 300.0, refetch: float = 0.0, remember: float = 0.0) -> Authenticator:
    """A service that trusts the issuer and remembers no token longer than a test wants."""
    return Authenticator(NAME, AUDIENCE, IssuerKeys(issuer.url, refresh, refetch), remember)


async def told(service: Authenticator, token: str) -> Caller | str:
    """The caller that a token proves, or the rule that it breaks; a refusal is a 401 that says how to go on.

    While nobody can tell what a token is worth, it is a 503 that says when to come again.
    """
    try:
        return await service.identify(f"Bearer {token}")
    except Problem as problem:
        refused = problem
    judged = (401, {"WWW-Authenticate": 'Bearer realm="ksad"'})
    assert (refused.status, refused.headers) == ((503, {"Retry-After": "5"}) if refused.rule == AWAY else judged)
    assert token[:20] not in refused.detail
    return refused.rule


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256"])
async def test_a_token_of_the_issuer_is_believed(issuer: Issuer, algorithm: str) -> None:
    """Office and pseudonym are those of the token, whichever of the three algorithms signed it."""
    issuer.add("b", algorithm)
    assert await told(trusting(issuer), issuer.sign(claims(), "b")) == GOVERNOR


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"iss": "https://sso.elsewhere.example"}, "token-valid"),
        ({"iss": "local"}, "token-valid"),
        ({"aud": "other"}, "token-valid"),
        ({"aud": ["other", "more"]}, "token-valid"),
        ({"iss": None}, "token-valid"),
        ({"aud": None}, "token-valid"),
        ({"exp": None}, "token-valid"),
        ({"iat": None}, "token-valid"),
        ({"sub": None}, "token-valid"),
        ({"exp": "tomorrow"}, "token-valid"),
        ({"office": None}, "token-office"),
        ({"office": "platform"}, "token-office"),
        ({"office": "governor"}, "token-office"),
        ({"office": "mayor:32"}, "token-office"),
        ({"office": "operator\n"}, "token-office"),
        ({"office": ["operator"]}, "token-office"),
        ({"sub": "Budi Santoso"}, "token-office"),
        ({"sub": "x" * 65}, "token-office"),
        ({"sub": ""}, "token-office"),
    ],
)
async def test_what_a_token_says_must_fit(issuer: Issuer, changed: dict[str, Any], rule: str) -> None:
    """Another issuer or audience, a claim that lacks, an office nobody holds or a subject that is a name: refused."""
    assert await told(trusting(issuer), issuer.sign(claims(**changed))) == rule


@pytest.mark.parametrize(
    ("claim", "seconds", "rule"),
    [
        ("exp", -20, None),
        ("exp", -40, "token-current"),
        ("nbf", 20, None),
        ("nbf", 40, "token-valid"),
        ("iat", 20, None),
        ("iat", 40, "token-valid"),
    ],
)
async def test_clocks_may_differ_by_half_a_minute(issuer: Issuer, claim: str, seconds: int, rule: str | None) -> None:
    """A token that has just expired or is about to begin is believed within thirty seconds, beyond them not."""
    token = issuer.sign(claims(**{claim: int(time.time()) + seconds}))
    assert await told(trusting(issuer), token) == (rule or GOVERNOR)


async def test_a_remembered_token_ends_when_it_expires(issuer: Issuer) -> None:
    """What was verified once is not believed longer than the token itself."""
    service = trusting(issuer, remember=3600)
    token = issuer.sign(claims(exp=int(time.time()) - 28))
    assert await told(service, token) == GOVERNOR
    wait_until(lambda: service.remembered(f"Bearer {token}") is None, what="the end of the token")
    assert await told(service, token) == "token-current"


def part(value: Any) -> str:
    """A part of a token, as a forger writes it."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def test_tokens_that_nobody_signed_are_refused(issuer: Issuer) -> None:
    """No algorithm, the public key as a shared secret, a changed office, no signature, a foreign key: refused."""
    service = trusting(issuer)
    good = issuer.sign(claims())
    head, body, signature = good.split(".")
    public = issuer.private["a"][1].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    forged = [f"{part({'alg': name, 'kid': 'a'})}.{body}." for name in ("none", "None", "nOnE", "")]
    hashing = jwt.get_algorithm_by_name("HS256")
    for secret in (pem, raw, b""):
        signed = f"{part({'alg': 'HS256', 'kid': 'a'})}.{body}"
        forged.append(f"{signed}.{part(hashing.sign(signed.encode(), secret))}")
    forged += [
        f"{head}.{part(claims(office='operator'))}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}.{part(b'0' * 64)}",
        jwt.encode(claims(), make("EdDSA"), "EdDSA", {"kid": "a"}),
        f"{head}.{body}",
        good + ".x",
    ]
    assert await told(service, good) == GOVERNOR
    assert [await told(service, token) for token in forged] == ["token-valid"] * len(forged)


async def test_a_token_does_not_choose_its_key(issuer: Issuer) -> None:
    """A key id that is a path, an address or SQL finds nothing; a key that a header brings or points to is ignored."""
    service = trusting(issuer)
    evil = make("EdDSA")
    with Issuer() as elsewhere:
        elsewhere.add("a", key=evil)
        kids: list[Any] = [
            "../../../../dev/null",
            elsewhere.url,
            "a' OR '1'='1",
            "a\x00",
            "",
            "local",
            "A",
        ]
        pointing: list[dict[str, Any]] = [
            {"kid": "a", "jku": elsewhere.url},
            {"kid": "a", "x5u": elsewhere.url},
            {"kid": "a", "jwk": elsewhere.keys[0]},
            {"kid": "a", "x5c": [part(b"certificate")]},
            *({"kid": kid} for kid in kids),
        ]
        for header in pointing:
            assert await told(service, jwt.encode(claims(), evil, "EdDSA", header)) == "token-valid", header
        for kid in (None, 7, ["a"], {"a": 1}):
            _, body, signature = issuer.sign(claims()).split(".")
            token = f"{part({'alg': 'EdDSA', 'kid': kid})}.{body}.{signature}"
            assert await told(service, token) == "token-valid", kid
        assert elsewhere.asked == 0


async def test_a_key_verifies_with_its_own_algorithm_and_is_strong(issuer: Issuer) -> None:
    """A short RSA key, one for encryption, a shared secret in the set and another key's algorithm prove nothing."""
    issuer.add("short", "RS256", make("RS256", bits=1024))
    issuer.add("encrypting", "EdDSA", use="enc")
    secret = b"0123456789abcdef0123456789abcdef"
    issuer.keys.append({"kty": "oct", "kid": "shared", "k": part(secret), "alg": "HS256"})
    issuer.add("rsa", "RS256")
    service = trusting(issuer)
    tokens = [
        issuer.sign(claims(), "short"),
        issuer.sign(claims(), "encrypting"),
        jwt.encode(claims(), secret, "HS256", {"kid": "shared"}),
        issuer.sign(claims(), "a", named="rsa"),
        jwt.encode(claims(), issuer.private["rsa"][1], "PS256", {"kid": "rsa"}),
    ]
    assert [await told(service, token) for token in tokens] == ["token-valid"] * len(tokens)
    assert await told(service, issuer.sign(claims(), "rsa")) == GOVERNOR


async def test_oversized_and_bottomless_tokens_are_refused(issuer: Issuer) -> None:
    """A token longer than any honest one, and a header nested a thousand deep, cost a 401 and nothing else."""
    service = trusting(issuer)
    assert await told(service, issuer.sign(claims(extra="x" * TOKEN_MAX))) == "token-valid"
    assert await told(service, f"{part(b'[' * 2000 + b']' * 2000)}.{part(claims())}.x") == "token-valid"


async def test_a_stolen_feed_seed_is_no_token(issuer: Issuer) -> None:
    """The nkey with which a province reads its feed over NATS opens nothing over HTTP."""
    assert await told(trusting(issuer), new_seed()) == "token-valid"


@given(header=st.text(max_size=200) | st.builds("Bearer {}.{}.{}".format, *[st.text(max_size=30)] * 3))
def test_no_header_breaks_the_door(header: str) -> None:
    """Whatever stands in Authorization is refused as a 401, never a fault."""
    service = Authenticator(NAME, AUDIENCE, IssuerKeys("http://127.0.0.1:9/keys"))
    with pytest.raises(Problem) as refused:
        asyncio.run(service.identify(header))
    assert refused.value.status == 401


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


async def test_the_local_issuer_has_one_private_key(tmp_path: Path) -> None:
    """Services that start at once share one key, which only its owner can read, and believe one another's tokens."""
    with ThreadPoolExecutor(8) as pool:
        issuers = list(pool.map(lambda _: LocalIssuer(tmp_path / "keys"), range(8)))
    assert stat.S_IMODE((tmp_path / "keys" / "issuer.pem").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["issuer.pem"]
    service = Authenticator("local", AUDIENCE, issuers[0])
    assert {await told(service, one.issue("feed:32")) for one in issuers} == {Caller("feed:32", "dev-feed-32")}
    assert await told(service, LocalIssuer(tmp_path / "other").issue("operator")) == "token-valid"
    assert await told(service, issuers[0].issue("operator", seconds=-60)) == "token-current"
