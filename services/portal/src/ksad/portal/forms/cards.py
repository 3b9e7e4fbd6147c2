"""Cards of acts: what a form is called, and label, help and clause of each field; read from ``acts/*.toml``.

What type a field has, whether it is required and what it may hold stands on no card: the service's description says so,
and a card cannot contradict it.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["day", "names", "name", "derived", "fixed", "text", "which", "entry"]
GROUPS = ("course", "instruments", "parties", "matters", "end", "checking")
"""What acts on a cooperation are about, in the order in which its page offers them."""


class _Card(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class FieldCard(_Card):
    """A field for people. ``fields`` are those of an object, or of each object of a list."""

    name: str
    label: str
    help: str | None = None
    clause: str | None = None
    rule: str | None = None
    """The rule that the clause is cited for: where it is a policy, the page says so."""
    kind: Kind | None = None
    """Only where the description cannot say it: a day known in part, regions by name, a value that the page gives,
    what is asked for only where there are several of it, and the entry that is corrected, whose fields are those of its
    event.
    """
    source: str | None = None
    """Of a derived field, the one whose text it is made from."""
    options: Annotated[dict[str, str], Field(default_factory=dict)]
    """What each value of a closed list is called; none where the page names them."""
    duties: tuple[str, ...] = ()
    """The duties whose outcome has this field; none for all."""
    fields: tuple[FieldCard, ...] = ()
    folded: bool = False
    """Whether a part of the form that few need is shown when somebody opens it."""
    places: int = 3
    """How many objects of a list the form has places for."""


class ActCard(_Card):
    """An act: the service and the path of its command, its words, its fields in order, and what the form leaves out."""

    service: Literal["registry", "supervision", "reporting"]
    path: str
    title: str
    button: str
    lead: str
    clause: str | None = None
    rule: str | None = None
    """The rule that the clause is cited for: where it is a policy, the page says so."""
    group: Literal["course", "instruments", "parties", "matters", "end", "checking"] = "course"
    duties: tuple[str, ...] = ()
    grant: str | None = None
    """The action in the table of access that allows the command; none where it has the command's name."""
    fields: tuple[FieldCard, ...]
    left_out: Annotated[dict[str, str], Field(default_factory=dict)]
    """Fields of the command that the form does not ask for, each with the reason."""

    @property
    def action(self) -> str:
        """The command's name, which is also that of the action in the table of access."""
        last = self.path.rpartition("/")[2]
        return "register" if last == "cooperations" else last


NEVER_ASKED = ("legacy", "source", "confirms")
"""Fields of every command that no form asks for: older data come by file, a confirmation is asked when due."""


@cache
def acts() -> dict[str, ActCard]:
    """All cards by the name of their file, which is also that of the form's address."""
    folder = resources.files("ksad.portal.forms") / "acts"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    return {one.name.removesuffix(".toml"): ActCard.model_validate(tomllib.loads(one.read_text())) for one in files}


@cache
def formless() -> dict[tuple[str, str], str]:
    """The operations that change something and have no card, by service and operation, each with the reason."""
    text = (resources.files("ksad.portal.forms") / "formless.toml").read_text()
    return {(service, one): why for service, listed in tomllib.loads(text).items() for one, why in listed.items()}
