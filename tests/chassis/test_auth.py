"""Bearer tokens against a real issuer on loopback: what is believed, and what is not."""

import asyncio
import base64
import json
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from ksad.chassis.auth import TOKEN_MAX, Authenticator, Caller, IssuerKeys, LocalIssuer
from ksad.chassis.problems import Problem
from ksad.local.machine.broker import new_seed
from tests.support.servers.issuer import AUDIENCE, GOVERNOR, NAME, Issuer, claims, make, told, trusting
from tests.support.servers.processes import wait_until

pytestmark = pytest.mark.anyio


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
