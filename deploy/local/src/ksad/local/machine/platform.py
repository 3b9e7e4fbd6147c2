"""The whole platform on one machine: the broker, three services, their keys, clock and reference data."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from ksad.chassis.client import Client
from ksad.chassis.clock import JAKARTA, set_simulated
from ksad.chassis.places import SERVICES
from ksad.local.machine.broker import broker_command, write_broker_config
from ksad.local.machine.calling import settings_of
from ksad.local.machine.folder import Folder, write_private
from ksad.local.machine.keeping import refill_stores
from ksad.local.machine.offices import development_tokens
from ksad.local.machine.ownership import take
from ksad.local.machine.ports import Port
from ksad.local.machine.processes import BROKER, Processes, end_leftovers, python, wait_ready
from ksad.local.machine.provision import make_credentials
from ksad.local.machine.reference import adopt_reference
from ksad.local.machine.signals import shielded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

READY_SECONDS = 60.0
log = structlog.get_logger(__name__)
DAYS_AT_ONCE_MAX = 3_660


class Platform:
    """A platform on a data folder. Start it, use :attr:`client`, stop it."""

    def __init__(self, folder: Folder, *, name: str = "local", starts_on: date | None = None) -> None:
        """:param starts_on: the day of a simulated clock; None for the machine's clock."""
        self.folder = folder
        self._name = name
        self._starts_on = starts_on
        self.processes = Processes(folder)
        self.endpoints: dict[str, Any] = {}
        self._owned: TextIO | None = None
        self._ports: list[Port] = []
        self.put_back: dict[str, int] = {}
        """How many events each service's store lacked at the start and was given back from the journal."""

    def start(self) -> None:
        """Start the processes, wait until all are ready, adopt reference data, write ``endpoints.json``.

        :raises NoPlatformError: another one owns the folder, or a service does not get ready.
        """
        self.folder.root.mkdir(parents=True, exist_ok=True)
        self._owned = take(self.folder)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        self.folder.make()
        end_leftovers(self.folder)
        self.put_back = refill_stores(self.folder)
        for service, events in self.put_back.items():
            log.warning("store_refilled", service=service, events=events, source="journal")
        self._name = self.folder.named(self._name)
        if self._starts_on is not None and not self.folder.clock.exists():
            set_clock(self.folder, self._starts_on)
        ports = {service: self._port() for service in SERVICES}
        nats_port = self._port()
        make_credentials(self.folder, nats_port)
        config = write_broker_config(self.folder, nats_port)
        self.processes.add(BROKER, broker_command(config))
        for service in SERVICES:
            environment = environment_of(self.folder, self._name, service, ports[service], nats_port)
            self.processes.add(service, python(f"ksad.{service}", "serve", "--migrate"), environment)
        urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
        self.processes.watch()
        wait_ready(urls, self.processes, READY_SECONDS)
        tokens = development_tokens(self.folder.issuer)
        self.endpoints = {**urls, "nats": f"nats://127.0.0.1:{nats_port}", "tokens": tokens}
        with self.client() as client:
            for name in adopt_reference(client):
                log.warning("reference_left", name=name, reason="somebody else adopted it; the package has another")
        write_private(self.folder.endpoints, json.dumps(self.endpoints, indent=1) + "\n")

    def _port(self) -> int:
        self._ports.append(Port())
        return self._ports[-1].number

    def client(self) -> Client:
        """An HTTP client for this platform."""
        return Client(self.endpoints)

    def stop(self) -> None:
        """End every process, then give up the folder; a second Ctrl-C does not cut this short."""
        with shielded():
            self.processes.stop()
            while self._ports:
                self._ports.pop().close()
            if self._owned is not None:
                self._owned.close()
                self._owned = None


def environment_of(folder: Folder, platform: str, service: str, port: int, nats_port: int) -> dict[str, str]:
    """The settings of one process of a service on a data folder."""
    return {
        **settings_of(folder, service),
        "KSAD_PLATFORM": platform,
        "KSAD_NATS_URL": f"nats://127.0.0.1:{nats_port}",
        "KSAD_NATS_NKEY_SEED_FILE": str(folder.keys / f"{service}.nk"),
        "KSAD_PORT": str(port),
        "KSAD_CLOCK": "simulated" if folder.clock.exists() else "real",
        "KSAD_CLOCK_FILE": str(folder.clock),
        "KSAD_ISSUER": "local",
        "KSAD_ISSUER_KEYS_DIR": str(folder.issuer),
        "KSAD_FEEDS_NKEY_SEED_FILE": str(folder.feeds_seed),
    }


def set_clock(folder: Folder, day: date) -> None:
    """Set the simulated clock to eight in the morning, Jakarta time, of a day."""
    morning = datetime(day.year, day.month, day.day, 8, tzinfo=JAKARTA)
    set_simulated(folder.clock, morning.astimezone(UTC))


@contextmanager
def running(folder: Folder, *, name: str = "local", starts_on: date | None = None) -> Iterator[Platform]:
    """A platform for the length of a block."""
    platform = Platform(folder, name=name, starts_on=starts_on)
    platform.start()
    try:
        yield platform
    finally:
        platform.stop()


def pass_days(
    folder: Folder,
    client: Client,
    through: date,
    on_day: Callable[[date], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[date]:
    """Let days pass up to and including ``through``; the days that passed. On a simulated clock time moves along.

    :param on_day: called with each day that has just begun, so that officers may work on it.
    :raises ValueError: more than ten years at once, which is a slip of the pen.
    """
    last = client.get("registry", "/days/last", "operator")["day"]
    first = datetime.fromisoformat(last).date() + timedelta(days=1) if last else through
    passed: list[date] = []
    total = (through - first).days + 1
    if total > DAYS_AT_ONCE_MAX:
        raise ValueError(f"{through} is {total:,} days ahead, more than pass at once: check the year")
    for day in (first + timedelta(days=number) for number in range(total)):
        if folder.clock.exists():
            set_clock(folder, day)
            if on_day is not None:
                on_day(day)
            set_clock(folder, day + timedelta(days=1))
        client.post("registry", "/days", "operator", f"day-{day}", {"day": day.isoformat()})
        passed.append(day)
        if progress is not None:
            progress(len(passed), total)
    return passed


def wait_settled(client: Client, seconds: float = 60.0) -> None:
    """Wait until supervision and reporting have seen every fact, their own included."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        heads = _settled(client)
        if heads and heads == [_status(client, service)["head"] for service in SERVICES]:
            return
        time.sleep(0.02)
    message = f"the platform did not settle within {seconds:.0f} s"
    raise TimeoutError(message)


def _settled(client: Client) -> list[int]:
    """The heads of the services if nothing is on its way; nothing if something is. Who hears last is asked first."""
    found: dict[str, dict[str, Any]] = {}
    for service in reversed(SERVICES):
        found[service] = _status(client, service)
        if not found[service]["settled"]:
            return []
    return [found[service]["head"] for service in SERVICES] if _followed(found) else []


def _status(client: Client, service: str) -> dict[str, Any]:
    status: dict[str, Any] = client.get(service, "/status", "operator")
    return status


def _followed(status: dict[str, Any]) -> bool:
    """Whether the followers have the newest message of each service: a reader does not know what is still coming."""
    sent = {service: one["sent"] for service, one in status.items()}
    supervised = max(sent["registry"], sent["reporting"])
    return bool(
        status["supervision"]["followed"] >= supervised and status["reporting"]["followed"] >= max(sent.values())
    )
