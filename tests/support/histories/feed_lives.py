"""Random histories for the feeds: cooperations, duties and reports between few regions, whose codes keep changing."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from ksad.contracts import registry, reporting, supervision
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id, event_id, report_id, task_id
from ksad.contracts.regions import Region, RegionKind, RegionTable
from ksad.contracts.registry.superseded import PartyWithdrewV1
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.superseded import TaskCompletedV1
from tests.support.histories.histories import origin, registered, resolved
from tests.support.histories.newest import fact_of

PROVINCES = ("31", "32", "33", "36", "91", "93")
REGIONS = ("31", "32.75", "32.01", "33.72", "91.01", "91.02")
NEW = ("36.80", "33.81", "93.01", "93.02", "32.82")
DIGEST = "0" * 64
FIRST = date(2026, 1, 5)
OFFICES = ("tkksd:32", "governor:33", "joint_secretariat", "tkksd:91")


def small_table() -> RegionTable:
    """Few provinces, and a regency that had another code once."""

    def region(code: str, *, since: date | None = None, until: date | None = None, of: str | None = None) -> Region:
        kind = RegionKind.REGENCY if "." in code else RegionKind.PROVINCE
        province = code[:2] if "." in code else None
        return Region(
            code=code,
            kind=kind,
            name=f"Daerah {code}",
            province_code=province,
            autonomous=True,
            valid_from=since,
            valid_to=until,
            lineage=of or code,
        )

    old = date(2022, 7, 25)
    listed = [region(code) for code in (*PROVINCES, *REGIONS) if code not in {"31", "91.02"}]
    return RegionTable((*listed, region("31"), region("91.02", until=old), region("93.02", since=old, of="91.02")))


class Lives:
    """Gives one fact after the other; time goes on, and days pass now and then."""

    def __init__(self, rng: random.Random, *, adopts: float = 0.02) -> None:
        """:param adopts: how likely it is that the next fact is that the newest rule was adopted."""
        self._rng = rng
        self._adopts = adopts
        self._time = datetime(2026, 1, 5, 3, tzinfo=UTC)
        self._versions: dict[str, int] = {}
        self._parties: dict[str, list[str]] = {}
        self._settling: dict[str, list[UUID]] = {}
        """The facts of settlements so far, by the key of their cooperation."""

    def many(self, count: int) -> list[Envelope]:
        """A history of so many facts, which may follow on one another."""
        return [self._sealed(*self._next()) for _ in range(count)]

    def _sealed(self, fact: Fact, subject: str) -> Envelope:
        self._time += timedelta(hours=self._rng.choice([0, 0, 0, 1, 5, 30]))
        self._versions[subject] = self._versions.get(subject, 0) + 1
        made = origin(fact.declaration.service.value).model_copy(update={"time": self._time})
        return seal(fact, subject, self._versions[subject], made)

    def _next(self) -> tuple[Fact, str]:
        rng = self._rng
        if rng.random() < self._adopts:
            return reporting.FeedRuleAdopted(version=2, decision_number=None, decided_on=None), "anchor/feed-rule"
        return rng.choices([self._of_cooperation, self._of_task, self._of_report, self._of_regions], [8, 6, 2, 2])[0]()

    def _of_cooperation(self) -> tuple[Fact, str]:
        rng, key = self._rng, self._rng.choice("abc")
        subject = f"cooperation/{cooperation_id(key)}"
        if key not in self._parties:
            self._parties[key] = rng.sample(REGIONS, 2)
            return registered(key, self._parties[key]), subject
        parties, kind = self._parties[key], rng.randrange(8)
        if kind == 0:
            body = rng.choice(["joint_secretariat", *(f"tkksd:{one}" for one in PROVINCES)])
            return resolved(key, body, parties), f"supervision/{cooperation_id(key)}"
        if kind == 1 and len(parties) > 1:
            region = rng.choice(parties)
            rest = [one for one in parties if one != region]
            if rng.random() < 0.3:
                self._parties[key] = rest
                return PartyWithdrewV1(region=region, reason=None, parties=rest), subject
            left = rng.choice([[], ["perjanjian-1"], ["air"], ["air", "perjanjian-1"]])
            self._parties[key] = rest = rest if not left or rng.random() < 0.7 else parties
            how = rng.choice(["with_the_end", "with_the_end", "settled"])
            told = {"umbrella": rest is not parties, "agreements": left, "settlement": how}
            return fact_of(registry.PartyWithdrew, region=region, reason=None, parties=rest, **told), subject
        if kind == 2 and (free := sorted({*REGIONS, *NEW} - set(parties))):
            region = rng.choice(free)
            self._parties[key] = more = sorted([*parties, region])
            return fact_of(registry.PartyJoined, region=region, reason=None, parties=more), subject
        if kind in {3, 4}:
            return self._of_settlement(key), subject
        if kind == 5:
            return self._resolved_apart(key), f"supervision/{cooperation_id(key)}"
        name = f"p{self._versions[subject]}"
        return fact_of(registry.ProblemReported, problem=name, description="terlambat"), subject

    def _of_settlement(self, key: str) -> Fact:
        """A fact of the settlement of an agreement, or a correction of one or of anything else."""
        rng, subject = self._rng, f"cooperation/{cooperation_id(key)}"
        agreement, settling = rng.choice(["air", "perjanjian-1"]), self._settling.setdefault(key, [])
        if rng.random() < 0.3:
            corrects = rng.choice([*settling, cooperation_id("x")])
            return registry.Corrected(corrects=corrects, reason="uji", fields={"reason": "lain"})
        settling.append(event_id(subject, self._versions[subject] + 1))
        of = rng.choice([registry.Scope.AGREEMENT, registry.Scope.AGREEMENT, registry.Scope.COOPERATION])
        ended = agreement if of is registry.Scope.AGREEMENT else None
        return rng.choice(
            [
                fact_of(registry.TerminationItemAdded, item="g", description="uji", agreement=agreement),
                registry.SettlementClosed(agreement=agreement),
                fact_of(registry.Ended, of=of, key=ended, ground="policy_change", open_items=[], reason=None),
            ]
        )

    def _resolved_apart(self, key: str) -> Fact:
        """An agreement is supervised by another body than its cooperation."""
        parties = self._parties[key]
        body = self._rng.choice(["joint_secretariat", *(f"tkksd:{one}" for one in PROVINCES)])
        one = resolved(key, body, parties).model_dump(exclude={"parties"})
        agreement = self._rng.choice(["air", "perjanjian-1"])
        return supervision.AgreementJurisdictionResolved(**one, agreement=agreement, between=parties)

    def _of_task(self) -> tuple[Fact, str]:
        rng, key = self._rng, self._rng.choice("abcd")
        office = rng.choice(OFFICES)
        cooperation = cooperation_id(key) if key != "d" else None
        name = task_id(key, rng.randrange(2)) if cooperation else task_id(office, "R2", "2026-S1")
        subject = f"task/{name}"
        if subject not in self._versions:
            values: dict[str, object] = {
                "clause": "P12",
                "duty": "R2",
                "body": office,
                "stage": None,
                "for_parties": [],
                "period": None,
            }
            due = {"occurrence": "1", "due_on": FIRST, "due_basis": "uji", "cooperation_id": cooperation}
            return fact_of(supervision.TaskScheduled, **values, **due), subject
        return rng.choice(
            [
                supervision.TaskOverdue(cooperation_id=cooperation, due_on=FIRST, day=FIRST),
                supervision.TaskAssigned(cooperation_id=cooperation, assignee="petugas-1"),
                supervision.TaskCancelled(cooperation_id=cooperation, reason="uji"),
                supervision.TaskDelivered(
                    cooperation_id=cooperation, region=rng.choice(REGIONS), documents=[], note="x"
                ),
                supervision.TaskDeclined(cooperation_id=cooperation, region=rng.choice(REGIONS), reason="x"),
                _corrected(cooperation, {"note": "lain"}),
                _completed(cooperation),
                _completed(cooperation, documents=True),
                _completed(cooperation, documents=rng.random() < 0.5, duty=rng.choice(["d.1", "d.3", "d.5"])),
                _corrected(cooperation, {"assignee": "petugas-2"}),
                _corrected(cooperation, {"outcome": "lain"}),
            ]
        ), subject

    def _of_report(self) -> tuple[Fact, str]:
        office = self._rng.choice(OFFICES)
        values = {"kind": "R2", "from_office": office, "to_office": "minister", "period": "2026-S1", "version": 1}
        submitted = fact_of(reporting.ReportSubmitted, **values, letter_number=None)
        return submitted, f"report/{report_id('R2', office, '2026-S1')}"

    def _of_regions(self) -> tuple[Fact, str]:
        rng = self._rng
        if rng.random() < 0.4:
            return self._adopted(), "reference/adopted"
        region, successor = rng.choice([*REGIONS, *NEW]), rng.choice([*NEW, *NEW, "32.75", "33", "99.01"])
        subject = rng.choice(["reference/adopted", "reference/adopted", f"cooperation/{cooperation_id('a')}"])
        day = FIRST + timedelta(days=rng.choice([-900, 0, 3, 9, 20]))
        values = {"region": region, "successor": successor, "effective_on": day, "legal_basis": "UU"}
        if rng.random() < 0.5:
            return registry.BoundaryChangedV1.model_validate(values), subject
        return registry.BoundaryChanged.model_validate(values | {"decision": None}), subject

    def _adopted(self) -> Fact:
        rng, table = self._rng, small_table()
        for _ in range(rng.randrange(3)):
            day = FIRST + timedelta(days=rng.choice([-900, 0, 9, 40]))
            try:
                table = table.with_boundary_change(rng.choice([*REGIONS, *NEW]), rng.choice(NEW), day)
            except RuleBrokenError:
                continue
        content = rng.choices([table.to_csv(), "tidak,terbaca\n"], [9, 1])[0]
        kind = registry.ReferenceKind.HOLIDAYS.value if rng.random() < 0.1 else registry.ReferenceKind.REGIONS.value
        values = {"kind": kind, "name": kind, "content": content, "sha256": DIGEST, "source": "uji"}
        if rng.random() < 0.3:
            return registry.ReferenceAdopted.model_validate(values | {"decision": None}, strict=False)
        if rng.random() < 0.5:
            return registry.TextSupplied.model_validate(values, strict=False)
        return registry.ReferenceAdoptedV1.model_validate(values, strict=False)


def _completed(cooperation: UUID | None, *, documents: bool = False, duty: str | None = None) -> Fact:
    cited = [DocumentRef(sha256=DIGEST, size=1, media_type="text/plain")] if documents else []
    first = TaskCompletedV1(
        cooperation_id=cooperation, outcome="selesai", documents=cited, findings=[], evaluation=None, satisfies=None
    )
    return first if duty is None else supervision.TaskCompleted(**dict(first), duty=duty)


def _corrected(cooperation: UUID | None, fields: dict[str, str]) -> supervision.TaskCorrected:
    return supervision.TaskCorrected(
        cooperation_id=cooperation, corrects=cooperation_id("x"), reason="uji", fields=fields
    )
