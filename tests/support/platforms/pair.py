"""Registry and supervision as they run, over HTTP and one broker, for tests that need both."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from ksad.chassis.auth import LocalIssuer
from ksad.contracts.identifiers import cooperation_id
from ksad.registry.app import build as build_registry
from ksad.registry.domain.commands import COMMANDS, ActCommand
from ksad.registry.settings import RegistrySettings
from ksad.supervision.app import build as build_supervision
from ksad.supervision.settings import SupervisionSettings
from tests.support.platforms.fed_supervision import reference_facts
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import at

HEAD = {"title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup"}


class Pair:
    """The two services; every command gets an idempotency key of its own unless one is given."""

    def __init__(self, registry: TestClient, supervision: TestClient, issuer: LocalIssuer) -> None:
        self._clients = {"registry": registry, "supervision": supervision}
        self._issuer = issuer
        self._keys = count()
        self._clerks: dict[str, str] = {}
        self.position = "registry:1"

    def headers(self, office: str) -> dict[str, str]:
        """The headers of an office."""
        return {"Authorization": f"Bearer {self._issuer.issue(office)}"}

    def ask(self, path: str, office: str = "auditor", *, fresh: bool = True, **query: Any) -> Response:
        """A reading of supervision, not older than the registry's last command."""
        headers = self.headers(office) | ({"Ksad-After": self.position} if fresh else {})
        answer: Response = self._clients["supervision"].get(path, headers=headers, params=query)
        return answer

    def read(self, path: str, office: str = "auditor", **query: Any) -> Any:
        """The answer to a reading that is allowed."""
        answer = self.ask(path, office, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(
        self, service: str, path: str, office: str, body: Mapping[str, Any], key: str | None = None, **headers: str
    ) -> Response:
        """A command."""
        sent = self.headers(office) | {"Idempotency-Key": key or f"key-{next(self._keys)}"} | headers
        answer: Response = self._clients[service].post(path, json=body, headers=sent)
        return answer

    def record(self, path: str, office: str, body: Mapping[str, Any]) -> Any:
        """A command of the registry that is accepted."""
        answer = self.send("registry", path, office, body)
        assert answer.status_code in (200, 201), answer.text
        self.position = answer.json()["position"] or self.position
        return answer.json()

    def upload(self, content: bytes, office: str) -> Response:
        """A document for supervision."""
        headers = self.headers(office) | {"Content-Type": "application/pdf"}
        answer: Response = self._clients["supervision"].post("/documents", content=content, headers=headers)
        return answer

    def register(self, key: str, parties: tuple[str, ...] = ("33.72", "33.11")) -> str:
        """A cooperation is entered by its first party; its id."""
        identity, clerk = str(cooperation_id(key)), f"region:{parties[0]}"
        self.record("/cooperations", clerk, {"key": key, "parties": list(parties), **HEAD})
        self._clerks[identity] = clerk
        return identity

    def tell(self, identity: str, command: str, office: str | None = None, **body: Any) -> Any:
        """A command on a cooperation, by its first party where no office is named; all who are asked confirm it."""
        clerk = office or self._clerks[identity]
        if issubclass(COMMANDS[command], ActCommand) or command in {"withdraw-party", "form-body"}:
            body.setdefault("document", self._paper(clerk))
        answer = self.record(f"/cooperations/{identity}/{command}", clerk, body)
        for region in answer["awaiting"]:
            confirmation = {"proposal": answer["proposal"]}
            answer = self.record(f"/cooperations/{identity}/confirm-act", f"region:{region}", confirmation)
        return answer

    def _paper(self, office: str) -> dict[str, Any]:
        """A signed document that the registry keeps."""
        headers = self.headers(office) | {"Content-Type": "application/pdf"}
        found: dict[str, Any] = (
            self._clients["registry"].post("/documents", content=b"%PDF-1.7 naskah\n", headers=headers).json()
        )
        return found

    def implement(self, key: str, parties: tuple[str, ...] = ("33.72", "33.11")) -> str:
        """A cooperation in its last stage; its id."""
        identity = self.register(key, parties)
        numbers = dict.fromkeys(parties, "1/2026")
        self.tell(identity, "enter-stage", stage="negotiation")
        self.tell(identity, "enter-stage", stage="signing")
        self.tell(identity, "sign-accord", numbers=numbers)
        self.tell(identity, "sign-agreement", numbers=numbers, ends_on="2099-12-31")
        return identity

    def tasks(self, office: str = "auditor", **query: Any) -> list[dict[str, Any]]:
        """The tasks of a board."""
        items: list[dict[str, Any]] = self.read("/tasks", office, limit=500, **query)["items"]
        return items

    def task(self, identity: str, duty: str) -> dict[str, Any]:
        """The only task of a cooperation with a duty."""
        [task] = self.tasks(cooperation_id=identity, duty=duty)
        return task

    def do(self, task: Mapping[str, Any], command: str, office: str, body: Mapping[str, Any], **extra: Any) -> Response:
        """A command on a task."""
        return self.send("supervision", f"/tasks/{task['task_id']}/{command}", office, body, **extra)

    def client(self, service: str) -> TestClient:
        """A service's client."""
        return self._clients[service]


@contextmanager
def running_pair(folder: Path, registry_url: str, supervision_url: str) -> Iterator[Pair]:
    """Both services with a broker of their own and adopted reference data, until the block ends."""
    with ExitStack() as stack:
        broker = stack.enter_context(NatsServer(folder / "nats"))
        common = {"nats_url": broker.url, "issuer_keys_dir": folder / "keys"}
        registry = build_registry(
            RegistrySettings.model_validate(
                {**common, "database_url": at(registry_url, "registry"), "documents_dir": folder / "registry"}
                | {"documents_dir_supervision": folder / "supervision"}
            )
        )
        supervision = build_supervision(
            SupervisionSettings.model_validate(
                {**common, "database_url": at(supervision_url, "supervision"), "documents_dir": folder / "supervision"}
                | {"documents_dir_registry": folder / "registry"}
            )
        )
        clients = [
            stack.enter_context(TestClient(app, raise_server_exceptions=False)) for app in (registry, supervision)
        ]
        wait_until(lambda: all(one.get("/readyz").status_code == 200 for one in clients), what="both services")
        pair = Pair(clients[0], clients[1], LocalIssuer(folder / "keys"))
        for fact in reference_facts():
            pair.record("/references", "minister", fact.model_dump(mode="json"))
        yield pair
