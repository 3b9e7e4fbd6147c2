"""The components of the running portal that its routes use."""

from __future__ import annotations

from typing import NamedTuple

from ksad.chassis.clock import Clock
from ksad.portal.drafts import Drafts
from ksad.portal.gateway import Gateway, Tokens
from ksad.portal.lookups import Lookups
from ksad.portal.sessions import Sessions
from ksad.portal.settings import PortalSettings
from ksad.portal.views import SavedViews


class Parts(NamedTuple):
    """The components that :func:`ksad.portal.app.build` opens and closes; no tokens outside development."""

    settings: PortalSettings
    sessions: Sessions
    drafts: Drafts
    views: SavedViews
    gateway: Gateway
    lookups: Lookups
    tokens: Tokens | None
    clock: Clock
