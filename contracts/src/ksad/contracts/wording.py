"""Indonesian messages for validation errors, by error type.

Messages of libraries are English and change between releases, so none of them is shown to users.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import ValidationError

FIELD_MAX = 100

_TEXT = "harus berupa teks"
_INTEGER = "harus berupa bilangan bulat, ditulis tanpa tanda kutip, titik, atau koma"
_NUMBER = "harus berupa bilangan"
_BOOLEAN = "harus true atau false"
_OBJECT = "harus berupa objek"
_LIST = "harus berupa daftar"
_DATE = "harus berupa tanggal YYYY-MM-DD"
_UUID = "harus berupa UUID"
_CHOICE = "bukan salah satu pilihan: {expected}"

WORDS = {
    "missing": "wajib diisi",
    "extra_forbidden": "tidak dikenal di sini",
    "json_invalid": "bukan JSON yang dapat dibaca",
    "invalid_key": "nama isian harus berupa teks",
    "none_required": "harus kosong (null)",
    "recursion_loop": "bersarang terlalu dalam",
    "recursion_depth_exceeded": "bersarang terlalu dalam",
    "string_type": _TEXT,
    "string_unicode": "memuat tanda yang bukan Unicode",
    "string_too_short": "terlalu pendek, paling sedikit {min_length} karakter",
    "string_too_long": "terlalu panjang, paling banyak {max_length} karakter",
    "string_pattern_mismatch": "bentuknya tidak sesuai",
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "int_type": _INTEGER,
    "int_parsing": _INTEGER,
    "int_parsing_size": "terlalu besar",
    "int_from_float": _INTEGER,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "greater_than": "terlalu kecil, harus lebih dari {gt}",
    "greater_than_equal": "terlalu kecil, paling kecil {ge}",
    "less_than": "terlalu besar, harus kurang dari {lt}",
    "less_than_equal": "terlalu besar, paling besar {le}",
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "too_short": "terlalu sedikit isinya, paling sedikit {min_length}",
    "too_long": "terlalu banyak isinya, paling banyak {max_length}",
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    # Error types of our own validators.
    "not_canonical": "tidak dapat dicatat",
    "text_nul": "memuat tanda NUL; hapus tanda itu",
    "text_nfc": "harus dalam bentuk Unicode NFC; ketik ulang huruf yang bertanda",
    "integer_size": "terlalu besar, paling banyak 16 angka",
    "key_ascii": "nama isian harus terdiri dari huruf dan tanda ASCII",
    "charset": "harus dalam UTF-8",
    "content_type": "dikirim sebagai JSON, dengan Content-Type: application/json",
    "day": _DATE,
    "given_twice": "diberikan dua kali; pilih salah satu",
    "no_number": "bukan bilangan yang dikenal JSON",
    "office": "bukan nama jabatan, misalnya minister, governor:32, tkksd:32, region:32.75",
    "page_mark": "bukan tanda halaman dari jawaban sebelumnya",
    "partial_date": "harus berupa tanggal YYYY, YYYY-MM, atau YYYY-MM-DD",
    "period": "harus berupa periode YYYY, YYYY-S1, YYYY-S2, atau YYYY-MM",
    "ground_always": "tidak ada dasar hukum sebelum tanggal pertama; satu dasar harus tanpa tanggal",
    "open_items_because": "alasannya diisi jika open_items true, dan hanya jika demikian",
    "event_declared": "memuat nama kejadian yang tidak ada: {events}",
    "row_length": "setiap baris harus memuat satu teks untuk setiap kolom",
    "tier_clause": "sedikitnya satu tingkat memerlukan klausul",
}
"""Messages by error type, pydantic's or of our own validators; ``{}`` are values of the error's context.

A test checks that every error type that our models can raise is in the table.
"""

OTHERWISE = "tidak sesuai"


class FieldFault(NamedTuple):
    """The path of a faulty field, an Indonesian message, and the error's type with the values that the message names.

    By type and values others say the same in another language.
    """

    field: str
    message: str
    fault: str
    values: Mapping[str, str] = MappingProxyType({})

    def shown(self) -> dict[str, object]:
        """As a member of ``errors`` in a problem; without values where the message names none."""
        return {name: value for name, value in self._asdict().items() if value != {}}


def faults(error: ValidationError) -> list[FieldFault]:
    """The errors of a validation, in the order of the fields."""
    return worded(error.errors(include_url=False, include_input=False))


def worded(errors: Iterable[Mapping[str, Any]]) -> list[FieldFault]:
    """The same for error dictionaries, as FastAPI collects them; ``body`` is left out of the paths."""
    return [_worded(readable(one["loc"]), one["type"], one.get("ctx", {})) for one in errors]


def _worded(place: str, kind: str, context: Mapping[str, Any]) -> FieldFault:
    template = WORDS.get(kind, OTHERWISE)
    values = {name: str(value) for name, value in context.items() if f"{{{name}}}" in template}
    said = template.format_map({name: value.replace(" or ", " atau ") for name, value in values.items()})
    return FieldFault(place, said, kind, values)


def readable(place: Sequence[object]) -> str:
    """The path of a field. Names from the client are shortened, and replaced where they cannot be encoded."""
    path = ".".join(str(part) for part in place if part != "body")
    return path[:FIELD_MAX].encode(errors="replace").decode()


def shortened(text: str, most: int = 1_000) -> str:
    """A text of at most so many characters, not counting a note of how many were left out."""
    return text if len(text) <= most else f"{text[:most].rstrip()} … ({len(text) - most} karakter lagi)"


def listed(items: Sequence[str], most: int, more: str = "… ({} lagi)", separator: str = ", ") -> str:
    """The first items of a list in one text, with a note of how many were left out.

    :param more: the note, with ``{}`` for the number; the default is Indonesian.
    """
    left = len(items) - most
    return separator.join([*items[:most], more.format(left)] if left > 0 else items)


def told(error: ValidationError) -> str:
    """All errors in one line, such as ``ends_on: wajib diisi; numbers.32: harus berupa teks``."""
    return "; ".join(f"{one.field}: {one.message}" if one.field else one.message for one in faults(error))
