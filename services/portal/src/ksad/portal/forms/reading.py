"""From the fields of a form that was sent to the body of a command; what cannot be read is said beside its field."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ksad.portal.forms.questions import at, places
from ksad.portal.languages import noted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ksad.portal.forms.questions import Question

PLACES = 8
"""How many regions a form has places for."""
KEY_MAX = 60
EMPTY = noted("Belum diisi.")
NO_DAY = noted("Tulis tanggal, bulan, dan tahun dengan angka, misalnya 3 11 2026.")
NO_REGION = noted("Tidak ada daerah dengan nama ini. Pilih dari daftar.")
NO_AMOUNT = noted("Tulis jumlahnya dengan angka, misalnya 1.250.000.")
AMOUNT = r"-?([0-9]{1,15}|[0-9]{1,3}(\.[0-9]{3}){1,4})(,-|,00)?"
NOT_OFFERED = noted("Pilihan ini tidak tersedia.")
KEPT = "kept"


class Sent(NamedTuple):
    """What was read of a form: the body of the command, and what is wrong by the name of a field."""

    body: dict[str, Any]
    faults: dict[str, str]


def read(found: Sequence[Question], given: Mapping[str, list[str]]) -> Sent:
    """Reads a form.

    :param given: the texts that were sent, by the name of their input; documents are those that were uploaded.
    """
    faults: dict[str, str] = {}
    body = _object(found, given, faults)
    return Sent(body, faults)


def _object(found: Sequence[Question], given: Mapping[str, list[str]], faults: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for one in found:
        if one.kind == "derived":
            _derive(one, given, faults, body)
            continue
        value = _value(one, given, faults)
        if value is not None:
            body[one.card.name] = value
        elif one.nullable:
            body[one.card.name] = None
        elif one.required and one.name not in faults and one.kind != "group":
            faults[one.name] = EMPTY
    return body


def _derive(one: Question, given: Mapping[str, list[str]], faults: dict[str, str], body: dict[str, Any]) -> None:
    """A field that is made from the text of another; where that has no letters, that one is at fault."""
    source = one.name.removesuffix(one.card.name) + (one.card.source or "")
    found = key_from(_first(given, source))
    if found is None:
        faults.setdefault(source, EMPTY)
    else:
        body[one.card.name] = found


def _value(one: Question, given: Mapping[str, list[str]], faults: dict[str, str]) -> Any:  # noqa: ANN401, PLR0911 - JSON; one line for each kind
    match one.kind:
        case "date" | "day":
            return _day(one, given, faults)
        case "names":
            return _named(one, given, faults) or None
        case "name":
            return _region(one, _first(given, one.name), one.name, faults)
        case "only":
            return one.options[0][0]
        case "regions" | "picks":
            return [value for value in given.get(one.name, []) if value in dict(one.options)] or None
        case "numbers":
            numbers = {code: _first(given, f"{one.name}.{code}") for code, _ in one.options}
            return {code: number for code, number in numbers.items() if number} or None
        case "amounts" | "allotments" | "each":
            return _table(one, given, faults)
        case "file" | "files":
            kept = _kept(one, given, faults)
            return (kept or None) if one.kind == "files" else next(iter(kept), None)
        case "group":
            return _object(one.parts, given, faults) if one.required or _touched(one.name, given) else None
        case "groups":
            filled = [place for place in places(one) if _touched(f"{one.name}.{place}", given)]
            return [_object(at(one, place), given, faults) for place in filled] or None
    return _single(one, _first(given, one.name), faults)


def _kept(one: Question, given: Mapping[str, list[str]], faults: dict[str, str]) -> list[Any]:
    """How the documents are named that were uploaded with this form."""
    try:
        return [orjson.loads(reference) for reference in given.get(f"{one.name}.{KEPT}", [])]
    except orjson.JSONDecodeError:
        faults[one.name] = NOT_OFFERED
        return []


def _single(one: Question, text: str, faults: dict[str, str]) -> str | int | bool | None:
    """The value of one input; of a closed list only what is offered."""
    if text and one.options and text not in dict(one.options):
        faults[one.name] = NOT_OFFERED
        return None
    if not text:
        return None
    if one.kind == "amount":
        return _amount(text, one.name, faults)
    if one.kind == "yes_no":
        return text == "yes"
    return int(text) if one.kind == "scale" else text


def _table(one: Question, given: Mapping[str, list[str]], faults: dict[str, str]) -> dict[str, Any] | None:
    """What was typed for each party, or for each good; a table that is required may be empty."""
    found: dict[str, Any] = {}
    for key, _ in one.options:
        name = f"{one.name}.{key}"
        if one.kind == "each":
            asked = at(one, key)
            found |= {key: _object(asked, given, faults)} if any(_first(given, part.name) for part in asked) else {}
        elif one.kind == "amounts":
            amount = _amount(_first(given, name), name, faults)
            found |= {} if amount is None else {key: amount}
        elif text := _first(given, name):
            found[key] = text
    return found or ({} if one.required else None)


def _amount(text: str, name: str, faults: dict[str, str]) -> int | None:
    """An amount of rupiah as people write it: ``Rp1.250.000``, ``−875.000.000``."""
    if not text:
        return None
    plain = re.sub(r"^(-?)rp\.?", r"\1", re.sub(r"\s", "", text.lower().replace("\u2212", "-")))
    if re.fullmatch(AMOUNT, plain):
        return int(plain.partition(",")[0].replace(".", ""))
    faults[name] = NO_AMOUNT
    return None


def _touched(name: str, given: Mapping[str, list[str]]) -> bool:
    return any(key.startswith(f"{name}.") and any(one.strip() for one in values) for key, values in given.items())


def _first(given: Mapping[str, list[str]], name: str) -> str:
    return next((one.strip().replace("\r\n", "\n") for one in given.get(name, []) if one.strip()), "")


def _day(one: Question, given: Mapping[str, list[str]], faults: dict[str, str]) -> str | None:
    """A day in three inputs; where it may be known in part, a month and year, or a year."""
    day, month, year = (_first(given, f"{one.name}.{part}") for part in ("d", "m", "y"))
    if not (day or month or year):
        return None
    partial = one.kind == "day"
    try:
        whole = date(int(year), int(month or 1 if partial else month), int(day or 1 if partial else day))
    except ValueError:
        faults[one.name] = NO_DAY
        return None
    if day and not month:
        faults[one.name] = NO_DAY
        return None
    return whole.isoformat()[: 10 if day or not partial else 7 if month else 4]


def _named(one: Question, given: Mapping[str, list[str]], faults: dict[str, str]) -> list[str]:
    names = [f"{one.name}.{place}" for place in range(PLACES)]
    found = [_region(one, _first(given, name), name, faults) for name in names]
    return [code for code in found if code is not None]


def _region(one: Question, text: str, name: str, faults: dict[str, str]) -> str | None:
    """The code of a region whose name was typed."""
    if not text:
        return None
    code = {called.casefold(): code for code, called in one.options}.get(" ".join(text.split()).casefold())
    if code is None:
        faults[name] = NO_REGION
    return code


def key_from(text: str) -> str | None:
    """A short name from a text, as the register's addresses have it: ``Sampah Solo Raya`` is ``sampah-solo-raya``."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text).lower() if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:KEY_MAX].strip("-") or None
