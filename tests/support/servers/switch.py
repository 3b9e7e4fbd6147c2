"""A TCP proxy whose address leads to another port from one moment to the next, as a name or a balancer does."""

import socket
import threading
from contextlib import suppress
from typing import Self


class Switch:
    """Connections go to ``port`` as it is when they begin. While ``deaf``, what the server answers is lost."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.deaf = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []

    @property
    def own(self) -> int:
        """The port that clients connect to."""
        found: int = self._listener.getsockname()[1]
        return found

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.port))
                self._sockets += [client, server]
                threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_RDWR)

    def _answer(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if not self.deaf:
                    target.sendall(piece)
            target.shutdown(socket.SHUT_RDWR)
