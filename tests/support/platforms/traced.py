"""The three services in this process, over one broker, with every call between our modules written down."""

import inspect
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from fastapi.testclient import TestClient
from httpx import Response

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.clock import set_simulated
from ksad.registry.app import build as build_registry
from ksad.registry.settings import RegistrySettings
from ksad.reporting.app import build as build_reporting
from ksad.reporting.settings import ReportingSettings
from ksad.supervision.app import build as build_supervision
from ksad.supervision.settings import SupervisionSettings
from tests.support.platforms.fed_supervision import reference_facts
from tests.support.platforms.pair import Pair
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import at
from tests.support.text.layers import above, room

OURS = "ksad."
TRANSPARENT = {"contextlib", "functools"}
"""Libraries that only pass a call on."""
ITERATORS = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
"""An iterator is data: whoever takes the next item of one does not call the room that made it."""


class Call(NamedTuple):
    """A function of ours, called by another module of ours, or by a library."""

    caller: str
    callee: str
    function: str


class Walk(NamedTuple):
    """What was called while something went its way."""

    calls: Counter[Call]

    @property
    def entered(self) -> set[str]:
        """The modules in which something was called."""
        return {one.callee for one in self.calls}

    @property
    def climbs(self) -> dict[tuple[str, str], set[str]]:
        """The calls from a module to one in a layer above it and in another part of the rooms, by the parts of both."""
        found: dict[tuple[str, str], set[str]] = {}
        for caller, callee, function in self.calls:
            if caller and room(caller) != room(callee) and above(callee, caller):
                found.setdefault((room(caller), room(callee)), set()).add(f"{callee}.{function}")
        return found


class Recorder:
    """Writes down calls while it is on: a profile function of every thread that begins after it was set."""

    def __init__(self) -> None:
        self.on = False
        self.calls: Counter[Call] = Counter()

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """A function was called."""
        if not self.on or event != "call" or frame.f_code.co_flags & ITERATORS:
            return
        callee = frame.f_globals.get("__name__", "")
        if not callee.startswith(OURS):
            return
        back = frame.f_back
        while back is not None and back.f_globals.get("__name__") in TRANSPARENT:
            back = back.f_back
        caller = "" if back is None else back.f_globals.get("__name__", "")
        self.calls[Call(caller if caller.startswith(OURS) else "", callee, frame.f_code.co_qualname)] += 1

    @contextmanager
    def walk(self) -> Iterator[Walk]:
        """What is called until the block ends."""
        self.calls = Counter()
        self.on = True
        try:
            yield Walk(self.calls)
        finally:
            self.on = False


@contextmanager
def recording() -> Iterator[Recorder]:
    """A recorder that this thread and all that begin within the block ask."""
    recorder = Recorder()
    before = sys.getprofile()
    threading.setprofile(recorder)
    sys.setprofile(recorder)
    try:
        yield recorder
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


class Three(Pair):
    """Registry, supervision and reporting, on a simulated clock."""

    def __init__(self, clients: dict[str, TestClient], issuer: LocalIssuer, clock: Path) -> None:
        super().__init__(clients["registry"], clients["supervision"], issuer)
        self._clients = clients
        self._clock = clock

    def get(self, path: str, office: str = "auditor", **query: Any) -> Response:
        """What reporting answers, not older than the last command."""
        headers = self.headers(office) | {"Ksad-After": self.position}
        answer: Response = self._clients["reporting"].get(path, headers=headers, params=query)
        return answer

    def pass_day(self, day: date) -> None:
        """A day is over, and the clock is in the morning of the next."""
        set_simulated(self._clock, datetime.combine(day + timedelta(days=1), time(1), UTC))
        self.record("/days", "operator", {"day": day.isoformat()})


def _ready(clients: Sequence[TestClient]) -> bool:
    return all(client.get("/readyz").status_code == 200 for client in clients)


@contextmanager
def running_three(folder: Path, starts_on: date) -> Iterator[Three]:
    """The three services with a broker of their own and adopted reference data, until the block ends."""
    clock = folder / "clock"
    set_simulated(clock, datetime.combine(starts_on, time(1), UTC))
    with ExitStack() as stack:
        broker = stack.enter_context(NatsServer(folder / "nats"))
        common = {
            "nats_url": broker.url,
            "issuer_keys_dir": folder / "issuer",
            "keys_dir": folder / "keys",
            "clock": "simulated",
            "clock_file": clock,
        }

        def given(service: str) -> dict[str, Any]:
            return common | {
                "database_url": at(f"sqlite:///{folder / service}.sqlite", service),
                "documents_dir": folder / "documents" / service,
            }

        apps = {
            "registry": build_registry(RegistrySettings.model_validate(given("registry"))),
            "supervision": build_supervision(SupervisionSettings.model_validate(given("supervision"))),
            "reporting": build_reporting(ReportingSettings.model_validate(given("reporting"))),
        }
        clients = {name: stack.enter_context(TestClient(app)) for name, app in apps.items()}
        ready = partial(_ready, list(clients.values()))
        wait_until(ready, what="three services")
        three = Three(clients, LocalIssuer(folder / "issuer"), clock)
        for fact in reference_facts():
            three.record("/references", "minister", fact.model_dump(mode="json"))
        yield three
