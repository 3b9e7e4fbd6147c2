"""The order of a log that two processes share: what the later half needs, the earlier half must have."""

from datetime import timedelta

import orjson
import pytest

from contracts import canonical
from reporting.audit.form import Form
from reporting.audit.order import TOLERANCE, Order
from tests.support.histories import generated

HALF, WHOLE = 60, 200


def joined(earlier: list[bytes], later: list[bytes]) -> bool:
    """Whether the later leaves may follow the earlier ones, and neither has a fault of its own."""
    first, second = Order(), Order(within=True)
    for half, at, leaves in ((first, 0, earlier), (second, len(earlier), later)):
        half.take(Form().take(at, b"".join(raw + b"\n" for raw in leaves))[1])
    return not first.faults and not second.faults and first.meets(second.needs)


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    """A generated history."""
    return [one.to_bytes() for one in generated(WHOLE)]


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
