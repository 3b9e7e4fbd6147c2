"""The adopted regions and affairs that pages take names from, asked for at most once a minute."""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from ksad.chassis.clock import today
from ksad.chassis.problems import Problem
from ksad.contracts.law import Affairs, Lawbook
from ksad.contracts.regions import AdoptedRegions, RegionTable
from ksad.contracts.rules import RefusalKind
from ksad.portal.naming import Names

if TYPE_CHECKING:
    from ksad.chassis.clock import Clock
    from ksad.portal.gateway import Gateway
    from ksad.portal.identity.credentials import Credential
    from ksad.portal.languages import Language

KEPT_SECONDS = 60.0


class Lookups:
    """What the registry has adopted, the same for every office that may read at all."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        self._gateway = gateway
        self._clock = clock
        self._lock = Lock()
        self._kept: tuple[RegionTable, Affairs] | None = None
        self._asked = 0.0
        self._book: Lawbook | None = None
        self._training: bool | None = None
        self._boxes: dict[str, str] = {}
        self._boxes_asked: float | None = None

    def names(self, credential: Credential, language: Language) -> Names:
        """The names that hold today, in a language.

        :raises ksad.chassis.problems.Problem: the registry does not answer, or has adopted nothing yet.
        """
        with self._lock:
            if self._kept is None or time.monotonic() - self._asked > KEPT_SECONDS:
                self._kept, self._book = self._read(credential), None
                self._asked = time.monotonic()
            regions, affairs = self._kept
        return Names(regions, affairs, today(self._clock), language)

    def law(self, credential: Credential) -> Lawbook:
        """The adopted legal profiles, which name the grounds of an end and the items to settle; no older than names.

        :raises ksad.chassis.problems.Problem: the registry does not answer.
        """
        with self._lock:
            if self._book is None:
                listed = self._gateway.read("registry", "/references", credential)["items"]
                named = [one["name"] for one in listed if one["kind"] == "profile"]
                texts = [self._gateway.read("registry", f"/references/{name}", credential)["content"] for name in named]
                self._book = Lawbook.from_texts(texts)
            return self._book

    @property
    def training(self) -> bool:
        """Whether the platform was opened for training, which never changes; of one that is silent nobody knows it."""
        with suppress(Problem):
            self.learn_training()
        return bool(self._training)

    def learn_training(self) -> None:
        """Learns it, the first time that the registry answers.

        :raises ksad.chassis.problems.Problem: the registry does not answer.
        """
        if self._training is None:
            found = self._gateway.read_publicly("registry", "/platform")
            self._training = found["training"] if found["opened_on"] is not None else None

    def mailboxes(self, credential: Credential) -> dict[str, str]:
        """The mailbox of each office that one is adopted for, as of today.

        :raises ksad.chassis.problems.Problem: the registry does not answer.
        """
        with self._lock:
            if self._boxes_asked is None or time.monotonic() - self._boxes_asked > KEPT_SECONDS:
                on = today(self._clock).isoformat()
                listed = self._gateway.read("registry", "/offices", credential, on=on)["items"]
                self._boxes = {one["office"]: one["entry"]["mailbox"] for one in listed if one["entry"].get("mailbox")}
                self._boxes_asked = time.monotonic()
            return self._boxes

    def _read(self, credential: Credential) -> tuple[RegionTable, Affairs]:
        adopted = AdoptedRegions(self._gateway.read("registry", "/references/regions", credential)["content"])
        for change in self._gateway.read("registry", "/boundary-changes", credential)["items"]:
            adopted = adopted.changing(change["region"], change["successor"], change["effective_on"])
        return adopted.table, self._affairs(credential)

    def _affairs(self, credential: Credential) -> Affairs:
        """The list of affairs; an upgraded platform has none until one is adopted."""
        try:
            return Affairs.from_text(self._gateway.read("registry", "/references/affairs", credential)["content"])
        except Problem as problem:
            if problem.kind is not RefusalKind.UNKNOWN:
                raise
            return Affairs(())
