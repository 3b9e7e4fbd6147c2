"""A pooler as old ones are: it passes messages on unread, from many clients to few sessions of one PostgreSQL.

It stands for PgBouncer before 1.21, which no package index offers: names of prepared statements go through as they are.
"""

import select
import socket
import struct
import threading
from contextlib import suppress
from queue import LifoQueue
from typing import Self

import psycopg
import sqlalchemy as sa

SESSIONS = 2
ENCRYPTION = {80877103, 80877104}
TOLD = (b"server_version", b"client_encoding", b"standard_conforming_strings", b"integer_datetimes")
READY = b"Z\x00\x00\x00\x05I"


class Pooler:
    """Clients need no password. ``shared``: a session is a client's for a transaction, else until the client leaves."""

    def __init__(self, url: str, *, shared: bool) -> None:
        self._shared = shared
        self._made = [psycopg.connect(url, autocommit=True) for _ in range(SESSIONS)]
        self._free: LifoQueue[socket.socket] = LifoQueue()
        self._sessions = [socket.socket(fileno=socket.dup(one.fileno())) for one in self._made]
        for session in self._sessions:
            session.setblocking(True)
            self._free.put(session)
        self._listener = socket.create_server(("127.0.0.1", 0))
        address = sa.make_url(url).set(port=self._listener.getsockname()[1])
        self.url = address.render_as_string(hide_password=False)
        self._clients: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listener, *self._clients, *self._sessions):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for made in self._made:
            made.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._clients.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, ValueError, struct.error):  # A client that leaves may do so at any moment.
            self._greet(client)
            while self._transaction(client):
                pass
        client.close()

    def _greet(self, client: socket.socket) -> None:
        while True:
            length, code = struct.unpack("!ii", client.recv(8, socket.MSG_WAITALL))
            if code not in ENCRYPTION:
                break
            client.sendall(b"N")
        client.recv(length - 8, socket.MSG_WAITALL)
        pgconn = self._made[0].pgconn
        answer = b"R" + struct.pack("!ii", 8, 0)
        for name in TOLD:
            text = name + b"\x00" + (pgconn.parameter_status(name) or b"") + b"\x00"
            answer += b"S" + struct.pack("!i", len(text) + 4) + text
        client.sendall(answer + b"K" + struct.pack("!iii", 12, 1, 1) + READY)

    def _transaction(self, client: socket.socket) -> bool:
        """Serve a client until the session's transaction ends, or the client leaves; whether it may come again."""
        first = client.recv(65536)
        if not first or first[:1] == b"X":
            return False
        session = self._free.get(timeout=30)
        try:
            session.sendall(first)
            return self._pass_on(client, session)
        finally:
            self._free.put(session)

    def _pass_on(self, client: socket.socket, session: socket.socket) -> bool:
        while True:
            for source in select.select([client, session], [], [])[0]:
                piece = source.recv(65536)
                if not piece or (source is client and piece[:1] == b"X"):
                    return False
                (session if source is client else client).sendall(piece)
                if source is session and piece.endswith(READY) and self._shared:
                    return True
