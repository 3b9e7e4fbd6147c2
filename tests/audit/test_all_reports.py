"""All reports of a log at once: which are proved, which are owed and missing, and what of them is not proved."""

import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from ksad.audit.proving import prove, prove_all
from ksad.chassis.documents import Documents
from ksad.contracts import canonical, registry, supervision
from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import report_id, task_id
from ksad.ledger.archive.archive import read_events
from ksad.ledger.log.fault import prefix_roots
from ksad.ledger.log.tree import leaf_hash
from tests.support.forgers.reported import BUILT, FIRST, SECOND, compiled, said, write
from tests.support.histories.histories import origin
from tests.support.histories.report_chain import TEAM

PRINTED = pytest.mark.fault(
    "audit F3",
    kind="A verdict is read as wider than what was compared.",
    looked="Each check of verify and prove-report, and its sentence; the manual's table; reports that are owed.",
    found="No command for all reports; a report that is owed and was never compiled was not missed by anybody.",
)


@PRINTED
def test_all_reports_are_proved_at_once(honest: Path) -> None:
    """All reports of a log are proved by one command, with the very checks that each has alone, under its name."""
    checks = {one.name: one for one in prove_all(honest)}

    titles = {FIRST: "R2 tkksd:33 2026-S1", SECOND: "R2 tkksd:33 2026-S2", BUILT: "R3 governor:33 2026"}
    alone = {f"{title} {one.name}": one for report, title in titles.items() for one in prove(honest, report)}
    assert {name: one._replace(name="") for name, one in checks.items()} == {
        name: one._replace(name="") for name, one in alone.items()
    }


@PRINTED
def test_one_forged_report_spoils_no_other(data: Path) -> None:
    """Of all reports, the forged one fails, with the R3 that is built from its figures, and the others hold."""
    ((_, event),) = compiled(read_events(data / "events"), FIRST)
    for one in event["data"]["documents"]:
        (data / "documents" / "reporting" / one["sha256"][:2] / one["sha256"][2:]).unlink()

    failed = [one.name for one in prove_all(data) if not one.ok]

    assert failed[0] == "R2 tkksd:33 2026-S1 version 1 documents"
    assert {name.partition(" version")[0] for name in failed} == {"R2 tkksd:33 2026-S1", "R3 governor:33 2026"}


@PRINTED
@pytest.mark.parametrize(("due", "says"), [("2026-02-01", "has passed"), ("2099-01-01", "has not passed")])
def test_a_report_that_is_owed_and_missing_is_named(data: Path, due: str, says: str) -> None:
    """A report that a task asks for, and of which no version was ever compiled, is named with leaf and day."""
    leaves = list(read_events(data / "events"))
    duty: dict[str, Any] = {"duty": "report", "clause": "P12", "stage": None, "for_parties": [], "due_basis": "x"}
    duty |= {"agreement": None, "occasion": None, "rests_on": None}
    made = [
        supervision.TaskScheduled.model_validate(
            {**duty, "cooperation_id": None, "body": body, "occurrence": period, "period": period, "due_on": due}
        )
        for body, period in (("tkksd:34", "2026-S1"), (TEAM, "2026-S1"))
    ]
    passed = registry.DayPassed(day=date(2026, 12, 31))
    more = [
        *(seal(one, f"task/{task_id(one.body, 'R2', one.period)}", 1, origin("supervision")) for one in made),
        seal(passed, "calendar/days", 999, origin()),
    ]
    write(data, [*leaves, *(one.to_bytes() for one in more)])

    noted = [one for one in prove_all(data) if one.name.startswith("owed")]

    assert [one.name for one in noted] == ["owed R2 tkksd:34 2026-S1"]
    assert noted[0].ok
    assert f"owed since leaf {len(leaves)}, due {due}" in noted[0].detail
    assert says in noted[0].detail
    with pytest.raises(LookupError, match="never compiled: R2 tkksd:34 2026-S1 is owed"):
        prove(data, str(report_id("R2", "tkksd:34", "2026-S1")))


@pytest.mark.fault(
    "audit F14",
    kind="Memory grows with what somebody else has put into a file, or an audit makes evidence without saying so.",
    looked="replay, diff, trace, prove-report, verify, export; what each of them holds of a log and of its documents.",
    found="diff held every event and two copies of every row; trace the ids of all leaves. That export signs what a "
    "stopped platform had not signed yet is in the manual now.",
)
def test_documents_of_others_are_not_read(data: Path) -> None:
    """A proof reads the documents of its report, and takes no memory for the others in the archive."""
    large = b"\0" * 40_000_000
    Documents(data / "documents" / "registry").put(large, "application/pdf")
    del large

    tracemalloc.start()
    said_ok = all(one.ok for one in prove(data, FIRST))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert said_ok
    assert peak < 30_000_000


@pytest.mark.fault("audit F4")
def test_a_fact_that_is_not_known_names_the_way_out(data: Path) -> None:
    """Where a prefix has a fact that this release does not know, no figure is called false: the release is named."""
    leaves = list(read_events(data / "events"))
    at, event = compiled(leaves, SECOND)[-1]
    known = orjson.loads(leaves[0])
    number = max(one["streamversion"] for one in map(orjson.loads, leaves) if one["subject"] == known["subject"]) + 1
    odd = known | {"type": "ksad.cooperation.blessed.v1", "streamversion": number}
    size = event["data"]["prefix_size"]
    leaves[size - 1] = canonical.encode(odd)
    event["data"]["prefix_root"] = prefix_roots(iter(map(leaf_hash, leaves)), [size])[size].hex()
    leaves[at] = canonical.encode(event)
    write(data, leaves)

    found = said(data, SECOND)

    assert set(found) == {"content"}
    assert "ksad.cooperation.blessed.v1" in found["content"][1]
    assert "take the release of ksad-audit that knows it" in found["content"][1]
    assert said(data, FIRST) == {}
