"""Contents of reports, from empty to two hundred cooperations, as the compiling side would make them."""

import hashlib
from datetime import date
from typing import Any

from ksad.contracts.reporting import ReportKind
from ksad.contracts.supervision import Tier
from ksad.ledger.figures.content.accepted import AcceptedFigure, AcceptedFigures, AcceptedPeriod
from ksad.ledger.figures.content.activities import Activities, GuidanceDuty, GuidanceRow, GuidanceStage
from ksad.ledger.figures.content.matrix import (
    RECAP_COLUMNS,
    Achievement,
    Instrument,
    InstrumentNumber,
    MatrixRow,
    RecapCounts,
    Recapitulation,
    RecapRow,
)
from ksad.ledger.figures.content.matters import Matters
from ksad.ledger.figures.content.model import Introduction, ReportContent, Results
from ksad.ledger.figures.content.narrative import Narrative
from ksad.ledger.figures.content.registered import RegisterState
from ksad.ledger.figures.content.values import (
    Basis,
    CitedClause,
    CitedReport,
    CooperationRef,
    DueDate,
    Evidence,
    Figure,
    Late,
    LegalBasisLine,
    LogPrefix,
    NamedRegion,
    PastFigures,
    ReportPeriod,
    ReportStage,
)
from ksad.ledger.figures.content.wording import WORDINGS
from tests.support.histories import report_sums as sums
from tests.support.histories.report_activities import evaluations, findings, quarrels, terminations
from tests.support.histories.report_offices import WAYS

LONG_TITLE = (
    "Kerja Sama Pengelolaan Sampah Regional Terpadu, Penyediaan Air Minum Lintas Kabupaten/Kota, dan Pengembangan "
    "Destinasi Pariwisata Berkelanjutan di Kawasan Perbatasan Antara Kabupaten Semarang, Kota Salatiga, Kabupaten "
    "Boyolali, dan Kabupaten Grobogan beserta Pertanggungjawaban Penyelenggaraannya"
)
REGIONS = (
    NamedRegion(code="33.22", name="Kabupaten Semarang"),
    NamedRegion(code="33.73", name="Kota Salatiga"),
    NamedRegion(code="33.74", name="Kota Semarang"),
    NamedRegion(code="33.15", name="Kabupaten Grobogan"),
)


def digest(text: str) -> str:
    """The sha256 of a text, for whatever needs a hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def title(position: int) -> str:
    """Every tenth title is as long as real ones get."""
    return LONG_TITLE if position % 10 == 0 else f"Kerja Sama Pengelolaan Terminal Angkutan Umum Nomor {position + 1}"


def ref(position: int) -> CooperationRef:
    """The cooperation at a position."""
    return CooperationRef(registration=f"KSAD-33-{position + 1:04d}", title=title(position))


def matrix_row(position: int, **changes: Any) -> MatrixRow:
    """A row of the matrix: the parties turn with the position, dates are known to the day, the month or the year."""
    parties = tuple(REGIONS[(position + i) % len(REGIONS)] for i in range(2 + position % 3))
    numbers = tuple(InstrumentNumber(party=p, number=f"134.4/{position + 1:03d}/KS.{p.code}/2019") for p in parties)
    signed = ("2019-05-22", "2016-10", "2009")[position % 3]
    row: dict[str, Any] = {
        "registration": ref(position).registration,
        "title": title(position),
        "instruments": (
            Instrument(kind="accord", name="Kesepakatan", signed_on=signed, numbers=numbers),
            Instrument(kind="agreement", name="Perjanjian kerja sama", signed_on=signed, numbers=numbers[:1]),
        ),
        "parties": parties,
        "affair": ("Perhubungan", "Lingkungan hidup", "Pekerjaan umum dan penataan ruang")[position % 3],
        "scope": "Perencanaan, pembangunan, pengoperasian, dan pemeliharaan bersama prasarana.",
        "category": ("mandatory", "voluntary", None)[position % 3],
        "begins": signed,
        "ends": ("2029-05-21", "2026-12", None)[position % 3],
        "stage": tuple(ReportStage)[position % 4],
        "supervisor": "TKKSD Provinsi Jawa Tengah",
        "supervisor_basis": "text" if position % 5 else "inference",
        "last_evaluation": "12 Juni 2026: dilanjutkan, nilai 4",
        "problems": "Keterlambatan pembayaran iuran bersama" if position % 7 == 0 else None,
        "disputes": None,
        "opinions": "Pertimbangan 3 Mei 2026" if position % 7 == 0 else None,
        "follow_up": None,
        "remarks": None,
    }
    return MatrixRow(**(row | changes))


def guidance(count: int) -> tuple[GuidanceStage, ...]:
    """Guidance of the first two stages, one duty with rows each."""

    def duty(clause: str, wording: str, basis: Basis) -> GuidanceDuty:
        rows = tuple(
            GuidanceRow(
                cooperation=ref(i),
                parties=(REGIONS[i % len(REGIONS)],),
                state="delivered" if i % 3 else "open",
                on="2026-03-09" if i % 3 else None,
                due=DueDate(on=date(2026, 3, 20), basis="policy"),
                late=i % 3 == 0,
                note=None,
            )
            for i in range(count)
        )
        done, owed = sum(row.state == "delivered" for row in rows), len(rows)
        return GuidanceDuty(
            clause=CitedClause(id=clause, basis=basis),
            wording=wording,
            owed=owed,
            delivered=done,
            declined=0,
            late=0,
            not_done=owed - done,
            rows=rows,
        )

    laws = "Memberikan informasi mengenai peraturan perundang-undangan yang terkait dengan objek yang dikerjasamakan"
    experts = "Memberikan informasi mengenai tenaga ahli/profesional terkait aspek teknis, hukum dan keuangan"
    return (
        GuidanceStage(stage=ReportStage.EXPLORATION, duties=(duty("P10.a.1.a", laws, "text"),)),
        GuidanceStage(stage=ReportStage.NEGOTIATION, duties=(duty("P10.b.2", experts, "inference"),)),
    )


def activities(count: int) -> Activities:
    """What was done for a number of cooperations; with none, every list is empty."""
    refs = [ref(i) for i in range(min(count, 12))]
    return Activities(
        guidance=guidance(count) if count else (),
        findings=findings(refs),
        evaluations=evaluations(refs),
        terminations=terminations(refs[:2], REGIONS[:2]),
    )


def narrative(count: int) -> Narrative:
    """What the office wrote: with no cooperations nothing, otherwise all but obstacles and follow-up."""
    if not count:
        return Narrative()
    return Narrative(
        conclusions=("Pembinaan telah diberikan kepada seluruh daerah.",),
        advice=("Pembinaan telah diberikan kepada seluruh daerah.",),
        requests=("Penegasan batas daerah sebagai dasar perpanjangan perjanjian.",),
        copies=("Sekretaris Daerah Provinsi Jawa Tengah",),
    )


def matters(count: int) -> Matters:
    """A problem and a dispute of the first cooperation, if there is one."""
    problems, disputes = quarrels([ref(0)] if count else [], REGIONS[:2])
    return Matters(disputes=disputes, problems=problems, informed=())


def counts(size: int) -> RecapCounts:
    """Counts that add up to a size over the four stages."""
    each = dict.fromkeys(RECAP_COLUMNS, size // 8) | {"implementation": size - 3 * (size // 8), "active": size}
    return RecapCounts(**each)


def recapitulation(kind: ReportKind, count: int) -> Recapitulation:
    """Rows per regency and city; per province, and in the overview per tier, for the Minister."""
    if kind in {ReportKind.R2, ReportKind.R3}:
        rows = tuple(RecapRow(region=region, tier=None, counts=counts(count // 2)) for region in REGIONS)
        return Recapitulation(of="regency", rows=rows if count else (), total=counts(count))
    provinces = (NamedRegion(code="32", name="Jawa Barat"), NamedRegion(code="33", name="Jawa Tengah"))
    tiers = tuple(Tier) if kind is ReportKind.OVERVIEW else (None,)
    found = tuple(RecapRow(region=p, tier=tier, counts=counts(count)) for tier in tiers for p in provinces)
    return Recapitulation(of="province", rows=found if count else (), total=counts(count * len(tiers)))


def achievements(count: int) -> tuple[Achievement, ...]:
    """One affair with all cooperations in implementation."""
    done = Achievement(
        affair="transport",
        label="Perhubungan",
        exploration=1,
        negotiation=0,
        signing=0,
        implementation=count,
        ended=0,
    )
    return (done,) if count else ()


def results(kind: ReportKind, count: int) -> Results:
    """What R3 and the overview tell; an R3 is made of one accepted report, and another one is missing."""
    figure = AcceptedFigure(
        name="cooperations", label="Kerja sama", unit="kerja sama", kind="stock", values=(count, None), deltas=(1, None)
    )
    periods = (
        AcceptedPeriod(period="2026-S1", version=2, rules=1),
        AcceptedPeriod(period="2026-S2", version=None, rules=None),
    )
    accepted = AcceptedFigures(periods=periods, figures=(figure,))
    return Results(
        accepted=accepted if kind is ReportKind.R3 else None,
        evaluation_summary=("Kerja sama yang dievaluasi pada umumnya layak dilanjutkan.",) if count else (),
        evaluations=evaluations([ref(0)]) if count else (),
        findings=findings([ref(i) for i in range(min(count, 3))]),
        terminations=terminations([ref(i) for i in range(min(count, 2))], REGIONS[:2]),
    )


def cited(kind: ReportKind, period: str = "2026-S1") -> CitedReport:
    """A report of that kind as another one cites it."""
    office = WAYS[kind][0]
    return CitedReport(
        id=f"{kind}-33-{period}",
        kind=kind,
        office=office.label,
        period=period,
        version=2,
        accepted_on=date(2026, 7, 9),
        content_hash=digest(kind),
    )


def report(kind: ReportKind = ReportKind.R2, count: int = 1, **changes: Any) -> ReportContent:
    """A report of a kind over a number of cooperations, with any field replaced."""
    words, (sender, receiver) = WORDINGS[kind], WAYS[kind]
    acts = kind in {ReportKind.R1, ReportKind.R2}
    duty = CitedClause(id=words.clause, basis="text")
    late = Late(what="Laporan TKKSD", clause=duty, office=sender.label, days=4,
                due=DueDate(on=date(2026, 7, 1), basis="policy"), escalation="Dilaporkan kepada Gubernur")  # fmt: skip
    fields: dict[str, Any] = {
        "report_id": f"{kind}-33-2026-S1",
        "kind": kind,
        "title": words.title,
        "number": "100.2.2.3/214/2026",
        "from_office": sender,
        "to_office": receiver,
        "period": ReportPeriod(id="2026-S1", first=date(2026, 1, 1), last=date(2026, 6, 30)),
        "compiled_on": date(2026, 7, 5),
        "state_on": date(2026, 6, 30),
        "version": 1,
        "prefix": LogPrefix(origin="ksad/jateng", size=48_211, previous_size=31_007, root=digest("root")),
        "previous_report": cited(kind, "2025-S2"),
        "proof_page": "https://ksad.kemendagri.go.id/periksa",
        "past": (PastFigures(period="2025-S2", values={"tasks_completed": 4, "tasks_late": 1}),),
        "figures": (
            Figure(name="cooperations", label="Kerja sama", value=count, previous=3, unit="kerja sama"),
            Figure(name="valuation", label="Nilai aset dibagi", value=1_250_000, previous=None, unit="rupiah"),
        ),
        "timeliness": sums.timeliness(sender, count),
        "late": (late,) if count else (),
        "scored": sums.scored([ref(i) for i in range(min(count, 12))]),
        "developments": sums.developments([ref(i) for i in range(min(count, 12))]),
        "remarks": (),
        "matters": matters(count),
        "narrative": narrative(count),
        "introduction": Introduction(
            legal_basis=(
                LegalBasisLine(clause=words.clause, text="Kewajiban pelaporan.", basis="text"),
                LegalBasisLine(clause="PP 50/2007", text="Tata cara kerja sama daerah.", basis="memory"),
                LegalBasisLine(clause="Periode pelaporan", text="Setiap semester.", basis="policy"),
            ),
            purpose=words.purpose,
            scope=words.scope,
        ),
        "activities": activities(count) if acts else None,
        "achievements": achievements(count),
        "results": None if acts else results(kind, count),
        "register_states": (
            RegisterState(
                cooperation=ref(0),
                recorded=3,
                unverified=2,
                returned=0,
                notes=("pengakhiran menunggu konfirmasi Kota Salatiga",),
            ),
        )
        if count
        else (),
        "matrix": tuple(map(matrix_row, range(count))),
        "recapitulation": recapitulation(kind, count),
        "cited": () if acts else (cited(ReportKind.R2),),
        "evidence": tuple(
            Evidence(sha256=digest(str(i)), media_type="application/pdf", what=f"Naskah {i + 1}") for i in range(count)
        ),
    }
    return ReportContent(**(fields | changes))
