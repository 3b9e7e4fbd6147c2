"""Somebody keeps the lock that every writer needs: commands are answered in bounded time, and readings go on."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ksad.chassis.database.database import WAIT_SECONDS
from tests.support.platforms.speaking import HEAD, Speak
from tests.support.servers.locks import locked

SLACK_SECONDS = 10.0
"""For a machine that has other things to do."""
COMMANDS = 18


@pytest.mark.fault("bug-reports 14")
def test_nobody_waits_long_for_a_lock(speak: Speak, database_url: str) -> None:
    """While somebody keeps the lock, eighteen commands are answered 503 within its bound, and readings go on."""
    clerk = speak("region:33.72")

    def register(number: int) -> tuple[int, str, float]:
        began = time.monotonic()
        answer = clerk.post("/cooperations", f"k{number}", {"key": f"a{number}", **HEAD})
        return answer.status_code, answer.json().get("rule", ""), time.monotonic() - began

    with ThreadPoolExecutor(COMMANDS + 1) as pool:
        with locked(database_url):
            sent = [pool.submit(register, number) for number in range(COMMANDS)]
            assert pool.submit(clerk.get, "/references").result(WAIT_SECONDS).status_code == 200
            answers = [one.result() for one in sent]
        assert {(status, rule) for status, rule, _ in answers} == {(503, "database-free")}
        assert max(seconds for _, _, seconds in answers) < WAIT_SECONDS + SLACK_SECONDS
        assert {one[0] for one in pool.map(register, range(COMMANDS))} == {201}
