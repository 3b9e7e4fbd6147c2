"""The two languages of the pages: Indonesian, in which everything is written, and its English translation."""

from __future__ import annotations

import tomllib
from functools import cache
from gettext import NullTranslations
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from babel.dates import format_date
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from babel.messages.catalog import Catalog

INDONESIAN, ENGLISH = "id", "en"
CODES = (INDONESIAN, ENGLISH)


def noted(message: str) -> str:
    """Marks a text that is translated where it is shown, so that it is found for the catalogue."""
    return message


class Language(NullTranslations):
    """One language; without a catalogue every text stays as it is written."""

    def __init__(self, code: str, catalogue: Catalog | None = None) -> None:
        super().__init__()
        self.code = code
        self._texts: dict[str, str] = {}
        self._counted: dict[str, tuple[str, ...]] = {}
        for one in catalogue or ():
            if isinstance(one.id, str) and isinstance(one.string, str):
                self._texts[one.id] = one.string
            elif one.id and one.string:
                self._counted[one.id[0]] = tuple(one.string)

    def gettext(self, message: str) -> str:
        """A text in this language."""
        return self._texts.get(message) or message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """A text that counts; Indonesian has one form, English two."""
        forms = self._counted.get(msgid1, (msgid1, msgid2))
        return forms[0 if n == 1 else -1]

    def day(self, value: date, form: str = "d MMMM y") -> str:
        """A day in words: ``3 November 2026``; ``d MMM y`` is the form of tables."""
        return format_date(value, form, locale=self.code)


class SaidRefusal(NamedTuple):
    """What is said of a refusal: a sentence of the page's language, or, with a rule, the service's Indonesian one."""

    sentence: str
    rule: str | None = None


@cache
def rules() -> dict[str, str]:
    """What each rule says when it refuses, in English."""
    found: dict[str, str] = tomllib.loads((resources.files("ksad.portal") / "locale" / "rules.toml").read_text())
    return found


def refusal_said(rule: str, detail: str, language: Language) -> str:
    """A refusal in one sentence of the page's language, where there is no room for both.

    :param detail: the service's Indonesian sentence.
    """
    return rules().get(rule, detail) if language.code == ENGLISH else detail


@cache
def faults() -> dict[str, str]:
    """What is wrong with a field, in English, by the type of the error; ``{}`` are its values."""
    found: dict[str, str] = tomllib.loads((resources.files("ksad.portal") / "locale" / "faults.toml").read_text())
    return found


def fault_said(error: Mapping[str, Any], language: Language) -> str:
    """What a service says of a faulty field, in the page's language; in Indonesian if it is not known in English.

    :param error: one of the ``errors`` of a refusal.
    """
    template = faults().get(str(error.get("fault"))) if language.code == ENGLISH else None
    return str(error["message"]) if template is None else template.format_map(error.get("values", {}))


@cache
def language(code: str | None) -> Language:
    """The language of a code; Indonesian for any other."""
    if code != ENGLISH:
        return Language(INDONESIAN)
    with (resources.files("ksad.portal") / "locale" / "en.po").open("rb") as file:
        return Language(ENGLISH, read_po(file, locale=ENGLISH))
