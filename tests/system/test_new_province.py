"""A province that is adopted into the log is served by the software that is installed."""

import hashlib
import json
from datetime import date
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from ksad.local.__main__ import app
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import running
from tests.support.servers.processes import wait_until

NEW, REGENCY = "99", "99.01"
DECISION = {"number": "100.1-1/2026", "date": "2026-01-05", "office": "minister"}


def with_new_province(text: str) -> str:
    """The table of regions with a province more, which has one regency."""
    return (
        text
        + f"{NEW},province,Provinsi Uji,,true,2026-01-01,,{NEW}\n"
        + f"{REGENCY},regency,Kabupaten Uji,{NEW},true,2026-01-01,,{REGENCY}\n"
    )


def ksad(folder: Folder, *words: str) -> str:
    """What a verb of the command says, having done what it was asked for."""
    done = CliRunner().invoke(app, [*words, "--data-dir", str(folder.root)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.fault(
    "bug-reports B",
    kind="What the log may change is read from the software that is installed.",
    looked="Tokens, credentials and accounts of the broker, feeds and their heads, the verbs feeds and token, the"
    " rule of the feeds, names of regions for programs of provinces.",
    found="nothing more",
)
@pytest.mark.timeout(240)
def test_a_province_of_the_log_gets_token_credentials_and_feed(tmp_path: Path) -> None:
    """Adopted while the platform runs it is provisioned by the verb, and is there from the next start on."""
    folder = Folder(tmp_path / "data")
    with running(folder, starts_on=date(2026, 1, 6)) as platform, platform.client() as client:
        known = client.get("registry", "/references/regions", "operator")
        text = with_new_province(known["content"])
        body = {
            "kind": "regions",
            "name": "regions",
            "content": text,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "source": "keputusan uji",
            "decision": DECISION,
        }
        client.post("registry", "/references", "minister", "wilayah", body)
        assert NEW in json.loads(ksad(folder, "feeds", "provision", "--json"))["made"]
        endpoints = folder.running()
        assert (folder.feeds / f"{NEW}.json").exists()

        def answer(path: str, service: str = "reporting") -> httpx.Response:
            headers = {"Authorization": f"Bearer {endpoints['tokens'][f'feed:{NEW}']}"}
            return httpx.get(f"{endpoints[service]}{path}", headers=headers, trust_env=False)

        own = client.get("registry", "/references/regions", "operator")
        assert answer("/references/regions", "registry").json() == own
        assert answer("/boundary-changes", "registry").json() == {"items": []}
        assert answer(f"/feeds/{NEW}").text == ""
        fact = {"title": "Kerja sama", "object": "sampah", "affair": "lingkungan_hidup", "parties": [REGENCY, "33.11"]}
        client.post("registry", "/cooperations", "region:33.11", "satu", {"key": "satu", **fact})
        wait_until(lambda: "ksad.cooperation.registered" in answer(f"/feeds/{NEW}").text, what="the new feed")
        wait_until(lambda: answer(f"/feeds/{NEW}/checkpoint").is_success, what="a head of the new feed")
        into = ["--into", f"sqlite:{tmp_path / 'feed.sqlite'}", "--over", "nats", "--once"]
        assert "stored and verified" in ksad(folder, "feed", "follow", "--province", NEW, *into)
        assert ksad(folder, "token", "--office", f"feed:{NEW}")
        rule = client.get("reporting", "/feed-rule", "feed:33")
    with running(folder) as platform, platform.client() as client:
        assert client.get("reporting", "/feed-rule", "feed:33") == rule  # The second start adopts nothing.
        assert f"feed:{NEW}" in platform.endpoints["tokens"]
        done = CliRunner().invoke(
            app, ["feed", "follow", "--province", "98", "--into", "x", "--data-dir", str(folder.root)]
        )
        assert (done.exit_code, "98 is no province" in " ".join(done.output.split())) == (1, True)
