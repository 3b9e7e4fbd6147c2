"""Processes are killed at random moments under load; afterwards every accepted command is everywhere exactly once."""

import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import orjson
import sqlalchemy as sa

from chassis.database import Database
from contracts.identifiers import cooperation_id
from ksad.client import Client, ProblemError
from ksad.folder import Folder
from ksad.operations import rebuild
from ksad.platform import Platform, wait_settled
from tests.support.published import all_as_promised

HEAD = {"title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup", "parties": ["33.72", "33.13"]}
LOAD_SECONDS = 6.0


class Writer(threading.Thread):
    """Registers cooperations and reports problems, each with its key, again and again until it is accepted."""

    def __init__(self, endpoints: dict[str, Any], name: str) -> None:
        super().__init__(name=name)
        self._client = Client(endpoints)
        self.ending = threading.Event()
        self.accepted: dict[str, list[str]] = {}

    def run(self) -> None:
        """Write until told to end."""
        number = 0
        with self._client:
            while not self.ending.is_set():
                key = f"{self.name}-{number}"
                self._send(key, "/cooperations", {"key": key, **HEAD})
                body = {"problem": "p", "description": "terlambat"}
                self._send(key, f"/cooperations/{cooperation_id(key)}/report-problem", body)
                number += 1

    def _send(self, key: str, path: str, body: dict[str, Any]) -> None:
        while True:
            try:
                answer = self._client.post("registry", path, "operator", f"{key}{path}", body)
            except ProblemError as error:
                if error.status not in {429, 503}:
                    raise
            except httpx.TransportError:
                time.sleep(0.2)
            else:
                self.accepted.setdefault(key, []).extend(answer["events"])
                return


def _states(url: str, query: str) -> list[dict[str, Any]]:
    database = Database(url)
    with database.read() as connection:
        rows = [orjson.loads(bytes(row[0])) for row in connection.execute(sa.text(query))]
    database.close()
    return rows


def test_kill_9_under_load(tmp_path: Path, rounds: int, rng: random.Random) -> None:
    """Each service and the broker are killed while two writers write; nothing accepted is lost, nothing is twice."""
    folder = Folder(tmp_path / "platform")
    platform = Platform(folder, name="kills")
    platform.start()
    try:
        writers = [Writer(platform.endpoints, f"w{number}") for number in range(2)]
        for writer in writers:
            writer.start()
        for _ in range(rounds):
            victims = rng.sample(platform.processes.children, k=len(platform.processes.children))
            for child in victims:
                time.sleep(rng.uniform(0.1, LOAD_SECONDS / 4))
                assert child.process is not None
                child.process.send_signal(signal.SIGKILL)
        time.sleep(1.0)
        for writer in writers:
            writer.ending.set()
        for writer in writers:
            writer.join(60)
            assert not writer.is_alive()
        with platform.client() as client:
            wait_settled(client)
            all_as_promised(platform)
            shown = client.get("reporting", "/recap", "auditor", scope="nation")["scopes"]["nation"]
        identical = rebuild(folder, None, switch=False)["identical"]
    finally:
        platform.stop()
    accepted = {key: events for writer in writers for key, events in writer.accepted.items()}
    sent = sorted(event for events in accepted.values() for event in events)
    stored = _states(folder.database_url("registry"), "SELECT state FROM stored_events")
    journal = _states(folder.database_url("reporting"), "SELECT raw FROM journal ORDER BY entry")
    mine = [event for event in stored if event["subject"].startswith("cooperation/")]
    admitted = [event for event in journal if event["subject"].startswith("cooperation/")]

    assert sent == sorted(event["id"] for event in mine)
    assert sent == sorted(event["id"] for event in admitted)
    assert max(Counter(event["id"] for event in journal).values()) == 1
    seen: dict[str, int] = {}
    for event in journal:
        assert event["streamversion"] == seen.get(event["subject"], 0) + 1
        seen[event["subject"]] = event["streamversion"]
    assert len(accepted) == shown["cooperations"] == shown["problems_open"]
    assert identical
