"""Who calls: a bearer token of the ministry's OIDC issuer, verified into a :class:`Caller`.

The key set is the issuer's, fetched from one configured address; a token's ``kid`` only chooses among those keys.
On one machine a local issuer with development keys takes its place; settings refuse it outside loopback.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.problems import Problem
from chassis.settings import LOCAL_ISSUER
from contracts.identifiers import OFFICE

if TYPE_CHECKING:
    from chassis.settings import Settings

ALGORITHMS = ["EdDSA", "ES256", "RS256"]
LEEWAY_SECONDS = 30
REFRESH_SECONDS = 300.0
REFETCH_SECONDS = 5.0
REMEMBER_SECONDS = 30.0
REMEMBERED_MAX = 10_000
TOKEN_SECONDS = 90 * 24 * 3600
ACTOR_MAX = 64


class Caller(NamedTuple):
    """An office, and the pseudonym of the officer who speaks for it; never a name."""

    office: str
    actor_id: str


class KeySource(Protocol):
    """Two implementations: the issuer's address, and the local issuer's folder."""

    def keys(self, *, fresh: bool) -> dict[str, Any]:
        """Public keys by their id; ``fresh`` asks again, but not too often."""
        ...


class IssuerKeys:
    """The key set at an address, kept for five minutes; an unknown key id asks again at most every five seconds."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, Any] = {}
        self._asked = -REFRESH_SECONDS
        self._lock = Lock()

    def keys(self, *, fresh: bool) -> dict[str, Any]:
        """The issuer's keys; the last known ones while it does not answer."""
        with self._lock:
            age = time.monotonic() - self._asked
            if age > REFRESH_SECONDS or (fresh and age > REFETCH_SECONDS):
                self._asked = time.monotonic()
                with suppress(httpx.HTTPError, ValueError, jwt.PyJWTError):
                    answer = httpx.get(self._url, timeout=5.0, follow_redirects=False)
                    answer.raise_for_status()
                    self._keys = _key_set(answer.json())
            return self._keys


def _key_set(document: dict[str, Any]) -> dict[str, Any]:
    return {key.key_id: key.key for key in jwt.PyJWKSet.from_dict(document).keys if key.key_id}


class LocalIssuer:
    """Issues development tokens with a key in a folder, readable by its owner only."""

    def __init__(self, keys_dir: Path, audience: str = "ksad") -> None:
        self._audience = audience
        path = keys_dir / "issuer.pem"
        if not path.exists():
            keys_dir.mkdir(parents=True, exist_ok=True)
            _write_key(path)
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)  # noqa: S101 - the only kind that is written there
        self._key = key

    def issue(self, office: str, actor_id: str | None = None, *, seconds: int = TOKEN_SECONDS) -> str:
        """A token for an office."""
        now = int(time.time())
        claims = {
            "iss": LOCAL_ISSUER,
            "aud": self._audience,
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "sub": actor_id or f"dev-{office.replace(':', '-').replace('_', '-')}",
            "office": office,
        }
        return jwt.encode(claims, self._key, "EdDSA", {"kid": LOCAL_ISSUER})

    def keys(self, *, fresh: bool) -> dict[str, Any]:
        """Its public key."""
        del fresh
        return {LOCAL_ISSUER: self._key.public_key()}

    def jwks(self) -> dict[str, Any]:
        """Its public key as a JWK set."""
        jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**jwk, "kid": LOCAL_ISSUER, "use": "sig", "alg": "EdDSA"}]}


def _write_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pending = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(pending, path)
    pending.unlink()


class Authenticator:
    """Verifies tokens of one issuer for one audience."""

    def __init__(self, issuer: str, audience: str, source: KeySource) -> None:
        self._issuer = issuer
        self._audience = audience
        self._source = source
        self._verified: dict[str, tuple[Caller, float]] = {}

    @classmethod
    def from_settings(cls, settings: Settings) -> Authenticator:
        """The issuer that the settings name."""
        if settings.issuer == LOCAL_ISSUER:
            assert settings.issuer_keys_dir is not None  # noqa: S101 - settings refuse the other case
            return cls(LOCAL_ISSUER, settings.audience, LocalIssuer(settings.issuer_keys_dir, settings.audience))
        assert settings.jwks_url is not None  # noqa: S101 - settings refuse the other case
        return cls(settings.issuer, settings.audience, IssuerKeys(settings.jwks_url))

    async def identify(self, authorization: str | None) -> Caller:
        """The caller that an ``Authorization`` header proves; the issuer may have to be asked.

        :raises Problem: 401, there is no token, or it is not to be trusted.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _refused("token-present", "Sertakan token: Authorization: Bearer …")
        known = self._verified.get(token)
        if known is not None and time.time() < known[1]:
            return known[0]
        return await asyncio.to_thread(self._learn, token)

    def _learn(self, token: str) -> Caller:
        caller, expires = self._verify(token)
        if len(self._verified) >= REMEMBERED_MAX:
            self._verified.clear()
        self._verified[token] = (caller, min(expires, time.time() + REMEMBER_SECONDS))
        return caller

    def _verify(self, token: str) -> tuple[Caller, float]:
        """The caller that a token proves, and when it expires; remembered for half a minute, no longer."""
        try:
            claims = jwt.decode(
                token,
                self._key(token),
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise _refused("token-current", "Token sudah kedaluwarsa. Minta token baru.") from error
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise _refused("token-valid", "Token tidak dapat dipercaya. Minta token baru.") from error
        office, subject = claims.get("office"), claims["sub"]
        sound = isinstance(office, str) and OFFICE.fullmatch(office) is not None and office != "platform"
        if not sound or not _pseudonym(subject):
            raise _refused("token-office", "Token tidak menyebut jabatan yang dikenal.")
        return Caller(str(office), subject), float(claims["exp"]) + LEEWAY_SECONDS

    def _key(self, token: str) -> Any:  # noqa: ANN401 - one of several kinds of keys
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str):
            message = "no key id"
            raise jwt.InvalidTokenError(message)
        for fresh in (False, True):
            key = self._source.keys(fresh=fresh).get(kid)
            if key is not None:
                return key
        message = "unknown key id"
        raise jwt.InvalidTokenError(message)


def _pseudonym(subject: object) -> bool:
    return (
        isinstance(subject, str)
        and 0 < len(subject) <= ACTOR_MAX
        and all(sign.isascii() and (sign.isalnum() or sign in "._-") for sign in subject)
    )


def _refused(rule: str, detail: str) -> Problem:
    return Problem(401, rule, detail, headers={"WWW-Authenticate": 'Bearer realm="ksad"'})
