"""The termination workbook: what is filed in its forms is added up and shown with what is still missing."""

import re

import pytest
from fastapi.testclient import TestClient

from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.platform import wait_settled
from tests.portal.conftest import FIRST, Browsers
from tests.portal.test_recording import opened

pytestmark = pytest.mark.xdist_group("portal")
KEY, AGREEMENT = "tempat-olah-limbah", "perjanjian-1"
PAGE = f"/kerja-sama/{KEY}/pengakhiran/{AGREEMENT}"
PAPER = ("berita-acara.pdf", b"%PDF-1.7 berita acara", "application/pdf")


@pytest.fixture
def supervisor(browsers: Browsers) -> TestClient:
    """The team that supervises an agreement of two parties, which was signed years ago and runs."""
    office, path = "joint_secretariat", f"/cooperations/{cooperation_id(KEY)}"
    old = {"legacy": True, "on": "2020-01-02"}
    head = {"key": KEY, "title": "Tempat pengolahan", "object": "sampah", "affair": "lingkungan_hidup", **old}
    steps = [
        ("", {**head, "parties": ["33.72", "33.13"], "stage": "negotiation"}),
        ("/enter-stage", {"stage": "signing", **old}),
        ("/sign-accord", {"numbers": {"33.72": None, "33.13": None}, **old}),
        (
            "/sign-agreement",
            {"numbers": {"33.72": None, "33.13": None}, "term": "dated", "ends_on": "2026-12-01", **old},
        ),
        ("/enter-stage", {"stage": "implementation_and_termination", **old}),
    ]
    with browsers.client() as client:
        for number, (command, body) in enumerate(steps):
            client.post("registry", path + command if command else "/cooperations", office, f"{KEY}-{number}", body)
        wait_settled(client)
    return browsers.officer("tkksd:33")


def filed(browser: TestClient, act: str, typed: dict[str, str], document: str = "document") -> None:
    """Sends a form with its document; it is recorded."""
    path = f"/kerja-sama/{KEY}/catat/{act}"
    answer = browser.post(path, data=typed | opened(browser, path), files={document: PAPER})
    assert answer.status_code == 303, re.sub(r"<[^>]*>|\s+", " ", answer.text)
    assert answer.headers["location"].endswith("tercatat=berlaku")


@pytest.mark.clause("P10.d.4")
def test_what_is_filed_is_added_up(browsers: Browsers, supervisor: TestClient) -> None:
    """Goods, obligations and their division come from three forms; the sums close, and each party owes its proofs."""
    assert "bukti belum ada" in supervisor.get(PAGE).text
    goods = {
        "goods.0.what": "Armada truk",
        "goods.0.kind": "movable",
        "goods.0.value_idr": "1.200.000.000",
        "goods.1.what": "Tempat pengolahan",
        "goods.1.kind": "immovable",
        "goods.1.value_idr": "Rp3.000.000.000",
        "goods.2.what": "Jembatan timbang",
        "goods.2.kind": "immovable",
        "goods.2.value_idr": "350000000",
    }
    filed(supervisor, "inventory-goods", goods)
    owed = {"obligations.0.creditor": "PT PLN", "obligations.0.amount_idr": "400.000.000"}
    filed(supervisor, "list-obligations", owed | {"obligations.0.paid_idr": "150.000.000"})
    wrong = {
        "allotted.armada-truk": "33.72",
        "allotted.tempat-pengolahan": "33.13",
        "allotted.jembatan-timbang": "sold",
        "sold_for.jembatan-timbang": "300.000.000",
        "money.33.72": "925.000.000",
        "money.33.13": "tujuh",
    }
    path = f"/kerja-sama/{KEY}/catat/divide"
    refused = supervisor.post(path, data=wrong | opened(supervisor, path), files={"document": PAPER})
    assert refused.status_code == 422
    assert 'href="#f-money-33-13"' in refused.text
    filed(supervisor, "divide", wrong | {"money.33.13": "-875.000.000"})
    page = supervisor.get(PAGE).text
    for amount in ("Rp4.500.000.000", "−Rp250.000.000", "Rp4.250.000.000", "Rp2.125.000.000", "−Rp875.000.000"):
        assert amount in page, amount
    assert f"{PAGE}" in supervisor.get(f"/kerja-sama/{KEY}").text
    assert browsers.officer(FIRST).get(PAGE).status_code == 200
    assert browsers.officer("region:35.78").get(PAGE).status_code == 404
