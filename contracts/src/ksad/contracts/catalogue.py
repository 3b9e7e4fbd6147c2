"""The catalogue of event types: for each its name and version, deciding service, audience and data model."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from ksad.contracts.identifiers import Sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Service(StrEnum):
    """The services that record events."""

    REGISTRY = "registry"
    SUPERVISION = "supervision"
    REPORTING = "reporting"


class Audience(StrEnum):
    """Who may see an event: all offices, the parties too, or the supervising side only (``ksad.contracts.sight``)."""

    PUBLIC = "public"
    PARTIES = "parties"
    SUPERVISOR = "supervisor"


class UnknownTypeError(LookupError):
    """This version of the contracts has no event type of this name."""


class NewerVersionError(LookupError):
    """The event's name is known, but its version is newer than this code: park the event, never guess its meaning."""


class Declaration(NamedTuple):
    """One version of an event type.

    ``name`` has no version (``ksad.cooperation.registered``). ``correctable`` are the fields of ``model`` that a
    correction may replace; ``verifiable``: the supervising body examines such facts (``ksad.contracts.verification``).
    """

    name: str
    version: int
    service: Service
    audience: Audience
    correctable: frozenset[str]
    model: type[Fact]
    verifiable: bool = False

    @property
    def type(self) -> str:
        """The CloudEvents ``type``, such as ``ksad.cooperation.agreement_signed.v1``."""
        return f"{self.name}.v{self.version}"

    @property
    def noun(self) -> str:
        """The kind of stream that the event belongs to, such as ``cooperation``."""
        return self.name.split(".")[1]


class ValueObject(BaseModel):
    """An immutable value inside an event or a state. Unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentRef(ValueObject):
    """A content-addressed document beside the store."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0, le=2**53 - 1)]
    media_type: str


def documents_in(value: object) -> Iterator[DocumentRef]:
    """The documents that the data of an event name, at any depth."""
    if isinstance(value, dict):
        if value.keys() == DocumentRef.model_fields.keys():
            yield DocumentRef.model_validate(value)
            return
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from documents_in(one)


class Fact(ValueObject):
    """The data of one event, in the shape in which it is stored, published and archived."""

    declaration: ClassVar[Declaration]


DECLARATIONS: dict[str, Declaration] = {}
"""Every declared version of every event type, by its CloudEvents ``type``."""


NEWEST: dict[str, int] = {}
"""The newest declared version of every event name."""


def declare(
    service: Service,
    name: str,
    version: int,
    audience: Audience,
    *,
    correctable: Iterable[str] = (),
    verifiable: bool = False,
) -> Callable[[type[Fact]], type[Fact]]:
    """A class decorator that enters a data model into the catalogue.

    :param name: the event's name without version. Events are stored under it, so it can never change.
    :param correctable: the fields that a correction may replace.
    :param verifiable: whether the supervising body examines such facts.
    :raises TypeError: the type is declared already, or the model has no such field.
    """

    def enter(model: type[Fact]) -> type[Fact]:
        declaration = Declaration(name, version, service, audience, frozenset(correctable), model, verifiable)
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
    """The declaration of a CloudEvents ``type``.

    :raises NewerVersionError: the name is known, in older versions only.
    :raises UnknownTypeError: the name is not in the catalogue.
    """
    found = DECLARATIONS.get(event_type)
    if found is not None:
        return found
    name, _, version = event_type.rpartition(".v")
    if name in NEWEST and version.isdigit() and int(version) > NEWEST[name]:
        raise NewerVersionError(event_type)
    raise UnknownTypeError(event_type)


Upcaster: TypeAlias = "Callable[[dict[str, Any]], dict[str, Any]]"
"""Converts the data of a version to that of the next one; it changes nothing in place."""

UPCASTERS: dict[str, Upcaster] = {}
"""By the ``type`` of an older version, the function that converts its data to the next version."""


def upcasts(event_type: str) -> Callable[[Upcaster], Upcaster]:
    """A decorator that enters the upcaster of an older version.

    :raises TypeError: there is one already.
    """

    def enter(upcaster: Upcaster) -> Upcaster:
        if event_type in UPCASTERS:
            message = f"{event_type}: two upcasters"
            raise TypeError(message)
        UPCASTERS[event_type] = upcaster
        return upcaster

    return enter


def check_upcasters() -> None:
    """Checks that every version except the newest can be converted to the next.

    :raises TypeError: an older version has no upcaster.
    """
    for declaration in DECLARATIONS.values():
        if declaration.version < NEWEST[declaration.name] and declaration.type not in UPCASTERS:
            message = f"{declaration.type} has no upcaster to version {declaration.version + 1}"
            raise TypeError(message)


def upcast(event_type: str, data: dict[str, Any]) -> tuple[Declaration, dict[str, Any]]:
    """The declaration of the newest version of an event type, and the event's data converted to that version.

    :raises LookupError: the type is unknown or newer than known.
    """
    declaration = declaration_of(event_type)
    while declaration.version < NEWEST[declaration.name]:
        data = UPCASTERS[declaration.type](data)
        declaration = declaration_of(f"{declaration.name}.v{declaration.version + 1}")
    return declaration, data


def load_fact(event_type: str, data: dict[str, Any]) -> Fact:
    """The data of an event as an instance of the newest version of its model.

    :raises LookupError: the type is unknown or newer than known.
    :raises pydantic.ValidationError: the data does not fit its model.
    """
    declaration, newest = upcast(event_type, data)
    # JSON has no dates, UUIDs or enums: they arrive as text, which strict validation would refuse.
    return declaration.model.model_validate(newest, strict=False)
