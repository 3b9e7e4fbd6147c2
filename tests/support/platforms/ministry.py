"""A ministry that serves a feed as a test wants it: real HTTP, real signatures, whatever bytes it is told to give."""

import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from ksad.ledger.log.checkpoint import Checkpoint
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.reporting.checkpoints.signing import SigningKey, sign_checkpoint

ORIGIN = "ksad/test/feed/32"
PATH = "/feeds/32"


class Ministry:
    """Serves ``leaves``, ``told`` (as leaf hashes) and ``note``: each a lie if the test says so; a page at a time."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.key = SigningKey.generate(ORIGIN)
        self.leaves = list(leaves)
        self.told = list(leaves)
        self.page = 1_000
        self.note: bytes | None = None
        self.sign(leaves)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def sign(self, leaves: Sequence[bytes]) -> None:
        """Sign the tree over these leaves, and serve that head from now on."""
        tree = Frontier.empty().extended(map(leaf_hash, leaves))
        self.note = sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), self.key)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, path: str, query: dict[str, list[str]]) -> bytes | None:
        """The body for a request; None where there is nothing."""
        after = int(query.get("after", ["0"])[0])
        end = after + min(int(query.get("limit", ["1000"])[0]), self.page if path == PATH else 10**6)
        if path == PATH:
            return b"".join(leaf + b"\n" for leaf in self.leaves[after:end])
        if path == f"{PATH}/hashes":
            return b"".join(map(leaf_hash, self.told[after:end]))
        return self.note if path == f"{PATH}/checkpoint" else None


def _handler(ministry: Ministry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = ministry.answer(parts.path, parse_qs(parts.query))
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

    return Handler
