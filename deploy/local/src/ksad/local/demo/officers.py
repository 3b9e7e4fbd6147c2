"""The officers of the demonstration: once a week they work on their tasks, on some too late and on some never.

Every choice is derived from the task's id, so that each run gives the same history.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ksad.chassis.client import ProblemError
from ksad.contracts.supervision import HOME_GOVERNORS
from ksad.local.demo.paper import page_of
from ksad.local.demo.writing import AT_FIRST, EVERYTHING, Written, write

if TYPE_CHECKING:
    from datetime import date

    from ksad.chassis.client import Client

PAGE = 200
OPEN = ("open", "in_progress", "overdue", "escalated")
REPORT_KINDS = {"P8": ("R1", "overview"), "P12": ("R2",), "P13": ("R3",)}
"""The reports that an office compiles for a duty to report; the Joint Secretariat adds the national overview to R1."""
FOLLOWED_UP = timedelta(days=60)
"""How long the offices of the demonstration have for what a finding calls for."""
MADE_UP = "(ilustrasi)"
"""Marks invented texts: the cooperations are real, but the work of officers on them is not."""


def _chance(task_id: str, salt: str) -> float:
    """A number in [0, 1) that depends on the task only."""
    return int.from_bytes(hashlib.sha256(f"{task_id}/{salt}".encode()).digest()[:4]) / 2**32


def _given(task: dict[str, Any], code: str) -> dict[str, Any]:
    """What a party is given: the register's proposal where it makes one."""
    return {"region": code, "note": f"disampaikan secara tertulis {MADE_UP}", "proposed": task["duty"] == "a.1.c"}


class Officers:
    """The officers of the demonstration."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._papers: dict[str, dict[str, Any]] = {}
        self._waiting: list[tuple[str, str]] = []
        self._returned = False
        self._letters = 0

    def work(self, day: date, position: str | None) -> None:
        """One Monday's work: examines all tasks that are due within three weeks or late.

        :param position: the position that the list of tasks must include.
        """
        waiting, self._waiting = self._waiting, []
        for identity, addressee in waiting:
            self._receive(identity, addressee, day)
        for task in self._board(position):
            try:
                self._do(task, day, position)
            except ProblemError as error:
                if error.status != 409:  # noqa: PLR2004 - somebody else was faster, which is life
                    raise

    def _board(self, position: str | None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for status in OPEN:
            after = None
            while True:
                page = self._client.get(
                    "supervision",
                    "/tasks",
                    "auditor",
                    not_older_than=position,
                    status=status,
                    limit=PAGE,
                    after=after,
                )
                found += page["items"]
                after = page.get("next")
                if not after:
                    break
        return found

    def _do(self, task: dict[str, Any], day: date, position: str | None) -> None:
        identity = task["task_id"]
        chance = _chance(identity, "diligence")
        patience = -21 if chance < 0.8 else 40 if chance < 0.95 else 10_000  # noqa: PLR2004 - diligent, late, never
        due = type(day).fromisoformat(task["due_on"])
        if (day - due).days < patience:
            return
        kinds = REPORT_KINDS.get(task["clause"])
        if kinds is not None:
            for kind in kinds:
                self._report(task, kind, day)
        elif task["occasion"] == "verification":
            self._verify(task, position)
        elif task["for_parties"]:
            self._reach_parties(task)
        else:
            self._complete(task, day)

    def _post(self, task: dict[str, Any], verb: str, office: str, body: dict[str, Any], extra: str = "") -> None:
        key = f"demo-{task['task_id']}-{verb}{extra}"
        self._client.post("supervision", f"/tasks/{task['task_id']}/{verb}", office, key, body)

    def _reach_parties(self, task: dict[str, Any]) -> None:
        reached = {*task.get("delivered", {}), *task.get("declined", {}), *task.get("acknowledged", {})}
        for code in task["for_parties"]:
            informing = task["occasion"] == HOME_GOVERNORS
            office = f"governor:{code}" if informing else f"region:{code}"
            if task["duty"] == "d.4" or informing:
                if code not in task.get("delivered", {}):
                    self._post(task, "deliver", task["body"], _given(task, code), code)
                if code not in task.get("acknowledged", {}):
                    self._post(task, "acknowledge", office, {"region": code}, code)
            elif code not in reached and _chance(task["task_id"], code) < 0.08:  # noqa: PLR2004 - some need no guidance
                self._post(
                    task,
                    "decline",
                    office,
                    {"region": code, "reason": f"sudah memiliki tenaga sendiri {MADE_UP}"},
                    code,
                )
            elif code not in reached:
                self._post(task, "deliver", task["body"], _given(task, code), code)

    def _verify(self, task: dict[str, Any], position: str | None) -> None:
        """Finds the entries of a cooperation as recorded, but a few, which go back to whoever recorded them."""
        asked = {"body": task["body"], "cooperation_id": task["cooperation_id"], "status": "unverified"}
        page = self._client.get("reporting", "/verification", task["body"], not_older_than=position, **asked)
        path = f"/cooperations/{task['cooperation_id']}"
        right = []
        for one in page["items"]:
            if _chance(one["event_id"], "right") < 0.95:  # noqa: PLR2004 - most are
                right.append(one["event_id"])
                continue
            said = {"reason": f"nomor pada naskah berbeda {MADE_UP}", "mend": f"cocokkan nomor naskah {MADE_UP}"}
            body = {"entry": one["event_id"], **said}
            self._client.post("registry", f"{path}/return-entry", task["body"], f"demo-return-{one['event_id']}", body)
        if right:
            body = {"entries": right, "note": None}
            key = f"demo-verify-{task['task_id']}-{right[0]}"
            self._client.post("registry", f"{path}/verify-entries", task["body"], key, body)

    def _complete(self, task: dict[str, Any], day: date) -> None:
        body: dict[str, Any] = {"outcome": f"dilaksanakan {MADE_UP}", "documents": [], "findings": []}
        duty = task["duty"]
        if duty in {"d.2", "d.3", "d.5", "c.1", "c.2"}:
            body["documents"] = [self._document(task["body"])]
        if duty == "d.1":
            body["evaluation"] = self._evaluation(task["task_id"])
        if duty in {"oversight", "d.1"}:
            conforms = _chance(task["task_id"], "conforms") < 0.85  # noqa: PLR2004 - most conform
            text = "sesuai peraturan perundang-undangan" if conforms else "dokumen pendukung belum lengkap"
            finding: dict[str, Any] = {"basis": "legislation", "conforms": conforms, "description": f"{text} {MADE_UP}"}
            if not conforms:
                what = {"who": task["body"], "by": f"{day + FOLLOWED_UP}", "what": f"meminta kelengkapan {MADE_UP}"}
                finding["follow_up"] = what
            body["findings"] = [finding]
        self._post(task, "complete", task["body"], body)

    def _document(self, office: str) -> dict[str, Any]:
        if office not in self._papers:
            content = page_of("Dokumen ilustrasi untuk demonstrasi platform.")
            self._papers[office] = self._client.upload("supervision", content, "application/pdf", office)
        return self._papers[office]

    def _evaluation(self, identity: str) -> dict[str, Any]:
        names = (
            "purpose_met",
            "on_time",
            "partner_contribution",
            "coordination",
            "documents_complete",
            "reports_regular",
        )
        scores: dict[str, Any] = {name: 2 + int(_chance(identity, name) * 3) for name in names}
        rest = {
            "obstacles": None,
            "impact": f"pelayanan masyarakat meningkat {MADE_UP}",
            "recommendation": "continue",
            "rating": 4,
        }
        return scores | rest

    def _report(self, task: dict[str, Any], kind: str, day: date) -> None:
        office = task["body"]
        name = f"{kind}-{office}-{task['period']}"
        told = Written(kind, office, task["period"])
        # The first report comes back for what it does not say; whoever writes after it knows.
        sections = EVERYTHING if self._returned or kind != "R2" else AT_FIRST
        try:
            write(self._client, told, sections, name)
            report = self._client.post("reporting", "/reports", office, f"demo-compile-{name}", told._asdict())
        except ProblemError as error:
            if error.status in {409, 422}:
                return
            raise
        identity = report["report_id"]
        letter = {"letter_number": self._letter(day)}
        self._client.post("reporting", f"/reports/{identity}/submit", office, f"demo-submit-{name}", letter)
        addressee = f"governor:{office[6:]}" if kind == "R2" else "minister"
        self._waiting.append((identity, addressee))

    def _letter(self, day: date) -> str:
        """The number of the next letter: classification, running number, year."""
        self._letters += 1
        return f"100.2.2.3/{self._letters}/{day.year}"

    def _receive(self, identity: str, addressee: str, day: date) -> None:
        if not self._returned and addressee.startswith("governor:"):
            self._returned = True
            remarks = {"remarks": f"lengkapi kendala dan tindak lanjut {MADE_UP}"}
            key = f"demo-return-{identity}"
            returned = self._client.post("reporting", f"/reports/{identity}/return", addressee, key, remarks)
            office = returned["from_office"]
            told = Written(returned["kind"], office, returned["period"])
            write(self._client, told, EVERYTHING, f"again-{identity}")
            self._client.post("reporting", "/reports", office, f"demo-recompile-{identity}", told._asdict())
            letter = {"letter_number": self._letter(day)}
            self._client.post("reporting", f"/reports/{identity}/submit", office, f"demo-resubmit-{identity}", letter)
            self._waiting.append((identity, addressee))
            return
        self._client.post("reporting", f"/reports/{identity}/accept", addressee, f"demo-accept-{identity}-{day}", {})
