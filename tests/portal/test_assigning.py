"""Several tasks are assigned at once, each once however often the form is sent."""

import re

import pytest

from ksad.local.machine.platform import wait_settled
from tests.portal.conftest import FIRST, Browsers
from tests.portal.test_recording import opened

pytestmark = pytest.mark.xdist_group("portal")


def test_several_tasks_are_assigned_at_once(browsers: Browsers) -> None:
    """The chosen tasks get the officer, also when pressed twice; a name of a person is refused, and all stay chosen."""
    browser = browsers.officer("tkksd:33")
    assert 'href="/serahkan"' in browser.get("/meja-saya").text
    key = opened(browser, "/serahkan")
    found = re.findall(r'name="tugas" id="t-([0-9a-f-]+)"', browser.get("/serahkan").text)[:2]
    assert len(found) == 2
    refused = browser.post("/serahkan", data={"petugas": "Budi Santoso", "tugas": found} | key)
    assert refused.status_code == 422
    assert len(re.findall(r'value="[0-9a-f-]+" checked', refused.text)) == 2
    assert browser.post("/serahkan", data={"petugas": "petugas-03"} | key).status_code == 422
    again = opened(browser, "/serahkan")
    for _ in range(2):
        done = browser.post("/serahkan", data={"petugas": "petugas-03", "tugas": found} | again)
        assert (done.status_code, done.headers["location"]) == (303, "/serahkan?tercatat=berlaku")
    with browsers.client() as client:
        wait_settled(client)
        for task in found:
            assert client.get("supervision", f"/tasks/{task}", "tkksd:33")["assignee"] == "petugas-03"
            events = client.get("supervision", f"/tasks/{task}/events", "tkksd:33")["items"]
            assert sum(one["type"].startswith("ksad.task.assigned") for one in events) == 1
    assert browsers.officer(FIRST).get("/serahkan").status_code == 403
    assert browsers.officer("auditor").get("/serahkan").status_code == 403
