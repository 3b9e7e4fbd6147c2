"""Texts as they are sought: letters without their capitals, and words with their Indonesian stems.

Folded here and not by a database: SQLite folds ASCII only, PostgreSQL by the language it was made with.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from snowballstemmer import stemmer

WORD = re.compile(r"[^\W_]+")
LONGEST = 64
"""Of a longer word only so many letters count, so that every word fits into an index."""
TEXTS = 2_000
"""Texts of which the words are kept. Few are said twice, and more would be memory that grows with the log."""
MANY = 50_000
"""Words of which the stem is kept."""
INDONESIAN = stemmer("indonesian")


def letters(text: str) -> str:
    """A text without the difference of capital and small letters, and of the spellings of one letter in Unicode."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


@lru_cache(TEXTS)
def words(text: str) -> tuple[str, ...]:
    """The words and numbers of a text in their order, each once, in folded letters."""
    return tuple(dict.fromkeys(word[:LONGEST] for word in WORD.findall(letters(text))))


@lru_cache(TEXTS)
def sayings(text: str) -> frozenset[str]:
    """The words of a text and their stems."""
    return frozenset((*words(text), *map(stem, words(text))))


def says(text: str, word: str) -> bool:
    """Whether a text is found by a folded word: it begins one of the text's words or stems, or has such a stem."""
    return stem(word) in sayings(text) or any(one.startswith(word) for one in sayings(text))


@lru_cache(MANY)
def stem(word: str) -> str:
    """The Indonesian stem of a folded word, by the algorithm of Tala as Snowball has it.

    It takes prefixes off, not knowing what they changed: *mengelola* and *pengelolaan* are both *elola*, *kelola* not.
    """
    found: str = INDONESIAN.stemWord(word)
    return found
