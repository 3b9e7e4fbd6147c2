"""The OpenAPI document calls its components by the names that were released."""

import pytest
from fastapi import FastAPI

from ksad.chassis.openapi import ResponseModel, answers, describe


class Inner(ResponseModel, title="Part"):
    """A part of the answer."""

    name: str


class Outer(ResponseModel, title="Whole"):
    """The answer."""

    parts: list[Inner]


class Impostor(ResponseModel, title="Part"):
    """Another model under the same title."""

    name: str


def app_of(*models: type[ResponseModel]) -> FastAPI:
    """An app with one route for each model."""
    app = FastAPI()
    for number, model in enumerate(models):
        app.get(f"/{number}", **answers(model))(lambda: None)
    return app


def test_a_component_is_called_by_its_title() -> None:
    """A class may be called anew: its component keeps the title, and so do all references to it."""
    app = app_of(Outer)
    document = describe(app, app.openapi())
    schemas = document["components"]["schemas"]
    assert set(schemas) == {"Part", "Problem", "Whole"}
    assert schemas["Whole"]["properties"]["parts"]["items"] == {"$ref": "#/components/schemas/Part"}
    answer = document["paths"]["/0"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/Whole"}


def test_two_models_of_one_title_are_refused() -> None:
    """A title that two models have would hide one of them from outsiders."""
    app = app_of(Outer, Impostor)
    with pytest.raises(ValueError, match="the same title"):
        describe(app, app.openapi())
