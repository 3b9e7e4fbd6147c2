"""The commands, as the history file and the HTTP interface word them, and the facts that each one is.

A command says what an office wants recorded. What it becomes is decided here; whether it may be, in the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ksad.contracts.catalogue import Fact
from ksad.contracts.dates import DateError, PartialDate
from ksad.contracts.identifiers import Sha256

if TYPE_CHECKING:
    from ksad.contracts.catalogue import DocumentRef, Fact
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def _readable(text: str) -> str:
    try:
        PartialDate.parse(text)
    except DateError as error:
        raise ValueError(str(error)) from error
    return text


On = Annotated[str, AfterValidator(_readable)]
"""``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""


CODES = ("region", "between", "numbers")
"""The fields that name parties by their region codes."""


class FactSource(BaseModel, title="Source"):
    """Where an imported fact stands: the file's sha256 and the line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file_sha256: Sha256
    line: Annotated[int, Field(ge=1, le=2**31 - 1)]


class Command(BaseModel):
    """What all commands share. ``on`` is the day it happened (today where it is absent)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: On | None = None
    legacy: bool = False
    source: FactSource | None = None

    FACT: ClassVar[type[Fact] | None] = None
    """The fact that a command is word for word; others make theirs from the present state."""

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The facts that this command is in the present state."""
        del state, context
        return [] if self.FACT is None else [self.FACT.model_validate(self.payload())]

    def payload(self) -> dict[str, Any]:
        """The command's own fields."""
        return self.model_dump(exclude={"on", "legacy", "source"})

    def documents(self) -> list[DocumentRef]:
        """The documents that it names."""
        named = getattr(self, "document", None)
        return [] if named is None else [named]

    def by_lineage(self, state: Cooperation, context: Context) -> Self:
        """The command in the codes under which the parties came in: a region's code may have changed since."""
        read: dict[str, Any] = {}
        for name, value in ((name, getattr(self, name, None)) for name in CODES):
            if isinstance(value, str):
                read[name] = context.party(state, value)
            elif isinstance(value, list):
                read[name] = [context.party(state, code) for code in value]
            elif isinstance(value, dict):
                read[name] = {context.party(state, code): number for code, number in value.items()}
        return self.model_copy(update=read)
