"""What happened after a period, and what of earlier periods became known since the last report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import ReportStage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ksad.ledger.figures.period import Span
    from ksad.ledger.figures.prefix import Prefix
    from ksad.ledger.figures.reading import KnownStream

Data = dict[str, Any]
SCHEDULED = "ksad.task.scheduled."


class Told(NamedTuple):
    """A fact in one sentence: its day, its index in the log, the id of its cooperation, the sentence."""

    on: str
    entry: int
    cooperation: str | None
    text: str


class Tidings(NamedTuple):
    """What happened after the last day, and what of days before the first is known since an index."""

    after: list[Told]
    earlier: list[Told]

    def take(self, found: Iterable[tuple[Told, bool]]) -> None:
        """Adds facts, each with whether it happened after the period."""
        for told, later in found:
            (self.after if later else self.earlier).append(told)


class Teller:
    """Tells facts of cooperations, their supervision and their tasks that do not belong to the period itself."""

    def __init__(self, prefix: Prefix, span: Span, known: int, label: Callable[[str], str]) -> None:
        """:param known: the index from which on a fact was not known to the last report.
        :param label: returns the printed name of an office.
        """
        self._prefix = prefix
        self._span = span
        self._known = known
        self._label = label

    def facts(self, stream: KnownStream, cooperation: str | None) -> Iterator[tuple[Told, bool]]:
        """The facts of a stream that are told, with whether each happened after the period."""
        duty = next((one["data"]["duty"] for _, one in stream.entries if one["type"].startswith(SCHEDULED)), None)
        for at, event in stream.entries:
            on = event["occurredon"]
            later = on > self._prefix.on
            if later or (on < self._span.first and at >= self._known):
                text = self._sentence(
                    event["type"].rpartition(".v")[0].removeprefix("ksad."), {**event["data"], "duty": duty}
                )
                if text is not None:
                    yield Told(on, at, cooperation, text), later

    def _sentence(self, name: str, data: Data) -> str | None:
        """A fact in words; ``None`` for one that is no development of its own."""
        tell = SENTENCES.get(name)
        return None if tell is None else tell(self, data)

    def region(self, code: str) -> str:
        """The name of a region."""
        return self._prefix.region(code).name

    def office(self, office: str) -> str:
        """The printed name of an office."""
        return self._label(office)

    def duty(self, data: Data) -> str:
        """The short name of a duty."""
        profile = self._prefix.law.in_force(self._prefix.day)
        return profile.in_present_names(profile.duty(data["duty"]).label)

    def told(self, data: Data, what: str) -> str:
        """What became of a task, after the name of its duty."""
        return f"{self.duty(data)} {what}" if data["duty"] else f"Tugas {what}"


def _stage(stage: str) -> ReportStage:
    last = stage == "implementation_and_termination"
    return ReportStage.IMPLEMENTATION if last else ReportStage(stage)


def _until(data: Data) -> str:
    return f" sampai dengan {indonesian.day(data['ends_on'])}" if data["ends_on"] else ""


def _settled(teller: Teller, data: Data) -> str:
    if data["manner"] == "deliberation":
        return f"Perselisihan diselesaikan dengan musyawarah: {data['outcome']}"
    by = f" {teller.office(data['forum'])}" if data["forum"] else ""
    number = data["number"] or ""
    by_number = f" dengan {number}" if number.startswith("Keputusan") else f" dengan Keputusan Nomor {number}"
    return f"Perselisihan diputuskan{by}{by_number if number else ''}: {data['outcome']}"


SENTENCES: dict[str, Callable[[Teller, Data], str]] = {
    "cooperation.registered": lambda _, __: "Kerja sama didaftarkan",
    "cooperation.stage_entered": lambda _, data: f"Memasuki tahap {indonesian.STAGES[_stage(data['stage'])].lower()}",
    "cooperation.body_formed": lambda _, __: "Badan kerja sama antardaerah dibentuk",
    "cooperation.body_dissolved": lambda _, __: "Badan kerja sama antardaerah dibubarkan",
    "cooperation.accord_signed": lambda _, data: f"Kesepakatan ditandatangani{_until(data)}",
    "cooperation.agreement_signed": lambda _, data: f"Perjanjian kerja sama ditandatangani{_until(data)}",
    "cooperation.agreement_amended": lambda _, __: "Perjanjian kerja sama diubah dengan adendum",
    "cooperation.agreement_extended": lambda _, data: f"Perjanjian kerja sama diperpanjang{_until(data)}",
    "cooperation.party_joined": lambda teller, data: f"{teller.region(data['region'])} bergabung",
    "cooperation.party_withdrew": lambda teller, data: f"{teller.region(data['region'])} menarik diri",
    "cooperation.problem_reported": lambda _, data: f"Permasalahan dilaporkan: {data['description']}",
    "cooperation.problem_resolved": lambda _, data: f"Permasalahan selesai: {data['outcome']}",
    "cooperation.dispute_raised": lambda _, data: f"Perselisihan diajukan: {data['description']}",
    "cooperation.dispute_decision_requested": lambda _, __: "Keputusan atas perselisihan dimohonkan",
    "cooperation.dispute_escalated": lambda teller, data: f"Perselisihan ditangani {teller.office(data['forum'])}",
    "cooperation.dispute_settled": _settled,
    "cooperation.termination_notice_given": lambda _, data: (
        f"Pemberitahuan pengakhiran pada {indonesian.day(data['planned_end_on'])}"
    ),
    "cooperation.termination_notice_revoked": lambda _, __: "Pemberitahuan pengakhiran dicabut",
    "cooperation.ended": lambda _, data: (
        "Kesepakatan berakhir"
        if data["of"] == "accord"
        else "Perjanjian kerja sama berakhir"
        if data["of"] == "agreement"
        else "Kerja sama berakhir"
    ),
    "cooperation.settlement_closed": lambda _, __: "Penyelesaian pengakhiran selesai",
    "cooperation.proposal_withdrawn": lambda _, __: "Usulan kerja sama dibatalkan",
    "supervision.jurisdiction_resolved": lambda teller, data: (
        f"Pembinaan dan pengawasan oleh {teller.office(data['supervising_body'])} sejak "
        f"{indonesian.day(str(data['holds_from']))}"
    ),
    "task.completed": lambda teller, data: teller.told(data, f"dilaksanakan: {data['outcome']}"),
    "task.cancelled": lambda teller, data: teller.told(data, f"dibatalkan: {data['reason']}"),
    "task.handed_over": lambda teller, data: teller.told(data, f"dialihkan kepada {teller.office(data['to_body'])}"),
    "task.scheduled": lambda teller, data: (
        f"{teller.duty(data)} menjadi tugas, jatuh tempo {indonesian.day(str(data['due_on']))}"
    ),
}
"""By event, without version: the sentence in which it is told. Events that are not named here are not told."""
