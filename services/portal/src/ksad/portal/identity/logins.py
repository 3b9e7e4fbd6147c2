"""Sign-ins that have begun: what is remembered until the provider answers, for one browser, once, for ten minutes."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ksad.portal.identity.exchange import SECRET_BYTES, BegunLogin

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.database import Database

KEPT_SECONDS = 600
table = sa.Table(
    "logins",
    sa.MetaData(),
    sa.Column("state", sa.String(64), primary_key=True),
    sa.Column("browser", sa.String(64), nullable=False),
    sa.Column("nonce", sa.Text, nullable=False),
    sa.Column("verifier", sa.Text, nullable=False),
    sa.Column("back", sa.Text, nullable=False),
    sa.Column("began", sa.BigInteger, nullable=False),
)


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


class Logins:
    """All sign-ins that have begun at a portal."""

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now = now

    def begin(self, login: BegunLogin, back: str) -> str:
        """Remembers a sign-in; returns the name by which its browser is known, for a cookie. Old ones are forgotten.

        :param back: the address at which the officer goes on.
        """
        browser, now = secrets.token_urlsafe(SECRET_BYTES), int(self._now())
        row = {
            "state": _hashed(login.state),
            "browser": _hashed(browser),
            "nonce": login.nonce,
            "verifier": login.verifier,
            "back": back,
            "began": now,
        }
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(table.c.began <= now - KEPT_SECONDS))
            connection.execute(sa.insert(table), row)
        return browser

    def take(self, state: str, browser: str) -> tuple[BegunLogin, str] | None:
        """The sign-in of a state that this browser began, and where to go on; it is forgotten. ``None``: none."""
        mine = sa.and_(
            table.c.state == _hashed(state),
            table.c.browser == _hashed(browser),
            table.c.began > int(self._now()) - KEPT_SECONDS,
        )
        with self._database.write() as connection:
            row = connection.execute(sa.select(table).where(mine)).one_or_none()
            if row is None or not connection.execute(sa.delete(table).where(mine)).rowcount:
                return None
        return BegunLogin(state, row.nonce, row.verifier, ""), row.back
