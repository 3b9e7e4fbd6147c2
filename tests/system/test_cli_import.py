"""History files as they grow, are mended and repeated, played into a real platform by `ksad import`."""

import hashlib
import json

import pytest

from tests.support.histories.history_importer import RECENTLY, SIGNED, HistoryImporter, registered, written

pytestmark = pytest.mark.xdist_group("import")


def test_a_typo_in_line_37(importer: HistoryImporter) -> None:
    """A misspelt field far down is named with its very line, on a line of its own that an editor can jump to."""
    good = [written(f"baik-{number}", registered()) for number in range(4)]
    importer.write("\n\n", *good, written("salah", registered(), extra="afair: air"))
    assert importer.file.read_text().splitlines()[36] == "    afair: air"
    answer = importer.play()
    assert answer.code == 1
    said = "riwayat.yaml:37: salah: cooperation: history-readable: isian afair tidak dikenal; yang dikenal: affair"
    assert said in answer.err
    assert "4 cooperations, 4 steps recorded" in answer.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "kosong"),
        ("format: ksad-history/2\ncooperations: []\n", ":1: berkas diawali `format: ksad-history/1`"),
        ("format: ksad-history/1\ncooperation: []\n", "cooperations"),
        ("format: ksad-history/1\ncooperations:\n  - {key: a\n  - b\n", "riwayat.yaml:5: bukan YAML dan bukan JSON"),
        ("- a\n- b\n", "riwayat.yaml:1:"),
        ("format: ksad-history/1\nformat: a\ncooperations: []\n", "riwayat.yaml:2: format ditulis dua kali"),
    ],
)
def test_a_file_that_is_no_history_is_refused_whole(importer: HistoryImporter, text: str, said: str) -> None:
    """What cannot be read as a history file at all is refused with its line, and nothing is recorded."""
    before = importer.head()
    importer.file.write_text(text)
    answer = importer.play()
    assert (answer.code, answer.out) == (1, "")
    assert said in answer.err
    assert importer.head() == before


@pytest.mark.fault("bug-reports 1")
@pytest.mark.parametrize("check", [("--check",), ()])
@pytest.mark.parametrize("amount", ["250.000", "1_000", "0100", "1:30", '"12"', "true"])
def test_an_amount_is_a_number_or_a_slip(importer: HistoryImporter, amount: str, check: tuple[str, ...]) -> None:
    """What a clerk may have meant as another number is never recorded: the line is told, also by the rehearsal."""
    step = f"{{on: 2020-01-02, do: complete_termination_item, legacy: true, item: c, amount_idr: {amount}}}"
    importer.write(written(f"uang-{abs(hash((amount, check)))}", registered(), step))
    [failure] = importer.failures(*check)
    assert (failure["line"], failure["rule"]) == (10, "request-valid")
    assert "amount_idr: harus berupa bilangan bulat" in failure["detail"]


@pytest.mark.fault("bug-reports V2")
@pytest.mark.parametrize("check", [("--check",), ()])
def test_slips_of_one_stop_no_other(importer: HistoryImporter, check: tuple[str, ...]) -> None:
    """Codes that are numbers, half characters and names given twice each stop their own cooperation; others come in."""
    accord = "{{on: 2020-02-01, do: sign_accord, legacy: true, numbers: {numbers}}}"
    slips = (
        '{33.72: "1", 33: "2"}',
        '{"33.72": "\\ud83d", "33.11": "2"}',
        '{"33.72": "1", "33.72": "2", "33.11": "3"}',
    )
    for number, slip in enumerate(slips):
        emoji = written(f"emoji-{number}-{len(check)}", registered(), extra='remark: "\\ud83d\\ude00"')
        importer.write(written("slip", registered(), accord.format(numbers=slip)), emoji)
        [failure] = importer.failures(*check)
        assert (failure["key"], failure["line"], failure["rule"]) == ("slip", 10, "history-readable")
    codes = written("kode", registered(), parties="[33, 33.11]")
    importer.write(codes, written(f"baik-{len(check)}", registered()))
    [failure] = importer.failures(*check)
    assert (failure["key"], failure["line"]) == ("kode", 7)
    assert "parties.0: harus berupa teks" in failure["detail"]


def test_a_file_in_another_encoding_is_refused(importer: HistoryImporter) -> None:
    """Bytes that are no UTF-8 are refused with their place and what to do."""
    importer.file.write_bytes(b"format: ksad-history/1\ntitle: caf\xe9\n")
    assert "simpan berkas sebagai UTF-8" in importer.play().err


def test_the_same_file_twice_adds_nothing(importer: HistoryImporter) -> None:
    """A repeat records no event, and says that everything was there."""
    importer.write(written("ulang", registered(), SIGNED))
    first, head = importer.play("--json").json, importer.head()
    again = importer.play("--json").json
    assert (first["steps"], first["known"], again["steps"], again["known"]) == (2, 0, 0, 2)
    assert importer.head() == head
    assert importer.failures("--check") == []


def test_a_file_that_has_grown_adds_its_new_step(importer: HistoryImporter) -> None:
    """One more step, and other cooperations above, add just that; the first facts keep the file they came from."""
    importer.write(written("tumbuh", registered(), SIGNED))
    assert importer.play(office="tkksd:33").code == 0
    first = hashlib.sha256(importer.file.read_bytes()).hexdigest()
    before = importer.events("tumbuh")
    problem = f'{{on: "{RECENTLY}", do: report_problem, problem: biaya, description: terlambat}}'
    importer.write(written("lain", registered()), written("tumbuh", registered(), SIGNED, problem))
    assert importer.play("--json", "--check", office="tkksd:33").json["failures"] == []
    assert importer.events("tumbuh") == before
    done = importer.play("--json", office="tkksd:33").json
    assert (done["steps"], done["known"]) == (2, 2)
    (new,) = importer.events("tumbuh")[len(before) :]
    second = hashlib.sha256(importer.file.read_bytes()).hexdigest()
    assert {(event["sourcefile"], event["sourceline"]) for event in before[:1]} == {(first, 9)}
    assert (new["type"], new["sourcefile"], new["sourceline"]) == ("ksad.cooperation.problem_reported.v2", second, 18)


def test_a_mended_file_goes_on_where_it_stopped(importer: HistoryImporter) -> None:
    """What came before a bad step is not recorded again once the step is mended, and duties arise only then."""
    importer.write(written("sembuh", registered(), SIGNED.replace("numbers", "numbres")))
    assert importer.failures()[0]["do"] == "sign_agreement"
    assert [event["type"] for event in importer.events("sembuh")] == ["ksad.cooperation.registered.v1"]
    importer.write(written("sembuh", registered(), SIGNED))
    assert importer.play("--json").json["steps"] == 1
    types = [event["type"].split(".")[2] for event in importer.events("sembuh")]
    assert types[:2] == ["registered", "agreement_signed"]
    assert types.count("backfill_closed") == 1


def test_a_legacy_step_comes_too_late_after_the_backfill(importer: HistoryImporter) -> None:
    """Once duties have arisen, a legacy fact is refused with its line and the way to record it."""
    importer.write(written("telat", registered()))
    assert importer.play().code == 0
    importer.write(written("telat", registered(), SIGNED))
    (failure,) = importer.failures()
    assert (failure["rule"], failure["line"]) == ("history-recorded", 10)
    assert "correct" in failure["detail"]


def test_what_is_recorded_is_not_mended_by_the_file(importer: HistoryImporter) -> None:
    """A step mended after the import, and another office's file: what to do is said, with and without --check."""
    importer.write(written("ubah", registered(), SIGNED))
    assert importer.play(office="tkksd:33").code == 0
    for office, steps, line, said in (
        ("tkksd:33", (registered("2018"), SIGNED), 9, "correct"),
        ("tkksd:33", (registered(), SIGNED.replace("2020-05-01", "2021-05-01")), 10, "correct"),
        ("joint_secretariat", (registered(), SIGNED), 9, "TKKSD Provinsi Jawa Tengah"),
    ):
        importer.write(written("ubah", *steps))
        for words in ((), ("--check",)):
            (failure,) = importer.play("--json", *words, office=office).json["failures"]
            assert (failure["rule"], failure["line"]) == ("history-recorded", line), failure
            assert said in failure["detail"]


def test_json_is_as_good_as_yaml(importer: HistoryImporter) -> None:
    """The same history as JSON, indented with tabs, is the same history."""
    step = {"on": "2019", "do": "register", "stage": "implementation_and_termination", "legacy": True}
    head = {"key": "jason", "title": "a", "object": "b", "affair": "pangan", "parties": ["33.72", "33.11"]}
    text = json.dumps({"format": "ksad-history/1", "cooperations": [{**head, "history": [step]}]}, indent="\t")
    importer.file.write_text(text)
    assert importer.play().code == 0
    event = importer.events("jason")[0]
    assert text.splitlines()[event["sourceline"] - 1].strip() == "{"
    assert (event["occurredon"], event["dateprecision"]) == ("2019-01-01", "year")


def test_a_region_may_not_record_for_others(importer: HistoryImporter) -> None:
    """An office imports only what it may record; the refusal names rule and clause, also with --check."""
    new = registered("2026-02-01", "legacy: false")
    for step, rule in ((new, "own-initiative"), (registered(), "legacy-by-supervisor")):
        importer.write(written("asing", step))
        for words in ((), ("--check",)):
            answer = importer.play("--json", *words, office="region:34.71")
            (failure,) = answer.json["failures"]
            assert (answer.code, failure["rule"]) == (1, rule)
            assert failure["clause"] == ("P1.3" if rule == "own-initiative" else None)


def test_a_party_imports_new_facts(importer: HistoryImporter) -> None:
    """What is no legacy comes in by the party that it is of; there is no backfill to close, which a party may not."""
    problem = f'{{on: "{RECENTLY}", do: report_problem, problem: biaya, description: terlambat}}'
    importer.write(written("daerah", registered(RECENTLY, "legacy: false"), problem))
    answer = importer.play("--json", office="region:33.72")
    assert (answer.code, answer.json["failures"], answer.json["steps"]) == (0, [], 2)
    types = {event["type"].split(".")[2] for event in importer.events("daerah")}
    assert types == {"registered", "problem_reported"}
