"""Clauses are cited as lawyers cite them, in every page, report and refusal."""

import pytest

from ksad.contracts.law import RECALLED, Basis, citation, is_recalled, packaged


@pytest.mark.parametrize(
    ("identifier", "cited"),
    [
        ("P10.d.4.c", "Pasal 10 huruf d angka 4 huruf c"),
        ("P6.a.1.d", "Pasal 6 huruf a angka 1 huruf d"),
        ("P9(1)", "Pasal 9 ayat (1)"),
        ("P12", "Pasal 12"),
        ("P10.d.4; P9(1)", "Pasal 10 huruf d angka 4; Pasal 9 ayat (1)"),
        ("P6.d.4/P10.d.4", "Pasal 6 huruf d angka 4; Pasal 10 huruf d angka 4"),
        ("UU 23/2014 Pasal 370 ayat (2)", "UU 23/2014 Pasal 370 ayat (2)"),
    ],
)
def test_a_clause_is_cited_as_a_lawyer_cites_it(identifier: str, cited: str) -> None:
    """A clause id of the regulation becomes a citation; a citation of other law stays what it is."""
    assert citation(identifier) == cited


def recalled_parts() -> set[tuple[str, bool]]:
    """The sources of grounds of an end and of rules of statutes in every profile, and whether each is only recalled."""
    parts = [one for profile in packaged().profiles.values() for one in (*profile.endings, *profile.statutes)]
    return {(one.source, one.basis is Basis.MEMORY) for one in parts}


def test_a_regulation_is_recalled_where_the_profiles_say_so() -> None:
    """What is cited as recalled, and nothing else, is of a regulation whose body nobody here has read."""
    found = recalled_parts()
    assert {memory for _, memory in found} == {True, False}
    assert [source for source, memory in found if is_recalled(source) is not memory] == []
    assert all(is_recalled(f"P1.4; {one} Pasal 1") for one in RECALLED)
    assert not is_recalled("P6.d.4/P10.d.4")
