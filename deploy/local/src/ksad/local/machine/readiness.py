"""Whether the services of a platform are ready: waited for at a start, and looked at while they run."""

from __future__ import annotations

import shutil
import ssl
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import httpx
import structlog

from ksad.chassis.certificates import trusting
from ksad.chassis.health import Remedy
from ksad.chassis.storage import ROOM_BYTES_MIN
from ksad.local.machine.folder import NoPlatformError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ksad.local.machine.child import Child
    from ksad.local.machine.processes import Processes

ANSWER_SECONDS = 2.0
LOOK_SECONDS = 3.0
SETTLE_SECONDS = 10.0
"""How long a broker that was started again is left alone."""
log = structlog.get_logger(__name__)


class ReadyAnswer(NamedTuple):
    """What a service says of itself; ``failing`` are its failing checks, and what each says."""

    ready: bool
    failing: Mapping[str, str]
    remedies: Mapping[str, str]


SILENT = ReadyAnswer(ready=False, failing={}, remedies={})


def look(http: httpx.Client, url: str) -> ReadyAnswer:
    """What a service answers; :data:`SILENT` where it answers nothing that can be read."""
    try:
        said = http.get(f"{url}/readyz").json()
        checks = {name: text for name, text in said["checks"].items() if text.startswith("FAILED")}
        return ReadyAnswer(said["ready"], checks, said.get("remedies", {}))
    except (httpx.HTTPError, ValueError, KeyError, AttributeError, TypeError):
        return SILENT


def wait_ready(urls: Mapping[str, str], processes: Processes, seconds: float, certificate: Path | None = None) -> None:
    """Waits until every service is ready.

    :param urls: the address of each service by its name, which is also its process's.
    :param certificate: the one that the services show, where they speak TLS.
    :raises NoPlatformError: one is not ready in time, waiting mends nothing, or a process dies before; the message
        repeats what it said last.
    """
    deadline = time.monotonic() + seconds
    with httpx.Client(timeout=ANSWER_SECONDS, trust_env=False, verify=_trusted(certificate)) as http:
        for name, url in urls.items():
            while not (found := look(http, url)).ready:
                for child in processes.children:
                    if child.restarts:
                        raise NoPlatformError(f"{child.name} did not start: {child.last_words}")
                hopeless = [one for one, remedy in found.remedies.items() if remedy == Remedy.OPERATOR]
                if hopeless:
                    raise NoPlatformError(f"{name} cannot start: {_told(found.failing, hopeless)}")
                if time.monotonic() > deadline:
                    why = _told(found.failing, list(found.failing)) or "it does not answer"
                    raise NoPlatformError(f"{name} is not ready after {seconds:.0f} s: {why}")
                time.sleep(0.05)


def _trusted(certificate: Path | None) -> ssl.SSLContext | bool:
    return True if certificate is None else trusting(certificate)


def _told(checks: Mapping[str, str], names: list[str]) -> str:
    return "; ".join(f"{one}: {checks.get(one, '').removeprefix('FAILED: ')}" for one in names)


class BrokerCare:
    """Restarts the broker when it refuses its work although its disk has room.

    JetStream switches itself off when a write fails, and stays off until the server is started again.
    """

    def __init__(self, broker: Child, store: Path, urls: Mapping[str, str], certificate: Path | None = None) -> None:
        """:param store: the folder that the broker writes to."""
        self._broker = broker
        self._store = store
        self._urls = urls
        self._certificate = certificate
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker-care", daemon=True)

    def start(self) -> None:
        """Checks the services regularly, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the checks."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        refused = 0
        with httpx.Client(timeout=ANSWER_SECONDS, trust_env=False, verify=_trusted(self._certificate)) as http:
            while not self._ended.wait(LOOK_SECONDS):
                try:
                    refused = refused + 1 if self._refuses(http) else 0
                    if refused > 1 and shutil.disk_usage(self._store).free >= ROOM_BYTES_MIN:
                        log.warning("broker_restarted", reason="it refuses although its disk has room")
                        self._broker.stop()
                        refused = 0
                        self._ended.wait(SETTLE_SECONDS)
                except Exception as error:  # noqa: BLE001 - the care goes on, whatever a look came upon
                    log.warning("broker_care_failed", error=repr(error))

    def _refuses(self, http: httpx.Client) -> bool:
        return any(Remedy.BROKER in look(http, url).remedies.values() for url in self._urls.values())
