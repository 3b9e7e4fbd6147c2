"""The ways of six facts through the rooms, as docs/architecture.md tells them; three of them are walked."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.util import find_spec
from uuid import UUID

import pytest
from typer.testing import CliRunner

from ksad.audit.__main__ import app
from ksad.contracts import canonical
from ksad.contracts.identifiers import report_id
from ksad.reporting.keeping.export import export
from tests.support.forgers.audited import Audited, copied
from tests.support.platforms.traced import Call, Three, Walk, recording, running_three
from tests.support.servers.processes import wait_until
from tests.support.text.layers import above
from tests.support.text.source import ROOT

FIRST, CLOSE = date(2026, 6, 8), date(2026, 6, 30)
PAGE = (ROOT / "docs" / "architecture.md").read_text()
WALK = re.compile(r"^### (\d)\. (.+?)$(.*?)(?=^##)", re.MULTILINE | re.DOTALL)
MODULE = re.compile(r"`(ksad\.[\w.]+)`")
HANDED = re.compile(r"^\| `([\w.]+)` \| `([\w.]+)` \|", re.MULTILINE)
TOLD = {number: MODULE.findall(text) for number, _, text in WALK.findall(PAGE)}
"""The modules of each way, in the order in which a fact enters them."""
PARTIES = {"33.72": "1/2026", "33.11": "2/2026"}
TEAM = "tkksd:33"
pytestmark = pytest.mark.xdist_group("walks")


def signed(three: Three, identity: str) -> None:
    """A party proposes a signed agreement, the other confirms it, and anybody reads it back from reporting."""
    three.tell(identity, "sign-agreement", numbers=PARTIES, ends_on="2099-12-31")
    shown = three.get(f"/cooperations/{identity}")
    assert (shown.status_code, shown.json()["cooperation_id"]) == (200, identity)


def late(three: Three, days: Iterator[date]) -> None:
    """Days pass until a task that nobody did becomes late, and its body finds it so."""
    while not three.tasks(status="overdue", office=TEAM):
        three.pass_day(next(days))


def printed(three: Three) -> None:
    """A TKKSD has its report compiled and takes it as PDF."""
    answer = three.send("reporting", "/reports", TEAM, {"kind": "R2", "office": TEAM, "period": "2026-S1"})
    assert answer.status_code == 202, answer.text
    place = answer.json()["place"]
    wait_until(lambda: three.get(place, TEAM).json()["state"] == "done", what="the report")
    three.position = three.get(place, TEAM).json()["report"]["position"]
    identity: UUID = report_id("R2", TEAM, "2026-S1")
    paper = three.get(f"/reports/{identity}/versions/1.pdf", TEAM)
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Walk]:
    """The first three ways, each recorded from its first call to its last."""
    with recording() as recorder, running_three(tmp_path_factory.mktemp("walks"), FIRST) as three:
        days = iter([FIRST + timedelta(days=number) for number in range((CLOSE - FIRST).days + 1)])
        identity = three.register("walk", tuple(PARTIES))
        for stage in ("negotiation", "signing"):
            three.tell(identity, "enter-stage", stage=stage)
        three.tell(identity, "sign-accord", numbers=PARTIES)
        three.get(f"/cooperations/{identity}")
        with recorder.walk() as first:
            signed(three, identity)
        with recorder.walk() as second:
            late(three, days)
        for day in days:
            three.pass_day(day)
        with recorder.walk() as third:
            printed(three)
    return {"1": first, "2": second, "3": third}


@pytest.fixture(scope="module")
def verified(whole: Audited, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The fifth way: an archive is made of a data folder, and an auditor verifies it."""
    copy = copied(whole, tmp_path_factory.mktemp("verified"))
    archive = copy.source.root.with_name("again.tar")
    with recording() as recorder, recorder.walk() as walk:
        export(copy.source, archive)
        done = CliRunner().invoke(app, ["verify", str(archive), "--key", str(whole.keys)])
    assert done.exit_code == 0, done.stdout
    return walk


def test_every_module_of_a_way_exists() -> None:
    """The page tells six ways, each through modules that are there."""
    assert sorted(TOLD) == list("123456")
    assert all(len(modules) > 5 for modules in TOLD.values())
    assert [name for modules in TOLD.values() for name in modules if find_spec(name) is None] == []


@pytest.mark.parametrize("number", ["1", "2", "3"])
def test_a_fact_goes_the_way_that_is_told(number: str, walked: dict[str, Walk]) -> None:
    """Each module that the page names was entered, and no room was entered that it does not name."""
    entered, told = walked[number].entered, set(TOLD[number])
    assert told - entered == set()
    assert {one.split(".")[1] for one in entered} == {name.split(".")[1] for name in told}


def test_an_archive_goes_the_way_that_is_told(verified: Walk) -> None:
    """Each module that the page names between export and verdict was entered, and the auditor entered no service."""
    assert set(TOLD["5"]) - verified.entered == set()
    by_audit = {call.callee for call in verified.calls if call.caller.startswith(("ksad.audit", "ksad.ledger"))}
    assert {name.split(".")[1] for name in by_audit} == {"audit", "ledger", "contracts"}


@pytest.mark.parametrize("number", ["1", "2", "3"])
def test_nobody_climbs(number: str, walked: dict[str, Walk]) -> None:
    """No room calls one in a layer above its own, but for what the page says that it was handed."""
    handed = set(HANDED.findall(PAGE))
    assert {rooms: calls for rooms, calls in walked[number].climbs.items() if rooms not in handed} == {}


def test_what_was_handed_is_called(walked: dict[str, Walk]) -> None:
    """The page lists no call upwards that nobody makes any more."""
    climbed = {rooms for walk in walked.values() for rooms in walk.climbs}
    assert set(HANDED.findall(PAGE)) - climbed == set()


def test_a_climb_is_found() -> None:
    """A call into a layer above is one; a call down, one of a library, and one within a room are none."""
    assert above("ksad.registry.api.cooperations", "ksad.registry.application")
    assert above("ksad.reporting.projections.stored", "ksad.ledger.folds.register")
    assert not above("ksad.registry.domain.rules", "ksad.registry.application")
    assert not above("ksad.chassis.store.store", "ksad.registry.application")
    up = Call("ksad.registry.application", "ksad.registry.api.cooperations", "authorize")
    down = Call("ksad.registry.application", "ksad.registry.domain.rules", "check")
    inside = Call("ksad.reporting.journal.tables", "ksad.reporting.journal.journal", "admit")
    assert above(inside.callee, inside.caller)
    library = Call("", "ksad.registry.api.cooperations", "register")
    assert Walk(Counter([up, down, inside, library])).climbs == {
        ("registry.application", "registry.api"): {"ksad.registry.api.cooperations.authorize"}
    }


def test_calls_are_written_down() -> None:
    """A call between our modules is recorded in whichever thread it happens, and only while somebody walks."""
    with recording() as recorder:
        thread = threading.Thread(target=lambda: canonical.encode({"a": 1}))
        with recorder.walk() as walk:
            thread.start()
            thread.join()
        before = set(walk.calls)
        canonical.encode({"a": 2})
    assert {one.callee for one in before} == {"ksad.contracts.canonical"}
    assert set(walk.calls) == before
