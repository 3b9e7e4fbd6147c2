"""A platform with more than one process of each service on the same databases; nobody restarts what dies."""

import signal
from datetime import date
from typing import Any, NamedTuple, Self

from ksad.chassis.client import Client
from ksad.local.machine.broker import broker_command, write_broker_config
from ksad.local.machine.child import Child
from ksad.local.machine.folder import BROKER, Folder
from ksad.local.machine.forking import python
from ksad.local.machine.offices import development_tokens
from ksad.local.machine.platform import environment_of, set_clock
from ksad.local.machine.ports import Port
from ksad.local.machine.processes import Processes
from ksad.local.machine.provision import make_credentials
from ksad.local.machine.reach import Reach
from ksad.local.machine.readiness import wait_ready

READY_SECONDS = 120.0


class Twin(NamedTuple):
    """One of the processes of a service."""

    service: str
    url: str
    child: Child

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.child.process is not None
        self.child.process.send_signal(signal.SIGKILL)
        self.child.process.wait(10)


class Several:
    """A broker, to which any number of processes of the services are added."""

    def __init__(self, folder: Folder, starts_on: date) -> None:
        self.folder = folder
        self._starts_on = starts_on
        self._processes = Processes(folder)
        self._ports = [Port()]

    def __enter__(self) -> Self:
        self.folder.make()
        self.folder.named("local")
        set_clock(self.folder, self._starts_on)
        make_credentials(self.folder, f"nats://127.0.0.1:{self._ports[0].number}")
        config = write_broker_config(self.folder, Reach().listening(self._ports[0].number))
        self._processes.add(BROKER, broker_command(config))
        return self

    def __exit__(self, *_: object) -> None:
        self._processes.stop()
        for port in self._ports:
            port.close()

    @property
    def nats_url(self) -> str:
        """The broker's address."""
        return f"nats://127.0.0.1:{self._ports[0].number}"

    def add(self, *services: str) -> dict[str, Twin]:
        """One more process of each of these services, ready."""
        made = {}
        for service in services:
            self._ports.append(Port())
            port = self._ports[-1].number
            environment = environment_of(
                self.folder, "local", service, port, f"nats://127.0.0.1:{self._ports[0].number}"
            )
            child = self._processes.add(
                f"{service}-{len(self._ports)}", python(f"ksad.{service}", "serve", "--migrate"), environment
            )
            made[service] = Twin(service, f"http://127.0.0.1:{port}", child)
        wait_ready({service: twin.url for service, twin in made.items()}, self._processes, READY_SECONDS)
        return made

    def endpoints(self, *twins: Twin) -> dict[str, Any]:
        """The addresses of these processes, as `ksad up` writes them."""
        tokens = development_tokens(self.folder.issuer)
        return {"nats": self.nats_url, "tokens": tokens, **{twin.service: twin.url for twin in twins}}

    def client(self, *twins: Twin) -> Client:
        """A client of these processes."""
        return Client(self.endpoints(*twins))
