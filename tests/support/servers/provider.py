"""An identity provider as a ministry runs one: `oidc-provider` of npm, a real process with pages of its own."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from typing import Any, NamedTuple, Self
from urllib.parse import urljoin

import httpx

from ksad.local.machine.ports import Port
from tests.support.browser.parts import LOCK, folder
from tests.support.servers.node import HOME
from tests.support.servers.processes import port_open, wait_until

CLIENT, SECRET = "portal", "rahasia-untuk-uji-saja-0123456789"
ACCESS_SECONDS = 600
FORM = re.compile(r'<form[^>]*action="([^"]+)"')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class IdentityProvider:
    """A provider with accounts, by their login, each with the claims of its access tokens; and one client, a portal."""

    def __init__(
        self, accounts: Mapping[str, Mapping[str, Any]], portal: str, access_seconds: int = ACCESS_SECONDS
    ) -> None:
        self._reserved = Port()
        self.port = self._reserved.number
        client = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code"],
            "redirect_uris": [f"{portal}/masuk/selesai"],
            "post_logout_redirect_uris": [f"{portal}/masuk"],
        }
        told = {"accounts": accounts, "clients": [client], "accessSeconds": access_seconds}
        self._told = json.dumps(told)
        self._process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        """Its name, which is its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """What services that trust it are told."""
        return {"issuer": self.issuer, "jwks_url": f"{self.issuer}/jwks"}

    def start(self) -> None:
        """Starts it, at the same address each time."""
        command = [str(HOME / "bin" / "node"), str(LOCK.parent / "provider.mjs"), str(self.port)]
        process = subprocess.Popen(
            [*command, str(folder() / "node_modules")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdin is not None
        with process.stdin as told:
            told.write(self._told)
        self._process = process
        wait_until(lambda: port_open(self.port), what="the identity provider")

    def stop(self) -> None:
        """Ends it; what it knew of sessions is forgotten."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._reserved.close()


class SignedIn(NamedTuple):
    """The address to which a provider sends a browser back, and the browser's cookies at the provider."""

    back: str
    browser: httpx.Client


@contextmanager
def signing_in(address: str, login: str) -> Iterator[SignedIn]:
    """Signs in at a provider as a person does, on its own pages, until it sends the browser back."""
    home = re.match(r"https?://[^/]+", address)
    assert home is not None
    with httpx.Client(trust_env=False, timeout=30) as browser:
        answer = browser.get(address)
        for _ in range(10):
            if answer.is_redirect:
                target = urljoin(str(answer.url), answer.headers["location"])
                if not target.startswith(home[0]):
                    yield SignedIn(target, browser)
                    return
                answer = browser.get(target)
                continue
            action = FORM.search(answer.text)
            assert action is not None, answer.text
            given = dict(HIDDEN.findall(answer.text)) | {"login": login, "password": "x"}
            answer = browser.post(urljoin(str(answer.url), unescape(action[1])), data=given)
        raise AssertionError(answer.text)
