"""The concurrent affairs of UU 23/2014 Pasal 12 that a cooperation can be about, read from the adopted list."""

from __future__ import annotations

import csv
from collections import Counter
from difflib import get_close_matches
from typing import Literal, Self

from pydantic import ValidationError

from ksad.contracts import wording
from ksad.contracts.identifiers import Key
from ksad.contracts.law.model import Value, Words
from ksad.contracts.rules import RuleBrokenError

UNMAPPED = "belum dipetakan"
"""What is printed for the affair of an older fact that the adopted list does not have."""
CLOSE_MAX = 5
CLOSENESS = 0.5
"""The least likeness, from 0 to 1, of keys or words that are named as close; found by trying misspellings."""


class AffairsTextError(ValueError):
    """A text is not a list of affairs; the message lists every fault with its line or key."""


class Affair(Value):
    """One affair under its key; ``aliases`` are the keys that older records use for it."""

    key: Key
    name: Words
    group: Literal["wajib_pelayanan_dasar", "wajib_non_pelayanan_dasar", "pilihan"]
    aliases: tuple[Key, ...] = ()


class Affairs:
    """All affairs of a list."""

    def __init__(self, affairs: tuple[Affair, ...]) -> None:
        self.affairs = affairs
        self._by_key = {key: one for one in affairs for key in (one.key, *one.aliases)}

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The affairs in CSV lines of key, name, group and aliases, the latter separated by spaces.

        :raises AffairsTextError: a line is no affair, or a key stands for two of them.
        """
        header = ",".join(Affair.model_fields)
        if text.partition("\n")[0] != header:
            raise AffairsTextError(f"baris 1: seharusnya {header}")
        found, faults = [], []
        for number, row in enumerate(csv.DictReader(text.splitlines(), strict=True), 2):
            try:
                found.append(Affair.model_validate(row | {"aliases": tuple((row["aliases"] or "").split())}))
            except ValidationError as error:
                faults += [f"baris {number}: {one.field}: {one.message}" for one in wording.faults(error)]
        counted = Counter(key for one in found for key in (one.key, *one.aliases))
        faults += [f"{key}: berarti {count} urusan" for key, count in counted.items() if count > 1]
        if faults or not found:
            raise AffairsTextError("; ".join(faults) or "tidak ada urusan")
        return cls(tuple(found))

    def find(self, key: str) -> Affair | None:
        """The affair of a key or an alias; ``None`` where the list has none."""
        return self._by_key.get(key)

    def key(self, said: str) -> str:
        """The key under which an affair is counted, whichever of its aliases a fact says."""
        found = self.find(said)
        return found.key if found else said

    def name(self, key: str) -> str:
        """How an affair is printed: its name, or *belum dipetakan* beside what the fact says."""
        found = self.find(key)
        return found.name if found else f"{key.replace('_', ' ')} ({UNMAPPED})"

    def close(self, key: str) -> list[Affair]:
        """The affairs whose keys, aliases or names resemble a key, the closest first; at most five."""
        # A single word of a name counts like the whole: perhubungan_laut is close to Perhubungan.
        said = [key, *key.replace("-", "_").split("_")]
        words: dict[str, Affair] = {}
        for one in self.affairs:
            names = (one.key, *one.aliases, *one.name.lower().replace(",", " ").split())
            words |= {name: one for name in names if len(name) > len("dan") and name not in words}
        found = [words[name] for text in said for name in get_close_matches(text, words, CLOSE_MAX, CLOSENESS)]
        return list(dict.fromkeys(found))[:CLOSE_MAX]

    def check(self, key: str | None) -> None:
        """Checks that an affair is in the list; none is named by an agreement on the affair of its cooperation.

        :raises RuleBrokenError: it is not; ``close`` are keys and names of those that resemble it.
        """
        if key is None or self.find(key):
            return
        spelled = next((one for one in self.affairs if _plain(key) in map(_plain, (one.key, one.name))), None)
        close = [spelled] if spelled else self.close(key)
        named = f" Yang mendekati: {'; '.join(one.name for one in close)}." if close else ""
        detail = (
            f"Urusan “{key.replace('_', ' ')}” tidak ada dalam daftar urusan pemerintahan konkuren yang berlaku.{named}"
        )
        if spelled is not None:
            detail = f"Urusan {spelled.name} ada dalam daftar, tetapi ditulis lain. Pilih urusan itu dari daftarnya."
        listed = [{"affair": one.key, "name": one.name} for one in close]
        raise RuleBrokenError("affair-known", detail, "UU 23/2014 Pasal 12", affair=key, close=listed)


def _plain(said: str) -> str:
    """A key or a name without case, signs and blanks."""
    return "".join(sign for sign in said.casefold() if sign.isalnum())
