"""Reads legal profiles and the policy from TOML. A document with gaps is refused with a list of all of them.

Services read profiles from the texts that the log adopted. :func:`load_text` gives this package's copies, which are
adopted when a platform is set up.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import ValidationError

from ksad.contracts.law.gaps import gaps_between, place
from ksad.contracts.law.model import Value
from ksad.contracts.law.policy import Policy
from ksad.contracts.law.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


def read_policy(text: str) -> Policy:
    """The policy in a TOML text.

    :raises ProfileGapsError: the text is not TOML, or a value is missing, unknown or invalid.
    """
    document = _document(text)
    return _validated(Policy, document, str(document.get("id", "policy")), [])


class Lawbook:
    """The adopted profiles, found by name or by the day on which they are in force."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self.profiles = {profile.id: profile for profile in sorted(profiles, key=lambda one: one.valid_from)}

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Self:
        """The profiles in TOML texts, each after the one that it extends.

        :raises ProfileGapsError: a text has gaps, or extends a profile that is not before it.
        """
        documents: dict[str, Mapping[str, Any]] = {}
        profiles = []
        for text in texts:
            document = _document(text)
            profiles.append(_profile(document, documents))
            documents[profiles[-1].id] = _whole(document, documents)
        return cls(profiles)

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
    gaps = [f"duty {duty.key}: no term {duty.due}" for duty in profile.duties if duty.due not in policy.terms]
    gaps += [
        f"duty {duty.key}: no cadence {duty.cadence}"
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
        raise ProfileGapsError("text", [f"not TOML: {error}"]) from error


def _whole(document: Mapping[str, Any], bases: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The document, with each table that it lacks taken from the profile that it extends."""
    base = document.get("extends")
    if base is None:
        return dict(document)
    if base not in bases:
        raise ProfileGapsError(str(document.get("id")), [f"extends {base}, which has not been adopted"])
    return {**bases[base], **document}


def _profile(document: Mapping[str, Any], bases: Mapping[str, Mapping[str, Any]]) -> Profile:
    whole = _whole(document, bases)
    return _validated(Profile, whole, str(whole.get("id", "profile")), gaps_between(whole))


def _validated(model: type[Model], document: Mapping[str, Any], name: str, gaps: list[str]) -> Model:
    try:
        value = model.model_validate(document)
    except ValidationError as error:
        gaps = [f"{place(document, one['loc'])}: {one['msg']}" for one in error.errors()] + gaps
        raise ProfileGapsError(name, gaps) from error
    if gaps:
        raise ProfileGapsError(name, gaps)
    return value
