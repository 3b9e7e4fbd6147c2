"""The reader of history files: whatever the file holds, it is read, or refused with its place and how to mend it."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ksad.local.history.nodes import HistoryError
from ksad.local.history.reading import FORMAT, Failure, read

GOOD = """\
format: ksad-history/1
cooperations:
  - key: bantargebang
    title: Pengelolaan TPST Bantargebang
    object: pengolahan sampah
    affair: lingkungan_hidup
    category: null
    parties: ["31", "32.75"]
    history:
      - {on: "1999", do: register, stage: implementation_and_termination, legacy: true}
      - {on: 2016-10-26, do: amend, legacy: true, numbers: {"31": "25/2016", "32.75": "444/2016"}, ends_on: 2021-10-26}
"""
PIECES = st.sampled_from(
    [
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        ": ",
        "- ",
        "\n",
        "\t",
        "'",
        '"',
        "? ",
        "!!binary ",
        "0x1f",
        "null",
        "é",
        "\x00",
    ]
)


def refused(told: str) -> tuple[int, int]:
    """A file that is refused whole says which file, and how to mend it."""
    assert told.startswith("riwayat.yaml:")
    return 0, 1


def reading(content: bytes) -> tuple[int, int]:
    """How many cooperations a file gives and how many it fails on; every refusal is checked for its place."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "riwayat.yaml"
        file.write_bytes(content)
        try:
            found = read(file)
        except HistoryError as error:
            return refused(str(error))
    for failure in found.failures:
        assert 0 < failure.line <= content.count(b"\n") + 1
        assert failure.detail
    return len(found.cooperations), len(found.failures)


def test_a_good_file_is_read_with_its_lines() -> None:
    """Every step knows its line, and dates and codes stay the words of the file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "riwayat.yaml"
        file.write_text(GOOD)
        [one] = read(file).cooperations

    assert [(step.line, step.do, step.fields["on"]) for step in one.steps] == [
        (10, "register", "1999"),
        (11, "amend", "2016-10-26"),
    ]
    assert one.head["parties"] == ["31", "32.75"]


@pytest.mark.fault("bug-reports 33")
def test_a_byte_order_mark_changes_nothing() -> None:
    """A file that an editor has begun with a byte order mark is read as without it, in YAML and in JSON with tabs."""
    indented = json.dumps(yaml.load(GOOD, yaml.BaseLoader), indent="\t")  # noqa: S506 - texts only
    for text in (GOOD, GOOD.replace("\n", "\r\n"), indented):
        assert reading(text.encode()) == reading(b"\xef\xbb\xbf" + text.encode()) == (1, 0)


@given(st.lists(st.tuples(st.integers(0, len(GOOD)), PIECES), min_size=1, max_size=4))
def test_a_file_with_slips_is_read_or_refused_with_its_place(slips: list[tuple[int, str]]) -> None:
    """A character too many anywhere never ends in anything but a result or a refusal that names the line."""
    text = GOOD
    for place, piece in slips:
        text = text[:place] + piece + text[place:]
    reading(text.encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_no_crash(content: bytes) -> None:
    """Bytes that are no history are refused, never a crash."""
    assert reading(content)[0] == 0


def field(value: str) -> Any:
    """What a field of a step is read as."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "riwayat.yaml"
        file.write_text(GOOD.replace("ends_on: 2021-10-26", f"amount_idr: {value}"))
        [one] = read(file).cooperations
    return one.steps[1].fields["amount_idr"]


@pytest.mark.fault("bug-reports 1")
@pytest.mark.parametrize(
    "written", ["250.000", "1_000", "0100", "0x1F", "1:30", "yes", "on", "+5", "1e3", "2021-10-26", ".5"]
)
def test_what_yaml_would_convert_remains_text(written: str) -> None:
    """A text that YAML has rules of its own for is not taken for a number, a date or a truth value."""
    assert field(written) == written
    assert (field("250000"), field("-1"), field("true"), field("null"), field('"7"')) == (250000, -1, True, None, "7")


def test_a_failure_tells_whether_its_clause_says_the_rule() -> None:
    """Of a policy that the clause is served by it; of a rule without a clause only its name."""
    failure = Failure("a.yaml", 1, "k", "sign-accord", "number-known", "P1.4", "x", policy=True)
    assert failure.ground == "number-known (kebijakan, untuk P1.4)"
    assert failure._replace(rule="parties-differ", policy=False).ground == "parties-differ (P1.4)"
    assert failure._replace(clause=None, policy=False).ground == "number-known"


def failing(content: str) -> list[Failure]:
    """Why cooperations of a file could not be read; those after them were."""
    after = GOOD.partition("cooperations:\n")[2].replace("bantargebang", "sesudah")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "riwayat.yaml"
        file.write_text(content + after)
        found = read(file)
    assert "sesudah" in [one.key for one in found.cooperations]
    return found.failures


@pytest.mark.fault(
    "bug-reports V2",
    kind="One slip in one cooperation ends the whole import with a traceback.",
    looked="Keys and values that are no text, texts that have no bytes, all that a step is made of before it is sent.",
    found="nothing",
)
@pytest.mark.fault("bug-reports 8")
@pytest.mark.parametrize(
    ("slip", "line", "said"),
    [
        ('numbers: {31: "25/2016", 32.75: "444/2016"}', 11, "31 di sini bukan teks: beri tanda kutip"),
        ('numbers: {"31": "1", "31": "2", "32.75": "3"}', 11, "31 ditulis dua kali"),
        ('numbers: {"31": "1", "\\u0033\\u0031": "2"}', 11, "31 ditulis dua kali"),
        ('numbers: {null: "25/2016"}', 11, "null di sini bukan teks"),
        ('numbers: {[31]: "25/2016"}', 11, "nama ini di sini bukan teks"),
        ('numbers: {"31": "\\ud83d"}', 11, "separuh tanda"),
        ('numbers: {"31": !!float 1}', 11, "bukan nilai JSON"),
        ('numbers: {"31": !!int 0x1F}', 11, "bukan nilai JSON"),
    ],
)
def test_a_slip_stops_its_cooperation_alone(slip: str, line: int, said: str) -> None:
    """Each is told with its line and what to write, and the cooperation after it is read."""
    [failure] = failing(GOOD.replace('numbers: {"31": "25/2016", "32.75": "444/2016"}', slip))
    assert (failure.key, failure.line) == ("bantargebang", line)
    assert said in failure.detail


@pytest.mark.fault(
    "bug-reports 7",
    kind="A text that can be read cannot be written.",
    looked="Every text and every name of a history file, in YAML and JSON.",
    found="Half characters in names of fields.",
)
def test_an_emoji_is_one_character() -> None:
    """JSON escapes it as two halves; together they are the character, and alone a slip with its line."""
    assert field(r'"\ud83d\ude00 \ud835\udc00"') == "\U0001f600 \U0001d400"
    assert field('"\U0001f600"') == "\U0001f600"
    [failure] = failing(GOOD.replace("title: Peng", 'title: "\\ud83d"\n    "\\ude00'[:18] + "\n    remark: Peng"))
    assert (failure.line, "separuh tanda" in failure.detail) == (4, True)


@pytest.mark.parametrize(
    "value",
    [
        "[" * 5000 + "]" * 5000,
        "{a: " * 3000 + "}" * 3000,
        "&a [*a, *a]",
        "!!python/object/apply:os.system ['true']",
        "!!binary aGk=",
    ],
    ids=["deep list", "deep mapping", "recursive", "code", "bytes"],
)
def test_hostile_yaml_is_refused(value: str) -> None:
    """Nesting without an end, values that hold themselves, and tags that would run code are refused like a slip."""
    assert reading(GOOD.replace("category: null", f"category: {value}").encode())[1] >= 1


def test_a_bomb_of_aliases_is_refused() -> None:
    """A few lines that would unfold into gigabytes are refused before they do."""
    bomb = ["remark: &a [x, x, x, x, x, x, x, x, x]"]
    for name, before in zip("bcdefghij", "abcdefghi", strict=True):
        bomb.append(f"remark{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")

    assert reading("\n".join([f"format: {FORMAT}", *bomb, "cooperations: *j"]).encode()) == (0, 1)
