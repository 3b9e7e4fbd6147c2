"""Who calls: a bearer token of the ministry's OIDC issuer, verified into a :class:`Caller`.

The key set is the issuer's, fetched from one configured address; a token's ``kid`` only chooses among those keys, and
each key verifies with its own algorithm, whatever the token says.
On one machine a local issuer with development keys takes its place; settings refuse it outside loopback.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import secrets
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ksad.chassis.problems import Problem
from ksad.chassis.settings import LOCAL_ISSUER
from ksad.contracts.identifiers import OFFICE
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.chassis.settings import Settings

ALGORITHMS = ["EdDSA", "ES256", "RS256"]
LEEWAY_SECONDS = 30
REFRESH_SECONDS = 300.0
REFETCH_SECONDS = 5.0
REMEMBER_SECONDS = 30.0
REMEMBERED_MAX = 10_000
TOKEN_SECONDS = 90 * 24 * 3600
ACTOR_MAX = 64
TOKEN_MAX = 8_192
"""Characters; one office and one pseudonym need a tenth of that."""
log = structlog.get_logger(__name__)


class Caller(NamedTuple):
    """An office, and the pseudonym of the officer who speaks for it; never a name."""

    office: str
    actor_id: str


class KeySource(Protocol):
    """Two implementations: the issuer's address, and the local issuer's folder."""

    def keys(self, *, fresh: bool) -> dict[str, jwt.PyJWK]:
        """Public keys by their id; ``fresh`` asks again, but not too often."""
        ...


class IssuerKeys:
    """The key set at an address, kept for five minutes; an unknown key id asks again at most every five seconds."""

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
        """The issuer's keys; the last known ones while it does not answer."""
        with self._turn() as mine:
            age = float("inf") if self._asked is None else time.monotonic() - self._asked
            if mine and age > (self._refetch_seconds if fresh else self._refresh_seconds):
                self._asked = time.monotonic()
                self._ask()
        return self._keys

    @contextmanager
    def _turn(self) -> Iterator[bool]:
        """One asks at a time. Whoever has keys already does not stand behind an issuer that keeps silent."""
        mine = self._lock.acquire(blocking=self._asked is None)
        try:
            yield mine
        finally:
            if mine:
                self._lock.release()

    def _ask(self) -> None:
        try:
            answer = httpx.get(self._url, timeout=5.0, follow_redirects=False)
            answer.raise_for_status()
            self._keys = _key_set(answer.json())
        except (httpx.HTTPError, ValueError, TypeError, KeyError, AttributeError, jwt.PyJWTError) as error:
            log.warning("issuer_keys_not_read", url=self._url, error=f"{type(error).__name__}: {error}")


def _key_set(document: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    """The keys that tokens may be signed with: no shared secrets, none that is for encryption.

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
        self._public = _key_set(self.jwks())

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

    def keys(self, *, fresh: bool) -> dict[str, jwt.PyJWK]:
        """Its public key."""
        del fresh
        return self._public

    def jwks(self) -> dict[str, Any]:
        """Its public key as a JWK set."""
        jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**jwk, "kid": LOCAL_ISSUER, "use": "sig", "alg": "EdDSA"}]}


def _write_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pending = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
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

    def __init__(
        self, issuer: str, audience: str, source: KeySource, remember_seconds: float = REMEMBER_SECONDS
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._source = source
        self._remember_seconds = remember_seconds
        self._verified: dict[str, tuple[Caller, float]] = {}

    @classmethod
    def from_settings(cls, settings: Settings) -> Authenticator:
        """The issuer that the settings name."""
        if settings.issuer == LOCAL_ISSUER:
            assert settings.issuer_keys_dir is not None  # noqa: S101 - settings refuse the other case
            return cls(LOCAL_ISSUER, settings.audience, LocalIssuer(settings.issuer_keys_dir, settings.audience))
        assert settings.jwks_url is not None  # noqa: S101 - settings refuse the other case
        return cls(settings.issuer, settings.audience, IssuerKeys(settings.jwks_url))

    def remembered(self, authorization: str | None) -> Caller | None:
        """The caller of a header that was verified within the last half minute."""
        known = self._verified.get(authorization or "")
        return known[0] if known is not None and time.time() < known[1] else None

    async def identify(self, authorization: str | None) -> Caller:
        """The caller that an ``Authorization`` header proves; the issuer may have to be asked.

        :raises Problem: 401, there is no token, or it is not to be trusted; 503, the issuer never told any keys.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if authorization is None or scheme.lower() != "bearer" or not token:
            raise token_missing()
        known = self.remembered(authorization)
        return known if known is not None else await asyncio.to_thread(self._learn, authorization, token)

    def _learn(self, authorization: str, token: str) -> Caller:
        caller, expires = self._verify(token)
        if len(self._verified) >= REMEMBERED_MAX:
            self._verified.clear()
        self._verified[authorization] = (caller, min(expires, time.time() + self._remember_seconds))
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
                options={"require": ["exp", "iat", "sub", "iss", "aud"], "enforce_minimum_key_length": True},
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

    def _key(self, token: str) -> jwt.PyJWK:
        if len(token) > TOKEN_MAX:
            message = "too long"
            raise jwt.InvalidTokenError(message)
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str):
            message = "no key id"
            raise jwt.InvalidTokenError(message)
        known = self._source.keys(fresh=False)
        if kid not in known:
            known = self._source.keys(fresh=True)
        if not known:
            raise _issuer_away()
        if kid not in known:
            message = "unknown key id"
            raise jwt.InvalidTokenError(message)
        return known[kid]


def _pseudonym(subject: object) -> bool:
    return (
        isinstance(subject, str)
        and 0 < len(subject) <= ACTOR_MAX
        and all(sign.isascii() and (sign.isalnum() or sign in "._-") for sign in subject)
    )


def token_missing() -> Problem:
    """What somebody is told who does not say who he is."""
    return _refused("token-present", "Sertakan token: Authorization: Bearer …")


def _refused(rule: str, detail: str) -> Problem:
    return Problem(RefusalKind.UNIDENTIFIED, rule, detail, headers={"WWW-Authenticate": 'Bearer realm="ksad"'})


def _issuer_away() -> Problem:
    """The token may be good: nobody can say as long as the issuer has not answered once."""
    detail = "Penerbit token belum terjangkau, sehingga token belum dapat diperiksa. Coba lagi nanti."
    return Problem(
        RefusalKind.UNAVAILABLE, "issuer-reachable", detail, headers={"Retry-After": str(math.ceil(REFETCH_SECONDS))}
    )
