"""Records a history file in the registry through its HTTP API, step by step, each cooperation independently.

A step is identified by its content: its idempotency key is derived from the cooperation's key and the step's fields,
not from the file. Importing a file twice adds nothing; a file with one more step adds that step. Each event has the
SHA-256 and line of the file that it was first read from.

A party's step that binds others is proposed to them. The steps after it in its cooperation are held back until it
stands: what a step means, such as which agreement, follows from the steps before it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.chassis.client import ProblemError
from ksad.contracts.identifiers import command_id, cooperation_id
from ksad.local.history.reading import Failure, HistoryCooperation, HistoryFile, HistoryStep
from ksad.local.history.recorded import RecordedHistory, named_office, recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from ksad.chassis.client import Client

IN_STEP = re.compile(r"steps\.(\d+)\.")


class UnconfirmedStep(NamedTuple):
    """A step that waits for the confirmation of others, or would: ``proposed`` tells whether it is recorded as such."""

    file: str
    line: int
    key: str
    do: str
    proposed: bool
    awaiting: list[str]
    detail: str


class HeldStep(NamedTuple):
    """A step that is not recorded because a step before it, on the line ``until``, does not stand yet."""

    file: str
    line: int
    key: str
    do: str
    until: int


class Imported(NamedTuple):
    """The result of an import: complete cooperations, steps recorded, steps known before, and failures.

    ``waiting`` are the steps that others have to confirm, ``held`` those that come after one of them.
    """

    cooperations: int
    steps: int
    known: int
    failures: list[Failure]
    waiting: list[UnconfirmedStep]
    held: list[HeldStep]

    @property
    def complete(self) -> bool:
        """Whether every step of the file has effect."""
        return not (self.failures or self.waiting or self.held)


class _Played(NamedTuple):
    """What became of one cooperation."""

    steps: int = 0
    known: int = 0
    failure: Failure | None = None
    waiting: tuple[UnconfirmedStep, ...] = ()
    held: tuple[HeldStep, ...] = ()


class _Keyed(NamedTuple):
    """A step with its idempotency key."""

    step: HistoryStep
    key: str


def _keyed(one: HistoryCooperation) -> list[_Keyed]:
    """The steps with their keys; a step that is repeated word for word is a second step."""
    seen: Counter[str] = Counter()
    keyed = []
    for step in one.steps:
        words = json.dumps([one.key, step.do, _words(one, step)], sort_keys=True)
        digest = hashlib.sha256(words.encode()).hexdigest()[:32]
        # Without the file's name and line, so that a step is the same step after lines were added above it.
        keyed.append(_Keyed(step, f"import-{digest}-{seen[digest]}"))
        seen[digest] += 1
    return keyed


def _words(one: HistoryCooperation, step: HistoryStep) -> dict[str, Any]:
    return (one.head if step.do == "register" else {}) | step.fields


def _step_of(error: ProblemError) -> int:
    """The number of the step that was refused; faults of texts are told by their places in the whole request."""
    wrong = error.problem.get("errors", [])
    placed = IN_STEP.match(wrong[0]["field"]) if wrong else None
    if "step" in error.problem or placed is None:
        return int(error.problem.get("step", 0))
    mine = [one | {"field": one["field"][placed.end() :]} for one in wrong if one["field"].startswith(placed[0])]
    error.problem["errors"] = mine
    return int(placed[1])


class Importer:
    """Records the cooperations of one file for one office."""

    def __init__(self, client: Client, history: HistoryFile, office: str, *, check: bool) -> None:
        self._client = client
        self._history = history
        self._office = office
        self._check = check

    def play(self, progress: Callable[[int, int], None] | None = None) -> Imported:
        """Records all cooperations; the failure of one does not stop the others.

        :param progress: called with the numbers of steps done and in total.
        """
        total, done = sum(len(one.steps) for one in self._history.cooperations), 0
        played = []
        for one in self._history.cooperations:
            try:
                played.append(self._play(one))
            except (ValueError, TypeError, LookupError) as error:
                # A fault of this program in one cooperation must not keep the later ones from being recorded.
                played.append(_Played(failure=self._fault(one, error)))
            done += len(one.steps)
            if progress is not None:
                progress(done, total)
        failures = [*self._history.failures, *(one.failure for one in played if one.failure is not None)]
        return Imported(
            sum(one.failure is None and not one.waiting for one in played),
            sum(one.steps for one in played),
            sum(one.known for one in played),
            sorted(failures, key=lambda failure: failure.line),
            [waiting for one in played for waiting in one.waiting],
            [held for one in played for held in one.held],
        )

    def _play(self, one: HistoryCooperation) -> _Played:
        there = recorded(self._client, self._office, one.key)
        steps = [(item, str(self._command(item.key))) for item in _keyed(one)]
        pending = [item for item, command in steps if command not in there.commands]
        known = len(steps) - len(pending)
        for item, command in steps:
            if command in there.without_effect:
                return _Played(known=known, failure=self._without_effect(one, item, there.without_effect[command]))
        mended = self._recorded_otherwise(one, [item.step for item in pending], there, known)
        if mended is not None:
            return _Played(known=known, failure=mended)
        proposed = {there.waiting[command]: item for item, command in steps if command in there.waiting}
        if proposed or self._check:
            return self._rehearse(one, pending, proposed)._replace(known=known)
        # Without legacy facts there is no backfill, and a party, who records new facts, could not close one.
        legacy = any(step.fields.get("legacy") is True for step in one.steps)
        return self._record(one, pending, closed=there.closed or not legacy)._replace(known=known)

    def _fault(self, one: HistoryCooperation, error: Exception) -> Failure:
        kind = type(error).__name__
        detail = f"Kerja sama ini tidak dapat dikirim ({kind}). Laporkan kepada pengelola, dengan berkasnya."
        return Failure(self._history.name, one.line, one.key, "import", "platform-fault", None, detail)

    def _recorded_otherwise(
        self, one: HistoryCooperation, pending: list[HistoryStep], there: RecordedHistory, known: int
    ) -> Failure | None:
        """Why a file cannot mend what is recorded: a registration, and legacy steps after the backfill was closed."""
        if there.by is None:
            return None
        for step in pending:
            legacy = there.closed and step.fields.get("legacy") is True
            if step.do != "register" and not legacy:
                continue
            if not known and there.by != self._office:
                by = named_office(there.by)
                detail = f"Kerja sama ini sudah dicatat oleh {by}. Impor berkasnya sebagai kantor itu."
            elif step.do == "register":
                detail = "Pendaftaran kerja sama ini sudah tercatat dengan isi lain, atau kodenya sudah dipakai."
            else:
                detail = "Data lama kerja sama ini sudah ditutup, dan langkah ini tidak tercatat dengan isi ini."
            detail += " Yang keliru dalam catatan dibetulkan dengan perintah correct, bukan dengan mengubah berkas."
            return Failure(self._history.name, step.line, one.key, step.do, "history-recorded", None, detail)
        return None

    def _command(self, key: str) -> UUID:
        return command_id(self._office, key)

    def _rehearse(self, one: HistoryCooperation, rest: list[_Keyed], proposed: Mapping[str, _Keyed]) -> _Played:
        """Has the registry check all steps at once, without recording them.

        :param proposed: the steps before these that wait for confirmation, by their proposals.
        """
        if not rest and not proposed:
            return _Played()
        bodies = [self._body(one, item.step) | {"do": item.step.do} for item in rest]
        body = {"key": one.key, "steps": bodies, "confirmed": list(proposed)}
        name = f"check-{(rest or list(proposed.values()))[0].key}"
        try:
            told = self._client.post("registry", "/histories/check", self._office, name, body)["waiting"]
        except ProblemError as error:
            if not rest:
                return _Played(failure=self._failure(one, next(iter(proposed.values())).step, error))
            number = _step_of(error)
            before = self._rehearse(one, rest[:number], proposed)
            failure = before.failure or self._failure(one, rest[number].step, error)
            held = self._held(one, rest[number + 1 :], before.waiting)
            return before._replace(failure=failure, held=before.held + held)
        recorded_ones = list(proposed.values())
        waiting = tuple(
            self._waiting(one, recorded_ones[place] if waits["step"] is None else rest[waits["step"]], waits)
            for place, waits in enumerate(told)
        )
        # Of a step that would itself wait the proposal comes in, and what is after the first one does not.
        come = len(rest) if not told else 0 if proposed else told[0]["step"] + 1
        return _Played(come, waiting=waiting, held=self._held(one, rest[come:], waiting))

    def _record(self, one: HistoryCooperation, pending: list[_Keyed], *, closed: bool) -> _Played:
        """Records the steps one by one up to one that waits, and then closes the backfill if it is open."""
        identity = cooperation_id(one.key)
        for number, item in enumerate(pending):
            step = item.step
            path = "/cooperations" if step.do == "register" else f"/cooperations/{identity}/{step.do.replace('_', '-')}"
            try:
                answer = self._client.post("registry", path, self._office, item.key, self._body(one, step))
            except ProblemError as error:
                return _Played(number, failure=self._failure(one, step, error))
            if answer["state"] == "proposed":
                after = self._rehearse(one, pending[number + 1 :], {answer["proposal"]: item})
                return after._replace(steps=number + 1)
        if not closed:
            try:
                path = f"/cooperations/{identity}/close-backfill"
                self._client.post("registry", path, self._office, f"import-close-{identity}", {})
            except ProblemError as error:
                failure = self._failure(one, one.steps[-1], error, "close_backfill")
                return _Played(len(pending), failure=failure)
        return _Played(len(pending))

    def _waiting(self, one: HistoryCooperation, item: _Keyed, waits: dict[str, Any]) -> UnconfirmedStep:
        proposed = waits["step"] is None
        step = item.step
        return UnconfirmedStep(
            self._history.name, step.line, one.key, step.do, proposed, waits["awaiting"], waits["says"]
        )

    def _held(
        self, one: HistoryCooperation, rest: list[_Keyed], waiting: Sequence[UnconfirmedStep]
    ) -> tuple[HeldStep, ...]:
        """The steps that come after one that waits."""
        if not waiting:
            return ()
        until = waiting[0].line
        return tuple(HeldStep(self._history.name, item.step.line, one.key, item.step.do, until) for item in rest)

    def _without_effect(self, one: HistoryCooperation, item: _Keyed, why: str) -> Failure:
        detail = (
            f"Usulan ini tidak berlaku: {why}. Ubah langkah ini untuk mengusulkannya lagi, atau hapus dari berkas; "
            "langkah sesudahnya belum dicatat."
        )
        return Failure(
            self._history.name, item.step.line, one.key, item.step.do, "act-stands", "P1.4", detail, policy=True
        )

    def _body(self, one: HistoryCooperation, step: HistoryStep) -> dict[str, Any]:
        return _words(one, step) | {"source": {"file_sha256": self._history.sha256, "line": step.line}}

    def _failure(
        self, one: HistoryCooperation, step: HistoryStep, error: ProblemError, do: str | None = None
    ) -> Failure:
        wrong = error.problem.get("errors", [])
        line = one.line_of(step, wrong[0]["field"].split(".")[0]) if wrong else step.line
        fields = "; ".join(f"{bad['field']}: {bad['message']}" for bad in wrong)
        detail = f"{error} [{fields}]" if fields else str(error)
        return Failure(self._history.name, line, one.key, do or step.do, error.rule, error.clause, detail, error.policy)
