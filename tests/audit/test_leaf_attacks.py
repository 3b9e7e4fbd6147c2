"""Attacks on what single leaves say: times, documents, reports, canonical form; the log's key does not help."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest

from ksad.contracts import canonical
from ksad.contracts.registry import DayPassed
from ksad.contracts.reporting import ReportCompiled, ReportKind
from ksad.ledger.log.tree import leaf_hash
from ksad.reporting.checkpoints.signing import SigningKey
from tests.support.forgers.audited import Audited, checked, failed, forged, leaves_of, made


@pytest.mark.parametrize(("shift", "ok"), [(-7200, False), (-86_400 * 400, False), (-60, True), (0, True)])
def test_times_that_go_back(whole: Audited, tmp_path: Path, log_key: SigningKey, shift: int, ok: bool) -> None:
    """Rows 7 and 13: a fact appended with an older recorded time, or under a clock two hours slow, is named."""
    leaves = leaves_of(whole.archive)
    latest = max(orjson.loads(raw)["time"] for raw in leaves if b":bench:registry" in raw)
    moment = datetime.fromtimestamp(datetime.fromisoformat(latest).timestamp() + shift, UTC)
    late = made(DayPassed(day=date(2015, 3, 9)), "calendar/other", 1, moment).to_bytes()

    grown = forged(
        whole.archive, tmp_path / "grown.tar", lambda all_: [*all_, late], key=log_key, keys_dir=whole.source.keys
    )

    assert failed(checked(grown, whole.keys, since=whole.kept)) == ({} if ok else {"times": len(leaves)})


def test_a_late_report_is_lawful(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """Row 8: a fact that happened long ago and is recorded today is accepted, and counted as late."""
    old = checked(whole.archive, whole.keys)["times"]
    event = orjson.loads(made(DayPassed(day=date(2015, 3, 9)), "calendar/other", 1, datetime.now(UTC)).to_bytes())
    event["occurredon"] = "2009-05-19"
    late = canonical.encode(event)

    grown = forged(whole.archive, tmp_path / "grown.tar", lambda leaves: [*leaves, late], key=log_key)
    new = checked(grown, whole.keys, since=whole.kept)["times"]

    assert new.ok
    assert _late(new.detail) == _late(old.detail) + 1


def _late(detail: str) -> int:
    found = re.search(r"; (\d+) facts were recorded on a later day", detail)
    assert found is not None
    return int(found[1])


def test_documents_and_reports(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """Row 19: a changed document, a missing one, and a report that names another prefix, each with its leaf."""
    at = next(number for number, raw in enumerate(leaves_of(whole.archive)) if b"application/pdf" in raw)

    def change(data: Path) -> None:
        next((data / "documents").rglob("*/*/*")).write_bytes(b"%PDF-1.7 lain")

    def lose(data: Path) -> None:
        next((data / "documents").rglob("*/*/*")).unlink()

    for edit in (change, lose):
        bad = forged(whole.archive, tmp_path / "bad.tar", edit=edit)
        assert failed(checked(bad, whole.keys)) == {"documents": at}

    report = ReportCompiled(
        kind=ReportKind.R2,
        from_office="tkksd:33",
        to_office="governor:33",
        period="2015-S1",
        version=1,
        period_from=date(2015, 1, 1),
        period_to=date(2015, 6, 30),
        prefix_size=120,
        prefix_root="cd" * 32,
        previous_size=0,
        content_sha256="ef" * 32,
        documents=[],
        cites=[],
        figures={},
        rules=2,
        form=None,
        renderer=None,
        as_of=date(2015, 6, 30),
        draft=False,
        narratives=[],
    )
    false = made(report, "report/00000000-0000-5000-8000-000000000000", 1, datetime.now(UTC)).to_bytes()
    size = len(leaves_of(whole.archive))
    bad = forged(whole.archive, tmp_path / "bad.tar", lambda leaves: [*leaves, false], key=log_key)
    assert failed(checked(bad, whole.keys)) == {"reports": size}


@pytest.mark.parametrize(
    "trick",
    [
        lambda raw: raw.replace(b'"dateprecision"', b' "dateprecision"'),
        lambda raw: raw[:-1] + b',"specversion":"1.0"}',
        lambda raw: raw.replace(b'"streamversion":1', b'"streamversion":1.0'),
        lambda raw: raw.replace(b'"actorid":"', b'"actorid":"e\xcc\x81'),
        lambda raw: raw.replace(b'"streamversion":1', b'"streamversion":123456789012345678901'),
    ],
)
def test_tricks_of_canonical_form(
    whole: Audited, tmp_path: Path, log_key: SigningKey, trick: Callable[[bytes], bytes]
) -> None:
    """Row 22: spaces, keys twice, 1.0 for 1, other Unicode forms and huge numbers are no leaf, even when signed."""
    fact = made(DayPassed(day=date(2015, 3, 9)), "calendar/other", 1, datetime.now(UTC)).to_bytes()
    assert trick(fact) != fact
    size = len(leaves_of(whole.archive))

    bad = forged(whole.archive, tmp_path / "bad.tar", lambda leaves: [*leaves, trick(fact)], key=log_key)

    assert failed(checked(bad, whole.keys)) == {"envelopes": size}


def test_a_node_is_no_leaf(whole: Audited, tmp_path: Path) -> None:
    """Row 21: two leaves' hashes given as one leaf do not lead to the signed root: leaves and nodes hash apart."""

    def folded(leaves: list[bytes]) -> list[bytes]:
        return [leaf_hash(leaves[0]) + leaf_hash(leaves[1]), *leaves[2:]]

    bad = forged(whole.archive, tmp_path / "bad.tar", folded)

    assert failed(checked(bad, whole.keys))["tree"] == 0
