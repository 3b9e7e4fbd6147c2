"""The line of a request tells what it was about and what it made: which request made a fact can be answered."""

import uuid
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from ksad.contracts.identifiers import command_id, cooperation_id
from tests.support.platforms.pair import HEAD, Pair


def line(lines: list[Any], method: str = "POST") -> Any:
    """The line of the only request with a method."""
    [found] = [one for one in lines if one["event"] == "request" and one["method"] == method]
    return found


@pytest.mark.fault("operator F9")
def test_the_line_of_a_command_names_what_it_made(pair: Pair) -> None:
    """Command, cooperation, streams and events of a registration stand in its line, and again in that of a repeat."""
    key = f"baris-{uuid.uuid4().hex[:8]}"
    body = {"key": key, "parties": ["33.72", "33.11"], **HEAD}
    for repeated in (False, True):
        with capture_logs(processors=[merge_contextvars]) as lines:
            answer = pair.send("registry", "/cooperations", "region:33.72", body, key)
        told = line(lines)
        assert told["correlation_id"] == answer.headers["x-request-id"]
        assert told["command_id"] == str(command_id("region:33.72", key))
        assert told["cooperation_id"] == str(cooperation_id(key))
        assert told["events"] == answer.json()["events"]
        assert told["streams"] == [f"cooperation/{cooperation_id(key)}"]
        assert (told["position"], told["repeated"]) == (answer.json()["position"], repeated)


@pytest.mark.fault("operator F9")
def test_the_line_of_a_task_names_its_cooperation(pair: Pair) -> None:
    """What an officer does with a task is found under the cooperation that the task is about."""
    identity = pair.register(f"tugas-{uuid.uuid4().hex[:8]}")
    task = pair.task(identity, "a.2")
    with capture_logs(processors=[merge_contextvars]) as lines:
        answer = pair.do(task, "assign", "tkksd:33", {"assignee": "petugas-1"})
    told = line(lines)
    assert answer.status_code == 200
    assert (told["task_id"], told["cooperation_id"]) == (task["task_id"], identity)
    assert told["events"] == answer.json()["events"]


def test_the_line_of_a_refusal_says_what_was_not_done(pair: Pair) -> None:
    """A command that breaks a rule has its command and cooperation in its line, and no events."""
    identity = pair.register(f"tolak-{uuid.uuid4().hex[:8]}")
    with capture_logs(processors=[merge_contextvars]) as lines:
        answer = pair.send(
            "registry", f"/cooperations/{identity}/enter-stage", "region:33.72", {"stage": "exploration"}
        )
    told = line(lines)
    assert answer.status_code >= 400
    assert (told["cooperation_id"], told["rule"]) == (identity, answer.json()["rule"])
    assert "command_id" in told
    assert "events" not in told
