"""What all versions of the feed rule need of leaves; compact, because it is passed between processes."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.audit.checks.form import UNSURE
from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.regions import RegionTable
from ksad.contracts.registry import ReferenceKind
from ksad.ledger.feeds.audiences import SUPERVISOR
from ksad.ledger.feeds.concern import BELONGING, COOPERATION, PARTIES, RECORDED, RESOLVED, UNCHANGED
from ksad.ledger.feeds.rules import COMPLETED, CORRECTED, REPORTING, RULE_ADOPTED, RULES
from ksad.ledger.feeds.threads import ADDRESSED, THREADED
from ksad.ledger.folds.regions import CHANGED, MIDNIGHT, MOVING, TEXTS, recorded_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.audit.checks.form import Leaves
    from ksad.ledger.feeds.concern import ConcernChange
    from ksad.ledger.feeds.rules import Rule

ONE, TWO = RULES[1], RULES[2]
NOBODY, EVERYBODY, RESTRICTED = range(3)
"""For whom a fact is by one version: for nobody, for all provinces of its matter, for the supervisor's alone."""
CLASSES = 9
"""A fact's class is three times what version 1 says, plus what version 2 says."""
TURN = -1


def for_whom(rule: Rule, kind: str, data: dict[str, Any]) -> int:
    """For whom a version says that a fact is."""
    audience = rule.audience_of(kind, data)
    return NOBODY if audience is None else RESTRICTED if audience == SUPERVISOR else EVERYBODY


def said_by(number: int, what: int) -> int:
    """For whom version ``number`` says that a fact is whose class is ``what``."""
    return what % 3 if number > 1 else what // 3


PLAIN = {"fields": (), "documents": ()}
"""Data of which nothing is an exception."""
SIMPLE = {kind: 3 * for_whom(ONE, kind, PLAIN) + for_whom(TWO, kind, PLAIN) for kind in DECLARATIONS}
"""The class of facts by their type, as far as the type alone decides."""
PERHAPS = {kind for kind in SIMPLE if kind.startswith(RECORDED)}
"""Types that change a matter where they name parties."""
SURELY = {
    kind
    for kind in SIMPLE
    if kind in {*MOVING, RULE_ADOPTED} or kind.startswith((RESOLVED, REPORTING, CORRECTED, COMPLETED, *THREADED))
}
"""Types whose data has to be read in any case."""


GIVEN = {kind for kind in SIMPLE if kind.startswith(ADDRESSED)}
"""Types of facts that are addressed to one party: frequent, and each alike for the rule."""
ADDRESS = "to"
"""In place of the id of such a fact, on which nothing depends."""


class Turn(NamedTuple):
    """What may change which rule holds, where regions are, or whom a matter concerns; ``what`` is that of its entry.

    ``changes`` are those of the fact's matter, by versions 1 and 2. ``event_id`` is empty where there is no matter.
    """

    kind: str
    data: dict[str, Any]
    time: str
    changes: tuple[ConcernChange, ConcernChange] = (UNCHANGED, UNCHANGED)
    event_id: str = ""


class Concerns:
    """What a run of leaves says of matters.

    Each entry is a leaf's index (``at``) and a number (``what``): `TURN`, or the number of its matter times `CLASSES`
    plus the fact's class. ``turns`` has, by position, the entries that may change recipients.
    """

    def __init__(self) -> None:
        self.at = array("q")
        self.what = array("q")
        self.turns: dict[int, Turn] = {}
        self.matters: dict[str, int] = {}
        self._named: dict[str, int] = {}
        """The numbers of matters by the subjects that contain their ids."""
        self._day_ends = ""
        self._addressed: dict[str, Turn] = {}

    def take(self, leaves: Leaves) -> list[int]:
        """Reads leaves; returns the indexes of those whose data do not have the shape of their type."""
        odd, named, known = list[int](), self._named.get, self.matters.get
        note_at, note_what = self.at.append, self.what.append
        ends = self._day_ends
        rows = zip(
            leaves.at,
            map(SIMPLE.get, leaves.types),
            leaves.types,
            leaves.subjects,
            leaves.data,
            leaves.times,
            strict=True,
        )
        for place, (at, what, kind, subject, data, time) in enumerate(rows):
            if time >= ends:
                ends = self._turn_day(at, time)
            if what is None:
                continue
            try:
                number = named(subject)
                if number is None and subject.startswith(BELONGING) and type(name := data.get(COOPERATION)) is str:
                    number = known(name)
                if number is not None and kind in GIVEN:
                    self._address(data["region"])
                    note_at(at)
                    note_what(CLASSES * number + what)
                elif number is None or kind in SURELY or (kind in PERHAPS and PARTIES in data):
                    self._read(at, leaves.ids[place], kind, subject, data, time)
                else:
                    note_at(at)
                    note_what(CLASSES * number + what)
            except UNSURE:
                odd.append(at)
        self._day_ends = ends
        return odd

    def _address(self, region: str) -> None:
        """Records that the next entry is addressed to a region; one turn for all of them, as they are many."""
        if region not in self._addressed:
            _expect_texts([region])
            kind, data = next(iter(GIVEN)), {"region": region}
            changed = UNCHANGED, TWO.changes(ADDRESS, kind, "", data)
            self._addressed[region] = Turn(kind, data, "", changed, ADDRESS)
        self.turns[len(self.at)] = self._addressed[region]

    def _turn_day(self, at: int, time: str) -> str:
        self._turn(at, Turn("", {}, time))
        return f"{recorded_on(time).isoformat()}{MIDNIGHT}"

    def _turn(self, at: int, turn: Turn) -> None:
        self.turns[len(self.at)] = turn
        self.at.append(at)
        self.what.append(TURN)

    def _read(self, at: int, event_id: str, kind: str, subject: str, data: dict[str, Any], time: str) -> None:
        """Adds a fact of any type, and records what it changes."""
        if kind in MOVING or kind == RULE_ADOPTED:
            _expect(kind, data)
            self._turn(at, Turn(kind, data, time))
        matter = TWO.matter_of(event_id, kind, subject, data)
        if matter is None:
            return
        changed = ONE.changes(event_id, kind, subject, data), TWO.changes(event_id, kind, subject, data)
        if ONE.matter_of(event_id, kind, subject, data) is None:
            changed = UNCHANGED, changed[1]
        _expect_changes(changed)
        what = 3 * for_whom(ONE, kind, data) + for_whom(TWO, kind, data)
        number = self.matters.setdefault(matter, len(self.matters))
        if subject.endswith(f"/{matter}"):
            self._named[subject] = number
        if changed != (UNCHANGED, UNCHANGED) or kind.startswith(THREADED):
            self.turns[len(self.at)] = Turn(kind, data, time, changed, event_id)
        self.at.append(at)
        self.what.append(CLASSES * number + what)


def _expect(kind: str, data: dict[str, Any]) -> None:
    """Checks that data have the shape that the rule relies on.

    :raises LookupError, TypeError, ValueError: it has another.
    """
    if kind == RULE_ADOPTED:
        if data["version"] not in RULES:
            raise ValueError
    elif kind in CHANGED:
        _expect_texts([data["region"], data["successor"]])
    elif kind in TEXTS and data["kind"] == ReferenceKind.REGIONS:
        RegionTable.from_csv(data["content"])


def _expect_changes(changed: tuple[ConcernChange, ConcernChange]) -> None:
    for one in changed:
        _expect_texts(one.parties or ())
        _expect_texts(text for pair in (*one.guests, *one.invited) for text in pair)
        _expect_texts((*(one.agreement or ()), *(one.mark or ())))


def _expect_texts(values: Iterable[Any]) -> None:
    for value in values:
        if not isinstance(value, str):
            raise TypeError
