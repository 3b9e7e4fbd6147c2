"""What is wrong with a value is said in Indonesian, whatever it is and whoever found it."""

import ast
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ksad.contracts import wording
from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.corrections import correction_model
from ksad.contracts.strict import Strict, read_value
from tests.support.text.source import members

ENGLISH = {"not", "found", "should", "value", "input", "valid", "be", "the", "is", "or", "must", "characters", "items"}
BY_NODE = {
    "int": ("int_type", "int_parsing", "int_parsing_size", "int_from_float", "finite_number"),
    "float": ("float_type", "float_parsing", "finite_number"),
    "bool": ("bool_type", "bool_parsing"),
    "str": ("string_type", "string_unicode"),
    "date": ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
    "uuid": ("uuid_type", "uuid_parsing"),
    "enum": ("enum",),
    "literal": ("literal_error",),
    "list": ("list_type",),
    "tuple": ("tuple_type",),
    "dict": ("dict_type", "invalid_key"),
    "model": ("model_type", "model_attributes_type"),
    "model-fields": ("missing", "extra_forbidden", "json_invalid", "recursion_loop", "recursion_depth_exceeded"),
    "none": ("none_required",),
    "any": (),
    "union": (),
    "nullable": (),
    "default": (),
    "definitions": (),
    "definition-ref": (),
    "json-or-python": (),
    "lax-or-strict": (),
    "function-after": (),
    "function-before": (),
    "function-plain": (),
    "function-wrap": (),
}
"""Which errors pydantic can raise for a node of a schema; functions raise ours."""
RAISED = {"PydanticCustomError": 0, "PydanticKnownError": 0, "NotCanonicalError": 1}
"""Errors of ours with a type, and which argument it is."""
LIMITS = {
    "ge": "greater_than_equal",
    "gt": "greater_than",
    "le": "less_than_equal",
    "lt": "less_than",
    "pattern": "string_pattern_mismatch",
}
LENGTHS = {
    "str": {"min_length": "string_too_short", "max_length": "string_too_long"},
    "list": {"min_length": "too_short", "max_length": "too_long"},
    "tuple": {"min_length": "too_short", "max_length": "too_long"},
    "dict": {"min_length": "too_short", "max_length": "too_long"},
}


APPS = ("ksad.registry.app", "ksad.supervision.app", "ksad.reporting.app")
"""With the services come the models of their requests."""


def models() -> list[type[BaseModel]]:
    """Every model of what comes in, and those of corrections."""
    for name in APPS:
        import_module(name)
    found: list[type[BaseModel]] = []
    # Made first: they are subclasses, too, and the list is to be the same whenever it is asked for.
    for one in DECLARATIONS.values():
        if one.correctable:
            correction_model(one)
    waiting: list[type[BaseModel]] = [Strict]
    while waiting:
        below = [one for one in waiting.pop().__subclasses__() if one.__module__.startswith("ksad.")]
        found += below
        waiting += below
    return list(dict.fromkeys(found))


def raisable(node: object) -> Iterator[str]:
    """The types of the errors that a schema can lead to.

    :raises KeyError: a node of a kind that this test does not know.
    """
    if isinstance(node, list | tuple):
        for one in node:
            yield from raisable(one)
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    if isinstance(kind, str) and kind not in {"model-field", "no-info", "with-info", "call", "schema"}:
        yield from BY_NODE[kind]
        limits = LIMITS | LENGTHS.get(kind, {})
        yield from (limits[name] for name in limits if name in node)
    for name, value in node.items():
        if name in {
            "schema",
            "fields",
            "choices",
            "definitions",
            "items_schema",
            "keys_schema",
            "values_schema",
        } or name in {
            "json_schema",
            "python_schema",
            "lax_schema",
            "strict_schema",
        }:
            yield from raisable(list(value.values()) if name == "fields" else value)


def own() -> set[str]:
    """The types of the errors that our own code raises."""
    found = set()
    for source in members().values():
        for path in source.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
                if isinstance(node, ast.Call) and name in RAISED and len(node.args) > RAISED[name]:
                    found.add(str(ast.literal_eval(node.args[RAISED[name]])))
    return found


@pytest.mark.fault(
    "bug-reports 25",
    kind="An English sentence of a library, or of a programmer, stands inside an Indonesian one.",
    looked="Each type of error that a model of a request, a correction or an adopted text can raise, and each problem "
    "that has the text of an exception in it.",
    found="YAML's, TOML's and CSV's own words in refusals of history files and adopted texts, reasons why an event is "
    "not canonical, why a proof cannot be made, why a period is none.",
)
def test_every_error_has_its_words() -> None:
    """Each error that a model of ours can raise, or a validator of ours, stands in the one table of words."""
    every = {kind for model in models() for kind in raisable(model.__pydantic_core_schema__)}
    assert {"int_type", "string_too_long", "enum", "missing", "greater_than_equal"} <= every
    assert every <= set(wording.WORDS)
    assert own() <= set(wording.WORDS)
    assert len(models()) > 60


@given(st.data())
def test_no_english_is_said(data: st.DataObject) -> None:
    """Whatever is sent as any field of any model: what is said of it has words, and none that is English."""
    model = data.draw(st.sampled_from(models()))
    values = (
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.lists(st.integers())
    )
    nested = values | st.dictionaries(st.text(), values)
    fields: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from([*model.model_fields, "x"]), nested))
    try:
        read_value(model, fields)
    except ValidationError as error:
        said = [one.message for one in wording.faults(error)]
        assert said
        for message in said:
            assert message != wording.OTHERWISE
            assert not ENGLISH & set(message.replace(",", "").split())
