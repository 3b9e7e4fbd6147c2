"""TLS to the broker: an authority that vouches for the host's name, and a certificate of one's own."""

import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.errors import Error
from structlog.testing import capture_logs

from ksad.chassis.broker import Broker
from ksad.chassis.broker.connection import Connection, Session
from ksad.chassis.certificates import ClientTls
from tests.support.servers.authority import Authority
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import eventually

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who vouches for the broker and for its clients."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def broker_url(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker that speaks TLS only, as 127.0.0.1, and asks every client for a certificate."""
    own = authority.issue("127.0.0.1")
    files = f'cert_file: "{own.certificate}", key_file: "{own.key}", ca_file: "{authority.certificate}"'
    with NatsServer(tmp_path_factory.mktemp("nats"), extra=f"tls {{ {files}, verify: true }}") as server:
        yield server.url.replace("nats://", "tls://")


async def connect(url: str, tls: ClientTls) -> None:
    """Connect once and close again; whatever is refused is raised."""
    connection, session = Connection(url, "test", tls=tls), Session()
    try:
        await connection._connect(session)
        assert session.client.is_connected
    finally:
        await connection._close(session)


async def test_the_authority_and_a_certificate_of_ones_own_open_the_line(authority: Authority, broker_url: str) -> None:
    """A client that trusts the authority and shows a certificate of it is let in."""
    own = authority.issue("registry")
    await connect(broker_url, ClientTls(None, authority.certificate, own.certificate, own.key))


async def test_whoever_lacks_one_of_both_gets_no_line(authority: Authority, broker_url: str, tmp_path: Path) -> None:
    """Without a certificate of one's own, with another authority, or under a name that is not in it, nothing opens."""
    own, other = authority.issue("registry"), Authority(tmp_path / "other")
    mine = ClientTls(None, authority.certificate, own.certificate, own.key)
    with pytest.raises((OSError, Error)):
        await connect(broker_url, ClientTls(authority=authority.certificate))
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(broker_url, mine._replace(authority=other.certificate))
    with pytest.raises(ssl.SSLCertVerificationError, match="match"):
        await connect(broker_url.replace("127.0.0.1", "localhost"), mine)


async def test_a_mended_certificate_is_enough(authority: Authority, tmp_path: Path) -> None:
    """A broker that showed a wrong certificate is connected to once it shows a right one, without a restart here."""
    wrong, right = Authority(tmp_path / "other").issue("127.0.0.1"), authority.issue("127.0.0.1")
    shown, key = tmp_path / "shown.pem", tmp_path / "shown.key"
    shutil.copy(wrong.certificate, shown)
    shutil.copy(wrong.key, key)
    server = NatsServer(tmp_path / "nats", extra=f'tls {{ cert_file: "{shown}", key_file: "{key}" }}')
    with server, capture_logs() as logged:
        trusted = ClientTls(authority=authority.certificate)
        async with Broker(server.url.replace("nats://", "tls://"), "test", tls=trusted) as broker:

            async def refused() -> bool:
                return any("CERTIFICATE_VERIFY_FAILED" in one.get("error", "") for one in logged)

            await eventually(refused, what="the refusal of the wrong certificate")
            shutil.copy(right.certificate, shown)
            shutil.copy(right.key, key)
            server.restart()
            await broker.wait_connected(20)
