"""Which cooperations are asked for, by whom: the query of the register as a filter of its rows."""

from __future__ import annotations

from datetime import date
from typing import Annotated, NamedTuple

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from ksad.contracts.identifiers import Office, RegionCode
from ksad.contracts.law.affairs import Affairs
from ksad.contracts.regions import RegionTable
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import Tier
from ksad.ledger.folds.spelling import says, words
from ksad.reporting.projections.register_list import MARK, RegisterOrder, RegisterReader, RegisterWanted, SoughtWord

PAGE_MAX = 500
MINISTERS = ("minister", "joint_secretariat")


class RegisterQuery(BaseModel):
    """The query of a page of the register: its size, its start, its order, and filters.

    ``q`` are words, each of which is in key, title, object, scope, number of an instrument, affair, or name of a party,
    as it is, as the beginning of a longer one, or with the same Indonesian stem. ``region`` and ``province`` are those
    of a party; ``supervisor`` is a body or its head. ``mine``: the caller's region is a party, or its body supervises.
    ``awaiting``: an act waits for the caller's region, or one in its province. ``unverified``: facts wait to be
    examined. Problems and disputes are asked of those cooperations only whose problems the caller may see.
    ``counts`` asks how many there are in all.
    """

    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100
    after: Annotated[str | None, Field(max_length=600)] = None
    sort: RegisterOrder = "key"
    counts: bool = False
    q: Annotated[str | None, Field(max_length=100)] = None
    region: RegionCode | None = None
    province: Annotated[str | None, Field(pattern=r"^[1-9][0-9]$")] = None
    stage: Stage | None = None
    affair: Annotated[str | None, Field(max_length=64)] = None
    status: Annotated[str | None, Field(pattern="^(proposed|running|ended|withdrawn)$")] = None
    supervisor: Office | None = None
    tier: Tier | None = None
    ends_from: date | None = None
    ends_until: date | None = None
    mine: bool | None = None
    unverified: bool | None = None
    awaiting: bool | None = None
    has_problem: bool | None = None
    has_dispute: bool | None = None

    @model_validator(mode="after")
    def _marked(self) -> RegisterQuery:
        """Checks ``after``, the value of ``next`` in an earlier response in the same order."""
        place, mark, _ = (self.after or "").rpartition(MARK)
        numbered = self.sort != "-changed" or (place.isascii() and place.isdigit())
        if self.after is not None and self.sort != "key" and not (mark and numbered):
            raise PydanticCustomError("page_mark", "no mark of a page")
        return self


class Watcher(NamedTuple):
    """Who reads: an office, with the regions as they are known, on a day."""

    office: str
    regions: RegionTable
    day: date


def reader_of(watcher: Watcher) -> RegisterReader:
    """What a caller has to do with the register: the codes of its regions, of any time, and its body."""
    role, _, code = watcher.office.partition(":")
    if role in {"governor", "tkksd"}:
        return RegisterReader(watcher.regions.codes_in(code, watcher.day), f"tkksd:{code}")
    if role == "region":
        return RegisterReader(_codes(code, watcher.regions))
    return RegisterReader(None, "joint_secretariat" if watcher.office in MINISTERS else None)


def _codes(code: str, regions: RegionTable) -> frozenset[str]:
    """All codes that a region has had."""
    lineage = regions.known_lineage(code)
    return frozenset({code} if lineage is None else (one.code for one in regions.codes_of(lineage)))


def sought(text: str, regions: RegionTable, affairs: Affairs) -> tuple[SoughtWord, ...]:
    """The words of a text, each with the regions that have, or had, a name with it, and the affairs named with it."""
    found = []
    for word in words(text):
        lineages = {one.lineage for one in regions.regions if says(one.name, word)}
        codes = frozenset(one.code for one in regions.regions if one.lineage in lineages)
        named = [one for one in affairs.affairs if says(one.name, word)]
        found.append(SoughtWord(word, codes, frozenset(key for one in named for key in (one.key, *one.aliases))))
    return tuple(found)


def wanted_of(asked: RegisterQuery, watcher: Watcher, affairs: Affairs) -> RegisterWanted:
    """The filter of a query, for a caller."""
    regions, day = watcher.regions, watcher.day
    some = [] if asked.region is None else [_codes(asked.region, regions)]
    some += [] if asked.province is None else [regions.codes_in(asked.province, day)]
    body = "joint_secretariat" if asked.supervisor in MINISTERS else asked.supervisor
    own = {"limit", "after", "sort", "counts", "region", "province", "q"}
    fields = asked.model_dump(mode="json", exclude=own) | {
        "supervisor": None if body is None else body.replace("governor:", "tkksd:"),
        "inside": frozenset.intersection(*some) if some else None,
        "q": None if asked.q is None else sought(asked.q, regions, affairs),
    }
    return RegisterWanted(**fields)
