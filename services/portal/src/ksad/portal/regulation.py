"""The regulation clause by clause, and what the platform does about each; and where a clause stands on its page."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.law import CLAUSES, citation, is_recalled, packaged
from ksad.portal.languages import ENGLISH

if TYPE_CHECKING:
    from ksad.portal.languages import Language

PROFILE = "ksad-2009"
ADDRESS = "/peraturan"


class ClauseTold(NamedTuple):
    """A clause: its citation, its words, what the platform does about it, and how deep it stands in its article."""

    anchor: str
    citation: str
    words: str
    behaviour: str
    depth: int


class Article(NamedTuple):
    """An article with its clauses in order."""

    anchor: str
    citation: str
    clauses: tuple[ClauseTold, ...]


class RegulationTold(NamedTuple):
    """The regulation: its title, how it stands, and its articles; ``as_recalled`` says that nobody verified that."""

    title: str
    standing: str
    as_recalled: bool
    articles: tuple[Article, ...]


@cache
def _behaviours() -> dict[str, tuple[str, str]]:
    """What the platform does about each clause, in Indonesian and in English."""
    text = (resources.files("ksad.portal") / "behaviours.toml").read_text()
    rows = tomllib.loads(text)["behaviours"]
    return {clause: (row["tells"], row["does"]) for row in rows for clause in row["clauses"]}


def anchor(identifier: str) -> str:
    """Where a clause stands on the page: ``pasal-10-d-4``."""
    return "pasal-" + re.sub(r"[.()]+", "-", identifier.removeprefix("P")).strip("-")


class ClauseLink(NamedTuple):
    """A citation with its address, none of other law, which has no page here; and whether its words were not read."""

    text: str
    address: str | None
    recalled: bool


def clause_links(identifiers: str) -> list[ClauseLink]:
    """The citations in a clause."""
    return [
        ClauseLink(citation(one), f"{ADDRESS}#{anchor(one)}" if one in CLAUSES else None, is_recalled(one))
        for one in identifiers.split("; ")
    ]


def regulation(language: Language) -> RegulationTold:
    """The regulation as the software brings it, with what the platform does in a language."""
    profile = packaged().profile(PROFILE)
    chosen = 1 if language.code == ENGLISH else 0
    articles: dict[str, list[ClauseTold]] = {}
    for clause in profile.clauses.values():
        number = clause.id.partition(".")[0].partition("(")[0]
        depth = clause.id.count(".") + clause.id.count("(")
        told = ClauseTold(anchor(clause.id), citation(clause.id), clause.text, _behaviours()[clause.id][chosen], depth)
        articles.setdefault(number, []).append(told)
    return RegulationTold(
        profile.title,
        profile.status.label,
        profile.status.basis == "memory",
        tuple(Article(anchor(number), citation(number), tuple(clauses)) for number, clauses in articles.items()),
    )
