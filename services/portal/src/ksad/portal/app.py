"""Composes the portal: its sessions, its calls to the services, and its pages."""

from __future__ import annotations

import time
from contextlib import ExitStack, asynccontextmanager, closing
from functools import partial
from typing import TYPE_CHECKING

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.clock import clock_from
from ksad.chassis.database import Database
from ksad.chassis.health import HealthCheck
from ksad.chassis.service import Background, create_app
from ksad.contracts.access import AccessTable
from ksad.portal.drafts import Drafts
from ksad.portal.gateway import Gateway
from ksad.portal.guarding import Shield
from ksad.portal.identity.credentials import DevelopmentCredentials, MailerAccount, ProviderCredentials, Vault
from ksad.portal.identity.logins import Logins
from ksad.portal.live import ComparingTurn, OpenLines, Pulse
from ksad.portal.lookups import Lookups
from ksad.portal.mail.outbox import Outbox
from ksad.portal.mail.postman import Postman
from ksad.portal.notes import Notes
from ksad.portal.pages import (
    assigning,
    changes,
    checking,
    cooperation,
    correcting,
    dashboard,
    desk,
    entrance,
    entry,
    identity,
    law,
    loaded,
    noting,
    on_day,
    recording,
    register,
    reminder,
    report,
    report_steps,
    reports,
    signed_in,
    task,
    work_list,
    workbook,
    writing,
)
from ksad.portal.pages import (
    outbox as outbox_page,
)
from ksad.portal.parts import Identity, Parts
from ksad.portal.sessions import Sessions
from ksad.portal.views import SavedViews
from ksad.portal.visits import respond

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ksad.chassis.service import Application
    from ksad.portal.identity.credentials import Credentials
    from ksad.portal.settings import PortalSettings

SERVICE = "portal"
TABLE = AccessTable((), {})
"""The portal grants nothing: what an office may do is decided by the services, whose answers it shows."""


def build(settings: PortalSettings) -> Application:
    """The application. Its database and connections are opened when it starts, not here."""
    # Of the addresses under /laporan and /tugas those with words of their own come before a report's.
    pages = (
        entrance,
        identity,
        loaded,
        changes,
        checking,
        law,
        desk,
        register,
        cooperation,
        on_day,
        noting,
        entry,
        work_list,
        task,
        reminder,
        outbox_page,
        recording,
        correcting,
        workbook,
        assigning,
        reports,
        dashboard,
        writing,
        report,
        report_steps,
        signed_in,
    )
    routers = [one.router() for one in pages]
    app = create_app(settings, SERVICE, "KSAD: portal", TABLE, routers, partial(_opened, settings), respond)
    app.uploads = recording.UPLOADS | report_steps.UPLOADS | checking.UPLOADS | correcting.UPLOADS
    app.add_middleware(Shield, tls=settings.tls, issuer=settings.issuer if settings.oidc_client_id else None)
    return app


@asynccontextmanager
async def _opened(settings: PortalSettings, app: Application) -> AsyncIterator[Parts]:
    with ExitStack() as opened:
        database = opened.enter_context(closing(Database.from_settings(settings)))
        gateway = opened.enter_context(Gateway(settings))
        clock = clock_from(settings)
        app.health.add("services", gateway.check)
        sessions = Sessions(database, time.time, settings.session_idle_seconds, settings.session_whole_seconds)
        found = None if settings.oidc_client_id is None else _identity(settings, database, opened)
        credentials: Credentials | None = None
        if settings.development:
            assert settings.issuer_keys_dir is not None  # noqa: S101 - settings refuse the other case
            credentials = DevelopmentCredentials(LocalIssuer(settings.issuer_keys_dir, settings.audience))
        elif found is not None:
            credentials = ProviderCredentials(found.provider, sessions, found.vault)
        kept, lookups = (sessions, Drafts(database), SavedViews(database), Notes(database)), Lookups(gateway, clock)
        outbox = Outbox(database)
        live = Pulse(partial(gateway.text_publicly, "reporting", "/checkpoint")), OpenLines(), ComparingTurn()
        async with Background(app.health) as background:
            postman = _postman(settings, outbox, gateway, lookups)
            _watch_mail(app, outbox, postman)
            if postman is not None:
                background.run("mail", postman.run)
            yield Parts(settings, *kept, gateway, lookups, found, credentials, outbox, clock, *live)


def _postman(settings: PortalSettings, outbox: Outbox, gateway: Gateway, lookups: Lookups) -> Postman | None:
    """Who sends reminders; ``None`` where there is no account by which they are read."""
    if settings.mailer_token_file is not None:
        account = MailerAccount(None, settings.mailer_token_file)
    elif settings.development:
        assert settings.issuer_keys_dir is not None  # noqa: S101 - settings refuse the other case
        account = MailerAccount(LocalIssuer(settings.issuer_keys_dir, settings.audience), None)
    else:
        return None
    server = None
    if settings.smtp_url is not None:
        from ksad.portal.mail.delivery import MailServer  # noqa: PLC0415 - its library is needed by nobody else

        server = MailServer(settings.smtp_url, settings.smtp_ca_file)
    return Postman(settings, outbox, gateway, lookups, account, server)


def _watch_mail(app: Application, outbox: Outbox, postman: Postman | None) -> None:
    unread = HealthCheck(ok=True, detail="no reminders are read: KSAD_MAILER_TOKEN_FILE is not given")
    app.health.add("mail", (lambda: unread) if postman is None else postman.check)
    app.metrics.gauge("mail_waiting", "Reminders that were not sent yet", lambda: outbox.counts().waiting)
    app.metrics.gauge(
        "mail_unaddressed",
        "Reminders that wait for an adopted mailbox of their office",
        lambda: outbox.counts().unaddressed,
    )
    app.metrics.gauge(
        "mail_refused", "Reminders that came to nothing within a week", lambda: outbox.counts().refused_lately
    )
    app.metrics.gauge(
        "mail_oldest_seconds",
        "How long the oldest waiting reminder with a mailbox has waited",
        lambda: outbox.counts().oldest_seconds,
    )


def _identity(settings: PortalSettings, database: Database, opened: ExitStack) -> Identity:
    from ksad.portal.identity.provider import Provider  # noqa: PLC0415 - its library is needed by nobody else

    provider = opened.enter_context(Provider(settings))
    return Identity(provider, Logins(database), Vault(settings.session_key))
