"""Hands a message to the ministry's mail server (SMTP), and tells what the server said."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

import aiosmtplib

from ksad.portal.mail.outbox import LEASE_SECONDS, MailState
from ksad.portal.settings import is_loopback_url

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

COMMAND_SECONDS = 15.0
WHOLE_SECONDS = LEASE_SECONDS / 2
"""One attempt ends while its lease lasts, so that nobody else begins with the same message meanwhile."""
IMPLICIT, STARTTLS = 465, 587
PERMANENT = 500
ANSWER_MAX = 300


class DeliveryAnswer(NamedTuple):
    """What became of a message: sent, refused for good, or still waiting; and what the server said, or why none did."""

    state: MailState
    text: str


class MailServer:
    """The server at an address: ``smtps://`` with TLS from the first byte, ``smtp://`` with STARTTLS.

    Outside loopback nothing is sent without TLS, and the certificate is checked.
    """

    def __init__(self, url: str, certificates: Path | None = None) -> None:
        """:param certificates: the authorities that are trusted; none for the machine's."""
        parts = urlsplit(url)
        self._implicit = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or (IMPLICIT if self._implicit else STARTTLS)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        # None: where the server offers it. A relay on this machine often has no certificate.
        self._starttls = None if is_loopback_url(url) and certificates is None else True
        self._context = ssl.create_default_context(cafile=certificates)

    async def deliver(self, message: EmailMessage) -> DeliveryAnswer:
        """Sends one message to its recipient, over a connection of its own."""
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            timeout=COMMAND_SECONDS,
            use_tls=self._implicit,
            start_tls=False if self._implicit else self._starttls,
            tls_context=self._context,
        )
        try:
            async with asyncio.timeout(WHOLE_SECONDS), client:
                _, answer = await client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            one = refused.recipients[0]
            return _answered(one.code, one.message)
        except aiosmtplib.SMTPDataError as refused:
            return _answered(refused.code, refused.message)
        # Whatever else a server says is about the line, the account or the sender, and no message's own fault.
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            return DeliveryAnswer(MailState.WAITING, _short(f"{type(error).__name__}: {error}"))
        return DeliveryAnswer(MailState.SENT, _short(answer))


def _answered(code: int, text: str) -> DeliveryAnswer:
    state = MailState.REFUSED if code >= PERMANENT else MailState.WAITING
    return DeliveryAnswer(state, _short(f"{code} {text}"))


def _short(text: str) -> str:
    return " ".join(text.split())[:ANSWER_MAX]
