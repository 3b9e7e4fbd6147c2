"""Acts that wait for confirmation, over HTTP: who sees them, and that two last confirmations make one effect."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.platforms.speaking import HEAD, Office, Speak, path

SOLO, KARANGANYAR, SUKOHARJO, YOGYA = "33.72", "33.13", "33.11", "34.71"


def registered(speak: Speak, *parties: str) -> Office:
    """A cooperation before its accord; gives the office of its first party."""
    clerk = speak(f"region:{parties[0]}")
    clerk.post("/cooperations", "register", {"key": "a", **HEAD, "parties": list(parties)})
    for stage in ("negotiation", "signing"):
        assert clerk.post(path("a", "enter-stage"), stage, {"stage": stage}).status_code == 200
    return clerk


def signed(clerk: Office, number: str) -> Any:
    """Its office proposes the accord."""
    body = {"numbers": {SOLO: number}, "document": clerk.upload(b"%PDF-1.7 naskah")}
    answer = clerk.post(path("a", "sign-accord"), "sign", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def names(office: Office) -> list[str]:
    """The types of the events that an office sees, without prefix and version."""
    return [one["type"].split(".")[2] for one in office.get(path("a", "events")).json()["items"]]


def _confirmed_at_once(speak: Speak, proposal: str) -> None:
    """Both who are still asked confirm in the same moment; one of them finds itself the last."""

    def confirm(code: str) -> Any:
        body = {"proposal": proposal, "numbers": {code: f"{code}/1"}}
        return speak(f"region:{code}").post(path("a", "confirm-act"), f"confirm-{proposal}", body)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(confirm, (KARANGANYAR, SUKOHARJO)))
    assert [one.status_code for one in answers] == [200, 200]
    assert sorted(one.json()["state"] for one in answers) == ["proposed", "stands"]


@pytest.mark.clause("P1.4", "P1.5")
def test_what_waits_is_shown_and_stands_once(speak: Speak) -> None:
    """Scenario 12: parties and supervisors see what waits; two last confirmations in one moment are both taken."""
    clerk = registered(speak, SOLO, KARANGANYAR, SUKOHARJO)
    proposal = signed(clerk, "1")["proposal"]
    for office in (f"region:{KARANGANYAR}", "tkksd:33", "minister"):
        (shown,) = speak(office).get(path("a")).json()["pending"]
        assert shown["act"] == "penandatanganan kesepakatan"
        assert (shown["proposal"], shown["proposer"], shown["confirmed"]) == (proposal, SOLO, [SOLO])
        assert shown["awaiting"] == [KARANGANYAR, SUKOHARJO]
    assert speak(f"region:{YOGYA}").get(path("a")).json()["pending"] == []

    _confirmed_at_once(speak, proposal)
    assert names(clerk)[-3:] == ["act_confirmed", "act_confirmed", "accord_signed"]
    assert clerk.get(path("a")).json()["pending"] == []
    for stage in ("negotiation", "signing"):
        assert clerk.post(path("a", "enter-stage"), f"again-{stage}", {"stage": stage}).status_code == 200
    body = {"numbers": {SOLO: "2"}, "ends_on": "2090-01-01", "document": clerk.upload(b"%PDF-1.7 perjanjian")}
    _confirmed_at_once(speak, clerk.post(path("a", "sign-agreement"), "agreement", body).json()["proposal"])
    assert names(clerk)[-4:] == ["act_confirmed", "act_confirmed", "agreement_signed", "stage_entered"]
    assert clerk.get(path("a")).json()["pending"] == []


@pytest.mark.clause("P1.4")
def test_an_invited_region_sees_its_proposal(speak: Speak) -> None:
    """Asked to join, it and its province see public facts and that proposal; another region sees public facts only."""
    clerk = registered(speak, SOLO, KARANGANYAR)
    signed(clerk, "1")
    clerk.post(path("a", "report-problem"), "problem", {"problem": "p", "description": "x"})
    paper = clerk.upload(b"%PDF-1.7 naskah bergabung")
    body = {"region": YOGYA, "document": paper}
    asked = clerk.post(path("a", "add-party"), "join", body).json()
    for office in (f"region:{YOGYA}", "governor:34"):
        (shown,) = speak(office).get(path("a")).json()["pending"]
        assert (shown["act"], shown["proposal"]) == ("bergabungnya pihak", asked["proposal"])
        assert names(speak(office))[-2:] == ["act_proposed", "act_confirmed"]
        assert names(speak(office)).count("act_proposed") == 1
        assert "problem_reported" not in names(speak(office))
        assert speak(office).get(path("a", f"documents/{paper['sha256']}")).status_code == 200
    assert "act_proposed" not in names(speak("region:34.02"))
    refused = {"proposal": asked["proposal"], "reason": "belum dianggarkan"}
    assert speak(f"region:{YOGYA}").post(path("a", "refuse-act"), "refuse", refused).json()["state"] == "closed"
    assert names(speak(f"region:{YOGYA}"))[-1] == "act_refused"
