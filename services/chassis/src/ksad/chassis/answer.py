"""Sends responses: adds the headers that every response has, and omits bodies that are not wanted."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from ksad.chassis.negotiation import matches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message, Send

SECURITY = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
# Left out of 304, which has no body (RFC 9110, 15.4.5).
OF_A_BODY = {b"content-length", b"content-type", b"content-encoding"}
READING = {"GET", "HEAD"}


class Answer:
    """Sends one response. ``status`` is 0 until it has begun."""

    def __init__(self, send: Send, method: str, headers: Mapping[bytes, bytes], request_id: str) -> None:
        self.status = 0
        self.position: str | None = None
        self._send = send
        self._method = method
        self._known = headers.get(b"if-none-match", b"").decode("latin-1")
        self._request_id = request_id
        self._mute = method == "HEAD"

    async def __call__(self, message: Message) -> None:
        """Sends the next part."""
        if message["type"] == "http.response.start":
            message = self._begun(message)
        elif message["type"] == "http.response.body" and self._mute:
            message = {**message, "body": b""}
        await self._send(message)

    def _begun(self, message: Message) -> Message:
        headers: list[tuple[bytes, bytes]] = list(message["headers"])
        present = dict(headers)
        self.status = message["status"]
        position = present.get(b"ksad-position")
        self.position = position.decode() if position is not None else None
        if self._unchanged(present):
            self.status, self._mute = HTTPStatus.NOT_MODIFIED, True
            headers = [(name, value) for name, value in headers if name not in OF_A_BODY]
        headers += [(name, value) for name, value in SECURITY.items() if name not in present]
        headers.append((b"x-request-id", self._request_id.encode()))
        return {**message, "status": self.status, "headers": headers}

    def _unchanged(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether the client has this representation already (304).

        Responses that must not be stored are always sent in full: their ETag is a version and does not identify bytes.
        """
        etag = headers.get(b"etag")
        stored = b"no-store" not in headers.get(b"cache-control", SECURITY[b"cache-control"])
        asked = self._method in READING and self.status == HTTPStatus.OK and self._known
        return bool(asked) and stored and etag is not None and matches(self._known, etag.decode("latin-1"))
