"""Generates realistic histories of any size from the real regions, for benchmarks and failure tests.

The mix follows the course of a cooperation under Pasal 4: exploration with guidance tasks, negotiation, accord and
agreement, years of monitoring, occasionally a problem. Everything is derived from a seed.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from ksad.contracts import registry as reg
from ksad.contracts import supervision as sup
from ksad.contracts.dates import Precision
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import command_id, cooperation_id, task_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from ksad.contracts.catalogue import Fact

AFFAIRS = ("lingkungan_hidup", "perhubungan", "kesehatan", "pariwisata", "pekerjaan_umum", "pangan", "pendidikan")
EXPLORATION = ("a.1.a", "a.1.b", "a.1.c", "a.1.d", "a.2", "a.3")
NEGOTIATION = ("b.1", "b.2")
MONITORINGS_MAX = 6
UNCONFIRMED = reg.Standing(by="unconfirmed", proposal=None)
FIRST_DAY = date(2015, 1, 5)


class Generator:
    """Generates envelopes in an order in which predecessors and causes come first."""

    def __init__(self, codes: Sequence[str], seed: int, platform: str = "bench", *, closing: bool = False) -> None:
        """:param codes: the codes of autonomous regions that may be parties.
        :param closing: every cooperation comes to its end, so that a period has as many rows in a long history as in a
            short one.
        """
        self._closing = closing
        self._codes = list(codes)
        self._random = random.Random(seed)  # noqa: S311 - reproducible histories, no secrets
        self._platform = platform
        self._versions: dict[str, int] = {}
        self._moment = datetime(2015, 1, 5, 1, tzinfo=UTC)
        self._day = FIRST_DAY
        self._number = 0

    def envelopes(self, count: int) -> Iterator[Envelope]:
        """Generates exactly ``count`` envelopes."""
        made = 0
        while made < count:
            for envelope in self._cooperation():
                yield envelope
                made += 1
                if made == count:
                    return

    def _seal(self, fact: Fact, subject: str, cause: UUID | None = None) -> Envelope:
        version = self._versions.get(subject, 0) + 1
        self._versions[subject] = version
        # Times that never go back, as the auditor expects of a service.
        self._moment += timedelta(milliseconds=250)
        service = fact.declaration.service.value
        origin = Origin(
            source=f"urn:ksad:{self._platform}:{service}",
            time=self._moment,
            occurred_on=self._day,
            date_precision="day",
            actor_office="platform" if cause else self._clerk,
            actor_id=service if cause else "generator",
            command_id=None if cause else command_id(self._clerk, f"{subject}@{version}"),
            command_digest=None if cause else sha256(f"{subject}@{version}".encode()).hexdigest(),
            correlation_id=self._correlation,
            causation_id=cause,
        )
        return seal(fact, subject, version, origin)

    def _parties(self) -> list[str]:
        first = self._random.choice(self._codes)
        near = [code for code in self._codes if code[:2] == first[:2] and code != first]
        pool = near if near and self._random.random() < 0.6 else self._codes  # noqa: PLR2004 - share of T4
        others = self._random.sample(pool, k=min(len(pool), self._random.choice((1, 1, 2, 3))))
        return [first, *[code for code in others if code != first]] if others != [first] else self._parties()

    def _cooperation(self) -> Iterator[Envelope]:
        self._number += 1
        key = f"kerja-sama-{self._number}"
        identity = cooperation_id(key)
        self._correlation = identity
        subject = f"cooperation/{identity}"
        parties = self._parties()
        self._clerk = f"region:{parties[0]}"
        self._day += timedelta(days=self._random.choice((0, 0, 1)))
        registered = self._seal(
            reg.Registered(
                key=key,
                title=f"Kerja sama antardaerah nomor {self._number}",
                object=self._random.choice(("pengelolaan sampah", "air baku", "angkutan perkotaan", "pariwisata")),
                affair=self._random.choice(AFFAIRS),
                category=None,
                parties=parties,
                initiator=parties[0],
                stage=reg.Stage.EXPLORATION,
                profile="ksad-2009",
            ),
            subject,
        )
        yield registered
        provinces = {code[:2] for code in parties}
        governor = len(provinces) == 1 and all("." in code for code in parties)
        self._body = f"tkksd:{parties[0][:2]}" if governor else "joint_secretariat"
        self._pasal = "P10" if governor else "P6"
        self._identity, self._regions = identity, parties
        yield self._seal(
            sup.JurisdictionResolved(
                cooperation_id=identity,
                tier=sup.Tier.GOVERNOR if governor else sup.Tier.MINISTER,
                supervising_body=self._body,
                dispute_forum=f"governor:{parties[0][:2]}" if governor else "minister",
                clause="P3" if governor else "P2",
                basis="text",
                row="t4" if governor else "t5",
                gap_filled=not governor and all("." in code for code in parties),
                informed=[],
                parties=parties,
                holds_from=self._day,
                forum_clause=None,
                forum_basis=None,
                forum_says=None,
            ),
            f"supervision/{identity}",
            registered.id,
        )
        yield from self._stages(subject, registered)

    def _stages(self, subject: str, registered: Envelope) -> Iterator[Envelope]:
        yield from self._guidance(EXPLORATION, reg.Stage.EXPLORATION, registered)
        entered = self._enter(subject, reg.Stage.EXPLORATION, reg.Stage.NEGOTIATION)
        yield entered
        yield from self._guidance(NEGOTIATION, reg.Stage.NEGOTIATION, entered)
        if self._random.random() < 0.1:  # noqa: PLR2004 - a tenth is given up
            yield self._seal(reg.ProposalWithdrawn(reason="para pihak tidak sepakat"), subject)
            return
        yield self._enter(subject, reg.Stage.NEGOTIATION, reg.Stage.SIGNING)
        yield self._seal(self._accord(), subject)
        yield self._seal(self._agreement(), subject)
        entered = self._enter(subject, reg.Stage.SIGNING, reg.Stage.IMPLEMENTATION_AND_TERMINATION)
        yield entered
        for number in range(self._random.randint(1, MONITORINGS_MAX)):
            yield from self._monitoring(number, entered)
        if self._random.random() < 0.25:  # noqa: PLR2004 - a quarter meets a problem
            yield from self._problem(subject)
        if self._closing:
            yield self._seal(self._ended(), subject)
            yield self._seal(reg.SettlementClosed(agreement=reg.AGREEMENT_1), subject)

    def _ended(self) -> reg.Ended:
        return reg.Ended(
            of=reg.Scope.COOPERATION,
            key=None,
            ground="mutual",
            rests_on=None,
            open_items=[],
            reason=None,
            clause=None,
            document=None,
            standing=UNCONFIRMED,
        )

    def _accord(self) -> reg.AccordSigned:
        return reg.AccordSigned(
            accord=reg.ACCORD_1,
            between=self._regions,
            numbers=self._numbers(),
            signatories=[],
            effective_on=None,
            ends_on=None,
            ends_precision=None,
            term=reg.TermKind.UNKNOWN,
            replaces=None,
            place=None,
            witnesses=["governor"],
            document=None,
            standing=UNCONFIRMED,
        )

    def _agreement(self) -> reg.AgreementSigned:
        return reg.AgreementSigned(
            agreement=reg.AGREEMENT_1,
            accord=reg.ACCORD_1,
            between=self._regions,
            numbers=self._numbers(),
            title=None,
            object=None,
            affair=None,
            scope=None,
            signatories=[],
            effective_on=self._day,
            ends_on=self._day + timedelta(days=365 * self._random.choice((2, 3, 5))),
            ends_precision=Precision.DAY,
            term=reg.TermKind.DATED,
            continues=None,
            budget={},
            place=None,
            witnesses=[],
            document=None,
            standing=UNCONFIRMED,
        )

    def _numbers(self) -> dict[str, str | None]:
        return dict.fromkeys(self._regions, f"{self._number}/KB/{self._day.year}")

    def _enter(self, subject: str, left: reg.Stage, stage: reg.Stage) -> Envelope:
        return self._seal(reg.StageEntered(left=left, stage=stage, agreement=None), subject)

    def _task(self, duty: str, stage: reg.Stage, occurrence: str, cause: Envelope, per_party: bool) -> Envelope:
        subject = f"task/{task_id(self._identity, duty, occurrence)}"
        return self._seal(
            sup.TaskScheduled(
                cooperation_id=self._identity,
                duty=duty,
                clause=f"{self._pasal}.{duty}",
                body=self._body,
                stage=stage,
                for_parties=self._regions if per_party else [],
                occurrence=occurrence,
                period=None,
                due_on=self._day + timedelta(days=30),
                due_basis="kebijakan operator; peraturan tidak menetapkan jangka waktu",
                agreement=None,
                occasion=None,
                rests_on=None,
            ),
            subject,
            cause.id,
        )

    def _guidance(self, duties: Sequence[str], stage: reg.Stage, cause: Envelope) -> Iterator[Envelope]:
        for duty in duties:
            scheduled = self._task(duty, stage, stage.value, cause, per_party=True)
            yield scheduled
            for region in self._regions:
                if self._random.random() < 0.85:  # noqa: PLR2004 - most guidance is delivered
                    yield self._seal(
                        sup.TaskDelivered(cooperation_id=self._identity, region=region, documents=[], note=None),
                        scheduled.subject,
                    )
            yield self._complete(scheduled)

    def _complete(self, scheduled: Envelope, evaluation: sup.Evaluation | None = None) -> Envelope:
        return self._seal(
            sup.TaskCompleted(
                cooperation_id=self._identity,
                outcome="selesai",
                documents=[],
                findings=[],
                evaluation=evaluation,
                satisfies=None,
                duty=scheduled.data["duty"],
            ),
            scheduled.subject,
        )

    def _monitoring(self, number: int, cause: Envelope) -> Iterator[Envelope]:
        stage = reg.Stage.IMPLEMENTATION_AND_TERMINATION
        scheduled = self._task("d.1", stage, f"semester-{number}", cause, per_party=False)
        yield scheduled
        if self._random.random() < 0.3:  # noqa: PLR2004 - a third is late
            day = self._day + timedelta(days=31)
            overdue = sup.TaskOverdue(cooperation_id=self._identity, due_on=self._day + timedelta(days=30), day=day)
            yield self._seal(overdue, scheduled.subject, scheduled.id)
        scores = {name: self._random.randint(1, 4) for name in list(sup.Evaluation.model_fields)[:6]}
        yield self._complete(
            scheduled,
            sup.Evaluation(obstacles=None, impact=None, recommendation="continue", rating=4, **scores),
        )

    def _problem(self, subject: str) -> Iterator[Envelope]:
        problem = reg.ProblemReported(
            problem="masalah-1", description="keterlambatan pembayaran", agreement=reg.AGREEMENT_1, document=None
        )
        reported = self._seal(problem, subject)
        yield reported
        scheduled = self._task("d.2", reg.Stage.IMPLEMENTATION_AND_TERMINATION, "masalah-1", reported, per_party=False)
        yield scheduled
        yield self._complete(scheduled)
        if self._random.random() < 0.7 or self._closing:  # noqa: PLR2004 - most problems end
            yield self._seal(
                reg.ProblemResolved(problem="masalah-1", outcome="disepakati jadwal baru", document=None), subject
            )
