"""Reads legal profiles and the policy from TOML. A document with gaps is refused with a list of all of them.

Services read profiles from the texts that the log adopted. :func:`load_text` gives this package's copies, which are
adopted when a platform is set up.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import ValidationError

from ksad.contracts.law.gaps import gaps_between, place, unadoptable
from ksad.contracts.law.model import Basis, DisputeRules, EndingGround, Regulation, Statute, Value
from ksad.contracts.law.offices import AdoptedOffices
from ksad.contracts.law.older_texts import upcast
from ksad.contracts.law.openings import Openings
from ksad.contracts.law.policy import Policy
from ksad.contracts.law.profile import Profile
from ksad.contracts.strict import read_value
from ksad.contracts.wording import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ksad.contracts.registry import BudgetStatement

Model = TypeVar("Model", bound=Value)

PROFILES = ("ksad-2009", "ksdd-2018")
"""The names of this package's profiles, each after the one that it extends."""


class ProfileGapsError(ValueError):
    """A profile or policy has gaps; each item of ``gaps`` names a place and what is missing or wrong there."""

    def __init__(self, name: str, gaps: Iterable[str]) -> None:
        self.name = name
        self.gaps = tuple(gaps)
        super().__init__(f"{name}: " + "; ".join(self.gaps))


class UnknownProfileError(LookupError):
    """No profile of this name has been adopted."""


def load_text(name: str) -> str:
    """This package's copy of a document: ``ksad-2009``, ``ksdd-2018`` or ``policy``."""
    return _data(f"{name}.toml")


def affairs_text() -> str:
    """This package's copy of the list of affairs. ``data/README.md`` names its source."""
    return _data("affairs.csv")


def holidays_text() -> str:
    """This package's copy of the public holidays. ``data/README.md`` names its source."""
    return _data("holidays.json")


def regulation_text() -> str:
    """The text of Permendagri 23/2009 that the profiles quote. ``data/README.md`` names its source."""
    return _data("permendagri-23-2009.txt")


def read_profile(text: str, bases: Mapping[str, Mapping[str, Any]] | None = None) -> Profile:
    """The profile in a TOML text.

    :param bases: documents of the profiles that it may extend, by name.
    :raises ProfileGapsError: the text is not TOML; a value has no source or basis; a duty has no words, trigger or
        closing rule; a clause or event is unknown; a row, stage or item is missing or contradicts another.
    """
    return _profile(_document(text), bases or {})


def read_policy(text: str, *, strict: bool = False) -> Policy:
    """The policy in a TOML text.

    :param strict: for a text that is to be adopted; texts of the log may be as lax as earlier releases accepted.
    :raises ProfileGapsError: the text is not TOML, or a value is missing, unknown or invalid.
    """
    return _policy(text, strict=strict)


def read_openings(text: str, *, strict: bool = False) -> Openings:
    """The opening days in a TOML text.

    :param strict: as for :func:`read_policy`.
    :raises ProfileGapsError: the text is not TOML, or a value is missing, unknown or invalid.
    """
    document = _document(text)
    return _validated(Openings, document, str(document.get("id", "openings")), [], strict=strict)


def read_offices(text: str, *, strict: bool = False) -> AdoptedOffices:
    """The letterheads, seats and addresses in a TOML text.

    :param strict: as for :func:`read_policy`.
    :raises ProfileGapsError: the text is not TOML, or a value is missing, unknown or invalid.
    """
    document = _document(text)
    return _validated(AdoptedOffices, document, str(document.get("id", "offices")), [], strict=strict)


class Lawbook:
    """The adopted profiles, found by name or by the day on which they are in force."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self.profiles = {profile.id: profile for profile in sorted(profiles, key=lambda one: one.valid_from)}

    @classmethod
    def from_texts(cls, texts: Iterable[str], strictly: str | None = None) -> Self:
        """The profiles in TOML texts, each after the one that it extends.

        :param strictly: the one of the texts that is to be adopted, as for :func:`read_policy`.
        :raises ProfileGapsError: a text has gaps, or extends a profile that is not before it.
        """
        return cls(_profiles(tuple(texts), strictly))

    def profile(self, name: str) -> Profile:
        """The profile with a name.

        :raises UnknownProfileError: no such profile has been adopted.
        """
        if name not in self.profiles:
            raise UnknownProfileError(name)
        return self.profiles[name]

    def in_force(self, on: date) -> Profile:
        """The profile in force on a day: the latest that has begun by then, or the first if none has.

        :raises UnknownProfileError: no profile has been adopted.
        """
        # Cooperations older than the first profile get that one: supervision under the regulation reached those that
        # existed when it came into force. This is a reading; Pasal 14 only says from when the regulation holds.
        begun = [
            one for one in self.profiles.values() if one.valid_from <= on and (not one.valid_to or on < one.valid_to)
        ]
        if not self.profiles:
            raise UnknownProfileError(f"no profile has been adopted for {on}")
        return begun[-1] if begun else next(iter(self.profiles.values()))

    def ending(self, profile: str, key: str) -> EndingGround | None:
        """The ending ground with a key, of a profile; or of another, where the grounds of this one are only recalled.

        :raises UnknownProfileError: no such profile has been adopted.
        """
        bound = self.profile(profile)
        found = bound.ending(key)
        # What is only recalled is no ground to refuse what another law knows.
        if found is None and all(one.basis is Basis.MEMORY for one in bound.endings):
            found = next(filter(None, (other.ending(key) for other in self.profiles.values())), None)
        return found

    @property
    def regulations(self) -> tuple[Regulation, ...]:
        """The laws and regulations of all profiles, each once, as the newest profile that names it has it."""
        found = {one.id: one for profile in self.profiles.values() for one in profile.instruments}
        return tuple(found.values())

    # Asked of the profile of the day and not of the bound one: statutes hold for every cooperation alike, and texts
    # that earlier releases adopted say only what held in their own time.
    def dispute_rules(self, on: date) -> DisputeRules:
        """How disputes are settled on a day, whatever profile a cooperation is bound to."""
        return self.in_force(on).dispute_rules(on)

    def statute(self, key: str, on: date) -> Statute | None:
        """The rule of a statute that holds on a day, for every cooperation; ``None`` if none had begun."""
        return self.in_force(on).statute(key, on)

    def approvals_owed(self, signed_on: date, budget: Mapping[str, BudgetStatement]) -> dict[str, Statute]:
        """The parties of an agreement whose councils must have approved it, each with the rule that says so.

        A party owes it that stated a burden on its people and region, or that its budget lacks the agreement. Of what
        was not stated nothing is owed, and none by a rule that is only recalled.
        """
        rule = self.statute("council_approval", signed_on)
        if rule is None or rule.basis is Basis.MEMORY:
            return {}
        return {region: rule for region, said in budget.items() if said.burdens or said.budgeted is False}


@cache
def packaged() -> Lawbook:
    """The profiles of this package."""
    return Lawbook.from_texts(map(load_text, PROFILES))


def profile_in_force(on: date, book: Lawbook | None = None) -> Profile:
    """The profile in force on a day, among adopted profiles or, without any, among those of this package."""
    return (book or packaged()).in_force(on)


def check_terms(profile: Profile, policy: Policy) -> None:
    """Checks that a policy has every term and cadence that the duties of a profile refer to.

    :raises ProfileGapsError: lists each duty whose term or cadence is missing.
    """
    gaps = [
        f"duty {duty.key}: jangka waktu {duty.due} tidak ada" for duty in profile.duties if duty.due not in policy.terms
    ]
    gaps += [
        f"duty {duty.key}: periode {duty.cadence} tidak ada"
        for duty in profile.duties
        if duty.cadence and duty.cadence not in policy.cadences
    ]
    if gaps:
        raise ProfileGapsError(policy.id, gaps)


def _data(name: str) -> str:
    return resources.files("ksad.contracts.law").joinpath("data", name).read_bytes().decode()


def _document(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # tomllib says the line only in its English message, and says "at end of document" for the last one.
        found = re.search(r"at line ([0-9]+)", str(error))
        line = found[1] if found else text.count("\n") + 1
        raise ProfileGapsError("text", [f"baris {line}: bukan TOML"]) from error


# Every command, report and rebuild reads the adopted texts, which change once in years; what is read of them is frozen.
@lru_cache(maxsize=16)
def _profiles(texts: tuple[str, ...], strictly: str | None) -> tuple[Profile, ...]:
    documents: dict[str, Mapping[str, Any]] = {}
    profiles = []
    for text in texts:
        document = _document(text)
        profiles.append(_profile(document, documents, strict=text == strictly))
        documents[profiles[-1].id] = _whole(document, documents)
    return tuple(profiles)


@lru_cache(maxsize=16)
def _policy(text: str, *, strict: bool) -> Policy:
    document = _document(text)
    return _validated(Policy, document, str(document.get("id", "policy")), [], strict=strict)


def _whole(document: Mapping[str, Any], bases: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The document, with each table that it lacks taken from the profile that it extends."""
    base = document.get("extends")
    if base is None:
        return dict(document)
    if base not in bases:
        raise ProfileGapsError(str(document.get("id")), [f"memperluas {base}, yang belum ditetapkan"])
    return {**bases[base], **document}


def _profile(document: Mapping[str, Any], bases: Mapping[str, Mapping[str, Any]], *, strict: bool = False) -> Profile:
    whole = _whole(document, bases)
    gaps = unadoptable(document, whole) if strict else []
    # What is to be adopted has today's form; what the log adopted is read for ever.
    whole = whole if strict else upcast(whole)
    return _validated(Profile, whole, str(whole.get("id", "profile")), gaps_between(whole) + gaps, strict=strict)


def _validated(model: type[Model], document: Mapping[str, Any], name: str, gaps: list[str], *, strict: bool) -> Model:
    try:
        value = read_value(model, document) if strict else model.model_validate(document, strict=False)
    except ValidationError as error:
        said = zip(error.errors(), faults(error), strict=True)
        gaps = [f"{place(document, one['loc'])}: {fault.message}" for one, fault in said] + gaps
        raise ProfileGapsError(name, gaps) from error
    if gaps:
        raise ProfileGapsError(name, gaps)
    return value
