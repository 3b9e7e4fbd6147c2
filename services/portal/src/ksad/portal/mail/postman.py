"""Goes around: takes new reminders from reporting into the outbox, and what is due there to the mail server."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ksad.chassis.database import BusyError
from ksad.chassis.health import HealthCheck
from ksad.chassis.problems import Problem
from ksad.portal.languages import INDONESIAN, language, noted
from ksad.portal.mail.letters import UnwrittenError, message
from ksad.portal.mail.outbox import MailState

if TYPE_CHECKING:
    from email.message import EmailMessage

    from ksad.portal.gateway import Gateway
    from ksad.portal.identity.credentials import Credential
    from ksad.portal.lookups import Lookups
    from ksad.portal.mail.delivery import DeliveryAnswer, MailServer
    from ksad.portal.mail.outbox import Outbox, OutboxMail
    from ksad.portal.settings import PortalSettings

ROUND_SECONDS = 5.0
AT_ONCE_MAX = 50
"""Mails of one round; what is left is sent in the next."""
LONG_SECONDS = 3600
"""A mail that has waited for so long is an operator's care."""
UNKNOWN_MAILBOX = noted("Kotak surat jabatan ini belum ditetapkan.")
UNWRITTEN = noted("Surel ini belum dapat disusun. Hubungi pengelola.")
log = structlog.get_logger(__name__)


class MailerCredentials(Protocol):
    """Where the token of the mailer's account comes from."""

    def __call__(self) -> Credential:
        """A credential that is valid now.

        :raises OSError: it cannot be read.
        """
        ...


class Postman:
    """The work of one process. Others on the same database do the same, and none does twice what another has done."""

    def __init__(
        self,
        settings: PortalSettings,
        outbox: Outbox,
        gateway: Gateway,
        lookups: Lookups,
        credentials: MailerCredentials,
        server: MailServer | None,
    ) -> None:
        """:param server: none, and everything stays in the outbox."""
        self._settings = settings
        self._outbox = outbox
        self._gateway = gateway
        self._lookups = lookups
        self._credentials = credentials
        self._server = server
        self._failed: str | None = None

    def check(self) -> HealthCheck:
        """How the mail stands. Nobody's work depends on it, so the portal is ready in any case."""
        found = self._outbox.counts()
        said = f"{found.waiting} waiting, {found.refused} refused" + ("" if self._server else ", no mail server")
        late = self._server is not None and found.oldest_seconds > LONG_SECONDS
        failed = "" if self._failed is None else f"; {self._failed}"
        return HealthCheck(ok=True, detail=said + failed, care=late or bool(found.refused_lately) or bool(failed))

    async def run(self, stop: asyncio.Event) -> None:
        """Goes around until the portal stops; what fails is tried again in the next round."""
        while not stop.is_set():
            try:
                while await asyncio.to_thread(self.gather) and not stop.is_set():
                    pass
                await self.deliver(stop)
                self._failed = None
            except (Problem, BusyError, SQLAlchemyError, OSError) as error:
                told = error.rule if isinstance(error, Problem) else type(error).__name__
                if told != self._failed:
                    log.warning("mail_round_failed", error=told)
                self._failed = told
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), ROUND_SECONDS)

    def gather(self) -> bool:
        """Takes what is new into the outbox; whether there was something, so that more may follow.

        The first time it only learns where the log ends: nobody is reminded of what was there before.

        :raises Problem: reporting refused, or does not answer.
        """
        was = self._outbox.position()
        found = self._gateway.read("reporting", "/reminders", self._credentials(), after=was)
        if found["next"] == was:
            return False
        self._outbox.gather(was, found["next"], found["items"])
        return was is not None

    async def deliver(self, stop: asyncio.Event | None = None) -> int:
        """Sends what is due; returns how many mails were tried.

        :raises Problem: the registry does not tell names and mailboxes.
        """
        if self._server is None:
            return 0
        for tried in range(AT_ONCE_MAX):
            mail = None if stop is not None and stop.is_set() else await asyncio.to_thread(self._outbox.lease)
            if mail is None:
                return tried
            await self._send(mail, self._server)
        return AT_ONCE_MAX

    async def _send(self, mail: OutboxMail, server: MailServer) -> None:
        mailbox = await asyncio.to_thread(self._mailbox, mail.office)
        if mailbox is None:
            await asyncio.to_thread(self._outbox.postpone, mail, None, UNKNOWN_MAILBOX)
            return
        try:
            written = await asyncio.to_thread(self._written, mail, mailbox)
        except UnwrittenError as error:
            # Another release may know how; the other mails do not wait for it.
            log.warning("mail_not_written", office=mail.office, occasion=mail.occasion, error=str(error))
            await asyncio.to_thread(self._outbox.postpone, mail, mailbox, UNWRITTEN)
            return
        answer: DeliveryAnswer = await server.deliver(written)
        note = {MailState.SENT: self._outbox.sent, MailState.REFUSED: self._outbox.refuse}
        await asyncio.to_thread(note.get(answer.state, self._outbox.postpone), mail, mailbox, answer.text)
        if answer.state is not MailState.SENT:
            log.warning("mail_not_sent", office=mail.office, state=answer.state)

    def _mailbox(self, office: str) -> str | None:
        """The mailbox that is adopted for an office today."""
        return self._lookups.mailboxes(self._credentials()).get(office)

    def _written(self, mail: OutboxMail, mailbox: str) -> EmailMessage:
        credential = self._credentials()
        self._lookups.learn_training()
        names = self._lookups.names(credential, language(INDONESIAN))
        sender, home = self._settings.mail_from, self._settings.portal_url
        assert sender is not None  # noqa: S101 - settings ask for it beside a server
        assert home is not None  # noqa: S101 - settings ask for it beside a server
        moment = datetime.fromtimestamp(mail.queued, UTC)
        law = self._lookups.law(credential)
        return message(
            names, law, mail.told, sender, mailbox, home.rstrip("/"), moment, training=self._lookups.training
        )
