"""An app on a real socket, served as a service is."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from ksad.chassis.service import Application, server_of
from ksad.local.machine.ports import Port
from tests.support.servers.processes import port_open, wait_until


@contextmanager
def served(app: Application, lifespan: str = "off", port: Port | None = None) -> Iterator[int]:
    """The app's port, a new one or the one that is given, until the block ends."""
    app.health.draining = False  # Whoever served it before has ended.
    port = port or Port()
    server = server_of(app, "127.0.0.1", port.number, lifespan=lifespan)
    thread = Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: port_open(port.number), what="the service")
        yield port.number
    finally:
        server.should_exit = True
        thread.join()
        port.close()
        # The app may be served again, and would otherwise say from the beginning that it is ending.
        app.health.draining = False
