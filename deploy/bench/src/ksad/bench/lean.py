"""A client of the standard library: through a larger one an empty request costs more than the commands measured."""

from __future__ import annotations

import threading
import time
from http import HTTPStatus
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class LeanClient:
    """Posts JSON over one connection that stays open."""

    def __init__(self, address: str) -> None:
        """:param address: the server's, as ``http://HOST:PORT``."""
        parts = urlsplit(address)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def post(self, path: str, body: object, headers: Mapping[str, str]) -> None:
        """Sends one request.

        :raises OSError: it was refused, or could not be sent.
        """
        headers = {"Content-Type": "application/json", **headers}
        self._connection.request("POST", path, orjson.dumps(body), headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise OSError(f"{path}: {answer.status} {said[:300]!r}")

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()


def drive(clients: int, count: int, address: str, send: Callable[[LeanClient], None]) -> float:
    """The requests per second with a number of clients at once, each a thread with a connection of its own."""
    numbers = iter(range(count))
    lock = threading.Lock()
    failed: list[OSError] = []

    def work() -> None:
        client = LeanClient(address)
        try:
            while not failed:
                with lock:
                    if next(numbers, None) is None:
                        return
                send(client)
        except OSError as error:
            failed.append(error)
        finally:
            client.close()

    threads = [threading.Thread(target=work) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return count / (time.perf_counter() - started)
