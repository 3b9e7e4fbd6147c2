"""A party's history file: what binds others waits for them, and the steps after it are held back until it stands."""

import json
from typing import Any

import pytest

from ksad.contracts.identifiers import cooperation_id
from tests.support.histories.history_importer import RECENTLY, HistoryImporter, registered, written

pytestmark = pytest.mark.xdist_group("import")

PARTY, OTHER = "region:33.72", "region:33.11"
LIVE = registered(RECENTLY, "legacy: false")


def stage(name: str) -> str:
    """A step to a stage."""
    return f'{{on: "{RECENTLY}", do: enter_stage, stage: {name}}}'


def signing(importer: HistoryImporter, do: str, extra: str = "") -> str:
    """A step by which the party signs, with its own number and the paper."""
    with importer.platform.client() as client:
        paper = json.dumps(client.upload("registry", f"%PDF-1.7 naskah {do}".encode(), "application/pdf", PARTY))
    return f'{{on: "{RECENTLY}", do: {do}, numbers: {{"33.72": "1"}}, document: {paper}{extra}}}'


def history(importer: HistoryImporter) -> list[str]:
    """From the proposal to an agreement, over an accord: steps 4 and 7, on lines 12 and 15, bind the other party."""
    agreement = signing(importer, "sign_agreement", ', ends_on: "2035-01-01"')
    first = [LIVE, stage("negotiation"), stage("signing"), signing(importer, "sign_accord")]
    return [*first, stage("negotiation"), stage("signing"), agreement]


def act(importer: HistoryImporter, key: str, do: str, **fields: Any) -> Any:
    """What the other party does with the only act that waits."""
    with importer.platform.client() as client:
        path = f"/cooperations/{cooperation_id(key)}"
        [pending] = client.get("registry", path, OTHER)["pending"]
        body = {"proposal": pending["proposal"], **fields}
        return client.post("registry", f"{path}/{do}", OTHER, f"{do}-{pending['proposal']}", body)


def kinds(importer: HistoryImporter, key: str) -> list[str]:
    """What was recorded of a cooperation."""
    return [event["type"].split(".")[2] for event in importer.events(key)]


@pytest.mark.clause("P1.4", "P1.5", "P1.6")
def test_a_step_that_waits_holds_back_those_after_it(importer: HistoryImporter) -> None:
    """Named by the rehearsal and by the import, with who is missing; each further run goes on where it stopped."""
    importer.write(written("tunggu", *history(importer)), written("lepas", LIVE))
    before = importer.head()
    rehearsed = importer.play("--json", "--check", office=PARTY)
    assert (rehearsed.code, rehearsed.json["steps"], importer.head()) == (1, 5, before)
    assert [(one["line"], one["do"], one["proposed"]) for one in rehearsed.json["waiting"]] == [
        (12, "sign_accord", False),
        (15, "sign_agreement", False),
    ]

    played = importer.play("--json", office=PARTY)
    done = played.json
    assert (played.code, done["failures"], done["cooperations"], done["steps"]) == (1, [], 1, 5)
    assert done["waiting"][0] | {"key": None} == {
        "file": "riwayat.yaml",
        "line": 12,
        "key": None,
        "do": "sign_accord",
        "proposed": True,
        "awaiting": ["33.11"],
        "detail": "Menunggu konfirmasi Kabupaten Sukoharjo atas penandatanganan kesepakatan.",
    }
    assert [(one["line"], one["until"]) for one in done["held"]] == [(13, 12), (14, 12), (15, 12)]
    assert kinds(importer, "tunggu")[-2:] == ["act_proposed", "act_confirmed"]

    head = importer.head()
    again = importer.play(office=PARTY)
    assert (again.code, importer.head()) == (1, head)
    assert ":12: tunggu: sign_accord: Menunggu konfirmasi Kabupaten Sukoharjo" in again.err
    assert ":13: tunggu: enter_stage: ditahan sampai langkah pada baris 12 berlaku" in again.err
    assert "1 cooperations, 0 steps recorded, 5 were there already" in again.out
    assert "3 steps are held back; import the same file again when that is done" in again.out

    act(importer, "tunggu", "confirm-act", numbers={"33.11": "2"})
    further = importer.play("--json", office=PARTY).json
    assert (further["steps"], further["known"], further["held"]) == (3, 5, [])
    assert [(one["line"], one["proposed"]) for one in further["waiting"]] == [(15, True)]
    act(importer, "tunggu", "confirm-act", numbers={"33.11": "3"})
    last = importer.play("--json", office=PARTY)
    assert (last.code, last.json["cooperations"], last.json["steps"], last.json["known"]) == (0, 2, 0, 8)
    assert kinds(importer, "tunggu")[-3:] == ["act_confirmed", "agreement_signed", "stage_entered"]


@pytest.mark.clause("P1.4")
def test_faults_after_a_waiting_step_are_told_at_once(importer: HistoryImporter) -> None:
    """What is held back is rehearsed as if the act stood: a slip in it need not wait to be found."""
    steps = history(importer)
    steps[5] = stage("exploration")
    importer.write(written("salah-kemudian", *steps))
    for words in (("--check",), (), ()):
        answer = importer.play("--json", *words, office=PARTY).json
        [failure] = answer["failures"]
        assert (failure["line"], failure["rule"]) == (15, "signed-at-signing")
        assert [one["line"] for one in answer["waiting"]] == [12]
        assert [one["line"] for one in answer["held"]] == [13, 14]
    steps[5] = stage("signing").replace("stage: signing", "stage: signing, tahap: x")
    importer.write(written("salah-kemudian", *steps))
    answer = importer.play("--json", office=PARTY).json
    assert ([one["line"] for one in answer["waiting"]], answer["failures"][0]["rule"]) == ([12], "request-valid")


@pytest.mark.clause("P1.4")
def test_a_refused_step_stops_its_cooperation(importer: HistoryImporter) -> None:
    """Neither passed over nor proposed again by itself: it is told with the reason, and a changed step is proposed."""
    steps = history(importer)
    importer.write(written("tolak", *steps))
    importer.play(office=PARTY)
    act(importer, "tolak", "refuse-act", reason="Belum dibahas.")
    head = importer.head()
    for words in (("--check",), ()):
        [failure] = importer.play("--json", *words, office=PARTY).json["failures"]
        assert (failure["line"], failure["rule"], failure["clause"]) == (12, "act-stands", "P1.4")
        assert "ditolak oleh Kabupaten Sukoharjo (Belum dibahas)" in failure["detail"]
    assert importer.head() == head
    steps[3] = steps[3].replace('"33.72": "1"', '"33.72": "1/REV"')
    importer.write(written("tolak", *steps))
    answer = importer.play("--json", office=PARTY).json
    assert (answer["failures"], answer["steps"], [one["line"] for one in answer["waiting"]]) == ([], 1, [12, 15])


@pytest.mark.clause("P1.4")
def test_only_those_who_see_an_act_can_assume_it(importer: HistoryImporter) -> None:
    """A rehearsal takes recorded acts as confirmed for those who may see them; to others they do not exist."""
    importer.write(written("terlihat", *history(importer)))
    importer.play(office=PARTY)
    with importer.platform.client() as client:
        path = f"/cooperations/{cooperation_id('terlihat')}"
        [pending] = client.get("registry", path, PARTY)["pending"]
        body = {"key": "terlihat", "steps": [], "confirmed": [pending["proposal"]]}
        told = client.post("registry", "/histories/check", PARTY, "lihat-1", body)
        assert [(one["step"], one["act"]) for one in told["waiting"]] == [(None, "accord_signed")]
        with pytest.raises(Exception, match="tidak menunggu konfirmasi"):
            client.post("registry", "/histories/check", "region:34.71", "lihat-2", body)
