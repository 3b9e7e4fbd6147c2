"""No released schema changes in a way that breaks stored events or live consumers; the gate is shown working."""

from __future__ import annotations

import copy
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.schemas import event_schema

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("compatibility", HERE / "compatibility.py")
assert _spec is not None
assert _spec.loader is not None
compatibility = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(compatibility)

RELEASED = {path.stem: json.loads(path.read_text()) for path in (HERE / "released").glob("*.json")}
TASK = "ksad.task.scheduled.v1"
EVENT = "ksad.cooperation.dispute_settled.v1"
Schemas = dict[str, dict[str, Any]]


def data(schemas: Schemas, name: str = EVENT) -> dict[str, Any]:
    """The schema of an event's data."""
    found: dict[str, Any] = schemas[name]["properties"]["data"]
    return found


def _remove_property(schemas: Schemas) -> None:
    del data(schemas)["properties"]["outcome"]
    data(schemas)["required"].remove("outcome")


def _add_required(schemas: Schemas) -> None:
    data(schemas)["properties"]["place"] = {"type": "string"}
    data(schemas)["required"].append("place")


def _make_optional(schemas: Schemas) -> None:
    data(schemas)["required"].remove("manner")


def _change_type(schemas: Schemas) -> None:
    data(schemas)["properties"]["final"] = {"type": "string"}


def _narrow_enum(schemas: Schemas) -> None:
    schemas[EVENT]["$defs"]["Manner"]["enum"].pop()


def _widen_enum(schemas: Schemas) -> None:
    schemas[EVENT]["$defs"]["Manner"]["enum"].append("lottery")


def _make_nullable(schemas: Schemas) -> None:
    data(schemas)["properties"]["outcome"] = {"type": ["string", "null"], "minLength": 1, "maxLength": 500}


def _remove_type(schemas: Schemas) -> None:
    del schemas[TASK]


def _describe(schemas: Schemas) -> None:
    schemas[EVENT]["description"] = "Said better."


def _new_examples(schemas: Schemas) -> None:
    schemas[EVENT]["examples"] = []


def _add_optional(schemas: Schemas) -> None:
    data(schemas)["properties"]["place"] = {"type": "string"}


def _reorder(schemas: Schemas) -> None:
    data(schemas)["required"].reverse()


def _new_type(schemas: Schemas) -> None:
    schemas["ksad.task.paused.v1"] = schemas[TASK]


def _new_version(schemas: Schemas) -> None:
    schemas["ksad.task.scheduled.v9"] = copy.deepcopy(schemas[TASK])
    data(schemas, "ksad.task.scheduled.v9")["properties"]["urgent"] = {"type": "boolean"}


def test_todays_schemas_are_compatible() -> None:
    """Every schema that was ever released can still be replaced by today's."""
    today = {name: json.loads(json.dumps(event_schema(one))) for name, one in DECLARATIONS.items()}

    assert compatibility.breaking(RELEASED, today) == []
    assert set(RELEASED) == set(today)


@pytest.mark.parametrize(
    "change",
    [
        _remove_property,
        _add_required,
        _make_optional,
        _change_type,
        _narrow_enum,
        _widen_enum,
        _make_nullable,
        _remove_type,
    ],
)
def test_breaking_changes_are_found(change: Callable[[Schemas], None]) -> None:
    """Each of eight breaking changes is found and named."""
    changed = copy.deepcopy(RELEASED)
    change(changed)

    assert compatibility.breaking(RELEASED, changed)


@pytest.mark.parametrize("change", [_describe, _new_examples, _add_optional, _reorder, _new_type, _new_version])
def test_safe_changes_pass(change: Callable[[Schemas], None]) -> None:
    """Each of six safe changes passes."""
    changed = copy.deepcopy(RELEASED)
    change(changed)

    assert compatibility.breaking(RELEASED, changed) == []
