"""The portal is killed between a form and its answer: who presses again finds it recorded, once."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.portal import portal_environment
from ksad.local.machine.ports import Port
from tests.portal.conftest import FIRST, KEY, NAMES, Browsers
from tests.support.servers.processes import eventually, port_open
from tests.support.servers.proxy import Proxy

pytestmark = pytest.mark.xdist_group("portal")
SAID = "Saluran tersumbat sejak Oktober"


@asynccontextmanager
async def portal(environment: dict[str, str]) -> AsyncIterator[Process]:
    """The portal in a process of its own."""
    command = [sys.executable, "-m", "ksad.portal", "serve", "--migrate"]
    nowhere, given = asyncio.subprocess.DEVNULL, {**os.environ, **environment}
    process = await asyncio.create_subprocess_exec(*command, env=given, stdout=nowhere, stderr=nowhere)
    try:
        port = int(environment["KSAD_PORT"])
        await eventually(lambda: asyncio.to_thread(port_open, port), seconds=60, what="the portal")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.anyio
async def test_pressed_again_after_a_kill_it_is_recorded_once(browsers: Browsers, tmp_path: Path) -> None:
    """The registry has recorded the problem and its answer is lost with the portal; the same form then leads on."""
    urls = {name: browsers.platform.endpoints[name] for name in ("registry", "supervision", "reporting")}
    port, path = Port(), f"/kerja-sama/{KEY}/catat/report-problem"
    async with Proxy(urlsplit(urls["registry"]).port or 0) as between:
        through = urls | {"registry": f"http://127.0.0.1:{between.port}"}
        environment = portal_environment(browsers.platform.folder, through, port.number, None)
        environment["KSAD_DATABASE_URL"] = f"sqlite:///{tmp_path / 'portal.sqlite'}"
        here = f"http://127.0.0.1:{port.number}"
        async with httpx.AsyncClient(base_url=here, headers={"Origin": here}, timeout=60) as browser:
            async with portal(environment) as process:
                await browser.post("/masuk", data={"jabatan": NAMES[FIRST], "kembali": path})
                form = re.search(r'name="kunci_formulir" value="([^"]+)"', (await browser.get(path)).text)
                assert form is not None
                filled = {"kunci_formulir": form[1], "description": SAID}
                between.deafening = b"POST /cooperations"
                sent = asyncio.create_task(browser.post(path, data=filled))
                await eventually(lambda: asyncio.to_thread(recorded, browsers), seconds=60, what="the record")
                process.kill()
                with pytest.raises(httpx.TransportError):
                    await sent
            between.deaf, between.deafening = False, None
            async with portal(environment):
                again = await browser.post(path, data=filled)
                assert (again.status_code, again.headers["location"]) == (303, f"/kerja-sama/{KEY}?tercatat=berlaku")
    port.close()
    assert recorded(browsers) == 1


def recorded(browsers: Browsers) -> int:
    """How often the problem was reported."""
    with browsers.client() as client:
        events = client.get("registry", f"/cooperations/{cooperation_id(KEY)}/events", FIRST)["items"]
    return sum(one["data"].get("description") == SAID for one in events)
