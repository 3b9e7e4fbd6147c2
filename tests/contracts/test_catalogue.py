"""Names of events are for ever: the frozen list only grows, and every old sample still parses."""

from __future__ import annotations

from pathlib import Path

import pytest

from ksad.contracts import catalogue
from ksad.contracts.catalogue import DECLARATIONS, Audience, Fact, Service, check_upcasters, declare
from ksad.contracts.envelope import Envelope
from ksad.contracts.schemas import generate

SAMPLES = Path(__file__).parent / "samples"
SCHEMAS = Path(__file__).parents[2] / "contracts" / "schemas"
FROZEN = (SCHEMAS / "event-names.txt").read_text().split()


def test_every_frozen_name_is_declared() -> None:
    """A name that was ever released stays declared."""
    assert set(FROZEN) <= set(DECLARATIONS)


def test_every_declared_name_is_frozen_and_sampled() -> None:
    """A new name enters the frozen list and gets a golden sample in the same change."""
    assert set(DECLARATIONS) == set(FROZEN)
    assert set(DECLARATIONS) == {path.stem for path in SAMPLES.glob("*.json")}


@pytest.mark.parametrize("name", FROZEN)
def test_golden_sample(name: str) -> None:
    """The sample that was kept when the version was released parses, byte for byte, with today's code."""
    raw = (SAMPLES / f"{name}.json").read_bytes()

    envelope = Envelope.from_bytes(raw)

    assert name == envelope.type
    assert raw == envelope.to_bytes()
    assert envelope.fact().declaration.name == name.rpartition(".v")[0]


def test_generated_schemas_are_committed() -> None:
    """What the models generate is what is committed, and nothing else lies in the folder of events."""
    files = generate()

    assert {name: (SCHEMAS / name).read_text() for name in files} == files
    assert {f"events/{path.name}" for path in (SCHEMAS / "events").iterdir()} <= set(files)


def test_a_missing_upcaster_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second version without an upcaster from the first is refused, and with one the first is read as the second."""
    monkeypatch.setattr(catalogue, "DECLARATIONS", dict(DECLARATIONS))
    monkeypatch.setattr(catalogue, "NEWEST", dict(catalogue.NEWEST))
    monkeypatch.setattr(catalogue, "UPCASTERS", dict(catalogue.UPCASTERS))

    @declare(Service.REGISTRY, "ksad.cooperation.proposal_withdrawn", 2, Audience.PUBLIC)
    class ProposalWithdrawn(Fact):
        """The second version names who withdrew."""

        reason: str
        by: str

    with pytest.raises(TypeError, match="no upcaster"):
        check_upcasters()

    catalogue.UPCASTERS["ksad.cooperation.proposal_withdrawn.v1"] = lambda data: {**data, "by": "tidak diketahui"}
    check_upcasters()
    sample = Envelope.from_bytes((SAMPLES / "ksad.cooperation.proposal_withdrawn.v1.json").read_bytes())

    assert sample.fact() == ProposalWithdrawn(reason=sample.data["reason"], by="tidak diketahui")


def test_no_default_in_what_we_emit() -> None:
    """Every property of an event is required: a reader never has to guess what an absent one means."""
    optional = {
        f"{declaration.type}.{name}"
        for declaration in DECLARATIONS.values()
        for name, field in declaration.model.model_fields.items()
        if not field.is_required()
    }

    assert optional == set()
