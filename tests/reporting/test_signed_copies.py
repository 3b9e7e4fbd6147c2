"""A signed copy is kept of a sent letter only, beside the log, and is gone when somebody removes it."""

from datetime import date

import pytest

from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.reporting.reports.signed_copies import SignedCopies, SignedCopy, check_keeping
from tests.support.histories.report_chain import PERIOD, TEAM, Chain, asked, life, submit
from tests.support.servers.schemas import ON_SQLITE

IDENTITY = report_id("R2", TEAM, PERIOD)
SIGNED = b"%PDF-1.7 ditandatangani oleh Siti Aminah, NIP 19700101 199503 2 001"
TODAY = date(2026, 7, 8)


def test_a_copy_is_replaced_and_removed(chain: Chain) -> None:
    """Of one version one copy is kept, the newest; removed is removed, of that version alone."""
    kept = SignedCopies(chain.journal.database)
    kept.keep(IDENTITY, 1, SIGNED, TODAY)
    kept.keep(IDENTITY, 2, SIGNED, TODAY)
    kept.keep(IDENTITY, 1, SIGNED + b" lagi", TODAY)

    assert kept.read(IDENTITY, 1) == SignedCopy(SIGNED + b" lagi", TODAY)
    assert (kept.remove(IDENTITY, 1), kept.remove(IDENTITY, 1)) == (True, False)
    assert kept.read(IDENTITY, 1) is None
    assert kept.read(IDENTITY, 2) == SignedCopy(SIGNED, TODAY)


@ON_SQLITE
def test_only_a_sent_letter_has_one(chain: Chain) -> None:
    """Before a version is submitted nothing is signed; a version that is none has none, and a copy is a PDF."""
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    early = chain.cases.report(IDENTITY)[1]
    with pytest.raises(RuleBrokenError, match="belum disampaikan") as refused:
        check_keeping(early, 1, SIGNED)
    assert (refused.value.kind, refused.value.clause) == (RefusalKind.CONFLICT, "P12")
    submit(chain, ReportKind.R2, TEAM, "a")
    sent = chain.cases.report(IDENTITY)[1]
    check_keeping(sent, 1, SIGNED)
    with pytest.raises(RuleBrokenError, match="tidak mempunyai versi 2"):
        check_keeping(sent, 2, SIGNED)
    with pytest.raises(RuleBrokenError, match="berkas PDF"):
        check_keeping(sent, 1, b"PK\x03\x04")


def test_nothing_of_it_is_in_the_log(chain: Chain) -> None:
    """Neither an event nor a document that is archived has the copy or its hash: only its own table."""
    chain.admit(life("a", TEAM))
    chain.compile(ReportKind.R2, TEAM)
    submit(chain, ReportKind.R2, TEAM, "a")
    before, documents = chain.store.head(), set(chain.documents.every())
    SignedCopies(chain.journal.database).keep(IDENTITY, 1, SIGNED, TODAY)

    assert (chain.store.head(), set(chain.documents.every())) == (before, documents)
    chain.cases.accept(asked("governor:33", "b"), IDENTITY, None)
    assert not any(b"Siti Aminah" in one.state for one in chain.store.notifications(0, 1_000))
