"""Positions: one way to write them, one way to read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.contracts.catalogue import Service
from ksad.contracts.positions import Position, PositionError

ROOT = Path(__file__).resolve().parents[2]
FORM = re.compile(r'reporting\):|"Ksad-(After|Position)"|\{[a-z_.]*service[a-z_.]*\}:\{')


@given(st.sampled_from(list(Service)), st.integers(min_value=1, max_value=10**15 - 1))
def test_what_is_written_is_read_again(service: Service, notification: int) -> None:
    """A position is read as it was written, whatever service and number."""
    assert Position.parse(str(Position(service, notification))) == (service, notification)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "registry",
        "registry:0",
        "registry:01",
        "registry:-1",
        "audit:1",
        "registry:1 ",
        "registry:١",
        "registry:1\n",
    ],
)
def test_nothing_else_is_a_position(text: str) -> None:
    """A text in any other form, of another service, or with the number 0 is no position."""
    with pytest.raises(PositionError, match="is not a position"):
        Position.parse(text)


def test_the_form_stands_in_one_module() -> None:
    """Only the contracts' module writes or reads the form of a position and the names of its headers."""
    sources = [
        path for folder in ("contracts", "services", "deploy") for path in (ROOT / folder).glob("**/src/**/*.py")
    ]
    found = {path.name for path in sources if FORM.search(path.read_text())}
    assert len(sources) > 100
    assert found == {"positions.py"}
