"""Reads profiles and policy from text, and refuses what has a gap: all gaps are named at once.

Profiles are read from the texts that the log adopted; ``load_text`` is this package's copy of them, for adopting.
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
"""The profiles of this package, each after the one that it extends."""


class ProfileGapsError(ValueError):
    """A profile or policy with gaps; ``gaps`` names each place and what is missing or wrong there."""

    def __init__(self, name: str, gaps: Iterable[str]) -> None:
        self.name = name
        self.gaps = tuple(gaps)
        super().__init__(f"{name}: " + "; ".join(self.gaps))


class UnknownProfileError(LookupError):
    """No profile of this name has been adopted."""


def load_text(name: str) -> str:
    """This package's copy of a profile (``ksad-2009``, ``ksdd-2018``) or of the ``policy``."""
    return _data(f"{name}.toml")


def regulation_text() -> str:
    """The text of Permendagri 23/2009 that the profiles quote; its source stands in the README beside it."""
    return _data("permendagri-23-2009.txt")


def read_profile(text: str, bases: Mapping[str, Mapping[str, Any]] | None = None) -> Profile:
    """The profile in a text. ``bases`` are the documents of profiles that it may extend.

    :raises ProfileGapsError: not TOML, a value without source or basis, a duty without words, trigger or closing rule,
        an unknown clause, an unknown event, a row, stage or item that is missing or contradicts another.
    """
    return _profile(_document(text), bases or {})


def read_policy(text: str) -> Policy:
    """The policy in a text; raises ProfileGapsError as ``read_profile``."""
    document = _document(text)
    return _validated(Policy, document, str(document.get("id", "policy")), [])


class Lawbook:
    """All adopted profiles: by name, and by the day on which one is in force."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self.profiles = {profile.id: profile for profile in sorted(profiles, key=lambda one: one.valid_from)}

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> Self:
        """The book of these texts, each after the one that it extends; raises ProfileGapsError."""
        documents: dict[str, Mapping[str, Any]] = {}
        profiles = []
        for text in texts:
            document = _document(text)
            profiles.append(_profile(document, documents))
            documents[profiles[-1].id] = _whole(document, documents)
        return cls(profiles)

    def profile(self, name: str) -> Profile:
        """The profile of this name; raises UnknownProfileError."""
        if name not in self.profiles:
            raise UnknownProfileError(name)
        return self.profiles[name]

    def in_force(self, on: date) -> Profile:
        """The profile in force on a day: the latest that has begun; before all of them, the first.

        The first holds for older cooperations too: supervision under it reached those that ran when it began (a
        reading; Pasal 14 says no more than from when).

        :raises UnknownProfileError: none has been adopted.
        """
        begun = [
            one for one in self.profiles.values() if one.valid_from <= on and (not one.valid_to or on < one.valid_to)
        ]
        if not self.profiles:
            raise UnknownProfileError(f"no profile for {on}")
        return begun[-1] if begun else next(iter(self.profiles.values()))


@cache
def packaged() -> Lawbook:
    """The book of this package's own texts."""
    return Lawbook.from_texts(map(load_text, PROFILES))


def profile_in_force(on: date, book: Lawbook | None = None) -> Profile:
    """The profile in force on a day, in a book or among this package's own."""
    return (book or packaged()).in_force(on)


def check_terms(profile: Profile, policy: Policy) -> None:
    """Refuse a policy that leaves a duty of the profile without term or period.

    :raises ProfileGapsError: names each duty.
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
        raise ProfileGapsError("text", [f"no TOML: {error}"]) from error


def _whole(document: Mapping[str, Any], bases: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The document with everything that it does not say itself taken from the one it extends."""
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
