"""PostgreSQL: addresses of one or several servers, and connections that detect servers that stopped answering."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa

from ksad.chassis.database.errors import BusyError
from ksad.chassis.environment import RefusedSettingError

if TYPE_CHECKING:
    from collections.abc import Generator

CONNECT_SECONDS = 5
"""How long to wait for a server that accepts a connection and does not answer; the driver would wait two minutes."""
READ_SECONDS = 30.0
"""How long a read waits for further bytes from a silent server. Large answers come in many parts."""
IDLE_IN_TRANSACTION_SECONDS = 30
"""When the server ends a write transaction whose client does nothing, so that a frozen process releases its locks."""
NETWORK = {
    "connect_timeout": str(CONNECT_SECONDS),
    "target_session_attrs": "read-write",
    "keepalives": "1",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""Parameters of libpq, unless the address has others. ``read-write`` avoids standbys, which refuse all writes."""
SESSION = """
SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
SET lock_timeout = {milliseconds}
"""
"""Settings of each session: the server probes every few seconds whether the client's machine is alive."""
GONE = {"25006", "0A000", "57P01", "57P02", "57P03"}
"""SQLSTATEs of a server that can no longer be used: read_only_sql_transaction and feature_not_supported (from a
standby, the latter at BEGIN on a connection that has read before), admin_shutdown, crash_shutdown,
cannot_connect_now."""
LOCK_NOT_AVAILABLE = "55P03"
WHO = "SELECT pg_backend_pid()"
POOLER = (
    "KSAD_DATABASE_URL leads to a pooler that mixes the prepared statements of its clients: use PgBouncer 1.22 or "
    "later with max_prepared_statements above 0, or pool_mode = session, or no pooler"
)
ADDRESS = re.compile(r"postgresql://(?P<user>[^/?]*@)?(?P<hosts>[^/?@]*)(?P<rest>.*)", re.DOTALL)


class SilentServerError(psycopg.OperationalError):
    """The server has been silent for too long on an open connection."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when its server is silent for ``silence_seconds``."""

    silence_seconds: float = CONNECT_SECONDS
    """Outside a transaction only pings are sent, which are answered at once."""

    def wait(self, gen: Generator[Any, Any, Any], interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ANN401 - as psycopg's own
        """Waits for the server's answer.

        :raises SilentServerError: the server was silent. The connection is closed, since the outcome is unknown.
        """
        try:
            return super().wait(_heard(gen, self.silence_seconds), interval, timeout)
        except SilentServerError:
            self.pgconn.finish()
            raise


def _heard(gen: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
    """Wraps the driver's exchange with the server, and ends it when the server is silent for these seconds."""
    heard = time.monotonic()
    try:
        wish = next(gen)
        while True:
            ready = yield wish
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard > seconds:
                raise SilentServerError(f"the server has said nothing for {seconds:.0f} seconds")
            wish = gen.send(ready)
    except StopIteration as end:
        return end.value


def address_of(url: str) -> sa.URL:
    """Converts an address for SQLAlchemy. It may list several hosts as in libpq: ``h1:5432,h2:5432``.

    :raises RefusedSettingError: the address is malformed.
    """
    found = ADDRESS.fullmatch(url)
    hosts = found["hosts"].split(",") if found is not None else []
    try:
        if found is not None and len(hosts) > 1:
            address = sa.make_url(f"postgresql+psycopg://{found['user'] or ''}{found['rest']}")
            address = address.update_query_pairs([("host", host) for host in hosts], append=True)
        else:
            address = sa.make_url(url).set(drivername="postgresql+psycopg")
    except (ValueError, sa.exc.ArgumentError) as error:
        message = f"KSAD_DATABASE_URL cannot be read as postgresql://USER@HOST:PORT/NAME: {type(error).__name__}"
        raise RefusedSettingError(message) from None
    return address.set(query={**NETWORK, **address.query})


def prepare(engine: sa.Engine, wait_seconds: float) -> None:
    """Sets up the engine: how connections are opened, and which errors make them unusable."""
    session = SESSION.format(milliseconds=int(wait_seconds * 1000))

    @sa.event.listens_for(engine, "do_connect")
    def _open(_dialect: object, _record: object, arguments: list[Any], options: dict[str, Any]) -> BoundedConnection:
        connection = BoundedConnection.connect(*arguments, **options)
        # Not in a transaction, whose rollback would undo the settings.
        connection.autocommit = True
        connection.execute(session)
        connection.autocommit = False
        return connection

    @sa.event.listens_for(engine, "checkin")
    def _rest(connection: BoundedConnection | None, _record: object) -> None:
        if connection is not None:
            connection.silence_seconds = CONNECT_SECONDS

    @sa.event.listens_for(engine, "handle_error")
    def _tell(context: sa.engine.ExceptionContext) -> None:
        state = getattr(context.original_exception, "sqlstate", None)
        if state in GONE:
            context.is_disconnect = True
        elif state == LOCK_NOT_AVAILABLE:
            raise BusyError(str(context.original_exception)) from context.original_exception


def check_pooler(engine: sa.Engine) -> None:
    """Refuses a pooler that shares sessions among clients without separating their prepared statements.

    A client would then execute the statement of another client under the same name. PgBouncer separates them, and
    1.22 is the first that does so dependably; the behaviour is tested here, as only administrators see the version.

    :raises RefusedSettingError: there is such a pooler.
    """
    with engine.connect() as first:
        driver = first.connection.driver_connection
        session = first.exec_driver_sql(WHO).scalar_one()
        if not isinstance(driver, psycopg.Connection) or driver.info.backend_pid == session:
            return
        driver.execute("SELECT 1", prepare=True)
        names = first.exec_driver_sql("SELECT name FROM pg_prepared_statements").scalars().all()
        first.rollback()
        if not any(name.startswith("_pg3_") for name in names):
            return
        with engine.connect() as second:
            if second.exec_driver_sql(WHO).scalar_one() != session:
                return
    raise RefusedSettingError(POOLER)


def wait_at_most(connection: sa.Connection, seconds: float) -> None:
    """Limits the waits of a write transaction that has begun: for locks, and for a silent server.

    The limits are set in each transaction, because a pooler may assign another session to each.
    """
    driver = connection.connection.driver_connection
    if isinstance(driver, BoundedConnection):
        driver.silence_seconds = seconds + CONNECT_SECONDS
    connection.exec_driver_sql(
        f"SET LOCAL lock_timeout = {int(seconds * 1000)};"
        f" SET LOCAL idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION_SECONDS * 1000}"
    )


def read_patiently(connection: sa.Connection) -> None:
    """Allows a read transaction more time for answers than a ping."""
    driver = connection.connection.driver_connection
    if isinstance(driver, BoundedConnection):
        driver.silence_seconds = READ_SECONDS
