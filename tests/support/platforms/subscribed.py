"""A running platform whose feeds hold something, as a province's programmer meets it: over HTTP and NATS."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from nats.aio.client import Client

from ksad.chassis.database import Database
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import Platform, running, wait_settled
from tests.support.servers.processes import wait_until

FIRST_DAY = date(2026, 1, 5)
HEAD = {"title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup"}


class Ministry:
    """The platform, and what its officers do for a test."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.folder = platform.folder
        self._count = 0

    @property
    def url(self) -> str:
        """Where feeds are served over HTTP."""
        return str(self.platform.endpoints["reporting"])

    def token(self, office: str) -> str:
        """A development token."""
        return str(self.platform.endpoints["tokens"][office])

    def register(self, *parties: str, count: int = 1) -> None:
        """Cooperations between these parties, each with all that is owed for it, signed in the parties' feeds."""
        with self.platform.client() as client:
            for _ in range(count):
                self._count += 1
                key = f"kerja-sama-{self._count}"
                body = {"key": key, **HEAD, "parties": list(parties)}
                client.post("registry", "/cooperations", f"region:{parties[0]}", key, body)
            wait_settled(client)
        wait_until(self._signed, seconds=60, what="all feeds signed to their end")

    def _signed(self) -> bool:
        """Whether the feeds have seen all of the journal, and each log has a head over all of it."""
        with closing(Database(self.folder.database_url("reporting"))) as database, database.read() as connection:
            seen = connection.execute(sa.text("SELECT position FROM feed_state WHERE name = 'feeds'")).scalar_one()
            sizes = {row.log: row.size for row in connection.execute(sa.text("SELECT log, size FROM frontiers"))}
        feeds = {name.removeprefix("feed/"): size for name, size in sizes.items() if name.startswith("feed/")}
        with self.platform.client() as client:
            signed = client.get("reporting", "/status", "operator")["signed"]["size"]
        return seen == signed == sizes["national"] and all(
            self.known(province) and self.head(province)[0] == size for province, size in feeds.items()
        )

    def get(self, path: str, office: str | None = None, headers: Any = None, **query: Any) -> httpx.Response:
        """What is answered; bytes are unpacked as a browser does."""
        sent = {} if office is None else {"Authorization": f"Bearer {self.token(office)}"}
        return httpx.get(
            f"{self.url}{path}", params=query, headers={**sent, **(headers or {})}, timeout=60, trust_env=False
        )

    def feed(self, province: str) -> bytes:
        """All of a feed, over HTTP."""
        answer = self.get(f"/feeds/{province}", f"feed:{province}", limit=1_000_000)
        return answer.raise_for_status().content

    def head(self, province: str) -> tuple[int, str]:
        """Size and root (Base64) of the newest signed head."""
        _, size, root = self.get(f"/feeds/{province}/checkpoint").raise_for_status().text.split("\n")[:3]
        return int(size), root

    def credentials(self, province: str) -> dict[str, Any]:
        """What a province was given."""
        known: dict[str, Any] = json.loads((self.folder.feeds / f"{province}.json").read_text())
        return known

    @asynccontextmanager
    async def connected(self, province: str) -> AsyncIterator[Client]:
        """A province on the broker, with what it was given."""
        known, client = self.credentials(province), Client()
        prefix = known["inbox_prefix"].encode()
        await client.connect(known["url"], nkeys_seed_str=known["nkey_seed"], inbox_prefix=prefix)
        try:
            yield client
        finally:
            await client.close()

    def known(self, province: str) -> bool:
        """Whether a feed has a signed head."""
        try:
            self.head(province)
        except httpx.HTTPStatusError:
            return False
        return True


@contextmanager
def opened(root: Path) -> Iterator[Ministry]:
    """A platform on a simulated clock."""
    with running(Folder(root), name="umpan", starts_on=FIRST_DAY) as platform:
        yield Ministry(platform)
