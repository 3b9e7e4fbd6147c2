"""What waits for confirmation, and what became of it, in words: of the register's row and of the timeline."""

from datetime import date

import pytest

from ksad.chassis.database import Database
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.regions import RegionTable, load_text
from ksad.contracts.registry import ActProposed
from ksad.ledger.folds.decoding import decode
from ksad.reporting.domain.waiting import told, waiting
from ksad.reporting.journal import Journal
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.views import Views
from tests.support.histories.cooperations import SOLO, YOGYA, Case
from tests.support.histories.histories import admit

REGIONS = RegionTable.from_csv(load_text())
TODAY = date(2026, 6, 1)
INVITED = {"region:34.71", "governor:34", "tkksd:34"}


def joining() -> tuple[Case, str]:
    """Solo proposes that Yogyakarta joins; gives the proposal."""
    case = Case(on=date(2026, 5, 1))
    case.do("add-party", "2026-05-30", office=f"region:{SOLO}", region=YOGYA)
    return case, str(case.event(ActProposed))


def sentences(case: Case) -> list[str]:
    """What the timeline says of the acts of a cooperation."""
    events = [decode(one.to_bytes()) for one in case.events]
    proposals = {one["id"]: one for one in events}
    about = [(one, proposals.get(str(one["data"].get("proposal")), one)) for one in events]
    said = [told(one, proposal, REGIONS) for one, proposal in about]
    return [one for one in said if one is not None]


@pytest.mark.clause("P1.4")
def test_the_register_says_what_waits(database: Database) -> None:
    """Which act, since when, whose confirmation, until when; all for parties, others see what asks their region."""
    case, proposal = joining()
    journal = Journal(database)
    admit(journal, case.events)
    Runner(database, journal).catch_up()
    with database.read() as connection:
        item = Views(connection).cooperation(cooperation_id("a"))
    assert item is not None
    [act] = waiting(item["pending"], "region:33.13", REGIONS, TODAY, every=True)
    assert (act["proposal"], act["since"], act["on"]) == (proposal, "2026-06-01", "2026-05-30")
    assert act["awaiting"] == ["33.13", "34.71"]
    assert act["says"] == (
        "Bergabungnya Kota Yogyakarta tanggal 30 Mei 2026 menunggu konfirmasi Kabupaten Karanganyar dan Kota "
        "Yogyakarta sejak 1 Juni 2026, paling lambat 31 Juli 2026. Tindakan ini belum berlaku."
    )
    seen = {
        office
        for office in (*INVITED, "region:34.02", "governor:35")
        if waiting(item["pending"], office, REGIONS, TODAY, every=False)
    }
    assert seen == INVITED


def test_the_timeline_says_what_became_of_it() -> None:
    """Proposed, confirmed, refused; then recorded by the supervising body over the refusal, with its reason."""
    case, proposal = joining()
    act = "bergabungnya Kota Yogyakarta tanggal 30 Mei 2026"
    case.do("refuse-act", office="region:34.71", proposal=proposal, reason="belum dianggarkan")
    assert sentences(case) == [
        (
            f"Kota Surakarta mengusulkan {act}; menunggu konfirmasi Kabupaten Karanganyar dan Kota Yogyakarta, paling "
            "lambat 31 Juli 2026."
        ),
        f"Kota Surakarta mengonfirmasi {act}.",
        f"Kota Yogyakarta menolak {act}: belum dianggarkan",
    ]
    case.do("add-party", "2026-05-30", region=YOGYA, over_refusal="naskah ditandatangani semua pihak")
    assert sentences(case)[-2:] == [
        f"{act[0].upper()}{act[1:]} dicatat pembina berdasarkan naskah yang ditandatangani.",
        (
            f"Pembina mencatat konfirmasi Kota Surakarta, Kabupaten Karanganyar dan Kota Yogyakarta atas {act} dari "
            "naskah yang ditandatangani. Pernah ditolak, tetap dicatat karena: naskah ditandatangani semua pihak"
        ),
    ]
    case, proposal = joining()
    case.do("withdraw-act", office=f"region:{SOLO}", proposal=proposal)
    assert sentences(case)[-1] == f"Usulan {act} ditarik oleh pengusulnya."
