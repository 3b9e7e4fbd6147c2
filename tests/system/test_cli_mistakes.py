"""The mistakes of clerks, in history files and over HTTP: each refused where it stands, with rule, clause and mend."""

from typing import Any

import httpx
import pytest

from ksad.contracts.identifiers import cooperation_id
from tests.support.histories.history_importer import SIGNED, HistoryImporter, registered, written

pytestmark = pytest.mark.xdist_group("import")

BAD = {
    "unknown": (written("tak-dikenal", registered(), parties='["33.72", "99.99"]'), "region-known", "P1.1", "99.99"),
    "ended": (
        written("berakhir", registered("2024"), parties='["91.01", "91.02"]'),
        "region-valid",
        "P1.1",
        "93.01",
    ),
    "not yet": (written("belum", registered("2019"), parties='["93.01", "93.02"]'), "region-valid", "P1.1", "2022"),
    "administrative": (
        written("administratif", registered(), parties='["31.71", "32.75"]'),
        "region-autonomous",
        "P1.1",
        "(31)",
    ),
    "one party twice": (written("ganda", registered(), parties='["33.72", "33.72"]'), "parties-differ", "P1.4", "dua"),
    "before 1945": (written("kolonial", registered("1932")), "date-plausible", None, "1945"),
    "far future": (written("besok", registered("2999-01-01")), "date-not-future", None, "2999"),
    "no such day": (written("kabisat", registered("2023-02-30")), "request-valid", None, "YYYY-MM-DD"),
    "end in 2999": (
        written("abadi", registered(), SIGNED.replace("2030-01-01", "2999-01-01")),
        "date-plausible",
        None,
        "2999",
    ),
    "stage order": (
        written(
            "urutan",
            registered(rest="legacy: false"),
            '{on: "2020", do: enter_stage, stage: signing}',
            parties='["33.72", "34.71"]',
        ),
        "stage-order",
        "P4",
        "tahap",
    ),
    "of another": (
        written("bukan-binaannya", registered(rest="legacy: false")),
        "supervises",
        "P2",
        "tidak berwenang",
    ),
    "ends before it starts": (
        written("terbalik", registered(), SIGNED.replace("2030-01-01", "2019-01-01")),
        "term-after-signing",
        "P1.6",
        "1 Januari 2019",
    ),
    "over before its day": (
        written(
            "daftar",
            registered(),
            SIGNED,
            '{on: "2025-06-01", do: end, legacy: true, ground: term_expired}',
        ),
        "term-over",
        "PP 28/2018 Pasal 9(1)",
        "register",
    ),
    "field with a typo": (
        written("isian", registered(), SIGNED.replace("numbers", "numbres")),
        "request-valid",
        None,
        "numbres",
    ),
    "unquoted province": (written("angka", registered(), parties="[33, 33.72]"), "request-valid", None, "parties.0"),
    "head with a typo": (written("kepala", registered(), extra="categori: null"), "history-readable", None, "category"),
    "no such command": (
        written("perintah", registered(), '{on: "2020", do: sign}'),
        "history-readable",
        None,
        "sign_accord",
    ),
    "begins with an accord": (written("awal", SIGNED), "history-readable", None, "register"),
    "given twice": (written("rangkap", registered(), extra="title: lain"), "history-readable", None, "title"),
    "not JSON": (
        written("biner", registered(), extra="initiator: !!binary aGFsbG8="),
        "history-readable",
        None,
        "JSON",
    ),
}


@pytest.mark.parametrize("how", BAD)
def test_a_bad_step_stops_its_cooperation_alone(importer: HistoryImporter, how: str) -> None:
    """It is named with file, line, key, rule, clause and mend; the cooperations before and behind it come through."""
    bad, rule, clause, told = BAD[how]
    name = how.replace(" ", "-").lower()
    importer.write(written(f"a-{name}", registered()), bad, written(f"z-{name}", registered()))
    before = importer.head()
    checked = importer.failures("--check")
    assert importer.head() == before
    (failure,) = importer.failures()
    assert [(one["line"], one["rule"], one["clause"]) for one in checked] == [
        (failure["line"], failure["rule"], failure["clause"])
    ]
    assert (failure["file"], failure["rule"], failure["clause"]) == (importer.file.name, rule, clause)
    assert bad.splitlines()[0].endswith(failure["key"])
    line = importer.file.read_text().splitlines()[failure["line"] - 1]
    assert line in bad
    assert told in failure["detail"]
    for key in (f"a-{name}", f"z-{name}"):
        assert importer.events(key)[-1]["type"].startswith("ksad.cooperation.backfill_closed")


def _register(key: str, **changes: Any) -> dict[str, Any]:
    head = {"key": key, "title": "Air", "object": "air", "affair": "pangan", "parties": ["33.72", "33.11"]}
    return head | changes


def test_http_refusals_are_problems_in_indonesian(importer: HistoryImporter) -> None:
    """Over HTTP each mistake is an RFC 9457 problem in Indonesian with its rule, and its clause where there is one."""
    tokens, url = importer.platform.endpoints["tokens"], importer.platform.endpoints["registry"]

    def post(path: str, office: str, body: Any, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {tokens[office]}", "Idempotency-Key": f"{path}{office}{len(str(body))}"}
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        return httpx.post(url + path, headers=headers | more.get("headers", {}), timeout=30, trust_env=False, **sent)

    assert post("/cooperations", "region:33.72", _register("http")).status_code == 201
    one = f"/cooperations/{cooperation_id('http')}"
    problem = {"problem": "p", "description": "d"}
    jsonish = {"Content-Type": "application/json"}
    answers = {
        412: post(f"{one}/report-problem", "region:33.72", problem, headers={"If-Match": '"9"'}),
        413: post("/cooperations", "region:33.72", b" " * 10_000_000, headers=jsonish),
        422: post("/cooperations", "region:33.72", b"{not json", headers=jsonish),
        403: post(f"{one}/report-problem", "region:34.71", problem),
        409: post(f"{one}/enter-stage", "region:33.72", {"stage": "implementation_and_termination"}),
        401: post(f"{one}/report-problem", "region:33.72", problem, headers={"Authorization": "Bearer x"}),
        400: post(f"{one}/report-problem", "region:33.72", problem, headers={"Idempotency-Key": ""}),
        404: post(f"/cooperations/{cooperation_id('none')}/report-problem", "region:33.72", problem),
    }
    regions = post("/cooperations", "region:33.72", _register("x", parties=["33.72", "31.71"]))
    for status, answer in [*answers.items(), (422, regions)]:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert {"type", "title", "status", "detail", "instance", "rule", "clause"} <= told.keys()
        assert told["type"] == f"urn:ksad:rule:{told['rule']}"
        assert set(told["detail"].lower().split()) & {
            "yang",
            "tidak",
            "belum",
            "paling",
            "perbaiki",
            "sertakan",
            "sudah",
        }
    assert {status: answers[status].json()["clause"] for status in (403, 409)} == {403: "P1.3", 409: "P4"}
    assert regions.json()["clause"] == "P1.1"
