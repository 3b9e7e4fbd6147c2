"""A small HTTP client for the three services: one office's token, idempotency keys, problems as exceptions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

import httpx

from ksad.contracts.positions import AFTER_HEADER

if TYPE_CHECKING:
    from types import TracebackType

ATTEMPTS = 8
RETRY_SECONDS = 0.25
UNAVAILABLE = {429, 502, 503}


class ProblemError(Exception):
    """A service refused: the RFC 9457 problem it answered with."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("detail") or problem.get("title") or f"HTTP {status}")
        self.status = status
        self.problem = problem

    @property
    def rule(self) -> str:
        """The broken rule's name."""
        return str(self.problem.get("rule") or self.problem.get("type") or "")

    @property
    def clause(self) -> str | None:
        """The clause the rule stands on, where there is one."""
        return self.problem.get("clause")


class SilentError(httpx.TransportError):
    """A service does not answer; the message says which and where."""

    def __init__(self, service: str, url: str, error: httpx.TransportError) -> None:
        super().__init__(f"{service} does not answer at {url} ({error})")
        self.service = service


class Client:
    """Speaks to one service for one office at a time. A service that restarts is waited for, a few seconds long."""

    def __init__(self, endpoints: dict[str, Any], attempts: int = ATTEMPTS) -> None:
        """:param attempts: how often a service that does not answer is asked; 1 to look at it as it is."""
        self.endpoints = endpoints
        self._attempts = attempts
        self._http = httpx.Client(timeout=30.0, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def _headers(self, office: str | None) -> dict[str, str]:
        if office is None:
            return {}
        token = self.endpoints["tokens"].get(office)
        if token is None:
            raise ProblemError(401, {"title": f"no development token for {office}", "rule": "office-known"})
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
        """A reading; ``not_older_than`` is a position that a command answered with."""
        headers = self._headers(office)
        if not_older_than is not None:
            headers[AFTER_HEADER] = not_older_than
        parameters = {name: value for name, value in query.items() if value is not None}
        return self._send("GET", service, path, headers=headers, params=parameters).json()

    def raw(self, service: str, path: str, office: str = "auditor") -> bytes:
        """The bytes of a document."""
        return self._send("GET", service, path, headers=self._headers(office)).content

    def post(
        self, service: str, path: str, office: str, key: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """A command, with the idempotency key under which a repeat does nothing.

        :raises ProblemError: the service refused.
        """
        headers = {**self._headers(office), "Idempotency-Key": key}
        answer: dict[str, Any] = self._send("POST", service, path, headers=headers, json=body or {}).json()
        return answer

    def upload(self, service: str, content: bytes, media_type: str, office: str) -> dict[str, Any]:
        """Store a document; its sha256, size and media type."""
        headers = {**self._headers(office), "Content-Type": media_type}
        answer: dict[str, Any] = self._send("POST", service, "/documents", headers=headers, content=content).json()
        return answer
