"""The Governors of a cooperation's regions, where a gap of the law gives it to another body, are told in the portal."""

import pytest

from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.supervision import HOME_GOVERNORS
from ksad.local.machine.platform import wait_settled
from tests.portal.conftest import Browsers
from tests.portal.test_recording import opened

pytestmark = pytest.mark.xdist_group("portal")


def told(browsers: Browsers) -> str:
    """The task to tell two Governors of a cooperation of cities of two provinces."""
    head = {"title": "Air baku dua provinsi", "object": "air baku", "affair": "pekerjaan_umum", "key": "dua-provinsi"}
    with browsers.client() as client:
        client.post("registry", "/cooperations", "region:33.72", "dua", {"parties": ["33.72", "34.71"], **head})
        wait_settled(client)
        mine = str(cooperation_id("dua-provinsi"))
        tasks = client.get("supervision", "/tasks", "joint_secretariat", cooperation_id=mine)["items"]
        [task] = [one["task_id"] for one in tasks if one["occasion"] == HOME_GOVERNORS]
    return str(task)


@pytest.mark.clause("P2", "P3")
def test_a_home_governor_is_told_and_gives_receipt(browsers: Browsers) -> None:
    """The Joint Secretariat delivers to each; a Governor confirms then, in his own words; nobody does it for him."""
    task = told(browsers)
    page, confirms = f"/tugas/{task}", f"/tugas/{task}/catat/receive"
    secretariat, governor = browsers.officer("joint_secretariat"), browsers.officer("governor:33")
    assert "Gubernur daerah asal" in governor.get(page).text
    assert confirms not in governor.get(page).text
    for province in ("33", "34"):
        path = f"{page}/catat/deliver"
        filled = {"region": province, "note": "surat Sekretariat Bersama"} | opened(secretariat, path)
        assert secretariat.post(path, data=filled).status_code == 303
    with browsers.client() as client:
        wait_settled(client)
    party = browsers.officer("region:33.72")
    assert confirms not in party.get(page).text
    assert party.post(confirms, data=opened(party, confirms)).status_code == 403
    for office, left in (("governor:33", "34"), ("governor:34", None)):
        browser = browsers.officer(office)
        assert confirms in browser.get(page).text
        form = browser.get(confirms).text
        assert "Gubernur daerah asal menyatakan" in form
        assert "pengakhiran" not in form
        assert browser.post(confirms, data=opened(browser, confirms)).status_code == 303
        with browsers.client() as client:
            wait_settled(client)
            known = client.get("supervision", f"/tasks/{task}", "joint_secretariat")
        assert known["remaining"] == ([left] if left else [])
        assert confirms not in browser.get(page).text
    with browsers.client() as client:
        assert client.get("supervision", f"/tasks/{task}", "joint_secretariat")["status"] == "completed"
