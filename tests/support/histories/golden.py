"""One history with every case that reports find hard, and the reports on it, as files that are kept for ever.

``python -m tests.support.histories.golden write`` writes them. That is done once for each version of the rules: reports
of rules that were released are never written again, and what this module writes is read by hand before it is kept.
``form`` records what the present printed form makes of the contents.
"""

import hashlib
import lzma
import sys
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import orjson

from ksad.contracts import registry, reporting, supervision
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.dates import Period
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import report_id, task_id
from ksad.contracts.reporting import NarrativeSection, ReportKind
from ksad.ledger.figures import narrative
from ksad.ledger.figures.accepted import FIGURES
from ksad.ledger.figures.compiling import RULES, Compiled, ReportOrder, compile_report
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.values import LetterSent
from ksad.ledger.figures.whole import WholeLog
from ksad.ledger.folds.rows import no_history
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.ledger.printing import pdf, xlsx
from ksad.ledger.printing.form import FORM, renderer
from tests.support.histories.golden_cases import GOVERNOR, PAPER, SECRETARIAT, TEAM, ending, late, moved
from tests.support.histories.histories import origin as made_by
from tests.support.histories.newest import fact_of
from tests.support.platforms.fed_supervision import reference_facts

FOLDER = Path(__file__).parents[2] / "ledger" / "golden"
FORMS = FOLDER / "forms.json"
ORIGIN = "ksad/golden/national"
FIRST, YEAR = "2026-S1", "2026"


class GoldenReport(NamedTuple):
    """A report on the history: its name among the files, and what it is compiled from."""

    name: str
    size: int
    kind: ReportKind
    office: str
    period: str
    day: date


class GoldenHistory:
    """The facts in their order, the documents that they cite, and the reports."""

    def __init__(self) -> None:
        self.events: list[Envelope] = []
        self.documents: dict[str, bytes] = {}
        self.reports: list[GoldenReport] = []
        self.contents: dict[str, bytes] = {}
        self._subjects: dict[str, int] = {}

    def take(self, subject: str, fact: Fact, on: date, by: str = "platform") -> Envelope:
        """Records a fact of an office."""
        self._subjects[subject] = self._subjects.get(subject, 0) + 1
        origin = made_by(fact.declaration.service.value).model_copy(update={"occurred_on": on, "actor_office": by})
        self.events.append(seal(fact, subject, self._subjects[subject], origin))
        return self.events[-1]

    def compiled(self, name: str, kind: ReportKind, office: str, period: str, day: date) -> Compiled:
        """Compiles a report from all that is recorded."""
        leaves = [one.to_bytes() for one in self.events]
        tree = Frontier.empty().extended(map(leaf_hash, leaves))
        source = WholeLog((Entry(at, raw) for at, raw in enumerate(leaves)), tree, no_history)
        order = ReportOrder(kind, office, Period.parse(period), ORIGIN, day, self.documents.__getitem__)
        made = compile_report(source, order)
        self.reports.append(GoldenReport(name, tree.size, kind, office, period, day))
        self.contents[name] = model.encode(made.content)
        self.contents[f"{name} figures"] = made.events()
        return made

    def keep(self, content: bytes, media_type: str) -> DocumentRef:
        """Stores a document."""
        sha256 = hashlib.sha256(content).hexdigest()
        self.documents[sha256] = content
        return DocumentRef(sha256=sha256, size=len(content), media_type=media_type)

    def sends(self, made: Compiled, day: date) -> dict[str, Any]:
        """Records a compiled version and its submission; the fields that every step of the report says."""
        papers = [self.keep(model.encode(made.content), model.MEDIA_TYPE), self.keep(made.events(), FIGURES)]
        fact = made.fact(papers, None, None)
        subject = f"report/{made.content.report_id}"
        self.take(subject, fact, day, fact.from_office)
        common = {name: getattr(fact, name) for name in ("kind", "from_office", "to_office", "period", "version")}
        sent: dict[str, Any] = {"letter_number": f"100/{fact.version}", "place": None, "copies": [], "signed_as": None}
        sent |= {"documents": [], "form": None, "renderer": None}
        self.take(subject, reporting.ReportSubmitted.model_validate(common | sent), day, fact.from_office)
        return common

    def written(self, kind: ReportKind, office: str, period: str, section: NarrativeSection, text: str) -> None:
        """The office writes a section of the coming version."""
        document = self.keep(narrative.encode([text]), narrative.MEDIA_TYPE)
        subject = f"report/{report_id(kind.value, office, period)}"
        to_office = GOVERNOR if kind is ReportKind.R2 else "minister"
        version = 1 + sum(one.subject == subject and "compiled" in one.type for one in self.events)
        fact = reporting.NarrativeWritten(
            kind=kind, from_office=office, to_office=to_office, period=period, version=version, section=section,
            document=document,
        )  # fmt: skip
        self.take(subject, fact, date(2026, 7, 14), office)


def _close(history: GoldenHistory, kind: ReportKind, office: str, period: str) -> None:
    """The last day of a period passed, and the office owes its report."""
    subject = f"task/{task_id(office, kind.value, period)}"
    fact = fact_of(
        supervision.TaskScheduled, cooperation_id=None, duty=kind.value, clause="P12", body=office, stage=None,
        for_parties=[], occurrence=period, period=period, due_on=date(2027, 3, 31), due_basis="kebijakan",
    )  # fmt: skip
    history.take(subject, fact, Period.parse(period).last)


def build() -> GoldenHistory:
    """The history with its reports: a version that is returned, what is corrected after acceptance, a missing R2."""
    history = GoldenHistory()
    for fact in reference_facts():
        history.take("reference/adopted", fact, date(2025, 1, 1))
    moved(history)
    terms, expired, after = ending(history)
    worked, opinion = late(history)
    for kind, office in ((ReportKind.R2, TEAM), (ReportKind.R1, SECRETARIAT)):
        _close(history, kind, office, FIRST)
    worked.done(opinion, date(2026, 7, 3))
    common = history.sends(history.compiled("R2 first", ReportKind.R2, TEAM, FIRST, date(2026, 7, 6)), date(2026, 7, 6))
    subject = f"report/{report_id('R2', TEAM, FIRST)}"
    told: dict[str, Any] = {"cooperation_id": None, "outcome": "laporan disampaikan", "documents": [], "findings": []}
    told |= {"evaluation": None, "satisfies": None, "duty": "R2"}
    reported = supervision.TaskCompleted.model_validate(told)
    history.take(f"task/{task_id(TEAM, 'R2', FIRST)}", reported, date(2026, 7, 6))
    remarks = "Jelaskan tugas yang tidak dilaksanakan."
    back = reporting.ReportReturned.model_validate({**common, "remarks": remarks, "signed_as": None})
    history.take(subject, back, date(2026, 7, 13), GOVERNOR)
    # What nobody knew when the first version was compiled: it happened in the period, and belongs to it.
    solved = registry.ProblemResolved(problem="retribusi", outcome="Tarif retribusi disepakati.", document=None)
    worked.says(solved, date(2026, 6, 29))
    for section, text in (
        (NarrativeSection.CONCLUSIONS, "Empat kerja sama dibina; satu beralih kepada Menteri Dalam Negeri."),
        (NarrativeSection.OBSTACLES, "Tenaga ahli untuk pasar bersama belum tersedia."),
        (NarrativeSection.COPIES, "Sekretaris Daerah Provinsi Jawa Barat"),
    ):
        history.written(ReportKind.R2, TEAM, FIRST, section, text)
    made = history.compiled("R2", ReportKind.R2, TEAM, FIRST, date(2026, 7, 15))
    common = history.sends(made, date(2026, 7, 15))
    accepted = reporting.ReportAccepted.model_validate({**common, "remarks": None, "signed_as": None})
    history.take(subject, accepted, date(2026, 7, 24), GOVERNOR)
    history.compiled("R1", ReportKind.R1, SECRETARIAT, FIRST, date(2026, 7, 27))
    history.compiled("overview", ReportKind.OVERVIEW, SECRETARIAT, FIRST, date(2026, 7, 27))
    # After the acceptance: the term of what was told as expired reads otherwise.
    said = {"ends_on": "2027-04-30"}
    for one in terms:
        mended = registry.PublicCorrected(corrects=one.id, reason="salah ketik tahun", fields=said, document=PAPER)
        expired.says(mended, date(2026, 8, 20))
    after.expired(date(2026, 8, 14), "agreement")
    _close(history, ReportKind.R2, TEAM, "2026-S2")
    _close(history, ReportKind.R3, GOVERNOR, YEAR)
    history.compiled("R3", ReportKind.R3, GOVERNOR, YEAR, date(2027, 1, 11))
    return history


def write() -> None:
    """Writes history, documents, orders and contents."""
    made = build()
    FOLDER.mkdir(exist_ok=True)
    leaves = b"".join(one.to_bytes() + b"\n" for one in made.events)
    (FOLDER / "history.jsonl.xz").write_bytes(lzma.compress(leaves, preset=9))
    kept: dict[str, Any] = {
        "reports": [one._asdict() for one in made.reports],
        "documents": {sha256: content.decode() for sha256, content in made.documents.items()},
        "contents": {name: content.decode() for name, content in made.contents.items()},
    }
    raw = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    (FOLDER / f"rules-{RULES}.json.xz").write_bytes(lzma.compress(raw, preset=9))


def leaves() -> list[bytes]:
    """The history as it is kept."""
    return lzma.decompress((FOLDER / "history.jsonl.xz").read_bytes()).splitlines()


def kept(rules: int) -> dict[str, Any]:
    """The reports of some rules as they are kept, the documents that they rest on, and their contents by name."""
    found: dict[str, Any] = orjson.loads(lzma.decompress((FOLDER / f"rules-{rules}.json.xz").read_bytes()))
    return found


def printed(content: model.ReportContent) -> dict[str, str]:
    """What is printed of a content: the hash of its PDF, and that of what its XLSX holds, whatever deflated it."""
    sent = LetterSent(number="100/1", on=content.compiled_on, capacity="plt")
    hashes = {
        name: hashlib.sha256(pdf.render(content, letter)).hexdigest()
        for name, letter in (("pdf", None), ("sent", sent))
    }
    with ZipFile(BytesIO(xlsx.render(content))) as sheets:
        held = hashlib.sha256()
        for name in sheets.namelist():
            held.update(name.encode() + b"\0" + hashlib.sha256(sheets.read(name)).digest())
    return {**hashes, "xlsx": held.hexdigest()}


def record_form() -> None:
    """Records what the present form prints of the kept contents."""
    recorded = orjson.loads(FORMS.read_bytes()) if FORMS.exists() else {}
    contents = kept(RULES)["contents"]
    made = {one: printed(model.decode(contents[one].encode())) for one in contents if not one.endswith(" figures")}
    recorded[str(FORM)] = {"programs": programs(), "released": None, "printed": made}
    FORMS.write_bytes(orjson.dumps(recorded, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


def programs() -> str:
    """The programs that decide the bytes of a PDF."""
    return ", ".join(one for one in renderer().split(", ") if one.startswith(("typst ", "segno ")))


if __name__ == "__main__":
    {"write": write, "form": record_form}[sys.argv[1]]()
