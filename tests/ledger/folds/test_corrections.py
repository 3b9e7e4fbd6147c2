"""Corrected streams, folded again by the ledger."""

import json
from typing import Any

import pytest

from ksad.contracts import registry
from ksad.contracts.catalogue import DECLARATIONS, NEWEST, UPCASTERS
from ksad.ledger.folds import cooperation
from ksad.ledger.folds.decoding import decode
from tests.support.histories.histories import registered, stream


def test_a_corrected_event_of_an_older_version_is_read_as_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A correction names fields of the version that it corrects: they are put in before the event is upcast."""
    first = stream("a", [registered("a")])[0]
    corrected = registry.Corrected(corrects=first.id, reason="salah ketik", fields={"title": "Judul benar"})
    history = stream("a", [registered("a"), corrected])
    old = registry.Registered.declaration
    new = old._replace(version=2)

    def upcast(data: dict[str, Any]) -> dict[str, Any]:
        return {**{key: value for key, value in data.items() if key != "title"}, "name": data["title"]}

    def fold(row: cooperation.Row, event: cooperation.Event) -> None:
        row["title"] = event["data"]["name"]

    monkeypatch.setitem(DECLARATIONS, new.type, new)
    monkeypatch.setitem(NEWEST, old.name, 2)
    monkeypatch.setitem(UPCASTERS, old.type, upcast)
    monkeypatch.setitem(cooperation.FOLDS, new.type, fold)
    kept = [json.loads(event.to_bytes()) for event in history]

    for _ in range(2):
        assert cooperation.refold(kept)["title"] == "Judul benar"
    assert decode(first.to_bytes())["data"]["name"] == first.data["title"]
    assert kept == [json.loads(event.to_bytes()) for event in history]
