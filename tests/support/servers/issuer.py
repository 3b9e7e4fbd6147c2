"""An OIDC issuer as the ministry's: real HTTP on loopback, keys that a test rotates, and tokens of any kind."""

import json
import threading
import time
import warnings
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.warnings import InsecureKeyLengthWarning

from ksad.chassis.auth import Authenticator, Caller, IssuerKeys
from ksad.chassis.problems import Problem

NAME = "https://sso.kemendagri.example"
AUDIENCE = "ksad"
GOVERNOR = Caller("governor:32", "petugas-7")
"""Whom :func:`claims` speak of."""
AWAY = "issuer-reachable"
Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def make(algorithm: str, bits: int = 2048) -> Private:
    """A new key for an algorithm."""
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, bits)


def jwk(kid: str, algorithm: str, key: Private, **more: str) -> dict[str, Any]:
    """The public half as a JWK."""
    kinds: dict[str, Any] = {"EdDSA": OKPAlgorithm, "ES256": ECAlgorithm, "RS256": RSAAlgorithm}
    return {**json.loads(kinds[algorithm].to_jwk(key.public_key())), "kid": kid, "alg": algorithm, "use": "sig", **more}


def claims(**changed: Any) -> dict[str, Any]:
    """What a good token says; None takes a claim out."""
    now = int(time.time())
    said = {
        "iss": NAME,
        "aud": AUDIENCE,
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "sub": "petugas-7",
        "office": "governor:32",
    }
    return {name: value for name, value in (said | changed).items() if value is not None}


class Issuer:
    """Serves ``keys`` as a JWK set at :attr:`url`; counts who asks, answers anything else if a test says so."""

    def __init__(self) -> None:
        self.private: dict[str, tuple[str, Private]] = {}
        self.keys: list[dict[str, Any]] = []
        self.asked = 0
        self.status, self.headers, self.body = 200, dict[str, str](), b""
        self.answering = threading.Event()
        self.answering.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """Where the keys are."""
        return f"http://127.0.0.1:{self._server.server_port}/keys"

    def add(self, kid: str, algorithm: str = "EdDSA", key: Private | None = None, **more: str) -> None:
        """A key from now on."""
        made = key or make(algorithm)
        self.private[kid] = (algorithm, made)
        self.keys.append(jwk(kid, algorithm, made, **more))

    def remove(self, kid: str) -> None:
        """No longer a key; whoever stole it can still sign with it."""
        self.keys = [key for key in self.keys if key["kid"] != kid]

    def sign(self, said: Mapping[str, Any], kid: str = "a", named: str | None = None) -> str:
        """A token, signed with one of the keys, which it may name otherwise."""
        algorithm, key = self.private[kid]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureKeyLengthWarning)
            return jwt.encode(dict(said), key, algorithm, {"kid": named or kid})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.answering.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                issuer.answering.wait(60)
                self.send_response(issuer.status)
                for name, value in issuer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(issuer.body or json.dumps({"keys": issuer.keys}).encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def trusting(issuer: Issuer, refresh: float = 300.0, refetch: float = 0.0, remember: float = 0.0) -> Authenticator:
    """A service that trusts the issuer and remembers no token longer than a test wants."""
    return Authenticator(NAME, AUDIENCE, IssuerKeys(issuer.url, refresh, refetch), remember)


async def told(service: Authenticator, token: str, named: str | None = None) -> Caller | str:
    """The caller that a token proves, or the rule that it breaks; a refusal is a 401 that says how to go on.

    While nobody can tell what a token is worth, it is a 503 that says when to come again.
    """
    try:
        holder = await service.identify(f"Bearer {token}")
    except Problem as problem:
        refused = problem
    else:
        return holder.acting(named)
    judged = (401, {"WWW-Authenticate": 'Bearer realm="ksad"'})
    assert (refused.status, refused.headers) == ((503, {"Retry-After": "5"}) if refused.rule == AWAY else judged)
    assert token[:20] not in refused.detail
    return refused.rule
