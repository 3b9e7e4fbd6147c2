"""The life-cycle of the regulation, played over HTTP by the offices that it names: one cooperation in each tier."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ksad.chassis.client import Client, ProblemError
from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import pass_days, wait_settled

Task = dict[str, Any]
FIRST_DAY = date(2025, 11, 3)
CALLED_FOR = (None, "early-notice", "escalated")
BUDGETED = {"burdens": False, "budgeted": True}
"""What each party says of an agreement that needs no approval of its council."""
FORM = {
    "purpose_met": 4,
    "on_time": 3,
    "partner_contribution": 3,
    "coordination": 4,
    "documents_complete": 2,
    "reports_regular": 3,
    "obstacles": "iuran terlambat",
    "impact": "layanan meningkat",
    "recommendation": "continue",
    "rating": 4,
}


@dataclass
class Story:
    """One cooperation: what became owed at each step, and what was refused."""

    key: str
    parties: tuple[str, ...]
    body: str
    head: str
    pasal: str
    decision: str
    other: str
    owed: dict[str, list[Task]] = field(default_factory=dict)
    refused: dict[str, ProblemError] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        """Where it lives in each service."""
        return f"/cooperations/{cooperation_id(self.key)}"

    def clauses(self, step: str) -> list[str]:
        """The clauses of what a step made owed, in order."""
        return sorted(one["clause"] for one in self.owed[step])


def stories() -> tuple[Story, Story]:
    """Two regencies of Central Java under their Governor; Yogyakarta province with a city of Central Java."""
    governors = Story(
        "daur-gubernur", ("33.72", "33.11"), "tkksd:33", "governor:33", "P10", "governor_decision", "minister_decision"
    )
    ministers = Story(
        "daur-menteri", ("34", "33.71"), "joint_secretariat", "minister", "P6", "minister_decision", "governor_decision"
    )
    return governors, ministers


class Theatre:
    """A running platform on a simulated clock, and the offices that act on it."""

    def __init__(self, folder: Folder, client: Client) -> None:
        self.folder = folder
        self.client = client
        self._count = 0
        self._papers: dict[str, dict[str, Any]] = {}

    def post(self, service: str, path: str, office: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A command under a key of its own."""
        self._count += 1
        return self.client.post(service, path, office, f"daur-{self._count}", body)

    def until(self, day: date) -> None:
        """Days pass, so that today is ``day``."""
        pass_days(self.folder, self.client, date.fromordinal(day.toordinal() - 1))
        wait_settled(self.client)

    def tasks(self, story: Story, position: str | None = None) -> list[Task]:
        """All tasks of a cooperation."""
        identity = str(cooperation_id(story.key))
        page = self.client.get("supervision", "/tasks", not_older_than=position, cooperation_id=identity, limit=200)
        found: list[Task] = page["items"]
        return found

    def act(self, story: Story, step: str, command: str, /, office: str | None = None, **fields: Any) -> None:
        """A party records something; what is owed because of it stands under the step."""
        path = "/cooperations" if command == "register" else f"{story.path}/{command}"
        done = self.post("registry", path, office or f"region:{story.parties[0]}", fields)
        self.look(story, step, done["position"])

    def agree(self, story: Story, step: str, command: str, /, confirmed: str | None = None, **fields: Any) -> None:
        """The first party proposes, and the other one confirms; what is owed by then may stand under another step."""
        first, second = story.parties
        fields["document"] = self.client.upload("registry", b"%PDF-1.7 naskah\n", "application/pdf", f"region:{first}")
        signs = command == "sign-agreement"
        fields |= {"budget": {first: BUDGETED}} if signs else {}
        asked = self.post("registry", f"{story.path}/{command}", f"region:{first}", fields)
        self.look(story, step, asked["position"])
        said = {"proposal": asked["proposal"]} | ({"budget": {second: BUDGETED}} if signs else {})
        self.act(story, confirmed or step, "confirm-act", office=f"region:{second}", **said)

    def look(self, story: Story, step: str, position: str | None = None) -> None:
        """Enter what has become owed since under a step."""
        # What the register finds by itself, and what is to be verified, belong to no step.
        owed = [one for one in self.tasks(story, position) if one["occasion"] in CALLED_FOR]
        new = [one for one in owed if one["task_id"] not in story.seen]
        story.seen |= {one["task_id"] for one in new}
        story.owed.setdefault(step, []).extend(new)

    def try_it(self, story: Story, step: str, command: str, /, office: str, **fields: Any) -> None:
        """A command that must be refused."""
        try:
            self.post("registry", f"{story.path}/{command}", office, fields)
        except ProblemError as problem:
            story.refused[step] = problem

    def paper(self, office: str) -> dict[str, Any]:
        """A document that was uploaded."""
        if office not in self._papers:
            self._papers[office] = self.client.upload("supervision", b"%PDF-1.7 naskah\n", "application/pdf", office)
        return self._papers[office]

    def reach(self, task: Task, *, declining: str | None = None) -> None:
        """Guidance reaches every party, but for one that needs none; a reminder is acknowledged by each."""
        path = f"/tasks/{task['task_id']}"
        for code in task["for_parties"]:
            if code == declining:
                self.post("supervision", f"{path}/decline", f"region:{code}", {"reason": "sudah ada tenaga"})
                continue
            given = {"region": code, "note": "disampaikan"} | ({"proposed": True} if task["duty"] == "a.1.c" else {})
            self.post("supervision", f"{path}/deliver", task["body"], given)
            if task["duty"] == "d.4":
                self.post("supervision", f"{path}/acknowledge", f"region:{code}")

    def complete(self, task: Task, **fields: Any) -> None:
        """The body does a duty, with what this kind of duty needs."""
        body: dict[str, Any] = {"outcome": "dilaksanakan", **fields}
        if task["duty"] in {"d.2", "d.3", "d.5"}:
            body["documents"] = [self.paper(task["body"])]
        if task["duty"] == "d.1":
            body["evaluation"] = FORM
        if task["duty"] == "oversight":
            body["findings"] = [{"basis": "legislation", "conforms": True, "description": "sesuai"}]
        self.post("supervision", f"/tasks/{task['task_id']}/complete", task["body"], body)

    def do_all(self, tasks: Iterable[Task], *, declining: str | None = None) -> None:
        """Everything that is still open is done."""
        for task in tasks:
            if task["status"] == "completed":
                continue
            if task["for_parties"]:
                self.reach(task, declining=declining)
            else:
                self.complete(task)

    def verify(self, story: Story) -> None:
        """The supervising body examines every fact that it has not examined yet."""
        entries = self.client.get("registry", story.path, story.body)["entries"]
        left = [event for event, one in entries.items() if one["status"] == "unverified"]
        self.act(story, "verified", "verify-entries", story.body, entries=left)


def agree(theatre: Theatre, story: Story) -> None:
    """From exploration to implementation: two rounds of negotiation and signing."""
    numbers = {code: f"{number}/2025" for number, code in enumerate(story.parties, 1)}
    head = {"key": story.key, "title": "Daur hidup", "object": "sampah", "affair": "lingkungan_hidup"}
    sectoral = ["Kementerian Lingkungan Hidup"]
    theatre.act(story, "exploration", "register", **head, parties=list(story.parties))
    theatre.do_all(story.owed["exploration"], declining=story.parties[1])
    paper = theatre.client.upload("registry", b"%PDF-1.7 badan\n", "application/pdf", f"region:{story.parties[0]}")
    formed: dict[str, Any] = {"name": "Sekber", "seat": "Surakarta", "instrument": "1/2025", "document": paper}
    theatre.act(story, "body", "form-body", **formed)
    for instrument, step in (("accord", "negotiation"), ("agreement", "negotiation-2")):
        theatre.act(story, step, "enter-stage", stage="negotiation")
        theatre.do_all(story.owed[step])
        theatre.act(
            story,
            f"{instrument}-scheduled",
            "schedule-signing",
            instrument=instrument,
            signing_on="2025-11-20",
            institutions=sectoral,
        )
        theatre.act(story, f"{instrument}-signing", "enter-stage", stage="signing")
        theatre.do_all(story.owed[f"{instrument}-signing"])
        term = {} if instrument == "accord" else {"ends_on": "2026-12-31"}
        said = {"numbers": numbers, "witnesses": [story.head], **term}
        # With the agreement the register enters the last stage by itself.
        stands = "accord" if instrument == "accord" else "implementation"
        theatre.agree(story, instrument, f"sign-{instrument}", confirmed=stands, **said)
        theatre.do_all(story.owed[f"{instrument}-scheduled"])
    theatre.do_all(one for one in story.owed["implementation"] if one["duty"] == "oversight")


def disagree(theatre: Theatre, story: Story) -> None:
    """A problem with its opinion; a dispute with one document for advice and brief, settled by the right forum."""
    first, second = story.parties
    theatre.act(story, "problem", "report-problem", problem="iuran", description="iuran terlambat")
    theatre.do_all(story.owed["problem"])
    theatre.act(story, "resolved", "resolve-problem", problem="iuran", outcome="dibayar")
    theatre.act(story, "dispute", "raise-dispute", dispute="tarif", between=[first, second], description="tarif")
    theatre.act(story, "decision", "request-decision", dispute="tarif")
    (advice,), (brief,) = story.owed["dispute"], story.owed["decision"]
    theatre.complete(advice, satisfies=brief["task_id"])
    theatre.client.upload("registry", b"%PDF-1.7 keputusan\n", "application/pdf", "joint_secretariat")
    paper = theatre.client.upload("registry", b"%PDF-1.7 keputusan\n", "application/pdf", story.head)
    verdict = {"dispute": "tarif", "outcome": "dinilai bersama", "number": "Kep 1/2025", "document": paper}
    for office in ("governor:33", "governor:34", "minister"):
        if office != story.head:
            theatre.try_it(story, office, "settle-dispute", office, manner=story.decision, **verdict)
    theatre.try_it(story, "wrong-forum", "settle-dispute", "joint_secretariat", manner=story.other, **verdict)
    theatre.act(story, "settled", "settle-dispute", office=story.head, manner=story.decision, **verdict)


def part(theatre: Theatre, story: Story) -> None:
    """Early notice, reminder, the six items in order with proofs per party, the end."""
    theatre.act(story, "notice", "give-termination-notice", ground="purpose_achieved", planned_end_on="2025-12-05")
    theatre.do_all(story.owed["notice"])
    theatre.try_it(story, "end", "end", f"region:{story.parties[0]}", ground="term_expired")
    evidence = theatre.client.upload("registry", b"%PDF-1.7 bukti\n", "application/pdf", f"region:{story.parties[0]}")

    def prove(item: str, code: str | None = None, **fields: Any) -> None:
        given = fields | ({"region": code} if code else {})
        office = f"region:{code or story.parties[0]}"
        theatre.act(story, "items", "complete-termination-item", office, item=item, document=evidence, **given)

    first, second = story.parties
    goods = [
        {"good": "truk", "kind": "movable", "what": "armada truk", "value_idr": 1_000_000_000},
        {"good": "depo", "kind": "immovable", "what": "bangunan depo", "value_idr": 3_000_000_000},
    ]
    theatre.act(story, "items", "inventory-goods", goods=goods, document=evidence)
    theatre.act(story, "items", "list-obligations", nihil="semua kewajiban dipenuhi")
    divided = {"allotted": {"truk": first, "depo": second}, "document": evidence}
    share = {first: 1_000_000_000, second: -1_000_000_000}
    theatre.try_it(story, "rupiah", "divide", story.body, **divided, money=share | {first: 1_000_000_001})
    theatre.act(story, "items", "divide", story.body, **divided, money=share)
    for code in story.parties:
        prove("d", code, amount_idr=1_000_000_000)
        prove("e", code, proof="asset_record")
        prove("e", code, proof="council_report")
    prove("f")
    theatre.agree(story, "end", "end", ground="mutual")
    theatre.do_all(story.owed["end"])
    theatre.verify(story)


def report(theatre: Theatre) -> dict[str, dict[str, Any]]:
    """R2, returned once, to the Governor; R3 built from it at once and R1 to the Minister; the overview on his desk."""
    wait_settled(theatre.client)
    made: dict[str, dict[str, Any]] = {}

    def compiled(kind: str, office: str, period: str) -> dict[str, Any]:
        return theatre.post("reporting", "/reports", office, {"kind": kind, "office": office, "period": period})

    for kind, office, period, addressee in (
        ("R2", "tkksd:33", "2025-S2", "governor:33"),
        ("R3", "governor:33", "2025", "minister"),
        ("R1", "joint_secretariat", "2025-S2", "minister"),
        ("overview", "joint_secretariat", "2025-S2", "minister"),
    ):
        path = f"/reports/{compiled(kind, office, period)['report_id']}"
        theatre.post("reporting", f"{path}/submit", office, {"letter_number": "100/1"})
        if kind == "R2":
            theatre.post("reporting", f"{path}/return", addressee, {"remarks": "lengkapi kendala"})
            compiled(kind, office, period)
            theatre.post("reporting", f"{path}/submit", office, {"letter_number": "100/2"})
        made[kind] = theatre.post("reporting", f"{path}/accept", addressee)
    return made


def play(theatre: Theatre) -> tuple[tuple[Story, Story], dict[str, dict[str, Any]]]:
    """The whole life-cycle of both tiers, to the Minister's desk."""
    first = FIRST_DAY.isoformat()
    for body, office in (("joint_secretariat", "minister"), ("tkksd:33", "governor:33")):
        fields = {"decision_number": "1/2025", "decided_on": first, "seat": "Setda", "members": ["Sekretaris Daerah"]}
        theatre.post("registry", "/bodies", office, {"body": body, **fields})
    theatre.post("registry", "/days", "operator", {"day": (FIRST_DAY - timedelta(days=1)).isoformat()})
    both = stories()
    for story in both:
        agree(theatre, story)
    theatre.until(date(2025, 11, 24))
    for story in both:
        disagree(theatre, story)
    theatre.until(date(2025, 12, 5))
    for story in both:
        part(theatre, story)
    theatre.until(date(2026, 1, 2))
    for story in both:
        theatre.look(story, "periods")
    return both, report(theatre)
