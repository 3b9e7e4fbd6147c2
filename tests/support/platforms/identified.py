"""A portal whose officers sign in with a real identity provider, before a platform that trusts it as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from fastapi.testclient import TestClient

from ksad.chassis.service import Application
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import running
from ksad.local.machine.portal import portal_environment
from ksad.local.machine.ports import Port
from ksad.portal.app import build
from ksad.portal.settings import PortalSettings
from tests.support.servers.provider import CLIENT, SECRET, IdentityProvider, signing_in
from tests.support.servers.schemas import at

TEAM, CITY = "tkksd:33", "region:33.72"
ACCOUNTS: dict[str, dict[str, Any]] = {
    "petugas-1": {"offices": [{"office": TEAM, "role": "clerk"}]},
    "petugas-2": {"offices": [{"office": TEAM, "role": "signer"}, {"office": CITY, "role": "reader"}]},
    "tanpa-jabatan": {},
    CLIENT: {"office": "operator"},
}


class IdentifiedPortal(NamedTuple):
    """A portal whose officers sign in with a provider that its services trust as well."""

    app: Application
    address: str
    provider: IdentityProvider
    port: Port

    def browser(self) -> TestClient:
        """A browser in which nobody has signed in."""
        return TestClient(self.app, self.address, headers={"Origin": self.address}, follow_redirects=False)

    def sign_in(self, login: str, browser: TestClient | None = None, back: str = "/meja-saya") -> TestClient:
        """A browser in which an officer has signed in."""
        browser = browser or self.browser()
        with signing_in(self.asked(browser, back), login) as signed:
            answer = browser.get(signed.back)
        assert answer.status_code == 303, answer.text
        return browser

    def asked(self, browser: TestClient, back: str = "/meja-saya") -> str:
        """The address at the provider to which a browser is sent."""
        answer = browser.post("/masuk", data={"kembali": back})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])


@contextmanager
def identified_portal(home: Path) -> Iterator[IdentifiedPortal]:
    """The portal, its platform and its provider; access tokens of officers live for seconds."""
    port = Port()
    address = f"http://127.0.0.1:{port.number}"
    with (
        IdentityProvider(ACCOUNTS, address, access_seconds=33) as provider,
        pytest.MonkeyPatch.context() as environment,
    ):
        token, key, secret = (home / name for name in ("token", "key", "secret"))
        asked = {"grant_type": "client_credentials"}
        given = httpx.post(f"{provider.issuer}/token", data=asked, auth=(CLIENT, SECRET), trust_env=False).json()
        token.write_text(given["access_token"])
        key.write_text("k" * 40)
        secret.write_text(f"{SECRET}\n")
        environment.setenv("KSAD_ISSUER", provider.issuer)
        environment.setenv("KSAD_JWKS_URL", f"{provider.issuer}/jwks")
        environment.setenv("KSAD_TOKEN_FILE", str(token))
        folder = Folder(home / "data")
        with running(folder) as platform:
            urls = {name: platform.endpoints[name] for name in ("registry", "supervision", "reporting")}
            told = portal_environment(folder, urls, port.number, None)
            values: dict[str, Any] = {name.removeprefix("KSAD_").lower(): one for name, one in told.items()}
            values |= provider.settings | {"portal_url": address, "oidc_client_id": CLIENT}
            values |= {"oidc_client_secret_file": secret, "session_key_file": key}
            settings = PortalSettings.model_validate(values)
            at(settings.database_url, "portal")
            app = build(settings)
            with TestClient(app):
                yield IdentifiedPortal(app, address, provider, port)
    port.close()
