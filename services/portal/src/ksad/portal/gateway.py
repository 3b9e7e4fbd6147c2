"""Calls the three services with an officer's token, and turns their refusals into those of the portal."""

from __future__ import annotations

from collections import OrderedDict
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlencode

import httpx
import orjson

from ksad.chassis.certificates import authorities, trusting
from ksad.chassis.foreseeing import DRY_RUN
from ksad.chassis.health import HealthCheck
from ksad.chassis.problems import KINDS, Problem
from ksad.chassis.tracing import trace_headers
from ksad.contracts.positions import AFTER_HEADER
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from ksad.portal.identity.credentials import Credential
    from ksad.portal.settings import PortalSettings

ANSWER_SECONDS = 15.0
ALIVE_SECONDS = 1.0
KEPT_MAX, KEPT_BYTES_MAX = 500, 16 * 1024 * 1024
"""How many answers are kept, and how large they are in all."""
MARKS_MAX = 50
"""How many marks one question names: each takes 36 bytes of a head that services, and what is before them, bound."""
WAIT = "0.8"
"""How long a page waits for what was recorded a moment ago, in seconds; longer than that it says that it follows."""
SERVICES = {"registry": "register", "supervision": "tugas pembinaan", "reporting": "laporan"}
"""What people call the service that does not answer."""


class CommandAnswer(NamedTuple):
    """What a service answered to a command, and the position of what it recorded; ``None`` where it recorded none."""

    answer: dict[str, Any]
    position: str | None


class RepeatedAnswers:
    """Answers that a service sends once as long as they are the same: by their address, and by the mark of their bytes.

    A mark is that of the content. Whoever is answered that it still holds was to be shown these very bytes, so that
    answers to different officers need not be told apart.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._size = 0

    def of(self, address: str) -> dict[str, bytes]:
        """What is kept of an address, by its marks: those that held last."""
        with self._lock:
            found = [(mark, content) for (known, mark), content in self._kept.items() if known == address]
        return dict(found[-MARKS_MAX:])

    def keep(self, address: str, mark: str, content: bytes) -> None:
        """Keeps an answer; those that were not asked for longest make room."""
        with self._lock:
            self._size += len(content) - len(self._kept.get((address, mark), b""))
            self._kept[address, mark] = content
            self._kept.move_to_end((address, mark))
            while self._size > KEPT_BYTES_MAX or len(self._kept) > KEPT_MAX:
                self._size -= len(self._kept.popitem(last=False)[1])


class Gateway:
    """The three services. One pool of connections for all officers; each request carries its officer's token."""

    def __init__(self, settings: PortalSettings) -> None:
        certificate = settings.services_certificate_file
        verify = trusting(certificate) if certificate else authorities()
        self._urls = dict(settings.services)
        # Without proxies and credentials of the environment: tokens must reach the services only.
        self._http = httpx.Client(
            timeout=ANSWER_SECONDS, trust_env=False, verify=verify, event_hooks={"request": [_under_trace]}
        )
        self._descriptions: dict[str, dict[str, Any]] = {}
        self._lock = Lock()
        self._repeated = RepeatedAnswers()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def check(self) -> HealthCheck:
        """Whether all services are alive; the portal is ready without them, and its pages say which is missing."""
        silent = [service for service, url in self._urls.items() if not self._alive(url)]
        return HealthCheck(ok=True, detail=f"silent: {', '.join(silent) or 'none'}", care=bool(silent))

    def _alive(self, url: str) -> bool:
        try:
            return self._http.get(f"{url}/livez", timeout=ALIVE_SECONDS).is_success
        except httpx.TransportError:
            return False

    def read(
        self, service: str, path: str, credential: Credential, after: str | None = None, /, **query: object
    ) -> Any:  # noqa: ANN401 - JSON
        """Reads JSON.

        :param after: positions that the answer should include.
        :raises Problem: the service refused, or does not answer.
        """
        headers = dict(credential.headers)
        if after is not None:
            headers |= {AFTER_HEADER: after, "Ksad-Wait": WAIT}
        given = {name: value for name, value in query.items() if value is not None}
        address = f"{service}{path}?{urlencode(given)}"
        known = self._repeated.of(address)
        if known:
            headers["If-None-Match"] = ", ".join(known)
        answer = self._sent(service, "GET", path, headers=headers, params=given)
        if answer.status_code == HTTPStatus.NOT_MODIFIED:
            mark = answer.headers["etag"]
            self._repeated.keep(address, mark, known[mark])
            return orjson.loads(known[mark])
        if "no-store" not in answer.headers.get("cache-control", "no-store"):
            self._repeated.keep(address, answer.headers["etag"], answer.content)
        return answer.json()

    def read_publicly(self, service: str, path: str) -> Any:  # noqa: ANN401 - JSON
        """Reads JSON that anybody may read; no token goes with it.

        :raises Problem: the service refused, or does not answer.
        """
        return self._sent(service, "GET", path).json()

    def text_publicly(self, service: str, path: str) -> str:
        """Reads text that anybody may read; no token goes with it.

        :raises Problem: the service refused, or does not answer.
        """
        return self._sent(service, "GET", path).text

    def file(self, service: str, path: str, credential: Credential) -> httpx.Response:
        """Reads a document.

        :raises Problem: the service refused, or does not answer.
        """
        return self._sent(service, "GET", path, headers=credential.headers)

    def made(self, service: str, path: str, credential: Credential, body: dict[str, Any]) -> httpx.Response:
        """Has a service make a document of what is sent; nothing is recorded.

        :raises Problem: the service refused, or does not answer.
        """
        return self._sent(service, "POST", path, headers=credential.headers, json=body)

    def record(self, service: str, path: str, credential: Credential, key: str, body: dict[str, Any]) -> CommandAnswer:
        """Sends a command; with the same key and body nothing is recorded twice.

        :raises Problem: the service refused, or does not answer; it may then have recorded the command.
        """
        headers = credential.headers | {"Idempotency-Key": key}
        answer: dict[str, Any] = self._sent(service, "POST", path, headers=headers, json=body).json()
        return CommandAnswer(answer, answer.get("position"))

    def foresee(
        self, service: str, path: str, credential: Credential, key: str, body: dict[str, Any]
    ) -> dict[str, Any]:
        """What a command would bring about; nothing is recorded.

        :raises Problem: the service refused, as it would refuse the command, or does not answer.
        """
        headers = credential.headers | {"Idempotency-Key": key, DRY_RUN: "true"}
        answer: dict[str, Any] = self._sent(service, "POST", path, headers=headers, json=body).json()
        return answer

    def upload(
        self, service: str, credential: Credential, content: bytes, media_type: str, name: str
    ) -> dict[str, Any]:
        """Uploads a document; returns how facts name it: SHA-256, size in bytes and media type.

        :param name: the name of its file.
        :raises Problem: the service refused, or does not answer.
        """
        headers = credential.headers | {"Content-Type": media_type}
        given = {"params": {"name": name}, "headers": headers, "content": content}
        answer: dict[str, Any] = self._sent(service, "POST", "/documents", **given).json()
        return answer

    def put(self, service: str, path: str, credential: Credential, content: bytes, media_type: str) -> None:
        """Puts a document at an address of its own, in place of what is there.

        :raises Problem: the service refused, or does not answer.
        """
        headers = credential.headers | {"Content-Type": media_type}
        self._sent(service, "PUT", path, headers=headers, content=content)

    def remove(self, service: str, path: str, credential: Credential) -> None:
        """Removes what is at an address.

        :raises Problem: the service refused, or does not answer.
        """
        self._sent(service, "DELETE", path, headers=credential.headers)

    def description(self, service: str) -> dict[str, Any]:
        """The OpenAPI document of a service, which says what its commands ask for; read once.

        :raises Problem: the service does not answer.
        """
        with self._lock:
            if service not in self._descriptions:
                self._descriptions[service] = self._sent(service, "GET", "/openapi.json").json()
            return self._descriptions[service]

    def _sent(self, service: str, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        try:
            response = self._http.request(method, self._urls[service] + path, **options)
        except httpx.TransportError as error:
            detail = (
                f"Layanan {SERVICES[service]} belum menjawab. Coba lagi sebentar; menekan tombol yang sama dua kali "
                "tidak mencatat dua kali."
            )
            raise Problem(RefusalKind.UNAVAILABLE, "service-reachable", detail, headers={"Retry-After": "5"}) from error
        if response.is_error:
            raise _refused(response)
        return response


def _under_trace(request: httpx.Request) -> None:
    request.headers.update(trace_headers())


def _refused(response: httpx.Response) -> Problem:
    """The refusal of a service as one of the portal, with its rule, sentence, clause and facts."""
    try:
        said = response.json()
    except ValueError:
        said = {}
    kind = KINDS.get(response.status_code, RefusalKind.FAULT)
    known = {"type", "title", "status", "detail", "instance", "rule", "clause", "policy", "request_id"}
    facts = {name: value for name, value in said.items() if name not in known}
    headers = {name: response.headers[name] for name in ("retry-after",) if name in response.headers}
    problem = Problem(kind, said.get("rule", "service-answered"), said.get("detail", ""), clause=said.get("clause"))
    problem.headers, problem.facts = headers, facts
    return problem
