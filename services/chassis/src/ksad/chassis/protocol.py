"""HTTP/1.1 connections with limits on size, slowness and number, before any request is interpreted.

A proxy has such limits as well, but a service can be reached without it. The server calls :meth:`BoundedProtocol.look`
on each connection once a second, so that requests need no timers.
"""

from __future__ import annotations

import socket
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ksad.chassis.answer import SECURITY
from ksad.chassis.problems import MEDIA_TYPE, RULES

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

HEAD_BYTES_MAX = 32 * 1024
URL_BYTES_MAX = 8 * 1024
HEADERS_MAX = 100
HEAD_SECONDS = 10.0
BODY_SECONDS = 10.0
"""The time after which a body must have arrived at the minimum rate."""
BODY_RATE_MIN = 1_000
"""Bytes per second."""
STALLED_SECONDS = 60.0
"""How long a client may leave sent data unread."""
CONNECTIONS_MAX = 1_000
LINGER_SECONDS = 1.0
LINGER_BYTES_MAX = 1024 * 1024
"""How long, and how many bytes, a refused client may still send, so that it can read the refusal before the end."""
# A client whose machine vanished is detected by probes after 30, 40 and 50 seconds of silence, or when sent data stay
# unacknowledged for 60,000 ms.
DEAD_PEER = {
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE): 1,
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE): 30,
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL): 10,
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT): 3,
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT): 60_000,
}


class ProtocolRefusal(NamedTuple):
    """The reason for which a connection is ended, for its last response."""

    status: HTTPStatus
    rule: str
    title: str
    detail: str


HEAD_SMALL = ProtocolRefusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "head-small",
    "Header terlalu besar",
    f"Header permintaan paling besar {HEAD_BYTES_MAX} byte dan paling banyak {HEADERS_MAX} baris.",
)
URL_SHORT = ProtocolRefusal(
    HTTPStatus.REQUEST_URI_TOO_LONG,
    "url-short",
    "Alamat terlalu panjang",
    f"Alamat paling panjang {URL_BYTES_MAX} byte.",
)
TOO_SLOW = ProtocolRefusal(
    HTTPStatus.REQUEST_TIMEOUT,
    "request-in-time",
    "Permintaan terlalu lambat",
    "Permintaan tidak selesai dikirim pada waktunya. Kirim ulang lewat sambungan baru.",
)
FULL = ProtocolRefusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "connections-few",
    "Belum tersedia",
    "Terlalu banyak sambungan. Coba lagi sebentar.",
)


class BoundedProtocol(HttpToolsProtocol):
    """One connection with limits; see the constants of this module."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - the server's own
        super().__init__(*arguments, **options)
        self._head_began: float | None = None
        self._head_bytes = 0
        self._body_began: float | None = None
        self._body_bytes = 0
        self._stalled: float | None = None
        self._refused = False

    @property
    def idle_since(self) -> float | None:
        """Since when the connection waits for a request; ``None`` while a request is served."""
        cycle = self._served
        return None if self._refused or (cycle is not None and not cycle.response_complete) else self._head_began

    @property
    def _served(self) -> RequestResponseCycle | None:
        """The newest request and its response; ``None`` before the first, which uvicorn's type does not express."""
        return cast("RequestResponseCycle | None", self.cycle)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's own is so
        """Accepts a connection; if there are too many, closes the one idle longest, or refuses the new one."""
        super().connection_made(transport)
        self._head_began = time.monotonic()
        line = transport.get_extra_info("socket")
        if line is not None and line.family in {socket.AF_INET, socket.AF_INET6}:
            for (level, name), value in DEAD_PEER.items():
                line.setsockopt(level, name, value)
        if len(self.connections) > CONNECTIONS_MAX:
            others = cast("set[BoundedProtocol]", self.connections - {self})
            idle = [(since, one) for one in others if (since := one.idle_since) is not None]
            if idle:
                min(idle, key=lambda found: found[0])[1].transport.close()
            else:
                self._refuse(FULL)

    def data_received(self, data: bytes) -> None:
        """Processes data, unless the connection was refused."""
        if self._refused:
            self._head_bytes += len(data)
            if self._head_bytes > LINGER_BYTES_MAX:
                self.transport.abort()
            return
        expected = self._head_began
        super().data_received(data)
        if expected is not None and self._head_began == expected and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self._refuse(HEAD_SMALL)

    def on_message_begin(self) -> None:
        """Starts the time of a request's head; for the first request it started with the connection."""
        super().on_message_begin()
        if self._head_began is None:
            self._head_began, self._head_bytes = time.monotonic(), 0

    def on_headers_complete(self) -> None:
        """Passes a request on if its head is within the limits."""
        if self._refused:
            return
        if len(self.url) > URL_BYTES_MAX:
            self._refuse(URL_SHORT)
        elif len(self.headers) > HEADERS_MAX or sum(map(_length, self.headers)) > HEAD_BYTES_MAX:
            self._refuse(HEAD_SMALL)
        else:
            self._head_began = None
            self._body_began, self._body_bytes = time.monotonic(), 0
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Passes a part of a body on."""
        if not self._refused:
            self._body_bytes += len(body)
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Ends the time of a request's body."""
        if not self._refused:
            self._body_began = None
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Starts waiting for the next request."""
        super().on_response_complete()
        if not self.pipeline:
            self._head_began, self._head_bytes = time.monotonic(), 0

    def pause_writing(self) -> None:
        """Records that the client does not read."""
        self._stalled = time.monotonic()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Records that the client reads again."""
        self._stalled = None
        super().resume_writing()

    def look(self, now: float) -> None:
        """Ends the connection if its client is too slow; called once a second."""
        if self._refused or self.transport.is_closing():
            return
        if self._stalled is not None and now - self._stalled > STALLED_SECONDS:
            self.transport.abort()
        elif self._head_began is not None and now - self._head_began > HEAD_SECONDS:
            if self._head_bytes:
                self._refuse(TOO_SLOW)
            else:
                self.transport.close()
        elif self._body_began is not None and not self.flow.read_paused:
            seconds = now - self._body_began
            if seconds > BODY_SECONDS and self._body_bytes < seconds * BODY_RATE_MIN:
                self._refuse(TOO_SLOW)

    def _refuse(self, refusal: ProtocolRefusal) -> None:
        """Sends a refusal, if no response has begun, and closes the connection after a moment."""
        self._refused = True
        self._unset_keepalive_if_required()
        cycle = self._served
        begun = cycle is not None and cycle.response_started and not cycle.response_complete
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        if begun:
            self.transport.abort()
            return
        self.transport.write(_answer(refusal))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


def _length(header: tuple[bytes, bytes]) -> int:
    """The size of a header in the request, including colon, space and line end."""
    return len(header[0]) + len(header[1]) + 4


def _answer(refusal: ProtocolRefusal) -> bytes:
    body = orjson.dumps(
        {
            "type": RULES + refusal.rule,
            "title": refusal.title,
            "status": refusal.status.value,
            "detail": refusal.detail,
            "instance": "",
            "rule": refusal.rule,
            "clause": None,
        }
    )
    fields = {
        b"content-type": MEDIA_TYPE.encode(),
        b"content-length": str(len(body)).encode(),
        b"connection": b"close",
        **SECURITY,
        **({b"retry-after": b"1"} if refusal is FULL else {}),
    }
    head = [f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}".encode()]
    head += [name + b": " + value for name, value in fields.items()]
    return b"\r\n".join([*head, b"", body])
