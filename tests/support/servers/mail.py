"""A real mail server for tests: it takes messages, or refuses them as it is told, and can be away for a while."""

import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from ksad.local.machine.ports import Port
from tests.support.servers.authority import IssuedCertificate


class TestMailServer:
    """The server on a free port of this machine; ``answers`` are its words to a recipient, by address.

    :param certificate: with it, it speaks TLS after STARTTLS only, or from the first byte where ``implicit``.
    """

    __test__ = False

    def __init__(self, certificate: IssuedCertificate | None = None, *, implicit: bool = False) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self._port = Port()
        self._options: dict[str, Any] = {}
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate.certificate, certificate.key)
            wanted = {"ssl_context": context} if implicit else {"tls_context": context, "require_starttls": True}
            self._options = wanted
        self._scheme = "smtps" if implicit else "smtp"
        self._running: Controller | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self._scheme}://127.0.0.1:{self._port.number}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self._port.close()

    def start(self) -> None:
        """Begins to answer."""
        self._running = Controller(self, "127.0.0.1", self._port.number, **self._options)
        self._running.start()

    def stop(self) -> None:
        """Is away."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    async def handle_RCPT(  # noqa: N802 - the name of the library
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Takes a recipient, or says why not."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - the name of the library
        """Takes a message."""
        assert isinstance(envelope.content, bytes)
        made = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(made, EmailMessage)
        self.messages.append(made)
        return f"250 queued as {len(self.messages)}"
