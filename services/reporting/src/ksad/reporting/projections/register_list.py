"""The query of the register as a work list: a page that is chosen and sorted, and how many there are of what."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import sqlalchemy as sa

from ksad.ledger.folds.register import AWAITED, COOPERATIONS, JURISDICTIONS, PARTIES
from ksad.ledger.folds.spelling import stem
from ksad.ledger.folds.words import WORDS
from ksad.reporting.projections.views import LAST_LETTER

if TYPE_CHECKING:
    from collections.abc import Collection

    from ksad.reporting.projections.views import Item, Views

MARK = "~"
NEVER = "9999-12-31"
COUNTED = ("status", "stage", "tier")
RegisterOrder = Literal["key", "title", "ends_on", "-changed"]


class RegisterReader(NamedTuple):
    """Who reads: the recorded codes of its regions, and the body that it is or has; ``codes`` is None for all."""

    codes: frozenset[str] | None = None
    body: str | None = None


class SoughtWord(NamedTuple):
    """A word in folded letters, with the codes of regions and the keys of affairs whose names say it."""

    word: str
    codes: frozenset[str] = frozenset()
    affairs: frozenset[str] = frozenset()


class RegisterWanted(NamedTuple):
    """A filter of cooperations; ``None`` matches any.

    ``inside`` are codes under which a party was recorded. Every word of ``q`` is one of the cooperation's, of its
    affair or of a party's name; of no words there is no cooperation. ``awaiting``: an act waits for a region of the
    reader; ``mine``: the reader's region is a party, or its body supervises.
    """

    q: tuple[SoughtWord, ...] | None = None
    stage: str | None = None
    affair: str | None = None
    status: str | None = None
    inside: frozenset[str] | None = None
    supervisor: str | None = None
    tier: str | None = None
    ends_from: str | None = None
    ends_until: str | None = None
    unverified: bool | None = None
    awaiting: bool | None = None
    has_problem: bool | None = None
    has_dispute: bool | None = None
    mine: bool | None = None


class RegisterList:
    """The register for a reader, as one connection sees it."""

    def __init__(self, views: Views, connection: sa.Connection, reader: RegisterReader) -> None:
        self._views = views
        self._connection = connection
        self._reader = reader
        self._rows = views.table("register", COOPERATIONS)
        self._homes = views.table("register", JURISDICTIONS)
        # The order of bytes on both databases; a database's own language orders hyphens and digits otherwise.
        self._bytes = "C" if connection.dialect.name == "postgresql" else "BINARY"

    def page(self, wanted: RegisterWanted, order: RegisterOrder, after: str | None, limit: int) -> list[Item]:
        """The cooperations in an order, after the mark of an earlier page; each with its mark as ``mark``."""
        return [
            self._views.shown(row) | {"mark": row.key if order == "key" else f"{row.place}{MARK}{row.key}"}
            for row in self._connection.execute(self.statement(wanted, order, after, limit))
        ]

    def statement(self, wanted: RegisterWanted, order: RegisterOrder, after: str | None, limit: int) -> sa.Select[Any]:
        """The statement of a page."""
        matching, key, place = self._matching(wanted), self._key(wanted).collate(self._bytes), self._place(order)
        ordered = [key] if order == "key" else [place.desc() if order == "-changed" else place, key]
        if after is not None:
            matching.append(self._beyond(order, place, key, after))
        shown = (self._rows, self._homes.c.tier, self._homes.c.supervising_body)
        chosen = self._select(*shown, self._homes.c.detail.label("jurisdiction"), place.label("place"))
        return chosen.where(*matching).order_by(*ordered).limit(limit)

    def counted(self, wanted: RegisterWanted) -> Item:
        """How many cooperations match: all, and by status, stage and tier."""
        by = (self._rows.c.status, self._rows.c.stage, self._homes.c.tier)
        query = self._select(*by, sa.func.count()).where(*self._matching(wanted)).group_by(*by)
        rows = {tuple(row[:3]): row[3] for row in self._connection.execute(query)}.items()
        found: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
        for values, number in rows:
            for name, value in zip(COUNTED, values, strict=True):
                if value is not None:
                    found[name][value] += number
        return {"total": sum(number for _, number in rows)} | {name: dict(one) for name, one in found.items()}

    def _select(self, *columns: Any) -> sa.Select[Any]:  # noqa: ANN401 - as SQLAlchemy takes columns
        rows, homes = self._rows, self._homes
        return sa.select(*columns).join_from(rows, homes, rows.c.cooperation_id == homes.c.cooperation_id, isouter=True)

    def _place(self, order: RegisterOrder) -> sa.ColumnElement[Any]:
        if order == "ends_on":
            return sa.func.coalesce(self._end(), NEVER)
        if order == "-changed":
            return self._rows.c.changed_index
        return self._rows.c.sort_title.collate(self._bytes)

    def _key(self, wanted: RegisterWanted) -> sa.ColumnElement[str]:
        """The key, by whose index the register is walked; where few are sought, in a form that no index has.

        Otherwise SQLite walks through all keys to find them, for that gives them in order.
        """
        key: sa.ColumnElement[str] = self._rows.c.key
        walked = wanted == RegisterWanted(stage=wanted.stage, affair=wanted.affair, status=wanted.status)
        return key if walked else key.concat("")

    def _beyond(
        self, order: RegisterOrder, place: sa.ColumnElement[Any], key: sa.ColumnElement[Any], after: str
    ) -> sa.ColumnElement[bool]:
        if order == "key":
            return key > after
        value, _, last = after.rpartition(MARK)
        there: Any = int(value) if order == "-changed" else value
        further = place < there if order == "-changed" else place > there
        return sa.or_(further, sa.and_(place == there, key > last))

    def _matching(self, wanted: RegisterWanted) -> list[sa.ColumnElement[bool]]:
        rows, homes = self._rows.c, self._homes.c
        equal = {
            rows.stage: wanted.stage,
            rows.affair: wanted.affair,
            rows.status: wanted.status,
            homes.tier: wanted.tier,
        }
        found: list[sa.ColumnElement[bool]] = [self._key(wanted).is_not(None)]
        found += [column == value for column, value in equal.items() if value is not None]
        if wanted.q is not None:
            found += [self._saying(sought) for sought in wanted.q] or [sa.false()]
        if wanted.supervisor is not None:
            found.append(rows.cooperation_id.in_(self._supervised(wanted.supervisor)))
        if wanted.inside is not None:
            found.append(rows.cooperation_id.in_(self._between(wanted.inside)))
        if wanted.ends_from is not None:
            found.append(self._end() >= wanted.ends_from)
        if wanted.ends_until is not None:
            found.append(self._end() <= wanted.ends_until)
        if wanted.unverified is not None:
            found.append(rows.unverified > 0 if wanted.unverified else rows.unverified == 0)
        for column, asked in ((rows.open_problems, wanted.has_problem), (rows.open_disputes, wanted.has_dispute)):
            # Of cooperations of others a reader is not told that they have none, either.
            if asked is not None:
                found += [*self._among_own(), column > 0 if asked else column == 0]
        if wanted.awaiting is not None:
            waits = rows.cooperation_id.in_(self._awaited())
            found.append(waits if wanted.awaiting else ~waits)
        if wanted.mine is not None:
            found.append(self._mine() if wanted.mine else ~self._mine())
        return found

    def _between(self, codes: Collection[str]) -> sa.Select[Any]:
        """The ids of cooperations with a party that was recorded under one of these codes."""
        members = self._views.table("register", PARTIES).c
        return sa.select(members.cooperation_id).where(members.region.in_(sorted(codes)), members.member == "yes")

    def _supervised(self, body: str) -> sa.Select[Any]:
        """The ids of cooperations that a body supervises."""
        homes = self._homes.alias().c
        return sa.select(homes.cooperation_id).where(homes.supervising_body == body)

    def _awaited(self) -> sa.Select[Any]:
        waiting = self._views.table("register", AWAITED).c
        query = sa.select(waiting.cooperation_id).where(waiting.proposals > 0)
        return query if self._reader.codes is None else query.where(waiting.region.in_(sorted(self._reader.codes)))

    def _mine(self) -> sa.ColumnElement[bool]:
        """What an office has to do with by itself: it or its team supervises, or its region is a party."""
        codes, body = self._reader
        if body is not None:
            return self._rows.c.cooperation_id.in_(self._supervised(body))
        return sa.false() if codes is None else self._rows.c.cooperation_id.in_(self._between(codes))

    def _among_own(self) -> list[sa.ColumnElement[bool]]:
        """Those of which the reader sees what is for the parties, as :func:`ksad.contracts.sight.sight` says."""
        codes, body = self._reader
        if codes is None:
            return []
        supervised = [] if body is None else [self._rows.c.cooperation_id.in_(self._supervised(body))]
        return [sa.or_(self._rows.c.cooperation_id.in_(self._between(codes)), *supervised)]

    def _end(self) -> sa.ColumnElement[str]:
        """The day on which a cooperation ends as the reader is told it: a notice of an earlier end is for parties."""
        own = self._among_own()
        if not own:
            return self._rows.c.ends_on
        return sa.case((own[0], self._rows.c.ends_on), else_=self._rows.c.term_ends_on)

    def _saying(self, sought: SoughtWord) -> sa.ColumnElement[bool]:
        """Whether a cooperation, its affair or a party of it has a word, a longer one that begins so, or its stem."""
        words, rows = self._views.table("words", WORDS).c, self._rows.alias().c
        word = words.word.collate(self._bytes)
        begins = sa.and_(word >= sought.word, word < sought.word + LAST_LETTER)
        said = sa.select(words.cooperation_id).where(words.said == "yes", sa.or_(word == stem(sought.word), begins))
        some = [said]
        if sought.codes:
            some.append(self._between(sought.codes))
        if sought.affairs:
            some.append(sa.select(rows.cooperation_id).where(rows.affair.in_(sorted(sought.affairs))))
        return self._rows.c.cooperation_id.in_(sa.union(*some))
