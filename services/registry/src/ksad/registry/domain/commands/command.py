"""The base of all commands: their common fields, and how a command turns into events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from ksad.contracts.catalogue import Fact
from ksad.contracts.dates import DateError, PartialDate, Precision
from ksad.contracts.free_text import Confirms
from ksad.contracts.identifiers import Sha256, ShortText
from ksad.contracts.registry import Standing, TermKind
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.strict import Strict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ksad.contracts.catalogue import DocumentRef, Fact
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def _readable(text: str) -> str:
    try:
        PartialDate.parse(text)
    except DateError as error:
        raise PydanticCustomError("partial_date", "not a date") from error
    return text


On = Annotated[str, AfterValidator(_readable)]
"""A date, possibly partial: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""


class Later:
    """Marks a field that a command has got since release 319cae9.

    Left out, it is no part of what was asked: a request that an older release has answered is the same one today.
    """


LATER = Later()

CODES = ("region", "between", "numbers", "budget")
"""Fields that contain region codes of parties."""


class FactSource(Strict, title="Source"):
    """The place of an imported fact: the SHA-256 of its file, and the line, from 1."""

    file_sha256: Sha256
    line: Annotated[int, Field(ge=1, le=2**31 - 1)]


class Command(Strict):
    """The fields of all commands.

    ``on`` is the day of the fact, possibly partial; today if it is absent. ``legacy`` marks a fact from before the
    platform, imported from ``source``.
    """

    on: On | None = None
    legacy: bool = False
    source: FactSource | None = None
    confirms: Confirms = ()

    FACT: ClassVar[type[Fact] | None] = None
    """The event type with the same fields as the command; ``None`` if its events are made from the state, too."""

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The events that this command leads to in the present state. No rule has been checked yet."""
        del state, context
        return [] if self.FACT is None else [self.FACT.model_validate(self.payload())]

    def payload(self) -> dict[str, Any]:
        """The fields of the command beyond the common ones."""
        return self.model_dump(exclude={"on", "legacy", "source", "confirms"})

    def asked(self) -> dict[str, Any]:
        """What is asked, as JSON: what makes a repeated request the same one."""
        fields = type(self).model_fields
        later = {
            name for name, field in fields.items() if LATER in field.metadata and getattr(self, name) == field.default
        }
        return self.model_dump(mode="json", exclude=later)

    def documents(self) -> list[DocumentRef]:
        """The documents that the command refers to."""
        named = getattr(self, "document", None)
        return [] if named is None else [named]

    def check_evidence(self, context: Context) -> None:
        """Checks that what the command says is proved where that is asked of new facts; nothing is by default.

        :raises RuleBrokenError: a proof is missing.
        """
        del context

    def by_lineage(self, state: Cooperation, context: Context) -> Self:
        """The command with the region codes of parties as the parties were recorded, since a code may have changed."""
        read: dict[str, Any] = {}
        for name, value in ((name, getattr(self, name, None)) for name in CODES):
            if isinstance(value, str):
                read[name] = context.party(state, value)
            elif isinstance(value, list):
                read[name] = [context.party(state, code) for code in value]
            elif isinstance(value, dict):
                read[name] = by_party(value, state, context)
        if isinstance(signed := getattr(self, "signatories", None), tuple):
            read["signatories"] = tuple(
                one.model_copy(update={"region": context.party(state, one.region)}) for one in signed
            )
        return self.model_copy(update=read)


class ActCommand(Command):
    """A command for an act that binds several parties.

    A party proposes it, and it stands when all who are asked have confirmed it. The supervising body records it from
    the signed instrument; ``over_refusal`` is why it does so although a party refused it.
    """

    over_refusal: Annotated[ShortText | None, LATER] = None

    def payload(self) -> dict[str, Any]:
        """The fields of the act."""
        return {name: value for name, value in super().payload().items() if name != "over_refusal"}


def by_party(values: Mapping[str, Any], state: Cooperation, context: Context) -> dict[str, Any]:
    """Values by region code, with each code replaced by the one under which the party joined.

    :raises RuleBrokenError: two of the codes belong to one region.
    """
    found: dict[str, tuple[str, Any]] = {}
    for code, value in values.items():
        party = context.party(state, code)
        if party in found:
            first = found[party][0]
            detail = f"{first} dan {code} adalah kode lama dan baru dari satu daerah. Pilih salah satu."
            raise RuleBrokenError("region-once", detail, "P1.1", regions=[first, code])
        found[party] = (code, value)
    return {party: value for party, (_, value) in found.items()}


def standing(context: Context) -> Standing:
    """Why an act has effect: of paper, by who does it alone, or by the instrument that others record."""
    if context.legacy:
        return Standing(by="legacy", proposal=None)
    return Standing(by="parties" if context.region else "instrument", proposal=None)


def term_of(ends_on: str | None, term: TermKind | None) -> dict[str, Any]:
    """The fields of a term: a day, month or year with its precision; else without limit, or unknown."""
    if ends_on is None:
        return {"ends_on": None, "ends_precision": None, "term": term or TermKind.UNKNOWN}
    known = PartialDate.parse(ends_on)
    return {"ends_on": known.first, "ends_precision": Precision(known.precision), "term": TermKind.DATED}
