"""Who may do what on a running platform: each rule of docs/access.md from both sides of its line."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.client import Client, ProblemError
from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.platform import Platform, wait_settled
from tests.support.histories.periods import running_half
from tests.support.platforms.fed_supervision import DECISION
from tests.support.servers.processes import wait_until

pytestmark = pytest.mark.xdist_group("import")

OWN, MIXED, MOVED, SPLIT = ("hak-jateng", "hak-provinsi", "hak-papua", "hak-pemekaran")
"""Supervised by a TKKSD; a province is a party; a region whose code changed; one whose code changes now."""
PARTIES = {
    OWN: ["33.72", "33.13"],
    MIXED: ["33", "33.72"],
    MOVED: ["93.01", "93.02"],
    SPLIT: ["81.72", "81.09"],
}
TROUBLE = {"description": "x"}


class Offices:
    """Everybody who has an office, each command under a key of its own."""

    def __init__(self, platform: Platform, client: Client) -> None:
        self.client = client
        self._issuer = LocalIssuer(platform.folder.issuer)
        self._keys = count()

    def sends(self, office: str, service: str, path: str, /, **body: Any) -> Any:
        """What a command is answered with: its answer, or status, rule and clause of the refusal."""
        self.client.endpoints["tokens"].setdefault(office, self._issuer.issue(office))
        try:
            return self.client.post(service, path, office, f"hak-{next(self._keys)}", body)
        except ProblemError as refused:
            return refused.status, refused.rule, refused.clause

    def tells(self, office: str, key: str, command: str, /, **body: Any) -> Any:
        """A command on a cooperation."""
        return self.sends(office, "registry", f"/cooperations/{cooperation_id(key)}/{command}", **body)

    def reads(self, office: str, service: str, path: str) -> Any:
        """What a reading is answered with: its bytes, or status and rule of the refusal."""
        try:
            return self.client.raw(service, path, office)
        except ProblemError as refused:
            return refused.status, refused.rule


@pytest.fixture(scope="module")
def offices(history_platform: Platform) -> Iterator[Offices]:
    """All offices, and four cooperations, two of them in dispute."""
    with history_platform.client() as client:
        made = Offices(history_platform, client)
        for key, parties in PARTIES.items():
            head = {"title": key, "object": "sampah", "affair": "lingkungan_hidup", "parties": parties}
            made.sends(f"region:{parties[0]}", "registry", "/cooperations", key=key, **head)
        for key in (OWN, MIXED):
            for dispute in ("a", "b", "c"):
                made.tells(
                    f"region:{PARTIES[key][0]}",
                    key,
                    "raise-dispute",
                    dispute=dispute,
                    between=PARTIES[key],
                    description="x",
                )
        wait_settled(client)
        yield made


def accepted(answer: Any) -> bool:
    """Whether a command was carried out."""
    return isinstance(answer, dict)


@pytest.mark.parametrize(
    ("office", "key", "refused"),
    [
        ("region:33.72", OWN, None),
        ("region:33.13", OWN, None),
        ("region:34.71", OWN, (403, "is-party", "P1.3")),
        ("region:33", OWN, (403, "is-party", "P1.3")),
        ("region:33", MIXED, None),
        ("region:33.13", MIXED, (403, "is-party", "P1.3")),
        ("region:93.01", MOVED, None),
        ("region:91.01", MOVED, (403, "is-party", "P1.3")),
        ("region:91.02", MOVED, (403, "is-party", "P1.3")),
        ("region:99.99", MOVED, (403, "is-party", "P1.3")),
        ("tkksd:33", OWN, None),
        ("governor:33", OWN, None),
        ("tkksd:34", OWN, (403, "supervises", "P3")),
        ("tkksd:33", MIXED, (403, "supervises", "P3")),
        ("governor:33", MIXED, (403, "supervises", "P3")),
        ("joint_secretariat", OWN, (403, "supervises", "P2")),
        ("joint_secretariat", MIXED, None),
        ("operator", OWN, (403, "office-may", None)),
        ("operator", MIXED, (403, "office-may", None)),
        ("minister", OWN, (403, "supervises", "P2")),
        ("minister", MIXED, None),
        ("auditor", OWN, (403, "office-may", None)),
        ("feed:33", OWN, (403, "office-may", None)),
    ],
)
def test_who_records_what_happened(offices: Offices, office: str, key: str, refused: Any) -> None:
    """A region records what it is party to, under today's code; supervisors what they supervise; IT nothing."""
    name = f"p-{office.replace(':', '-').replace('.', '-')}"
    answer = offices.tells(office, key, "report-problem", problem=name, **TROUBLE)
    assert accepted(answer) if refused is None else answer == refused


def test_nobody_registers_for_others(offices: Offices) -> None:
    """A region enters cooperations in which it is a party, a TKKSD those that it will supervise."""
    head = {"title": "x", "object": "x", "affair": "perhubungan", "parties": ["33.72", "33.13"]}
    answers = {
        office: offices.sends(office, "registry", "/cooperations", key=f"hak-baru-{number}", **head)
        for number, office in enumerate(["region:33.72", "region:34.71", "tkksd:33", "tkksd:34", "minister"])
    }
    assert [office for office, answer in answers.items() if accepted(answer)] == ["region:33.72", "tkksd:33"]


def test_the_office_goes_with_the_code(offices: Offices) -> None:
    """From a boundary change on the new code speaks for the party, the old one no more, and no third one does."""
    before = offices.tells("region:81.99", SPLIT, "report-problem", problem="a", **TROUBLE)
    assert before == (403, "is-party", "P1.3")
    assert accepted(offices.tells("region:81.09", SPLIT, "report-problem", problem="09", **TROUBLE))
    change: dict[str, Any] = {"region": "81.09", "successor": "81.99", "effective_on": "2026-01-01"}
    change |= {"legal_basis": "uji", "decision": DECISION.model_dump(mode="json")}
    assert offices.sends("operator", "registry", "/boundary-changes", **change) == (403, "office-may", None)
    assert accepted(offices.sends("minister", "registry", "/boundary-changes", **change))
    assert accepted(offices.tells("region:81.99", SPLIT, "report-problem", problem="99", **TROUBLE))
    for office in ("region:81.09", "region:81.08"):
        answer = offices.tells(office, SPLIT, "report-problem", problem="b", **TROUBLE)
        assert answer == (403, "is-party", "P1.3"), office


@pytest.mark.clause("P10.d.5", "P6.d.5")
def test_who_settles_a_dispute(offices: Offices) -> None:
    """The forum decides, never a Governor whose province is a party; the Minister what is his; parties by consent."""

    def settle(office: str, key: str, dispute: str, manner: str) -> Any:
        paper = offices.client.upload("registry", b"%PDF-1.7 keputusan\n", "application/pdf", office)
        decision = {"outcome": "x", "number": "1", "document": paper}
        return offices.tells(office, key, "settle-dispute", dispute=dispute, manner=manner, **decision)

    assert settle("governor:33", MIXED, "a", "governor_decision") == (403, "is-forum", "UU 23/2014 Pasal 370(1)")
    assert settle("governor:34", OWN, "a", "governor_decision") == (403, "is-forum", "UU 23/2014 Pasal 370(1)")
    assert settle("tkksd:34", OWN, "a", "governor_decision") == (403, "heads-decision", "UU 23/2014 Pasal 370(1)")
    assert settle("minister", OWN, "b", "minister_decision") == (403, "ministers-dispute", "UU 23/2014 Pasal 370(2)")
    assert settle("region:33.72", OWN, "b", "governor_decision") == (403, "side-deliberates", "P1.3")
    assert settle("region:34.71", OWN, "b", "deliberation") == (403, "side-deliberates", "P1.3")
    assert offices.tells("governor:34", OWN, "escalate-dispute", dispute="c", reason="x")[1] == "is-forum"
    assert offices.tells("region:33.72", OWN, "escalate-dispute", dispute="c", reason="x")[1] == "office-may"

    assert accepted(settle("tkksd:33", OWN, "a", "governor_decision"))
    assert accepted(settle("region:33.72", OWN, "b", "deliberation"))
    assert accepted(offices.tells("governor:33", OWN, "escalate-dispute", dispute="c", reason="x"))
    assert accepted(settle("minister", OWN, "c", "minister_decision"))
    assert accepted(settle("minister", MIXED, "a", "minister_decision"))
    assert accepted(settle("joint_secretariat", MIXED, "b", "minister_decision"))
    assert accepted(settle("region:33", MIXED, "c", "deliberation"))


@pytest.mark.clause("P1.7", "P1.8")
def test_only_the_supervising_body_works_on_its_tasks(offices: Offices) -> None:
    """The body that owes a task, and its head, deliver and complete it; nobody else, the Ministry's own not either."""
    workers = {OWN: ["tkksd:33", "governor:33"], MIXED: ["joint_secretariat", "minister"]}
    others = ["tkksd:34", "governor:34", "region:33.72", "auditor", "operator", "feed:33"]
    for key, mine in workers.items():
        path = f"/tasks?cooperation_id={cooperation_id(key)}&duty=a.2"
        [task] = json.loads(offices.reads("auditor", "supervision", path))["items"]
        theirs = [one for other, each in workers.items() if other != key for one in each]
        for command, body in (
            ("assign", {"assignee": "petugas-1"}),
            ("deliver", {"region": PARTIES[key][0], "note": "rapat"}),
            ("complete", {"outcome": "selesai"}),
        ):
            for office in [*others, *theirs]:
                answer = offices.sends(office, "supervision", f"/tasks/{task['task_id']}/{command}", **body)
                assert answer[:2] in {(403, "owes"), (403, "office-may")}, (key, command, office)
        for office, region in zip(mine, PARTIES[key], strict=True):
            answer = offices.sends(
                office, "supervision", f"/tasks/{task['task_id']}/deliver", region=region, note="rapat"
            )
            assert accepted(answer), (key, office, answer)


@pytest.mark.clause("P8", "P12", "P13")
def test_who_compiles_submits_and_receives_a_report(offices: Offices) -> None:
    """Each office compiles and submits its own; only the addressee accepts or returns; each corrects its own step."""
    body = {"kind": "R2", "office": "tkksd:33", "period": running_half()}
    for office, rule in (("tkksd:34", "own-report"), ("governor:33", "own-report"), ("minister", "office-may")):
        assert offices.sends(office, "reporting", "/reports", **body)[:2] == (403, rule), office
    made = offices.sends("tkksd:33", "reporting", "/reports", **body)
    path = f"/reports/{made['report_id']}"
    for office in ("tkksd:34", "governor:33", "joint_secretariat"):
        answer = offices.sends(office, "reporting", f"{path}/submit", letter_number="1")
        assert answer[:2] == (403, "own-report"), office
    # The period is not over, so that nobody owes the report yet: it is a draft.
    assert offices.sends("tkksd:33", "reporting", f"{path}/submit", letter_number="1")[:2] == (409, "period-closed")
    for office in ("governor:34", "minister"):
        for step in ("accept", "return"):
            answer = offices.sends(office, "reporting", f"{path}/{step}", remarks="x")
            assert answer[:2] == (403, "addressee"), (office, step)
    assert offices.sends("tkksd:33", "reporting", f"{path}/accept")[:2] == (403, "office-may")
    mend = {"corrects": made["events"][0], "reason": "salah ketik", "fields": {"letter_number": "2"}}
    for office, rule in (("tkksd:34", "own-event"), ("governor:33", "own-event"), ("auditor", "office-may")):
        assert offices.sends(office, "reporting", f"{path}/correct", **mend)[:2] == (403, rule), office
    assert offices.sends("tkksd:33", "reporting", f"{path}/correct", **mend)[:2] == (422, "field-correctable")
    assert accepted(offices.sends("tkksd:33", "reporting", f"{path}/discard", reason="rancangan"))


@pytest.mark.parametrize(
    ("office", "refused"),
    [
        ("feed:33", None),
        ("governor:33", None),
        ("tkksd:33", None),
        ("minister", None),
        ("auditor", None),
        ("feed:34", (403, "own-feed")),
        ("governor:34", (403, "own-feed")),
        ("region:33", (403, "office-may")),
        ("region:33.72", (403, "office-may")),
    ],
)
def test_who_reads_a_feed(offices: Offices, office: str, refused: Any) -> None:
    """A province's offices read the feed of their own province, the Ministry and auditors each, regions none."""
    for path in ("/feeds/33", "/feeds/33/hashes"):
        answer = offices.reads(office, "reporting", path)
        assert isinstance(answer, bytes) if refused is None else answer == refused


def test_the_log_is_for_auditors_and_operators(offices: Offices) -> None:
    """Leaves tell everything: nobody else reads them, while heads and proofs are for all."""
    for path in ("/log", "/tile/entries/000.p/1"):
        for office in ("minister", "governor:33", "region:33.72", "feed:33"):
            assert offices.reads(office, "reporting", path) == (403, "office-may"), office
        assert isinstance(offices.reads("auditor", "reporting", path), bytes)


def test_the_actor_is_the_token_s_and_never_the_body_s(offices: Offices) -> None:
    """A body that names an actor is refused; the event names office and pseudonym of the token."""
    named = {"actoroffice": "minister", "actorid": "budi"}
    for name, value in named.items():
        answer = offices.tells("region:33.72", OWN, "report-problem", problem="aktor", **TROUBLE, **{name: value})
        assert answer == (422, "request-valid", None)
    recorded = offices.tells("region:33.72", OWN, "report-problem", problem="aktor", **TROUBLE)["events"]
    events = json.loads(offices.reads("auditor", "registry", f"/cooperations/{cooperation_id(OWN)}/events"))["items"]
    [event] = [one for one in events if one["id"] == recorded[0]]
    assert (event["actoroffice"], event["actorid"]) == ("region:33.72", "dev-region-33.72")


def test_a_refusal_is_logged_with_office_route_and_rule(offices: Offices, history_platform: Platform) -> None:
    """The service's log names who was refused where by which rule, no path, no body, no pseudonym, no token."""
    offices.tells("region:51.71", OWN, "report-problem", problem="rahasia", **TROUBLE)
    log = history_platform.folder.logs / "registry.log"
    [line] = wait_until(  # The line follows the answer.
        lambda: [line for line in log.read_text().splitlines() if '"region:51.71"' in line], what="a line of the log"
    )
    told = json.loads(line)
    assert (told["event"], told["level"], told["status"]) == ("request", "warning", 403)
    assert (told["office"], told["rule"]) == ("region:51.71", "is-party")
    assert told["route"] == "/cooperations/{cooperation_id}/report-problem"
    assert told["cooperation_id"] == str(cooperation_id(OWN))
    for secret in (
        told["route"].replace("{cooperation_id}", told["cooperation_id"]),
        "rahasia",
        "dev-region",
        offices.client.endpoints["tokens"]["region:51.71"],
    ):
        assert secret not in line
