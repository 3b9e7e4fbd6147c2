"""Ports of loopback that stay with whoever asked for them."""

from __future__ import annotations

import socket


class Port:
    """A port that nobody else is given until it is closed, not even while the server that listens on it is down.

    Between asking for a free port and listening on it, the system may hand the same number to an outgoing connection
    or to another program. A socket that is bound and never listens keeps it (Linux: neither ``connect`` nor a bind to
    port 0 chooses such a number), while a server that sets ``SO_REUSEADDR``, as all of ours do, may still listen on it.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]

    def close(self) -> None:
        """Give the port up."""
        self._socket.close()
