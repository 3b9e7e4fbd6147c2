"""The catalogue of facts: every event's data model with its frozen name, version, audience and correctable fields."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from ksad.contracts.identifiers import Sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Service(StrEnum):
    """The three services that decide facts."""

    REGISTRY = "registry"
    SUPERVISION = "supervision"
    REPORTING = "reporting"


class Audience(StrEnum):
    """Who may see an event outside the ministry: everybody concerned, the parties, or only the supervising side."""

    PUBLIC = "public"
    PARTIES = "parties"
    SUPERVISOR = "supervisor"


class UnknownTypeError(LookupError):
    """No event of this name is known to this version of the contracts."""


class NewerVersionError(LookupError):
    """The event's name is known, its version is newer than this code: park it, never guess."""


class Declaration(NamedTuple):
    """What the catalogue knows of one event type at one version."""

    name: str
    version: int
    service: Service
    audience: Audience
    correctable: frozenset[str]
    model: type[Fact]

    @property
    def type(self) -> str:
        """The CloudEvents ``type``, such as ``ksad.cooperation.agreement_signed.v1``."""
        return f"{self.name}.v{self.version}"

    @property
    def noun(self) -> str:
        """The kind of stream it belongs to."""
        return self.name.split(".")[1]


class ValueObject(BaseModel):
    """An immutable value inside an event or a state: it is its fields, and has no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentRef(ValueObject):
    """A content-addressed document beside the store."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0, le=2**53 - 1)]
    media_type: str


class Fact(ValueObject):
    """The data of one event. Declared once, here in the contracts; stored, published and archived in this shape."""

    declaration: ClassVar[Declaration]


DECLARATIONS: dict[str, Declaration] = {}
"""Every event type by its CloudEvents ``type``."""


NEWEST: dict[str, int] = {}
"""The newest known version of every event name."""


def declare(
    service: Service, name: str, version: int, audience: Audience, *, correctable: Iterable[str] = ()
) -> Callable[[type[Fact]], type[Fact]]:
    """Enter a data model into the catalogue under a name that never changes."""

    def enter(model: type[Fact]) -> type[Fact]:
        declaration = Declaration(name, version, service, audience, frozenset(correctable), model)
        unknown = declaration.correctable - set(model.model_fields)
        if declaration.type in DECLARATIONS or unknown:
            message = f"{declaration.type}: declared twice, or correctable fields unknown: {sorted(unknown)}"
            raise TypeError(message)
        model.declaration = declaration
        DECLARATIONS[declaration.type] = declaration
        NEWEST[name] = max(version, NEWEST.get(name, 0))
        return model

    return enter


def declaration_of(event_type: str) -> Declaration:
    """What is declared of a CloudEvents ``type``.

    :raises NewerVersionError: a later version of a known name.
    :raises UnknownTypeError: a name that is not in the catalogue.
    """
    found = DECLARATIONS.get(event_type)
    if found is not None:
        return found
    name, _, version = event_type.rpartition(".v")
    if name in NEWEST and version.isdigit() and int(version) > NEWEST[name]:
        raise NewerVersionError(event_type)
    raise UnknownTypeError(event_type)


UPCASTERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From the ``type`` of an older version to the function that turns its data into the next version's."""


def check_upcasters() -> None:
    """Refuse a gap: every version below the newest must lead to the next.

    :raises TypeError: an older version has no upcaster.
    """
    for declaration in DECLARATIONS.values():
        if declaration.version < NEWEST[declaration.name] and declaration.type not in UPCASTERS:
            message = f"{declaration.type} has no upcaster to version {declaration.version + 1}"
            raise TypeError(message)


def upcast(event_type: str, data: dict[str, Any]) -> tuple[Declaration, dict[str, Any]]:
    """The newest version of an event's type, and the data as that version has them.

    :raises LookupError: the type is unknown or newer than known.
    """
    declaration = declaration_of(event_type)
    while declaration.version < NEWEST[declaration.name]:
        data = UPCASTERS[declaration.type](data)
        declaration = declaration_of(f"{declaration.name}.v{declaration.version + 1}")
    return declaration, data


def load_fact(event_type: str, data: dict[str, Any]) -> Fact:
    """The data of an event as the newest version of its model.

    :raises LookupError: the type is unknown or newer than known.
    :raises pydantic.ValidationError: the data does not fit its model.
    """
    declaration, newest = upcast(event_type, data)
    return declaration.model.model_validate(newest, strict=False)
