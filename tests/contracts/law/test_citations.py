"""Clauses are cited as lawyers cite them, in every page, report and refusal."""

import pytest

from ksad.contracts.law import citation


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
