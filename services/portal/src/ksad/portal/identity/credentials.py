"""With what the services are asked for an officer: a token, and the office under which the officer acts."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Protocol

import jwt
from cryptography.fernet import Fernet, InvalidToken

from ksad.chassis.offices import OFFICE_HEADER
from ksad.chassis.problems import Problem
from ksad.contracts.rules import RefusalKind
from ksad.portal.identity.exchange import OfficerTokens, over

if TYPE_CHECKING:
    from pathlib import Path

    from ksad.chassis.auth import LocalIssuer
    from ksad.portal.identity.provider import Provider
    from ksad.portal.sessions import OfficerSession, Sessions

TOKEN_SECONDS = 600
EARLY_SECONDS = 30
"""How long before its end an access token is renewed."""
MAILER = "mailer"
LOCKS = 64
"""More than the portal has threads."""


class Credential(NamedTuple):
    """A token, and which of its offices acts."""

    token: str
    office: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers with which a service is asked."""
        return {"Authorization": f"Bearer {self.token}", OFFICE_HEADER: self.office}


class Credentials(Protocol):
    """Where the token of a session comes from."""

    def of(self, session: OfficerSession) -> Credential:
        """The credential of a session.

        :raises Problem: 401, the session is over; 503, a new token is needed and the provider does not answer.
        """
        ...


class DevelopmentCredentials:
    """Tokens of sessions while the development issuer is trusted; they live for minutes and are never stored.

    Each names its session, so that the services limit the requests of each officer and not those of the portal.
    """

    def __init__(self, issuer: LocalIssuer) -> None:
        self._issuer = issuer
        self._known: dict[str, tuple[str, float]] = {}

    def of(self, session: OfficerSession) -> Credential:
        """A token of a session's office that is valid for at least some minutes more."""
        now = time.time()
        token, until = self._known.get(session.id, ("", 0.0))
        if now > until:
            token = self._issuer.issue(session.office, seconds=2 * TOKEN_SECONDS, session=session.id)
            alive = {name: one for name, one in self._known.copy().items() if now <= one[1]}
            self._known = {**alive, session.id: (token, now + TOKEN_SECONDS)}
        return Credential(token, session.office)


class MailerAccount:
    """Tokens of the account that reads whom mail has to remind: of the local issuer, or in a file that others renew."""

    def __init__(self, issuer: LocalIssuer | None, file: Path | None) -> None:
        self._issuer = issuer
        self._file = file

    def __call__(self) -> Credential:
        """A token that is valid now.

        :raises OSError: the file cannot be read.
        """
        if self._file is not None:
            return Credential(self._file.read_text().strip(), MAILER)
        assert self._issuer is not None  # noqa: S101 - one of them is given
        return Credential(self._issuer.issue(MAILER, seconds=TOKEN_SECONDS), MAILER)


class Vault:
    """Encrypts tokens, so that whoever reads the portal's database can ask no service."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"ksad portal tokens\0" + key).digest()))

    def sealed(self, tokens: OfficerTokens) -> bytes:
        """The tokens, encrypted."""
        return self._fernet.encrypt(json.dumps(tokens).encode())

    def opened(self, sealed: bytes) -> OfficerTokens:
        """The tokens.

        :raises Problem: 401, they were sealed with another key.
        """
        try:
            return OfficerTokens(*json.loads(self._fernet.decrypt(sealed)))
        except InvalidToken as error:
            raise over() from error


class ProviderCredentials:
    """Tokens of the provider, one set for each session, renewed when they are about to expire."""

    def __init__(self, provider: Provider, sessions: Sessions, vault: Vault) -> None:
        self._provider = provider
        self._sessions = sessions
        self._vault = vault
        self._locks = [Lock() for _ in range(LOCKS)]

    def of(self, session: OfficerSession) -> Credential:
        """The credential of a session; its offices are those of the token that was issued last.

        A session whose tokens were sealed with another key is ended.
        """
        try:
            tokens = self._vault.opened(session.tokens)
        except Problem:
            self._sessions.close(session)
            raise
        if _expires(tokens.access) - EARLY_SECONDS < time.time():
            tokens = self._renewed(session)
        return Credential(tokens.access, session.office)

    def _renewed(self, session: OfficerSession) -> OfficerTokens:
        # One request of a session at a time: a refresh token that is used twice may end them all (RFC 9700, 4.14).
        # Of other sessions others: while the provider is silent, none waits for all that came before it.
        with self._locks[hash(session.id) % LOCKS]:
            now = self._sessions.tokens(session)
            if now is None:
                raise over()
            tokens = self._vault.opened(now)
            if _expires(tokens.access) - EARLY_SECONDS >= time.time():
                return tokens
            try:
                tokens = self._provider.renew(tokens)
                held = self._provider.verify(tokens.access).offices
            except Problem as problem:
                if problem.kind is RefusalKind.UNAVAILABLE:
                    raise
                self._sessions.close(session)
                raise over() from problem
            if session.office not in held:
                self._sessions.close(session)
                raise over()
            self._sessions.keep(session, self._vault.sealed(tokens), held)
            return tokens


def _expires(token: str) -> float:
    """When a token that was verified expires, in seconds since 1970."""
    return float(jwt.decode(token, options={"verify_signature": False})["exp"])
