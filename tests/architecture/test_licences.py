"""What the platform hands over is under terms that let the ministry hand it over (docs/decisions/0004)."""

import re
from importlib import metadata

from tests.support.text.distributions import closure
from tests.support.text.source import ROOT

RECORD = "docs/decisions/0004-dependencies-and-their-licences.md"
PERMISSIVE = re.compile(r"\b(MIT|BSD|Apache|ISC|PSF|Public Domain|MIT-0|MIT-CMU)\b", re.IGNORECASE)
RECIPROCAL = re.compile(r"\b(A?GPL|LGPL|MPL|EUPL|CDDL|SSPL|BUSL)", re.IGNORECASE)
OURS = re.compile(r"^ksad-")
NAMED_EXCEPTIONS = {"psycopg", "psycopg-binary", "psycopg-pool", "orjson", "certifi"}


def licence(distribution: str) -> str:
    """All that a distribution's metadata says about its licence."""
    about = metadata.metadata(distribution)
    values = [value for key in ("License-Expression", "License", "Classifier") for value in about.get_all(key) or []]
    return " ".join(value for value in values if "::" not in value or value.startswith("License"))


def handed_over() -> list[str]:
    """Every library that an installation of the whole platform brings."""
    return sorted(name for name in closure("ksad-local") if not OURS.match(name))


def test_every_library_is_permissive_or_a_named_exception() -> None:
    """A library without a permissive licence, or with a reciprocal one, is refused unless record 0004 names it."""
    refused = {
        name: licence(name)
        for name in handed_over()
        if name not in NAMED_EXCEPTIONS and (RECIPROCAL.search(licence(name)) or not PERMISSIVE.search(licence(name)))
    }
    assert refused == {}


def test_every_exception_is_still_one() -> None:
    """An exception is in the record, is installed with the platform, and really is reciprocal."""
    record = (ROOT / RECORD).read_text()
    for name in NAMED_EXCEPTIONS:
        assert name in record
        assert name in handed_over()
        assert RECIPROCAL.search(licence(name))


def test_every_direct_dependency_is_in_the_record() -> None:
    """Whoever adds a dependency says in record 0004 what it is for and under which licence."""
    record = (ROOT / RECORD).read_text().lower()
    direct = {
        re.split(r"[\[<>=; ]", requirement)[0].lower()
        for member in closure("ksad-local")
        if OURS.match(member)
        for requirement in metadata.requires(member) or []
    }
    assert [name for name in sorted(direct) if not OURS.match(name) and name not in record] == []
