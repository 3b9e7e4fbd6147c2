"""The ministry's identity provider: OpenID Connect, code flow with PKCE (RFC 7636), and log-out at the provider too.

What a provider is asked for goes to addresses of its own that it published itself, and only to those at its issuer's
host. Its tokens are verified as the services verify them.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlencode, urlsplit

import httpx
import structlog
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from ksad.chassis.auth import Authenticator, IssuerKeys
from ksad.chassis.problems import Problem
from ksad.portal.identity.exchange import (
    AFTER,
    CALLBACK,
    SECRET_BYTES,
    BegunLogin,
    OfficerTokens,
    not_signed_in,
    unreachable,
    without_office,
)

if TYPE_CHECKING:
    from ksad.chassis.offices import Holder
    from ksad.portal.settings import PortalSettings

ANSWER_SECONDS = 10.0
DISCOVERY = "/.well-known/openid-configuration"
log = structlog.get_logger(__name__)


class ProviderAddresses(NamedTuple):
    """Where the provider is asked; ``ending`` is missing where it offers no log-out."""

    authorizing: str
    redeeming: str
    ending: str | None
    naming: bool
    """Whether its answers name their issuer (RFC 9207)."""


class Provider:
    """The provider that officers sign in with."""

    def __init__(self, settings: PortalSettings) -> None:
        assert settings.oidc_client_id is not None  # noqa: S101 - who makes one has looked
        assert settings.portal_url is not None  # noqa: S101 - settings refuse the other case
        assert settings.jwks_url is not None  # noqa: S101 - settings refuse the other case
        self._issuer = settings.issuer
        self._base = settings.portal_url.rstrip("/")
        self._scope = settings.oidc_scope
        self._id, secret = settings.oidc_client_id, settings.oidc_client_secret
        # Without proxies and credentials of the environment: codes and secrets must reach the provider only.
        self._http = httpx.Client(timeout=ANSWER_SECONDS, trust_env=False, follow_redirects=False)
        self._auth = httpx.BasicAuth(self._id, secret) if secret else None
        self._secret = secret
        keys = IssuerKeys(settings.jwks_url)
        self._access = Authenticator(self._issuer, settings.audience, keys)
        self._identity = Authenticator(self._issuer, self._id, keys)
        self._addresses: ProviderAddresses | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def begin(self) -> BegunLogin:
        """A new sign-in: what is to be remembered, and where the browser goes.

        :raises Problem: 503, the provider does not answer, which a page says better than a browser that waits for it.
        """
        addresses = self._found(fresh=True)
        state, nonce, verifier = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(3))
        client = self._client()
        address, _ = client.create_authorization_url(
            addresses.authorizing, state=state, code_verifier=verifier, nonce=nonce
        )
        return BegunLogin(state, nonce, verifier, str(address))

    def finish(self, code: str, issuer: str | None, begun: BegunLogin) -> tuple[OfficerTokens, Holder]:
        """Redeems the code of an answer; returns the tokens, and whom the access token speaks of.

        :param issuer: the issuer that the answer names, where it names one.
        :raises Problem: 403, the answer is another issuer's or of another sign-in, or the officer has no office; 401,
            a token is not to be trusted; 503, the provider does not answer.
        """
        addresses = self._found()
        if issuer != self._issuer and (issuer is not None or addresses.naming):
            raise not_signed_in()
        client = self._client()
        given = self._asked(
            lambda: client.fetch_token(
                addresses.redeeming,
                grant_type="authorization_code",
                code=code,
                code_verifier=begun.verifier,
                auth=self._auth,
            )
        )
        tokens = OfficerTokens(str(given["access_token"]), given.get("refresh_token"), given.get("id_token"))
        holder = self._holder(tokens.access)
        claims = self._identity.claims(tokens.identity or "")
        if claims.get("nonce") != begun.nonce or claims["sub"] != holder.actor_id:
            raise not_signed_in()
        return tokens, holder

    def renew(self, tokens: OfficerTokens) -> OfficerTokens:
        """New tokens for those whose access token has expired.

        :raises Problem: 403, the provider gives none any more; 503, it does not answer.
        """
        if tokens.renewing is None:
            raise not_signed_in()
        addresses, client = self._found(), self._client()
        given = self._asked(
            lambda: client.refresh_token(addresses.redeeming, refresh_token=tokens.renewing, auth=self._auth)
        )
        return OfficerTokens(
            str(given["access_token"]),
            given.get("refresh_token") or tokens.renewing,
            given.get("id_token") or tokens.identity,
        )

    def verify(self, token: str) -> Holder:
        """Whom an access token speaks of.

        :raises Problem: it is not to be trusted, or the issuer's keys could not be read.
        """
        return self._access.verify(token)

    def ending(self, identity: str | None) -> str | None:
        """Where a browser goes to sign out at the provider; ``None`` if it offers that nowhere, or is not known yet."""
        address = self._addresses.ending if self._addresses else None
        if address is None:
            return None
        back = {"client_id": self._id, "post_logout_redirect_uri": self._base + AFTER}
        return f"{address}?{urlencode(back | ({'id_token_hint': identity} if identity else {}))}"

    def _holder(self, token: str) -> Holder:
        try:
            return self._access.verify(token)
        except Problem as problem:
            raise (without_office() if problem.rule == "token-office" else problem) from problem

    def _client(self) -> Any:  # noqa: ANN401 - the library has no types
        return OAuth2Client(
            self._http,
            self._id,
            self._secret,
            scope=self._scope,
            redirect_uri=self._base + CALLBACK,
            code_challenge_method="S256",
        )

    def _asked(self, ask: Any) -> dict[str, Any]:  # noqa: ANN401 - the library has no types
        try:
            given: dict[str, Any] = ask()
        except httpx.TransportError as error:
            log.warning("provider_silent", error=f"{type(error).__name__}: {error}")
            raise unreachable() from error
        except httpx.HTTPStatusError as error:
            log.warning("provider_failed", status=error.response.status_code)
            raise unreachable() from error
        except (OAuth2Error, ValueError) as error:
            log.warning("provider_refused", error=f"{type(error).__name__}: {error}")
            raise not_signed_in() from error
        if not isinstance(given.get("access_token"), str):
            raise not_signed_in()
        return given

    def _found(self, *, fresh: bool = False) -> ProviderAddresses:
        if fresh or self._addresses is None:
            found = self._discovered()
            self._addresses = found
            return found
        return self._addresses

    def _discovered(self) -> ProviderAddresses:
        url = self._issuer.rstrip("/") + DISCOVERY
        try:
            answer = self._http.get(url)
            answer.raise_for_status()
            said = answer.json()
            found = ProviderAddresses(
                said["authorization_endpoint"],
                said["token_endpoint"],
                said.get("end_session_endpoint"),
                said.get("authorization_response_iss_parameter_supported") is True,
            )
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("provider_not_found", url=url, error=f"{type(error).__name__}: {error}")
            raise unreachable() from error
        home = urlsplit(self._issuer)[:2]
        strange = [one for one in found[:3] if one is not None and urlsplit(str(one))[:2] != home]
        if said.get("issuer") != self._issuer or strange:
            log.error("provider_elsewhere", issuer=said.get("issuer"), addresses=strange)
            raise unreachable()
        return found
