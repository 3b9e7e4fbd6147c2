"""What free text may hold: nothing that cannot be seen, and nobody's name without somebody saying that it must be.

Events are for ever and many of them public, so a person who got into one stays in it. What looks like a person is
therefore asked about once; whoever sends it may confirm that it is none, or that it has to be there.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import Field

from ksad.contracts.wording import FieldFault

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIRMED = "looks-personal"
"""What ``confirms`` of a request, or of a step of a history, holds where the text is meant as it is."""
CONFIRMS = "confirms"
Confirms: TypeAlias = Annotated[tuple[Literal["looks-personal"], ...], Field(max_length=1)]
"""The field ``confirms`` of every request with free text."""
DOCUMENTS = frozenset({"content"})
"""Fields with whole documents, which have lines and are read by machines."""
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that fonts draw as nothing."""
TURNS = "\u202a-\u202e\u2066-\u2069"
"""Bidirectional embeddings, overrides and isolates: what is read is not what is stored."""
CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029"
UNSEEN = (
    "\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff"
)
"""Signs of no width, but for joiners, which some scripts need: two titles that look alike would be two."""
CONTROL = frozenset({"Cc", "Zl", "Zp"})
HIDDEN = re.compile(f"[{TURNS}{CONTROLS}{UNSEEN}\t\n\r]")
HIDDEN_IN_LINES = re.compile(f"[{TURNS}{CONTROLS}]")
MACHINE = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}(-\d\d){0,2}")
"""Hashes, ids and dates."""

# Each pattern begins where nothing of it can stand before, so that no text of a megabyte takes more than one passage.
# Offices, and words in which "ibu" is no person.
NOT_NAMES = (
    "Asisten|Asuh|Bupati|Camat|Deputi|Direktur|Dirjen|Gubernur|Kabag|Kabid|Kadis|Kepala|Ketua|Kota|Lurah|Menteri|Negara"
    "|Negeri|Pertiwi|Pejabat|Presiden|Rumah|Sekda|Sekretaris|Staf|Wakil|Wali|Walikota"
)
PERSONAL = {
    "NIP": re.compile(
        r"(?<![\w./-])(?:19|20)\d{6}[ .]?(?:19|20)\d{4}[ .]?[12][ .]?\d{3}(?![\w/-])|\bNIP\b[ .:]*\d", re.IGNORECASE
    ),
    "NIK": re.compile(r"(?<![\w./-])[1-9]\d{15}(?![\w/-])|\bNIK\b[ .:]*\d", re.IGNORECASE),
    "nomor telepon": re.compile(r"(?<![\w./-])(?:\+62|62|0)[ -]?8\d{1,3}\)?(?:[ -]?\d{3,4}){2,3}(?![\w/-])"),
    "alamat surel": re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.-]+"),
    "nama orang": re.compile(
        rf"\b(?:[Bb]apak|BAPAK|[Bb]pk\.?|[Ii]bu|IBU|[Pp]ak|PAK|[Bb]u|[Ss]audar[ai]|[Ss]dri?\.|SDR\.)\s+"
        rf"(?!(?i:{NOT_NAMES})\b)[A-Z][\w'’.-]+"
    ),
}
"""What looks like a person, by the words in which it is told."""
FAULTS = {
    "NIP": "personal_nip",
    "NIK": "personal_nik",
    "nomor telepon": "personal_telephone",
    "alamat surel": "personal_mail",
    "nama orang": "personal_name",
}
"""The error type of each."""


def unreadable(body: object) -> list[FieldFault]:
    """The texts of a request that hold control characters or turn the direction of reading, or show nothing."""
    found = [(path, _fault(name, text)) for path, name, text, _ in _texts(body)]
    return [one._replace(field=path) for path, one in found if one is not None]


def looks_personal(body: object) -> list[FieldFault]:
    """The texts of a request that look like a person, but for those whose sender confirms them.

    :param body: JSON; an object with ``confirms: ["looks-personal"]`` confirms all texts in it.
    """
    found = []
    for path, name, text, confirmed in _texts(body):
        if confirmed or name in DOCUMENTS or MACHINE.fullmatch(text):
            continue
        # As it is read: digits and letters also come in wide and other forms.
        plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
        found += [FieldFault(path, what, FAULTS[what]) for what, pattern in PERSONAL.items() if pattern.search(plain)]
    return found


def _fault(name: str, text: str) -> FieldFault | None:
    found = (HIDDEN_IN_LINES if name in DOCUMENTS else HIDDEN).search(text)
    if found is not None:
        control = unicodedata.category(found[0]) in CONTROL
        what, sign = "tanda kendali" if control else "tanda yang tidak terlihat", f"U+{ord(found[0]):04X}"
        said = f"memuat {what} ({sign}); tulis tanpa tanda itu, dalam satu baris"
        return FieldFault("", said, "text_control" if control else "text_unseen", {"sign": sign})
    if text and all(sign in BLANKS or unicodedata.category(sign) in {"Cf", "Zs"} for sign in text):
        return FieldFault("", "tidak memuat satu huruf pun yang terlihat", "text_blank")
    return None


def _texts(
    value: object, path: str = "", name: str = "", *, confirmed: bool = False
) -> Iterator[tuple[str, str, str, bool]]:
    """Every text with its path, the name of its field, and whether its sender confirms it."""
    if isinstance(value, str):
        yield path, name, value, confirmed
    elif isinstance(value, dict):
        confirms = value.get(CONFIRMS)
        confirmed = confirmed or (isinstance(confirms, list | tuple) and CONFIRMED in confirms)
        for key, one in value.items():
            if key != CONFIRMS:
                yield from _texts(one, f"{path}.{key}" if path else str(key), str(key), confirmed=confirmed)
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _texts(one, f"{path}.{number}" if path else str(number), name, confirmed=confirmed)
