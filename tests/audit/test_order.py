"""The order of a log that is read in runs: what only the leaves before one can tell is told when it follows on them."""

import random
from datetime import datetime, timedelta
from itertools import pairwise

import orjson
import pytest

from ksad.audit.checks.form import Form
from ksad.audit.checks.order import TOLERANCE, Order, Run
from ksad.contracts import canonical
from tests.support.histories.histories import generated

HALF, WHOLE = 60, 200


def judged(leaves: list[bytes], *cuts: int, block: int = WHOLE) -> Order:
    """The order of leaves that are cut into runs, each of which is taken in blocks."""
    order, form = Order(), Form()
    for start, stop in pairwise([0, *cuts, len(leaves)]):
        run = Run()
        for at in range(start, stop, block):
            run.take(form.take(at, b"".join(raw + b"\n" for raw in leaves[at : min(at + block, stop)]))[1])
        run.end()
        order.follow(run)
    order.end()
    return order


def joined(earlier: list[bytes], later: list[bytes]) -> bool:
    """Whether the later leaves may follow the earlier ones, and neither has a fault of its own."""
    return not judged([*earlier, *later], len(earlier)).faults


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    """A generated history."""
    return [one.to_bytes() for one in generated(WHOLE)]


def test_the_latest_time_of_a_prefix(leaves: list[bytes]) -> None:
    """Of any number of leaves the latest recorded time is told, wherever the log was cut, and in whatever order."""
    mixed = random.Random(HALF).sample(leaves, WHOLE)
    times = [str(orjson.loads(raw)["time"]) for raw in mixed]
    order = judged(mixed, 40, HALF, 130)
    for size in (0, 1, 39, 40, 41, HALF, 100, 130, 131, WHOLE - 1, WHOLE):
        assert order.newest(size) == max(times[:size], default=""), size


def test_halves_of_one_log_fit(leaves: list[bytes]) -> None:
    """Wherever a log is cut, its halves fit together."""
    assert all(joined(leaves[:at], leaves[at:]) for at in range(1, WHOLE, 7))


def test_a_version_that_is_missing_before_the_cut(leaves: list[bytes]) -> None:
    """An event left out before the cut, which caused nothing, is missed by the next of its stream after it."""
    events = [orjson.loads(raw) for raw in leaves]
    later = {(one["subject"], one["streamversion"]) for one in events[HALF:]}
    causes = {one.get("causationid") for one in events}
    gone = next(
        at
        for at, one in enumerate(events[:HALF])
        if (one["subject"], one["streamversion"] + 1) in later and one["id"] not in causes
    )
    assert not joined(leaves[:gone] + leaves[gone + 1 : HALF], leaves[HALF:])


def test_a_cause_that_is_nowhere_before_the_cut(leaves: list[bytes]) -> None:
    """An effect after the cut whose cause stands on neither side is noticed."""
    events = [orjson.loads(raw) for raw in leaves]
    at = next(at for at in range(HALF, WHOLE) if "causationid" in events[at])
    changed = canonical.encode({**events[at], "causationid": "227dae1d-126d-51b1-83a3-87787ca83e64"})
    assert not joined(leaves[:HALF], [*leaves[HALF:at], changed, *leaves[at + 1 :]])


def test_a_half_that_was_recorded_too_early(leaves: list[bytes]) -> None:
    """A service whose clock goes back across the cut by more than clocks may differ is noticed."""
    newest = orjson.loads(leaves[HALF - 1])["time"]
    late = str(int(newest[:4]) + 1 + TOLERANCE // timedelta(days=365))
    changed = canonical.encode({**orjson.loads(leaves[HALF - 1]), "time": late + newest[4:]})
    assert not joined([*leaves[: HALF - 1], changed], leaves[HALF:])


def test_a_run_that_stays_behind(leaves: list[bytes]) -> None:
    """A clock is held against the latest of all runs before, also where the last of them was behind that itself."""
    events = [orjson.loads(raw) for raw in leaves]
    source = events[0]["source"]
    third = next(at for at in range(HALF, WHOLE) if events[at]["source"] == source)
    changed = list(leaves)
    for at in range(third):
        moment = datetime.fromisoformat(events[third]["time"]) + timedelta(minutes=7 if at == 0 else 3)
        changed[at] = canonical.encode({**events[at], "time": f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"})
    assert judged(changed, 1, third).faults["times"].at == by_definition(changed)["times"] == third


@pytest.mark.parametrize("between", [0, 1])
def test_an_effect_recorded_before_its_cause(leaves: list[bytes], between: int) -> None:
    """It is noticed also where no clock goes back, and the cause stands in the run before, or in one before that."""
    events = [orjson.loads(raw) for raw in leaves]
    cause = max(at for at in range(HALF) if events[at]["source"].endswith("registry"))
    effect = next(at for at in range(HALF + 20, WHOLE) if events[at]["source"].endswith("supervision"))
    moment = datetime.fromisoformat(events[cause]["time"])
    changed = list(leaves)
    for at, seconds, told in ((cause, 290, {}), (effect, -30, {"causationid": events[cause]["id"]})):
        time = f"{moment + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S.%fZ}"
        changed[at] = canonical.encode({**events[at], **told, "time": time})
    cuts = [HALF, HALF + 10][: between + 1]
    assert judged(changed, *cuts).faults["times"].at == by_definition(changed)["times"] == effect


def test_only_days_can_be_late(leaves: list[bytes]) -> None:
    """Of facts recorded on a later day than they happened those are counted whose day is known."""
    precisions = ["day", "month", "day", "year"]
    events = [{**orjson.loads(raw), "occurredon": "2014-12-01"} for raw in leaves[:4]]
    odd = [canonical.encode({**one, "dateprecision": each}) for one, each in zip(events, precisions, strict=True)]
    assert (judged(odd).late, judged(leaves[:4]).late) == (2, 0)


def disordered(leaves: list[bytes], rng: random.Random) -> list[bytes]:
    """The leaves with some of them left out, doubled or moved, or with another time or cause."""
    changed = list(leaves)
    for _ in range(rng.randint(1, 3)):
        at, other = rng.sample(range(len(changed)), 2)
        event = orjson.loads(changed[at])
        kind = rng.randrange(5)
        if kind == 0:
            del changed[at]
        elif kind == 1:
            changed.insert(other, changed[at])
        elif kind == 2:
            changed.insert(other, changed.pop(at))
        elif kind == 3:
            moment = datetime.fromisoformat(event["time"]) + timedelta(seconds=rng.randint(-900, 900))
            changed[at] = canonical.encode({**event, "time": f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"})
        else:
            changed[at] = canonical.encode({**event, "causationid": orjson.loads(changed[other])["id"]})
    return changed


def by_definition(leaves: list[bytes]) -> dict[str, int]:
    """By rule, the first of the leaves that breaks it, found leaf after leaf."""
    found: dict[str, int] = {}
    versions: dict[str, int] = {}
    latest: dict[str, datetime] = {}
    recorded: dict[str, datetime] = {}
    for at, event in enumerate(map(orjson.loads, leaves)):
        moment, source = datetime.fromisoformat(event["time"]), event["source"]
        if event["streamversion"] != versions.get(event["subject"], 0) + 1:
            found.setdefault("versions", at)
        cause = event.get("causationid")
        if cause and cause not in recorded:
            found.setdefault("causes", at)
        earlier = [latest.get(source, moment), recorded.get(cause, moment)]
        if max(earlier) - moment > TOLERANCE:
            found.setdefault("times", at)
        versions[event["subject"]] = event["streamversion"]
        latest[source] = max(latest.get(source, moment), moment)
        recorded[event["id"]] = moment
    return found


def test_however_a_log_is_cut(leaves: list[bytes], rng: random.Random, rounds: int) -> None:
    """Of logs in disorder the first leaf that breaks each rule is named, and told alike, in any runs and blocks."""
    broken = set[str]()
    for _ in range(rounds * 60):
        odd = disordered(leaves, rng)
        cuts = sorted(rng.sample(range(1, len(odd)), rng.randint(0, 6)))

        whole, cut = judged(odd), judged(odd, *cuts, block=rng.randint(3, WHOLE))

        assert {check: fault.at for check, fault in whole.faults.items()} == by_definition(odd)
        assert (cut.faults, cut.late) == (whole.faults, whole.late), cuts
        broken |= whole.faults.keys()
    assert broken == {"versions", "causes", "times"}
