"""Stems stand in rows of the register's words: another algorithm needs another version of that projection."""

import pytest

from ksad.ledger.folds.spelling import stem
from ksad.ledger.folds.words import WordsProjection

STEMS = {
    "pengelolaan": "elola",
    "mengelola": "elola",
    "kelola": "lola",
    "persampahan": "sampah",
    "kebersihan": "bersih",
    "penyediaan": "sedia",
    "perhubungan": "hubung",
    "pariwisata": "pariwisata",
    "kependudukan": "nduduk",
    "pelayanan": "layan",
    "perbatasan": "batas",
    "memberdayakan": "daya",
    "surakarta": "surakarta",
}


@pytest.mark.parametrize(("word", "stemmed"), STEMS.items())
def test_stems_are_those_of_the_version_of_words(word: str, stemmed: str) -> None:
    """Rows that were folded with other stems are not found by these: whoever changes a stem raises the version."""
    assert (WordsProjection.version, stem(word)) == (1, stemmed)
