"""The platform on one machine: broker, services, keys, clock and reference data."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from ksad.chassis.client import Client
from ksad.chassis.clock import set_simulated
from ksad.chassis.places import SERVICES
from ksad.chassis.settings import LOCAL_ISSUER
from ksad.contracts.dates import JAKARTA
from ksad.local.machine.backups import take_up
from ksad.local.machine.broker import broker_command, change_broker, write_broker_config
from ksad.local.machine.calling import settings_of
from ksad.local.machine.feed_rule import begin_feed_rule
from ksad.local.machine.folder import BROKER, PORTAL, Folder, write_private
from ksad.local.machine.forking import open_nursery, python
from ksad.local.machine.keeping import note_untouched, refill_stores
from ksad.local.machine.leftovers import end_leftovers, sweep
from ksad.local.machine.ownership import take
from ksad.local.machine.portal import portal_environment
from ksad.local.machine.ports import Port
from ksad.local.machine.ports import take as take_ports
from ksad.local.machine.processes import Processes
from ksad.local.machine.provision import learn_regions, make_credentials
from ksad.local.machine.reach import Reach, is_local_issuer
from ksad.local.machine.readiness import BrokerCare, wait_ready
from ksad.local.machine.reference import open_platform
from ksad.local.machine.signals import shielded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

READY_SECONDS = 60.0
LOOK_SECONDS_MIN, LOOK_SECONDS_MAX = 0.02, 0.1
"""Between two looks at a platform that has not settled yet."""
log = structlog.get_logger(__name__)
DAYS_AT_ONCE_MAX = 3_660


class Platform:
    """A platform on a data folder; use :meth:`start`, :meth:`client` and :meth:`stop`."""

    def __init__(
        self,
        folder: Folder,
        *,
        name: str = "local",
        starts_on: date | None = None,
        base_port: int | None = None,
        portal: bool = False,
        training: bool = False,
    ) -> None:
        """:param starts_on: the first day of a simulated clock; ``None`` for the machine's clock.

        :param base_port: the first of the folder's ports from now on; ``None`` for the ports that it has, or for free
            ones at its first start.
        :param portal: whether people are to use it, in a browser.
        :param training: whether it is opened for training, if it is new.
        """
        self.folder = folder
        self._name = name
        self._starts_on = starts_on
        self._base_port = base_port
        self._portal = portal
        self._training = training
        self._reach = Reach.from_environment()
        self.processes = Processes(folder)
        self.endpoints: dict[str, Any] = {}
        self._owned: TextIO | None = None
        self._ports: dict[str, Port] = {}
        self._care: BrokerCare | None = None
        self.put_back: dict[str, int] = {}
        """By service, the number of events that its store lacked at the start and that came back from the journal."""

    def start(self) -> None:
        """Starts the processes, waits until all are ready, adopts reference data, and writes ``endpoints.json``.

        :raises NoPlatformError: another process owns the folder, or a service does not become ready.
        """
        self.folder.make()
        self._owned = take(self.folder)
        open_nursery()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        take_up(self.folder.root)
        # Before the databases are opened: services that a killed command left running may still write.
        end_leftovers(self.folder)
        if not self.folder.ended.exists():
            sweep(self.folder)
        hosts = dict.fromkeys((*SERVICES, PORTAL), self._reach.host) | {BROKER: self._reach.broker_host}
        self._ports = take_ports(self.folder, self._base_port, hosts)
        entrance = self._reach.entrance(self.folder)
        self.folder.recognise_stores()
        self.put_back = refill_stores(self.folder)
        for service, events in self.put_back.items():
            log.warning("store_refilled", service=service, events=events, source="journal")
        self._name = self.folder.named(self._name)
        if self._starts_on is not None and not self.folder.clock.exists():
            set_clock(self.folder, self._starts_on)
        nats_port = self._ports[BROKER].number
        broker_url, feeds_url = self._reach.broker_url(nats_port), self._reach.feeds_url(nats_port)
        make_credentials(self.folder, feeds_url)
        config = write_broker_config(self.folder, self._reach.listening(nats_port))
        broker = self.processes.add(BROKER, broker_command(config))
        for service in SERVICES:
            environment = environment_of(self.folder, self._name, service, self._ports[service].number, broker_url)
            self.processes.add(service, python(f"ksad.{service}", "serve", "--migrate"), environment)
        urls = {service: self._reach.url(self._ports[service].number) for service in SERVICES}
        self.processes.watch()
        wait_ready(urls, self.processes, READY_SECONDS, self._reach.certificate)
        self._care = BrokerCare(broker, self.folder.nats, urls, self._reach.certificate)
        self._care.start()
        self.endpoints = {**urls, "nats": broker_url, "feeds": feeds_url, **entrance}
        self._adopt()
        if self._portal:
            self._open_portal(urls)
        if make_credentials(self.folder, feeds_url):
            change_broker(self.folder)
        self.endpoints |= self._reach.entrance(self.folder)
        self.folder.recognise_stores()  # Again: at the first start there were no events yet.
        write_private(self.folder.endpoints, json.dumps(self.endpoints, indent=1) + "\n")

    def _open_portal(self, urls: dict[str, str]) -> None:
        """Starts the portal when there is something to show, and waits until it answers."""
        certificate, port = self._reach.certificate, self._ports[PORTAL].number
        environment = portal_environment(self.folder, urls, port, certificate)
        self.processes.add(PORTAL, python("ksad.portal", "serve", "--migrate"), environment)
        self.endpoints[PORTAL] = self._reach.url(port)
        wait_ready({PORTAL: self.endpoints[PORTAL]}, self.processes, READY_SECONDS, certificate)

    def _adopt(self) -> None:
        if not self.endpoints["tokens"] and "token_file" not in self.endpoints:
            log.warning("reference_not_adopted", reason="set KSAD_TOKEN_FILE to a file with a token of the operator")
            return
        with self.client() as client:
            found = open_platform(client, training=self._training)
            learn_regions(self.folder, client)
            begin_feed_rule(client)
        if found.provisional:
            log.warning("texts_provisional", names=found.provisional, reason="nobody has adopted them")
        if found.differing:
            log.warning("texts_differ", names=found.differing, reason="the package has others; they need a decision")

    def client(self) -> Client:
        """An HTTP client for the services of this platform."""
        return Client(self.endpoints)

    def stop(self) -> None:
        """Stops all processes and releases the folder. A second Ctrl-C does not interrupt it."""
        with shielded():
            if self._care is not None:
                self._care.stop()
            self.processes.stop()
            if self._care is not None:
                with suppress(OSError):
                    note_untouched(self.folder)
            while self._ports:
                self._ports.popitem()[1].close()
            if self._owned is not None:
                self._owned.close()
                self._owned = None


def environment_of(folder: Folder, platform: str, service: str, port: int, broker_url: str) -> dict[str, str]:
    """The environment of a service's process on a data folder; settings that are not in it are inherited."""
    certificate = Reach.from_environment().certificate
    issuer = {"KSAD_ISSUER": LOCAL_ISSUER, "KSAD_ISSUER_KEYS_DIR": str(folder.issuer)}
    return {
        **settings_of(folder, service),
        "KSAD_PLATFORM": platform,
        "KSAD_NATS_URL": broker_url,
        **({"KSAD_NATS_CERTIFICATE_FILE": str(certificate)} if certificate else {}),
        "KSAD_NATS_NKEY_SEED_FILE": str(folder.keys / f"{service}.nk"),
        "KSAD_PORT": str(port),
        "KSAD_CLOCK": "simulated" if folder.clock.exists() else "real",
        "KSAD_CLOCK_FILE": str(folder.clock),
        **(issuer if is_local_issuer() else {}),
        "KSAD_FEEDS_NKEY_SEED_FILE": str(folder.feeds_seed),
    }


def set_clock(folder: Folder, day: date) -> None:
    """Sets the simulated clock to 8:00 in Jakarta on a day."""
    morning = datetime(day.year, day.month, day.day, 8, tzinfo=JAKARTA)
    set_simulated(folder.clock, morning.astimezone(UTC))


@contextmanager
def running(
    folder: Folder,
    *,
    name: str = "local",
    starts_on: date | None = None,
    base_port: int | None = None,
    portal: bool = False,
    training: bool = False,
) -> Iterator[Platform]:
    """A platform that runs during the block."""
    platform = Platform(folder, name=name, starts_on=starts_on, base_port=base_port, portal=portal, training=training)
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
    """Passes days up to and including ``through``; returns them. A simulated clock moves along.

    The first days of a platform begin with the one on which it was opened.

    :param on_day: called with each day that has just begun (on a simulated clock), so that officers may work on it.
    :param progress: called with the numbers of days passed and in total.
    :raises ValueError: more than 3,660 days at once, probably a typing error.
    """
    first = _next_day(client) or through
    passed: list[date] = []
    total = (through - first).days + 1
    if total > DAYS_AT_ONCE_MAX:
        raise ValueError(f"{through} is {total:,} days ahead, more than pass at once: check the year")
    for day in (first + timedelta(days=number) for number in range(total)):
        if folder.clock.exists():
            set_clock(folder, day)
            if on_day is not None:
                on_day(day)
            # The day is over when it is passed: at 8:00 of the next one.
            set_clock(folder, day + timedelta(days=1))
        client.post("registry", "/days", "operator", f"day-{day}", {"day": day.isoformat()})
        passed.append(day)
        if progress is not None:
            progress(len(passed), total)
    return passed


def _next_day(client: Client) -> date | None:
    """The day after the last one that passed, or the first one of the platform."""
    known = client.get("registry", "/days/last", "operator")
    if known["day"] is not None:
        return date.fromisoformat(known["day"]) + timedelta(days=1)
    return None if known["opened_on"] is None else date.fromisoformat(known["opened_on"])


def wait_settled(client: Client, seconds: float = 60.0) -> None:
    """Waits until supervision and reporting have processed all events, including their own.

    :raises TimeoutError: they did not within ``seconds``.
    """
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        heads = _settled(client)
        # Asked twice: a service may have recorded something after it was asked the first time.
        if heads and heads == [_status(client, service)["head"] for service in SERVICES]:
            return
        # Whoever is asked again and again settles later.
        time.sleep(min(LOOK_SECONDS_MAX, max(LOOK_SECONDS_MIN, waited / 10)))
    message = f"the platform did not settle within {seconds:.0f} s"
    raise TimeoutError(message)


def _settled(client: Client) -> list[int]:
    """The heads of the services if nothing is pending, otherwise an empty list; the last in the flow is asked first."""
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
    """Whether the followers have the newest message of each service; a follower does not know what is still to come."""
    sent = {service: one["sent"] for service, one in status.items()}
    supervised = max(sent["registry"], sent["reporting"])
    return bool(
        status["supervision"]["followed"] >= supervised and status["reporting"]["followed"] >= max(sent.values())
    )
