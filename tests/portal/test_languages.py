"""Both languages have every text, and every event of a cooperation's history has its sentence."""

from typing import Any

import orjson
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.examples import example
from ksad.contracts.law import Affairs
from ksad.contracts.regions import RegionTable, load_text
from ksad.portal.languages import CODES, language
from ksad.portal.naming import Names
from ksad.portal.telling import SENTENCES, lines
from tests.portal.test_pages import CODES as PROGRAMS_WORDS
from tests.support.text.source import ROOT

PORTAL = ROOT / "services" / "portal" / "src" / "ksad" / "portal"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "noted": None}
TOLD = ("cooperation", "supervision", "task")


def texts() -> set[Any]:
    """Every text of templates and modules."""
    found = extract_from_dir(
        PORTAL,
        [("**.py", "python"), ("**.html", "jinja2")],
        keywords=KEYWORDS,
        options_map={"**.html": {"extensions": "jinja2.ext.i18n", "silent": "false"}},
    )
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def test_every_text_is_translated() -> None:
    """What is written in Indonesian has its English text, with the same places for names and numbers."""
    with (PORTAL / "locale" / "en.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    known = {one.id: one for one in catalogue if one.id}
    assert len(texts()) > 150
    assert texts() - known.keys() == set()
    faulty = [one for one in catalogue if one.id and (not one.string or len(one.check()) > 0)]
    assert faulty == []


def names(code: str) -> Names:
    """The names of the packaged regions."""
    regions = RegionTable.from_csv(load_text())
    return Names(regions, Affairs(()), max(one.valid_from for one in regions.regions if one.valid_from), language(code))


def test_every_event_has_its_sentence() -> None:
    """Each event that a history can hold is told in both languages, without a word of programs."""
    told = {
        name.rpartition(".")[0]: one for name, one in sorted((one.name + ".v", one) for one in DECLARATIONS.values())
    }
    told = {name: one for name, one in told.items() if name.removeprefix("ksad.").partition(".")[0] in TOLD}
    assert {name.removeprefix("ksad.") for name in told} == set(SENTENCES)
    for code in CODES:
        for one in DECLARATIONS.values():
            if one.name.removeprefix("ksad.") not in SENTENCES:
                continue
            event = orjson.loads(example(one).to_bytes())
            [line] = lines(names(code), [{"index": 0, "event": event, "corrects": None}], {})
            assert line.sentence[0].isupper(), (one.name, line.sentence)
            assert "%(" not in line.sentence
            assert PROGRAMS_WORDS.findall(line.sentence) == [], line.sentence


def test_names_are_those_that_people_use() -> None:
    """Offices, regions and days have no code in them."""
    found = names("id")
    assert found.office("tkksd:33") == "TKKSD Provinsi Jawa Tengah"
    assert found.office("governor:33") == "Gubernur Jawa Tengah"
    assert found.office("region:33.72") == "Kota Surakarta"
    assert found.listed(["33.72", "33.11"]) == "Kota Surakarta dan Kabupaten Sukoharjo"
    assert found.day("2026-11-03") == "3 November 2026"
    assert found.day("2016-10") == "Oktober 2016"
    assert names("en").day("2026-05-03") == "3 May 2026"


def test_a_correction_tells_what_it_makes_of_the_line() -> None:
    """The sentence that was corrected is told anew beside the correction, and the line it mends is named."""
    [registered] = [one for one in DECLARATIONS.values() if one.name == "ksad.cooperation.accord_signed"][-1:]
    [corrected] = [one for one in DECLARATIONS.values() if one.name == "ksad.cooperation.corrected"]
    before, after = orjson.loads(example(registered).to_bytes()), orjson.loads(example(corrected).to_bytes())
    code = next(iter(before["data"]["numbers"]))
    after["id"] = before["id"].replace(before["id"][:8], "0" * 8)
    after["data"] |= {"corrects": before["id"], "fields": {"numbers": {code: "77/KB/2030"}}}
    entries = [
        {"index": 4, "event": before, "corrects": None},
        {"index": 9, "event": after, "corrects": before["id"]},
    ]
    mending, struck = lines(names("id"), entries, {})
    assert (struck.struck, struck.mended, mending.corrects) == (True, None, 5)
    assert mending.mended is not None
    assert "77/KB/2030" in mending.mended
    assert "77/KB/2030" not in struck.sentence
    after["data"]["fields"] = {"on": "2019-05-01"}
    assert lines(names("id"), entries, {})[0].mended == f"1 Mei 2019: {struck.sentence}"
