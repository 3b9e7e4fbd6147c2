"""Plays a history into the registry through its HTTP API, step by step, each cooperation on its own.

A step is known by its words: its idempotency key is derived from the cooperation's key and what the step says, not
from the file. So the same file twice adds nothing, and a file that has grown by one step adds that step. Each event
keeps the sha256 and the line of the file that it was first read from.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.chassis.client import ProblemError
from ksad.contracts.identifiers import command_id, cooperation_id
from ksad.local.history.reading import Failure, HistoryCooperation, HistoryFile, HistoryStep

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from ksad.chassis.client import Client

NOT_FOUND = 404
CLOSED = "ksad.cooperation.backfill_closed"


class Imported(NamedTuple):
    """What an import did: cooperations that came through, steps recorded now, and why others stopped."""

    cooperations: int
    steps: int
    known: int
    failures: list[Failure]


class _Keyed(NamedTuple):
    """A step with its place in the file and its idempotency key."""

    step: HistoryStep
    key: str


def _keyed(one: HistoryCooperation) -> list[_Keyed]:
    """The steps with their keys; the same words twice are two steps."""
    seen: Counter[str] = Counter()
    keyed = []
    for step in one.steps:
        words = json.dumps([one.key, step.do, _words(one, step)], sort_keys=True)
        digest = hashlib.sha256(words.encode()).hexdigest()[:32]
        keyed.append(_Keyed(step, f"import-{digest}-{seen[digest]}"))
        seen[digest] += 1
    return keyed


def _words(one: HistoryCooperation, step: HistoryStep) -> dict[str, Any]:
    return (one.head if step.do == "register" else {}) | step.fields


class _Recorded(NamedTuple):
    """What the register has of a cooperation: the ids of its commands, and whether the backfill is closed."""

    commands: frozenset[str]
    closed: bool


class Importer:
    """Plays the cooperations of one file for one office."""

    def __init__(self, client: Client, history: HistoryFile, office: str, *, check: bool) -> None:
        self._client = client
        self._history = history
        self._office = office
        self._check = check

    def play(self, progress: Callable[[int, int], None] | None = None) -> Imported:
        """Play all of them; a cooperation that fails stops alone."""
        failures = list(self._history.failures)
        recorded = known = done = came = 0
        total = sum(len(one.steps) for one in self._history.cooperations)
        for one in self._history.cooperations:
            keyed = _keyed(one)
            there = self._recorded(one)
            pending = [item for item in keyed if str(self._command(item.key)) not in there.commands]
            known += len(keyed) - len(pending)
            act = self._rehearse if self._check else self._record
            count, failure = act(one, pending, closed=there.closed)
            recorded += count
            if failure is None:
                came += 1
            else:
                failures.append(failure)
            done += len(one.steps)
            if progress is not None:
                progress(done, total)
        return Imported(came, recorded, known, sorted(failures, key=lambda failure: failure.line))

    def _command(self, key: str) -> UUID:
        return command_id(self._office, key)

    def _recorded(self, one: HistoryCooperation) -> _Recorded:
        try:
            path = f"/cooperations/{cooperation_id(one.key)}/events"
            events = self._client.get("registry", path, self._office)["items"]
        except ProblemError as error:
            if error.status != NOT_FOUND:
                raise
            return _Recorded(frozenset(), closed=False)
        closed = any(event["type"].startswith(CLOSED) for event in events)
        return _Recorded(frozenset(event["commandid"] for event in events if event.get("commandid")), closed)

    def _rehearse(self, one: HistoryCooperation, pending: list[_Keyed], *, closed: bool) -> tuple[int, Failure | None]:
        """Ask the registry about all steps at once; nothing is written."""
        del closed
        if not pending:
            return 0, None
        body = {"key": one.key, "steps": [self._body(one, item.step) | {"do": item.step.do} for item in pending]}
        try:
            self._client.post("registry", "/histories/check", self._office, f"check-{pending[0].key}", body)
        except ProblemError as error:
            number = int(error.problem.get("step", 0))
            return number, self._failure(one, pending[number].step, error)
        return len(pending), None

    def _record(self, one: HistoryCooperation, pending: list[_Keyed], *, closed: bool) -> tuple[int, Failure | None]:
        """Record the steps one by one, then close the backfill where it is open."""
        identity = cooperation_id(one.key)
        for number, (step, key) in enumerate(pending):
            path = "/cooperations" if step.do == "register" else f"/cooperations/{identity}/{step.do.replace('_', '-')}"
            try:
                self._client.post("registry", path, self._office, key, self._body(one, step))
            except ProblemError as error:
                return number, self._failure(one, step, error)
        if not closed:
            try:
                path = f"/cooperations/{identity}/close-backfill"
                self._client.post("registry", path, self._office, f"import-close-{identity}", {})
            except ProblemError as error:
                return len(pending), self._failure(one, one.steps[-1], error, "close_backfill")
        return len(pending), None

    def _body(self, one: HistoryCooperation, step: HistoryStep) -> dict[str, Any]:
        return _words(one, step) | {"source": {"file_sha256": self._history.sha256, "line": step.line}}

    def _failure(
        self, one: HistoryCooperation, step: HistoryStep, error: ProblemError, do: str | None = None
    ) -> Failure:
        wrong = error.problem.get("errors", [])
        line = one.line_of(step, wrong[0]["field"].split(".")[0]) if wrong else step.line
        fields = "; ".join(f"{bad['field']}: {bad['message']}" for bad in wrong)
        detail = f"{error} [{fields}]" if fields else str(error)
        return Failure(self._history.name, line, one.key, do or step.do, error.rule, error.clause, detail)
