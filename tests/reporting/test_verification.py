"""The work list of verification and the marks of the register, from the live projections, on both databases."""

from datetime import date
from typing import Any

import pytest

from ksad.chassis.database import Database
from ksad.contracts import registry
from ksad.contracts.catalogue import Audience, Fact
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id, task_id
from ksad.contracts.regions import RegionTable, load_text
from ksad.contracts.reporting import ReportKind
from ksad.contracts.supervision import AgreementJurisdictionResolved, Finding, FollowUp, FollowUpClosed
from ksad.contracts.verification import EntryStatus
from ksad.reporting.api.narrowing import mark
from ksad.reporting.api.verification import _item, _own
from ksad.reporting.journal import Journal
from ksad.reporting.projections.examined import EntriesWanted, examined
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.views import Views
from tests.support.histories.histories import admit, origin, registered, resolved, stream
from tests.support.histories.newest import fact_of
from tests.support.histories.report_chain import TEAM, Chain, life
from tests.support.histories.supervised import completion
from tests.support.servers.schemas import ON_SQLITE

TO_DO = ("unverified", "returned")
TODAY = date(2026, 6, 1)
PURWAKARTA = ["32.14", "32.17"]


def whole() -> EntriesWanted:
    """What is left to do, of everybody."""
    return EntriesWanted(None, None, None, TO_DO)


class Listed:
    """A journal with its projections, of which the work list is read."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.journal = Journal(database)
        self.runner = Runner(database, self.journal)

    def admit(self, *events: Envelope) -> None:
        """Take events in and fold them."""
        admit(self.journal, events)
        self.runner.catch_up()

    def names(self, wanted: EntriesWanted, mine: tuple[str, ...] | None = None) -> list[tuple[str, str, str | None]]:
        """What a list shows: kind, status, and who examines."""
        with self.database.read() as connection:
            rows = examined(Views(connection), connection, wanted, mine, None, 100)
        return [(row["name"], row["status"], row["body"]) for row in rows]


@pytest.fixture
def listed(database: Database) -> Listed:
    """Whatever a test admits."""
    return Listed(database)


def signed(between: list[str], agreement: str = "perjanjian-1") -> registry.AgreementSigned:
    """An agreement between some of the parties."""
    fact = fact_of(
        registry.AgreementSigned,
        numbers=dict.fromkeys(between, "1/2026"),
        effective_on=None,
        ends_on=None,
        scope=None,
        witnesses=[],
        document=None,
    )
    return fact.model_copy(update={"agreement": agreement, "between": between})


def own_body(key: str, agreement: str, body: str) -> Envelope:
    """An agreement is supervised by a body of its own."""
    known = resolved(key, body).model_dump(exclude={"parties"})
    fact = AgreementJurisdictionResolved(**known, agreement=agreement, between=PURWAKARTA)
    return seal(fact, f"supervision/{cooperation_id(key)}", 2, origin("supervision"))


def supervised(key: str, body: str) -> Envelope:
    """A cooperation is supervised by a body."""
    return seal(resolved(key, body), f"supervision/{cooperation_id(key)}", 1, origin("supervision"))


@pytest.mark.clause("P7", "P11")
def test_the_work_list_is_by_body(listed: Listed) -> None:
    """Each body has the entries of its scopes: an agreement of one province is its TKKSD's, the rest is not."""
    parties = [*PURWAKARTA, "33.01"]
    events = stream("a", [registered("a", parties), signed(PURWAKARTA)])
    listed.admit(*events, supervised("a", "joint_secretariat"), own_body("a", "perjanjian-1", "tkksd:32"))
    assert listed.names(whole()) == [
        ("registered", "unverified", "joint_secretariat"),
        ("agreement_signed", "unverified", "tkksd:32"),
    ]
    assert listed.names(EntriesWanted("tkksd:32", None, None, TO_DO)) == [
        ("agreement_signed", "unverified", "tkksd:32")
    ]
    assert listed.names(whole(), ("tkksd:33", "governor:33")) == []


def test_what_is_verified_leaves_the_list_and_what_is_returned_stays(listed: Listed) -> None:
    """Until it is corrected, a returned entry stands with reason and mend; then it is to be examined again."""
    facts = [registered("a"), signed(["33.72", "33.11"])]
    events = stream("a", facts)
    first, second = (event.id for event in events)
    facts += [
        registry.EntryVerified(entries=[first], note=None),
        registry.EntryReturned(entry=second, reason="nomor tidak sama", mend="betulkan nomor"),
    ]
    listed.admit(*stream("a", facts), supervised("a", "tkksd:33"))
    assert listed.names(whole()) == [("agreement_signed", "returned", "tkksd:33")]
    with listed.database.read() as connection:
        (row,) = examined(Views(connection), connection, whole(), ("region:33.72", "operator"), None, 10)
        item = Views(connection).cooperation(cooperation_id("a"))
    assert item is not None
    assert item["verification"] == {"of": 2, "verified": 1}
    shown = _item("region:33.72", dict(row), RegionTable.from_csv(load_text()), TODAY)
    assert (shown["label"], shown["status_label"]) == ("Perjanjian ditandatangani", "dikembalikan")
    assert (shown["reason"], shown["mend"]) == ("nomor tidak sama", "betulkan nomor")
    assert [one["name"] for one in shown["parties"]] == ["Kota Surakarta", "Kabupaten Sukoharjo"]
    assert _item("region:91.01", dict(row), RegionTable.from_csv(load_text()), TODAY)["mend"] is None

    facts.append(registry.Corrected(corrects=second, reason="salah ketik", fields={"place": "Surakarta"}))
    listed.admit(stream("a", facts)[-1])
    assert listed.names(whole()) == [("agreement_signed", "unverified", "tkksd:33")]


def test_a_returned_entry_is_for_parties_only() -> None:
    """The public sees that it is not verified; parties see that it came back."""
    item = {"entries": {"a": {"name": "registered", "status": "returned"}, "b": {"name": "registered"}}}
    assert mark(item, "a", Audience.PUBLIC) is EntryStatus.UNVERIFIED
    assert mark(item, "a", Audience.PARTIES) is EntryStatus.RETURNED
    assert mark(item, "b", Audience.PUBLIC) is EntryStatus.UNVERIFIED
    assert mark(item, "c", Audience.SUPERVISOR) is None


def test_whose_list_an_office_sees() -> None:
    """A body its own and its head's, a region what it recorded under any of its codes, the ministry all."""
    regions = RegionTable.from_csv(load_text())
    assert _own("governor:33", regions) == ("tkksd:33", "governor:33")
    assert set(_own("region:93.01", regions) or ()) == {"region:93.01", "region:91.01"}
    assert _own("joint_secretariat", regions) is None


def of(key: str, *facts: Fact) -> list[Envelope]:
    """Later facts of the cooperation of a life, after its registration."""
    subject = f"cooperation/{cooperation_id(key)}"
    return [seal(fact, subject, number, origin()) for number, fact in enumerate(facts, 2)]


@pytest.mark.clause("P12")
@pytest.mark.parametrize("verified", [False, True])
@ON_SQLITE
def test_the_matrix_says_what_nobody_has_verified(chain: Chain, verified: bool) -> None:
    """Until everything is, the row says how much is not; a mandatory cooperation's neighbourhood was not examined."""
    (first, *others) = life("a", TEAM)
    fact = registered("a", ("33.72", "33.13"), category="mandatory", profile="ksdd-2018")
    chain.admit([seal(fact, first.subject, 1, origin()), *others])
    if verified:
        chain.admit(of("a", registry.EntryVerified(entries=[first.id], note=None)))
    (row,) = chain.compile(ReportKind.R2, TEAM).matrix
    mark = "" if verified else "belum diverifikasi: 1 dari 1 fakta; "
    assert row.remarks == f"{mark}kerja sama wajib: kedekatan wilayah belum diperiksa"


@pytest.mark.clause("P12", "P7", "P11")
@pytest.mark.parametrize(("done", "until"), [(False, "paling lambat 30 Juni 2026"), (True, "selesai 5 Januari 2026")])
@ON_SQLITE
def test_a_finding_is_printed_with_what_it_calls_for(chain: Chain, done: bool, until: str) -> None:
    """Who does what by when, and, once evidence has closed it, on which day."""
    identity = cooperation_id("a")
    finding = Finding(
        basis="legislation",
        conforms=False,
        description="laporan belum disampaikan",
        follow_up=FollowUp(who="region:33.72", by=date(2026, 6, 30), what="menyampaikan laporan"),
    )
    subject = f"task/{task_id(identity, 'd.1', 'x')}"
    filed = completion(cooperation_id=identity, findings=[finding])
    chain.admit([*life("a", TEAM), seal(filed, subject, 3, origin("supervision"))])
    if done:
        closed = FollowUpClosed(cooperation_id=identity, finding=1, outcome="disampaikan", documents=[])
        chain.admit([seal(closed, subject, 4, origin("supervision"))])
    content = chain.compile(ReportKind.R2, TEAM)
    assert content.activities is not None
    (shown,) = content.activities.findings
    assert shown.follow_up == f"Kota Surakarta: menyampaikan laporan ({until})"


@pytest.mark.clause("PP 28/2018 Pasal 6(2)")
def test_an_approval_has_day_document_outcome_and_effect(listed: Listed) -> None:
    """Before the signing, after it, refused: the register says which; of a mandatory one that nobody looked."""
    approval = registry.CouncilApprovalRecorded(
        agreement="perjanjian-1", region="33.72", number="3/2026", document=None, outcome="approved"
    )
    head = registered("a", category="mandatory", profile="ksdd-2018")

    def shown() -> dict[str, Any]:
        with listed.database.read() as connection:
            item = Views(connection).cooperation(cooperation_id("a"))
        assert item is not None
        return item

    facts: list[Fact] = [head, approval]
    listed.admit(*stream("a", facts))
    assert [(one["on"], one["outcome"], one["effect"]) for one in shown()["approvals"]] == [
        ("2026-01-05", "approved", "not_signed_yet")
    ]
    facts += [signed(["33.72", "33.11"]), approval.model_copy(update={"outcome": "rejected"})]
    listed.admit(*stream("a", facts)[2:])
    assert [one["effect"] for one in shown()["approvals"]] == ["before_signing", "rejected"]
    assert shown()["neighbourhood"] == "belum diperiksa"
