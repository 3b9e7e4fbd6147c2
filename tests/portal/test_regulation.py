"""The regulation on its page: every clause in its words, what is done about it in both languages, and links to it."""

import html
import re

import pytest

from ksad.chassis.problems import Problem
from ksad.contracts.law import CLAUSES, packaged
from ksad.contracts.rules import RefusalKind
from ksad.portal.languages import CODES, language
from ksad.portal.regulation import anchor, clause_links, regulation
from ksad.portal.rendering import rendered
from tests.portal.conftest import FIRST, KEY, Browsers
from tests.portal.test_pages import CODES as PROGRAMS_WORDS

pytestmark = pytest.mark.xdist_group("portal")
WORDS = {one.id: one.text for one in packaged().profile("ksad-2009").clauses.values()}


@pytest.mark.parametrize("code", CODES)
def test_every_clause_is_told_in_both_languages(code: str) -> None:
    """No clause is left out, its words are those of the law, and what is done is told without a word of programs."""
    told = [one for article in regulation(language(code)).articles for one in article.clauses]
    assert {one.anchor for one in told} == {anchor(one) for one in CLAUSES}
    assert {one.words for one in told} == set(WORDS.values())
    assert len({anchor(one) for one in CLAUSES}) == len(CLAUSES)
    if code == "id":
        assert [one.behaviour for one in told if PROGRAMS_WORDS.search(one.behaviour)] == []
    other = {one.anchor: one.behaviour for article in regulation(language("en")).articles for one in article.clauses}
    assert code == "en" or all(one.behaviour != other[one.anchor] for one in told)


def test_a_clause_is_reached_from_wherever_it_is_cited(browsers: Browsers) -> None:
    """Links of a cooperation's page lead to anchors that the page of the regulation has; other law has none."""
    page = browsers.nobody().get("/peraturan").text
    for words in WORDS.values():
        assert html.escape(words, quote=False) in page.replace("&#34;", '"').replace("&#39;", "'"), words
    linked = set(re.findall(r'href="/peraturan#([^"]+)"', browsers.officer(FIRST).get(f"/kerja-sama/{KEY}").text))
    assert linked
    assert linked <= set(re.findall(r'id="([^"]+)"', page))
    assert clause_links("P12; UU 23/2014 Pasal 363") == [
        ("Pasal 12", "/peraturan#pasal-12", False),
        ("UU 23/2014 Pasal 363", None, False),
    ]


def test_what_is_only_recalled_says_so_wherever_it_is_cited() -> None:
    """A clause of which nobody here had the text is shown with that, in both languages, and no other is."""
    for code, words in (
        ("id", "belum dicocokkan dengan naskah resminya"),
        ("en", "not compared with its official text"),
    ):
        for clause, marked in (("PP 50/2007 Pasal 21", True), ("PP 28/2018 Pasal 9(1)", False), ("P12", False)):
            refused = Problem(RefusalKind.CONFLICT, "is-forum", "Tidak.", clause=clause)
            page = rendered("problem.html", language(code), problem=refused, path="/", training=False)
            assert (words in page) is marked, (code, clause)
