"""Authentication: verifies bearer tokens (JWT) of the configured OIDC issuer.

Keys come from one configured address. A token's ``kid`` selects one of them, and each key verifies with its own
algorithm, whatever algorithm the token names. On a single machine, a local issuer with development keys may be used;
settings refuse it outside loopback.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import httpx
import jwt
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ksad.chassis import durable
from ksad.chassis.environment import RefusedSettingError
from ksad.chassis.offices import Caller, Holder, holder_of
from ksad.chassis.problems import Problem
from ksad.chassis.settings import LOCAL_ISSUER
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.chassis.settings import ServerSettings

ALGORITHMS = ["EdDSA", "ES256", "RS256"]
# For clocks of the issuer and of this machine that differ.
LEEWAY_SECONDS = 30
REFRESH_SECONDS = 300.0
REFETCH_SECONDS = 5.0
REMEMBER_SECONDS = 30.0
REMEMBERED_MAX = 10_000
TOKEN_SECONDS = 90 * 24 * 3600
TOKEN_MAX = 8_192
"""The longest token, in characters; a token with an office and a pseudonym needs a tenth of it."""
log = structlog.get_logger(__name__)
__all__ = ["Authenticator", "Caller", "IssuerKeys", "LocalIssuer", "token_missing"]


class KeySource(Protocol):
    """A source of public keys: the issuer's address, or the local issuer's folder."""

    def keys(self, *, fresh: bool) -> dict[str, jwt.PyJWK]:
        """The public keys by key id; ``fresh`` requests them again, at limited frequency."""
        ...


class IssuerKeys:
    """The keys (JWKS) at an address, cached for five minutes; an unknown key id reads them again, at most every 5 s."""

    def __init__(
        self, url: str, refresh_seconds: float = REFRESH_SECONDS, refetch_seconds: float = REFETCH_SECONDS
    ) -> None:
        self._url = url
        self._refresh_seconds = refresh_seconds
        self._refetch_seconds = refetch_seconds
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked: float | None = None
        self._lock = Lock()

    def keys(self, *, fresh: bool) -> dict[str, jwt.PyJWK]:
        """The issuer's keys; while it does not answer, the last known ones."""
        with self._turn() as mine:
            age = float("inf") if self._asked is None else time.monotonic() - self._asked
            if mine and age > (self._refetch_seconds if fresh else self._refresh_seconds):
                self._asked = time.monotonic()
                self._ask()
        return self._keys

    @contextmanager
    def _turn(self) -> Iterator[bool]:
        """Lets one thread read the keys at a time. Others use known keys instead of waiting for a silent issuer."""
        # Before the first reading there are no known keys to go on with, so all wait for it.
        mine = self._lock.acquire(blocking=self._asked is None)
        try:
            yield mine
        finally:
            if mine:
                self._lock.release()

    def _ask(self) -> None:
        try:
            # No redirects: keys come from the configured address only.
            answer = httpx.get(self._url, timeout=5.0, follow_redirects=False)
            answer.raise_for_status()
            self._keys = _key_set(answer.json())
        except (httpx.HTTPError, ValueError, TypeError, KeyError, AttributeError, jwt.PyJWTError) as error:
            log.warning("issuer_keys_not_read", url=self._url, error=f"{type(error).__name__}: {error}")


def _key_set(document: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    """The keys of a JWKS that can sign tokens: public keys with an accepted algorithm, not meant for encryption.

    :raises ValueError: there is none.
    """
    usable = {
        key.key_id: key
        for key in jwt.PyJWKSet.from_dict(document).keys
        if key.key_id and key.algorithm_name in ALGORITHMS and key.public_key_use in (None, "sig")
    }
    if not usable:
        raise ValueError("the key set holds no key that a token could be signed with")
    return usable


class LocalIssuer:
    """Issues development tokens with a private key in a folder, created if missing and readable by its owner only."""

    def __init__(self, keys_dir: Path, audience: str = "ksad") -> None:
        """:raises RefusedSettingError: the file in the folder holds no such key."""
        self._audience = audience
        path = keys_dir / "issuer.pem"
        if not path.exists():
            keys_dir.mkdir(parents=True, exist_ok=True)
            _write_key(path)
        self._key = _read_key(path)
        self._public = _key_set(self.jwks())

    def issue(
        self, office: str, actor_id: str | None = None, *, seconds: int = TOKEN_SECONDS, session: str = ""
    ) -> str:
        """A signed token for an office, valid for ``seconds``; ``session`` is the portal's, for its own rate limit."""
        now = int(time.time())
        claims = {
            "iss": LOCAL_ISSUER,
            "aud": self._audience,
            "iat": now,
            "nbf": now,
            "exp": now + seconds,
            "sub": actor_id or f"dev-{office.replace(':', '-').replace('_', '-')}",
            "office": office,
            **({"sid": session} if session else {}),
        }
        return jwt.encode(claims, self._key, "EdDSA", {"kid": LOCAL_ISSUER})

    def keys(self, *, fresh: bool) -> dict[str, jwt.PyJWK]:
        """The issuer's public key."""
        del fresh
        return self._public

    def jwks(self) -> dict[str, Any]:
        """The issuer's public key as a JWKS document."""
        jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**jwk, "kid": LOCAL_ISSUER, "use": "sig", "alg": "EdDSA"}]}


def _read_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        key, fault = None, type(error).__name__
    else:
        fault = type(key).__name__
    if not isinstance(key, Ed25519PrivateKey):
        raise RefusedSettingError(
            f"{path} holds no key of the local issuer ({fault}): delete it, and the next start makes a new one; all "
            "development tokens change"
        )
    return key


def _write_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # Fails if the file exists: of two processes that start at once, the first key stays.
    with suppress(FileExistsError):
        durable.write_new(path, pem, durable.PRIVATE)


class Authenticator:
    """Verifies tokens of one issuer for one audience, and remembers verified ones for half a minute."""

    def __init__(
        self, issuer: str, audience: str, source: KeySource, remember_seconds: float = REMEMBER_SECONDS
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._source = source
        self._remember_seconds = remember_seconds
        self._verified: dict[str, tuple[Holder, float]] = {}

    @classmethod
    def from_settings(cls, settings: ServerSettings) -> Authenticator:
        """The authenticator for the configured issuer."""
        if settings.issuer == LOCAL_ISSUER:
            assert settings.issuer_keys_dir is not None  # noqa: S101 - settings refuse the other case
            return cls(LOCAL_ISSUER, settings.audience, LocalIssuer(settings.issuer_keys_dir, settings.audience))
        assert settings.jwks_url is not None  # noqa: S101 - settings refuse the other case
        return cls(settings.issuer, settings.audience, IssuerKeys(settings.jwks_url))

    def remembered(self, authorization: str | None) -> Holder | None:
        """The officer of an ``Authorization`` header that was verified in the last 30 seconds; otherwise ``None``."""
        known = self._verified.get(authorization or "")
        return known[0] if known is not None and time.time() < known[1] else None

    async def identify(self, authorization: str | None) -> Holder:
        """Verifies an ``Authorization`` header; may have to read the issuer's keys.

        :raises Problem: 401, the token is missing, expired or invalid, or names no known office; 503, no keys could be
            read since the start.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if authorization is None or scheme.lower() != "bearer" or not token:
            raise token_missing()
        known = self.remembered(authorization)
        return known if known is not None else await asyncio.to_thread(self._learn, authorization, token)

    def verify(self, token: str) -> Holder:
        """The officer of a token; may have to read the issuer's keys.

        :raises Problem: as :meth:`identify`.
        """
        return self._verify(token)[0]

    def _learn(self, authorization: str, token: str) -> Holder:
        holder, expires = self._verify(token)
        # Emptying it costs one verification per token, and needs no record of which was used last.
        if len(self._verified) >= REMEMBERED_MAX:
            self._verified.clear()
        self._verified[authorization] = (holder, min(expires, time.time() + self._remember_seconds))
        return holder

    def claims(self, token: str) -> dict[str, Any]:
        """What a token says, verified.

        :raises Problem: 401, it is expired or invalid; 503, no keys could be read since the start.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(token),
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "sub", "iss", "aud"], "enforce_minimum_key_length": True},
            )
        except jwt.ExpiredSignatureError as error:
            raise _refused("token-current", "Token sudah kedaluwarsa. Minta token baru.") from error
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise _refused("token-valid", "Token tidak dapat dipercaya. Minta token baru.") from error
        return claims

    def _verify(self, token: str) -> tuple[Holder, float]:
        """Verifies a token; returns the officer and the time at which the token expires (with leeway)."""
        claims = self.claims(token)
        holder = holder_of(claims)
        if holder is None:
            raise _refused("token-office", "Token tidak menyebut jabatan yang dikenal.")
        # A provider names each officer in ``sub``: the sessions of one are one caller.
        session = str(claims.get("sid", "")) if self._issuer == LOCAL_ISSUER else ""
        return holder._replace(session=session), float(claims["exp"]) + LEEWAY_SECONDS

    def _key(self, token: str) -> jwt.PyJWK:
        if len(token) > TOKEN_MAX:
            raise jwt.InvalidTokenError("too long")
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str):
            raise jwt.InvalidTokenError("no key id")
        known = self._source.keys(fresh=False)
        if kid not in known:
            known = self._source.keys(fresh=True)
        if not known:
            raise _issuer_away()
        if kid not in known:
            message = "unknown key id"
            raise jwt.InvalidTokenError(message)
        return known[kid]


def token_missing() -> Problem:
    """The refusal of a request without token."""
    return _refused("token-present", "Sertakan token: Authorization: Bearer …")


def _refused(rule: str, detail: str) -> Problem:
    return Problem(RefusalKind.UNIDENTIFIED, rule, detail, headers={"WWW-Authenticate": 'Bearer realm="ksad"'})


def _issuer_away() -> Problem:
    """The refusal while no keys are known: the token may be valid, but cannot be verified."""
    detail = "Penerbit token belum terjangkau, sehingga token belum dapat diperiksa. Coba lagi nanti."
    return Problem(
        RefusalKind.UNAVAILABLE, "issuer-reachable", detail, headers={"Retry-After": str(math.ceil(REFETCH_SECONDS))}
    )
