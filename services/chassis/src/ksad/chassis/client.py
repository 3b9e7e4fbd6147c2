"""An HTTP client for the services: tokens of offices, idempotency keys, and problems as exceptions."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

from ksad.chassis.certificates import authorities, trusting
from ksad.contracts.positions import AFTER_HEADER

if TYPE_CHECKING:
    from types import TracebackType

ATTEMPTS = 8
RETRY_SECONDS = 0.25
UNAVAILABLE = {429, 502, 503}
ACCEPTED = 202
FOLLOW_SECONDS, FOLLOW_EVERY_SECONDS = 300, 0.2
"""How long a report may take to be compiled, and how often it is asked for."""


class ProblemError(Exception):
    """A service refused a request; ``problem`` is its RFC 9457 response."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("detail") or problem.get("title") or f"HTTP {status}")
        self.status = status
        self.problem = problem

    @property
    def rule(self) -> str:
        """The name of the rule that was broken."""
        return str(self.problem.get("rule") or self.problem.get("type") or "")

    @property
    def clause(self) -> str | None:
        """The clause of the rule, if it has one."""
        return self.problem.get("clause")

    @property
    def policy(self) -> bool:
        """Whether the rule is the platform's, and the clause is what it serves."""
        return bool(self.problem.get("policy"))


class SilentError(httpx.TransportError):
    """A service does not answer; the message names the service and its address."""

    def __init__(self, service: str, url: str, error: httpx.TransportError) -> None:
        super().__init__(f"{service} does not answer at {url} ({error})")
        self.service = service


class Client:
    """Calls services. A service that restarts is called again for a few seconds."""

    def __init__(self, endpoints: dict[str, Any], attempts: int = ATTEMPTS) -> None:
        """:param endpoints: as in ``endpoints.json``: the address of each service by name; under ``tokens`` the token
            of each office, or under ``token_file`` a file with one for all; under ``certificate`` the services' own.
        :param attempts: how often a request is sent to a service that does not answer; 1 to report that at once.
        """
        self.endpoints = endpoints
        self._attempts = attempts
        certificate = endpoints.get("certificate")
        verify = trusting(Path(certificate)) if certificate else authorities()
        # Without proxies and credentials of the environment: tokens must reach the services only.
        self._http = httpx.Client(timeout=30.0, trust_env=False, verify=verify)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def _headers(self, office: str | None) -> dict[str, str]:
        if office is None:
            return {}
        file = self.endpoints.get("token_file")
        token = Path(file).read_text().strip() if file else self.endpoints["tokens"].get(office)
        if not token:
            title = f"no token for {office}: development tokens are the local issuer's; set KSAD_TOKEN_FILE for others"
            raise ProblemError(401, {"title": title, "rule": "office-known"})
        return {"Authorization": f"Bearer {token}"}

    def _send(self, method: str, service: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        url = self.endpoints[service] + path
        response = None
        for attempt in range(self._attempts):
            last = attempt == self._attempts - 1
            try:
                response = self._http.request(method, url, **options)
            except httpx.TransportError as error:
                if last:
                    raise SilentError(service, url, error) from error
            else:
                if response.status_code not in UNAVAILABLE or last:
                    break
            time.sleep(RETRY_SECONDS * (attempt + 1))
        assert response is not None  # noqa: S101 - the last attempt raised otherwise
        if response.is_error:
            try:
                problem = response.json()
            except ValueError:
                problem = {"title": response.text[:200]}
            raise ProblemError(response.status_code, problem)
        return response

    def get(
        self, service: str, path: str, office: str = "auditor", *, not_older_than: str | None = None, **query: object
    ) -> Any:  # noqa: ANN401 - JSON
        """Reads JSON from a service.

        :param not_older_than: positions (``Ksad-After``) that the answer has to include.
        :raises ProblemError: the service refused.
        :raises SilentError: the service does not answer.
        """
        headers = self._headers(office)
        if not_older_than is not None:
            headers[AFTER_HEADER] = not_older_than
        parameters = {name: value for name, value in query.items() if value is not None}
        return self._send("GET", service, path, headers=headers, params=parameters).json()

    def raw(self, service: str, path: str, office: str = "auditor") -> bytes:
        """Reads the bytes of a document.

        :raises ProblemError: the service refused.
        """
        return self._send("GET", service, path, headers=self._headers(office)).content

    def post(
        self, service: str, path: str, office: str, key: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Sends a command. A repeat with the same idempotency key and body records nothing new.

        A report that is to be compiled is waited for.

        :raises ProblemError: the service refused.
        :raises SilentError: the service does not answer.
        """
        headers = {**self._headers(office), "Idempotency-Key": key}
        sent = self._send("POST", service, path, headers=headers, json=body or {})
        answer: dict[str, Any] = sent.json()
        return self._followed(service, office, answer) if sent.status_code == ACCEPTED else answer

    def _followed(self, service: str, office: str, accepted: dict[str, Any]) -> dict[str, Any]:
        """Waits until a report that was asked for is compiled; the report."""
        deadline = time.monotonic() + FOLLOW_SECONDS
        while True:
            found = self.get(service, accepted["place"], office)
            if found["problem"] is not None:
                raise ProblemError(found["problem"]["status"], found["problem"])
            if found["report"] is not None:
                report: dict[str, Any] = found["report"]
                return report
            if time.monotonic() > deadline:
                title = f"not compiled within {FOLLOW_SECONDS} seconds; see {accepted['place']}"
                raise ProblemError(ACCEPTED, {"title": title, "rule": "compiled-in-time"})
            time.sleep(FOLLOW_EVERY_SECONDS)

    def upload(self, service: str, content: bytes, media_type: str, office: str) -> dict[str, Any]:
        """Uploads a document; returns its SHA-256, size in bytes and media type."""
        headers = {**self._headers(office), "Content-Type": media_type}
        answer: dict[str, Any] = self._send("POST", service, "/documents", headers=headers, content=content).json()
        return answer
