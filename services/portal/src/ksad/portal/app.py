"""Composes the portal: its sessions, its calls to the services, and its pages."""

from __future__ import annotations

from contextlib import asynccontextmanager, closing
from functools import partial
from typing import TYPE_CHECKING

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.clock import clock_from
from ksad.chassis.database import Database
from ksad.chassis.service import create_app
from ksad.contracts.access import AccessTable
from ksad.portal.drafts import Drafts
from ksad.portal.gateway import Gateway, Tokens
from ksad.portal.guarding import Shield
from ksad.portal.lookups import Lookups
from ksad.portal.pages import (
    assigning,
    checking,
    cooperation,
    correcting,
    dashboard,
    desk,
    entrance,
    entry,
    law,
    loaded,
    on_day,
    recording,
    register,
    report,
    report_steps,
    reports,
    task,
    workbook,
    writing,
)
from ksad.portal.parts import Parts
from ksad.portal.sessions import Sessions
from ksad.portal.views import SavedViews
from ksad.portal.visits import respond

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ksad.chassis.service import Application
    from ksad.portal.settings import PortalSettings

SERVICE = "portal"
TABLE = AccessTable((), {})
"""The portal grants nothing: what an office may do is decided by the services, whose answers it shows."""


def build(settings: PortalSettings) -> Application:
    """The application. Its database and connections are opened when it starts, not here."""
    # Of the addresses under /laporan those with words of their own come before a report's.
    pages = (
        entrance,
        loaded,
        checking,
        law,
        desk,
        register,
        cooperation,
        on_day,
        entry,
        task,
        recording,
        correcting,
        workbook,
        assigning,
        reports,
        dashboard,
        writing,
        report,
        report_steps,
    )
    routers = [one.router() for one in pages]
    app = create_app(settings, SERVICE, "KSAD: portal", TABLE, routers, partial(_opened, settings), respond)
    app.uploads = recording.UPLOADS | report_steps.UPLOADS | checking.UPLOADS | correcting.UPLOADS
    app.add_middleware(Shield, tls=settings.tls)
    return app


@asynccontextmanager
async def _opened(settings: PortalSettings, app: Application) -> AsyncIterator[Parts]:
    with closing(Database.from_settings(settings)) as database, Gateway(settings) as gateway:
        clock = clock_from(settings)
        app.health.add("services", gateway.check)
        tokens = None
        if settings.development:
            assert settings.issuer_keys_dir is not None  # noqa: S101 - settings refuse the other case
            tokens = Tokens(LocalIssuer(settings.issuer_keys_dir, settings.audience))
        kept = Sessions(database), Drafts(database), SavedViews(database)
        yield Parts(settings, *kept, gateway, Lookups(gateway, clock), tokens, clock)
