"""Sessions on the server: a random name in the browser's cookie, everything else in the portal's own database.

A session ends at log-out, some time after its last request, and some time after it began, whichever is first;
settings say how long. Its name is new whenever somebody signs in or goes on under another office.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from ksad.contracts.access import Role
from ksad.contracts.positions import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ksad.chassis.database import Database

IDLE_SECONDS = 30 * 60
WHOLE_SECONDS = 10 * 3600
POSITION_SECONDS = 60
"""How long pages wait for what the officer has recorded last; by then every service has read it, or is broken."""
TOUCH_SECONDS = 60
LAPSED_SECONDS = 12 * 3600
"""How long a session that ended by itself is known, so that what was typed in it is kept."""
NAME_BYTES = 32
table = sa.Table(
    "sessions",
    sa.MetaData(),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("started", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.BigInteger, nullable=False),
    sa.Column("positions", sa.Text, nullable=False),
    sa.Column("tokens", sa.LargeBinary, nullable=False),
    sa.Column("offices", sa.Text, nullable=False),
)


class OfficerSession(NamedTuple):
    """One officer's session.

    ``office`` is the one that acts, empty until one of several is chosen; ``offices`` are all that the officer holds,
    with the role in each, empty in development. ``positions`` are those recorded in the last minute, by service, with
    the time of each. ``tokens`` are the provider's, encrypted.
    """

    id: str
    office: str
    secret: bytes
    positions: dict[str, tuple[int, int]]
    tokens: bytes
    offices: dict[str, Role]

    def after(self, now: float) -> str | None:
        """The positions that pages should include, as ``Ksad-After`` has them."""
        found = [
            str(Position(service, number))
            for service, (number, at) in sorted(self.positions.items())
            if now - at <= POSITION_SECONDS
        ]
        return ", ".join(found) or None


class ListedSession(NamedTuple):
    """A living session: which one, whose, when it began and when its officer was last seen (seconds of the machine)."""

    id: str
    office: str
    started: int
    seen: int


def _hashed(name: str) -> str:
    """What is stored of a cookie, so that nobody who reads the database can take a session over."""
    return hashlib.sha256(name.encode()).hexdigest()


def _read(row: sa.Row[Any]) -> OfficerSession:
    positions = {service: (number, at) for service, (number, at) in json.loads(row.positions).items()}
    offices = {office: Role(role) for office, role in json.loads(row.offices).items()}
    return OfficerSession(row.id, row.office, bytes(row.secret), positions, bytes(row.tokens), offices)


class Sessions:
    """All sessions of a portal."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], float] = time.time,
        idle_seconds: int = IDLE_SECONDS,
        whole_seconds: int = WHOLE_SECONDS,
    ) -> None:
        """:param now: the time in seconds; that of the machine, whatever clock the platform simulates."""
        self._database = database
        self.now = now
        self._idle = idle_seconds
        self._whole = whole_seconds

    def begin(self, office: str, offices: Mapping[str, Role] | None = None, tokens: bytes = b"") -> str:
        """Begins a session of an office; returns its name, for the cookie.

        Sessions that are over have no tokens any more; half a day later they are forgotten.
        """
        name, now = secrets.token_urlsafe(NAME_BYTES), int(self.now())
        row = {
            "id": _hashed(name),
            "office": office,
            "secret": secrets.token_bytes(NAME_BYTES),
            "started": now,
            "seen": now,
            "positions": "{}",
            "tokens": tokens,
            "offices": json.dumps(dict(offices or {})),
        }
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(sa.not_(self._alive(LAPSED_SECONDS))))
            connection.execute(sa.update(table).where(sa.not_(self._alive())).values(tokens=b""))
            connection.execute(sa.insert(table), row)
        return name

    def find(self, name: str, *, attended: bool = True) -> OfficerSession | None:
        """The session of a cookie; ``None`` where there is none, or it is over.

        :param attended: whether somebody asks, which keeps it alive; a page that asks by itself does not.
        """
        with self._database.read() as connection:
            row = connection.execute(sa.select(table).where(table.c.id == _hashed(name), self._alive())).one_or_none()
        if row is None:
            return None
        now = int(self.now())
        if attended and now - row.seen >= TOUCH_SECONDS:
            with self._database.write() as connection:
                connection.execute(sa.update(table).where(table.c.id == row.id).values(seen=now))
        return _read(row)

    def lapsed(self, name: str) -> OfficerSession | None:
        """The session of a cookie that ended by itself in the last half day; it may do nothing but keep a draft."""
        over = sa.and_(table.c.id == _hashed(name), sa.not_(self._alive()), self._alive(LAPSED_SECONDS))
        with self._database.read() as connection:
            row = connection.execute(sa.select(table).where(over)).one_or_none()
        return None if row is None else _read(row)

    def change(self, session: OfficerSession, office: str) -> str:
        """Goes on under another of the officer's offices; returns the session's new name, and the old one is worth
        nothing. Forms that were opened under the other office are no longer taken: the secret of their keys is new.
        """
        name = secrets.token_urlsafe(NAME_BYTES)
        new = {"id": _hashed(name), "office": office, "secret": secrets.token_bytes(NAME_BYTES), "positions": "{}"}
        with self._database.write() as connection:
            connection.execute(sa.update(table).where(table.c.id == session.id).values(new))
        return name

    def tokens(self, session: OfficerSession) -> bytes | None:
        """The tokens of a session as they are now; ``None`` if it is over."""
        wanted = sa.select(table.c.tokens).where(table.c.id == session.id, self._alive())
        with self._database.read() as connection:
            found = connection.execute(wanted).scalar_one_or_none()
        return None if found is None else bytes(found)

    def keep(self, session: OfficerSession, tokens: bytes, offices: Mapping[str, Role]) -> None:
        """Keeps the tokens that were issued last, and the offices that they name."""
        new = {"tokens": tokens, "offices": json.dumps(dict(offices))}
        with self._database.write() as connection:
            connection.execute(sa.update(table).where(table.c.id == session.id).values(new))

    def close(self, session: OfficerSession) -> None:
        """Ends a session."""
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(table.c.id == session.id))

    def listed(self, office: str | None = None) -> list[ListedSession]:
        """The living sessions in which somebody acts, those last seen first.

        :param office: only those of this office.
        """
        columns = (table.c.id, table.c.office, table.c.started, table.c.seen)
        wanted = (
            sa.select(*columns).where(self._alive(), table.c.office != "").order_by(table.c.seen.desc(), table.c.id)
        )
        if office is not None:
            wanted = wanted.where(table.c.office == office)
        with self._database.read() as connection:
            return [ListedSession(*row) for row in connection.execute(wanted)]

    def close_listed(self, identity: str, office: str | None = None) -> bool:
        """Ends a session that was listed; False where there is none of this office."""
        chosen = sa.delete(table).where(table.c.id == identity)
        if office is not None:
            chosen = chosen.where(table.c.office == office)
        with self._database.write() as connection:
            return bool(connection.execute(chosen).rowcount)

    def note(self, session: OfficerSession, position: Position) -> None:
        """Notes what the officer has just recorded, so that the pages that follow include it."""
        said = {**session.positions, position.service: (position.notification, int(self.now()))}
        with self._database.write() as connection:
            connection.execute(sa.update(table).where(table.c.id == session.id).values(positions=json.dumps(said)))

    def end(self, name: str) -> None:
        """Ends the session of a cookie, if there is one."""
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(table.c.id == _hashed(name)))

    def _alive(self, longer: int = 0) -> sa.ColumnElement[bool]:
        """:param longer: seconds by which a session is taken to live longer than it does."""
        now = int(self.now()) - longer
        return sa.and_(table.c.seen > now - self._idle, table.c.started > now - self._whole)
