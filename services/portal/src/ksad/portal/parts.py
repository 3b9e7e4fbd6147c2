"""The components of the running portal that its routes use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.chassis.clock import Clock
from ksad.portal.drafts import Drafts
from ksad.portal.gateway import Gateway
from ksad.portal.identity.credentials import Credentials, Vault
from ksad.portal.identity.logins import Logins
from ksad.portal.live import ComparingTurn, OpenLines, Pulse
from ksad.portal.lookups import Lookups
from ksad.portal.mail.outbox import Outbox
from ksad.portal.notes import Notes
from ksad.portal.sessions import Sessions
from ksad.portal.settings import PortalSettings
from ksad.portal.views import SavedViews

if TYPE_CHECKING:
    from ksad.portal.identity.provider import Provider


class Identity(NamedTuple):
    """How officers sign in with the ministry's provider."""

    provider: Provider
    logins: Logins
    vault: Vault


class Parts(NamedTuple):
    """The components that :func:`ksad.portal.app.build` opens and closes.

    ``identity`` is missing where no provider is used, ``credentials`` where nobody can sign in at all.
    """

    settings: PortalSettings
    sessions: Sessions
    drafts: Drafts
    views: SavedViews
    notes: Notes
    gateway: Gateway
    lookups: Lookups
    identity: Identity | None
    credentials: Credentials | None
    outbox: Outbox
    clock: Clock
    pulse: Pulse
    lines: OpenLines
    turn: ComparingTurn
