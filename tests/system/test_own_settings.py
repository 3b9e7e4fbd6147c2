"""`ksad up` with the issuer of a ministry, HTTPS, and an address, ports and a log as they are set."""

import asyncio
import json
import ssl
import subprocess
from pathlib import Path

import httpx
import nats
import pytest

from ksad.chassis.certificates import trusting
from tests.support.platforms.command import ksad
from tests.support.platforms.started import started_platform
from tests.support.servers.issuer import NAME, Issuer, claims

HOST = "127.0.0.2"
FEEDS = "tls://feeds.ksad.example:4222"
BASE = 27_410


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for another name, which nobody has signed but its own key."""
    shown, key = folder / "shown.pem", folder / "key.pem"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=ksad.example", "-keyout", str(key), "-out", str(shown)]
    subprocess.run(["openssl", *words, *names], check=True, capture_output=True)
    return shown, key


def follow_over_tls(data: Path, shown: Path, url: str) -> None:
    """A province asks for its consumer over TLS, and is not let in without it."""
    known = json.loads((data / "feeds" / "33.json").read_text())

    async def ask(address: str, tls: ssl.SSLContext | None) -> str:
        client = await nats.connect(
            address,
            nkeys_seed_str=known["nkey_seed"],
            inbox_prefix=known["inbox_prefix"],
            tls=tls,
            allow_reconnect=False,
        )
        jetstream = client.jetstream(prefix=known["api_prefix"])
        info = await jetstream.consumer_info(known["stream"], known["consumer"])
        await client.close()
        return str(info.name)

    assert asyncio.run(ask(url, trusting(shown))) == known["consumer"]
    with pytest.raises(ssl.SSLError):
        asyncio.run(ask(url, None))


@pytest.mark.fault(
    "province F6",
    kind="An address that was handed over is no longer that of the server after a restart.",
    looked="The ports of all services and of the broker, a folder's own and chosen ones; the address in provinces'"
    " credentials, at provisioning and rotation; two platforms on one machine.",
    found="nothing more",
)
@pytest.mark.fault("operator F8")
def test_a_platform_speaks_as_it_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens of the ministry count and development tokens do not, over HTTPS at the chosen address and ports."""
    data, token = tmp_path / "data", tmp_path / "token"
    shown, key = certificate(tmp_path)
    with Issuer() as issuer:
        issuer.add("one")
        token.write_text(issuer.sign(claims(office="operator", sub="operator-1"), "one"))
        chosen = {
            "KSAD_ISSUER": NAME,
            "KSAD_JWKS_URL": issuer.url,
            "KSAD_TOKEN_FILE": str(token),
            "KSAD_HOST": HOST,
            "KSAD_TLS_CERTIFICATE_FILE": str(shown),
            "KSAD_TLS_KEY_FILE": str(key),
            "KSAD_FEEDS_URL": FEEDS,
            "KSAD_BASE_PORT": str(BASE),
            "KSAD_LOG_JSON": "false",
        }
        with started_platform(data, **chosen):
            endpoints = json.loads((data / "endpoints.json").read_text())
            assert endpoints["tokens"] == {}
            assert endpoints["registry"] == f"https://{HOST}:{BASE}"
            assert endpoints["nats"] == f"tls://{HOST}:{BASE + 3}"
            assert json.loads((data / "feeds" / "33.json").read_text())["url"] == FEEDS
            with pytest.raises(httpx.ConnectError):
                httpx.get(f"{endpoints['registry']}/livez", trust_env=False)
            answer = httpx.get(f"{endpoints['registry']}/readyz", verify=trusting(shown), trust_env=False)
            assert answer.json()["ready"]
            follow_over_tls(data, shown, endpoints["nats"])
            assert ksad("feeds", "rotate", "33", "--data-dir", data).code == 0
            assert json.loads((data / "feeds" / "33.json").read_text())["url"] == FEEDS
            follow_over_tls(data, shown, endpoints["nats"])
            answered = ksad("status", "--json", "--data-dir", data)
            assert answered.code in {0, 1}, answered.err
            assert answered.json["services"]["registry"]["head"] >= 0
            assert not (data / "logs" / "registry.log").read_text().startswith("{")
