"""Which cooperations resemble one: by the stems of the Indonesian words of title, object, scope and affair (a.1.c).

The clause says "daerah yang telah melakukan KSAD" and limits it to no affair and to no agreement, for a cooperation is
the accord already (Pasal 1 no. 4). What resembles is a proposal to the officer, who judges it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from snowballstemmer import stemmer

if TYPE_CHECKING:
    from collections.abc import Iterable

WORD = re.compile(r"[^\W\d_]{2,}")
STEMMER = stemmer("indonesian")
COMMON = frozenset(
    (
        "antar",
        "antara",
        "atau",
        "bagi",
        "bersama",
        "bidang",
        "daerah",
        "dalam",
        "dan",
        "dari",
        "dengan",
        "di",
        "guna",
        "ilustrasi",
        "kabupaten",
        "kawasan",
        "kegiatan",
        "kepada",
        "kerja",
        "kerjasama",
        "kesepakatan",
        "kota",
        "layanan",
        "melalui",
        "oleh",
        "pada",
        "pelaksanaan",
        "pelayanan",
        "pembangunan",
        "pemerintah",
        "pemerintahan",
        "pengelolaan",
        "pengolahan",
        "penyediaan",
        "penyelenggaraan",
        "peningkatan",
        "perjanjian",
        "provinsi",
        "sama",
        "serta",
        "tentang",
        "terhadap",
        "untuk",
        "wilayah",
        "yang",
    )
)
"""Words that nearly every title has, by which nothing resembles anything."""
MEANT = {"tpa": "sampah", "tpst": "sampah", "pemrosesan": "sampah", "transportasi": "angkutan", "spam": "air"}
"""Abbreviations and words of the trade, and by which other word the same is called."""


@cache
def stem(word: str) -> str:
    """The stem of a word."""
    found: str = STEMMER.stemWord(MEANT.get(word, word))
    return found


def stems(texts: Iterable[str]) -> frozenset[str]:
    """The stems of the words in texts that say what a cooperation is about; a key's words are joined by underscores."""
    words = (word for text in texts for word in WORD.findall(text.casefold().replace("_", " ")))
    return frozenset(stem(word) for word in words if word not in COMMON)
