"""How services are asked for a dry run of a command, and answer the facts that it would record."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Header
from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Fact

DRY_RUN = "Ksad-Dry-Run"
DryRun = Annotated[Literal["true"] | None, Header(alias=DRY_RUN)]
"""The header that asks for a dry run."""


class ForeseenFact(BaseModel):
    """A fact that the command would record: the name of its event without version, its day, and what it would say.

    Documents that are made only when it is recorded are not in it.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    on: date
    says: dict[str, Any]


def foreseen_fact(fact: Fact, on: date) -> ForeseenFact:
    """How a fact of a day is told that would be recorded."""
    return ForeseenFact(name=fact.declaration.name, on=on, says=fact.model_dump(mode="json"))
