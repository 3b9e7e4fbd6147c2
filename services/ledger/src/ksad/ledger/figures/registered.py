"""What of the register a reader must not take for settled, by cooperation, on the day of a report."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ksad.contracts.umbrella import ACT_NAMES, Umbrella
from ksad.contracts.verification import EntryStatus
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.registered import RegisterState
from ksad.ledger.figures.scope import CALLED, ref
from ksad.ledger.figures.tables import region
from ksad.ledger.folds.verifying import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.contracts.umbrella import PendingAct
    from ksad.ledger.figures.prefix import Row
    from ksad.ledger.figures.scope import ReportScope

OPEN = frozenset({"not_done", "not_due"})
BACKFILLING = "pemasukan data lama belum ditutup"
NOT_EXAMINED = "penyelesaian pengakhirannya belum diperiksa"


def register_states(scope: ReportScope) -> tuple[RegisterState, ...]:
    """The cooperations of which something is open, in the order of their registration numbers."""
    found = _found_by_the_register(scope)
    states = (_state(scope, row, found[key]) for key, row in scope.cooperations.items())
    return tuple(one for one in states if one.unverified or one.returned or one.notes)


def _state(scope: ReportScope, row: Row, found: list[str]) -> RegisterState:
    detail = row["detail"]
    entries = [one.status for one in read(detail["entries"]).values()]
    parts = Umbrella.model_validate(detail["parts"])
    notes = [_waiting(scope, act) for act in parts.pending.values()]
    notes += [BACKFILLING] if parts.backfilling else []
    notes += [NOT_EXAMINED] if detail["settlement"] == "not_examined" else []
    if parts.closed:
        notes += [f"badan kerja sama belum dibubarkan: {one.name}" for one in parts.bodies.values() if one.stands]
    return RegisterState(
        cooperation=ref(row),
        recorded=len(entries),
        unverified=entries.count(EntryStatus.UNVERIFIED),
        returned=entries.count(EntryStatus.RETURNED),
        notes=tuple(dict.fromkeys([*notes, *found])),
    )


def _waiting(scope: ReportScope, act: PendingAct) -> str:
    names = ", ".join(region(scope.prefix, code).name for code in act.awaiting)
    return f"{ACT_NAMES[act.kind]} menunggu konfirmasi {names}"


def _found_by_the_register(scope: ReportScope) -> dict[str, list[str]]:
    """What the register found by itself and nobody has looked at yet, by the id of the cooperation."""
    found: dict[str, list[str]] = defaultdict(list)
    for key, told in _occasions(scope):
        found[key].append(told)
    return found


def _occasions(scope: ReportScope) -> Iterator[tuple[str, str]]:
    for share in scope.of("oversight"):
        occasion = share.row["detail"].get("occasion")
        if occasion not in {None, *CALLED} and share.left in OPEN:
            told = indonesian.OCCASIONS.get(occasion, "keadaan lain yang ditemukan register")
            yield share.row["cooperation_id"], f"{told}, belum diperiksa"
