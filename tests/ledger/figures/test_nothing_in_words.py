"""What there is none of is said in words: no sentence counts to zero."""

import re

import pytest

from ksad.contracts.law import packaged
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures import narrative, telling
from ksad.ledger.figures.compiling import RULES
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.sums import TimelinessCounts
from ksad.ledger.figures.content.values import Figure
from ksad.ledger.printing.summary import summary
from tests.support.histories import golden
from tests.support.histories.report_contents import report

ZERO = re.compile(r"(?<![\d.,–-])0 (?!hari|dari)[a-z]|: 0[.;]")
DUTIES = "tugas pembinaan dan pengawasan"
NONE = dict.fromkeys(TimelinessCounts.model_fields, 0)
COUNTED = pytest.mark.fault(
    "law report 1",
    kind="A sentence for people counts to zero.",
    looked="Drafts, the executive summary, what evaluations and findings come to, in every golden report.",
    found="Recommendations that nobody gave, findings of which none deviates, disputes that there are not.",
)


def drafted(cooperations: int, running: int, **counts: int) -> str:
    """The draft of the conclusions, of a report with these figures."""
    content = report(ReportKind.R2)
    total = TimelinessCounts.model_validate(NONE | counts)
    figures = tuple(
        Figure.model_validate({**content.figures[0].model_dump(), "name": name, "value": value})
        for name, value in (("cooperations", cooperations), ("running", running))
    )
    timeliness = content.timeliness.model_copy(update={"total": total})
    changed = content.model_copy(update={"figures": figures, "timeliness": timeliness})
    return narrative.draft(changed).conclusions[0]


@COUNTED
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((0, 0, {}), "tidak tercatat kerja sama. Tidak ada tugas pembinaan dan pengawasan pada periode ini."),
        ((1, 1, {}), "tercatat 1 kerja sama, yang sedang berjalan."),
        ((3, 3, {}), "tercatat 3 kerja sama, semuanya berjalan."),
        ((3, 0, {"new": 2, "not_due": 2}), f"tidak ada yang berjalan. Dari 2 {DUTIES}, belum ada yang dilaksanakan."),
        ((3, 2, {"new": 2, "on_time": 2}),
         f"2 di antaranya berjalan. Dari 2 {DUTIES}, 2 telah dilaksanakan, semuanya tepat waktu."),
        ((3, 2, {"new": 4, "on_time": 1, "late": 2, "not_done": 1}),
         "3 telah dilaksanakan, 2 di antaranya terlambat, dan 1 tidak dilaksanakan sampai jatuh temponya."),
    ],
)  # fmt: skip
def test_a_draft_says_in_words_that_there_is_none(given: tuple[int, int, dict[str, int]], said: str) -> None:
    """Nothing registered, running, owed, done, late or missed reads as an official would write it."""
    cooperations, running, counts = given
    text = drafted(cooperations, running, **counts)
    assert said in text
    assert not ZERO.search(text)


@COUNTED
def test_no_report_counts_to_zero_in_a_sentence() -> None:
    """Neither a golden report's own sentences nor its page of summary."""
    for name, raw in golden.kept(RULES)["contents"].items():
        if name.endswith(" figures"):
            continue
        content = model.decode(raw.encode())
        lines = [
            *(content.results.evaluation_summary if content.results else ()),
            *narrative.draft(content).conclusions,
        ]
        told = [str(part["lines"]) for part in summary(content) if "lines" in part] or [str(summary(content)[0])]
        assert [line for line in (*lines, *told) if ZERO.search(line)] == [], name


def test_a_ground_that_is_only_recalled_is_marked() -> None:
    """The grounds of PP 50/2007 are told with the mark; a ground that the law of the day of the end says is not."""
    row = {"detail": {"profile": "ksad-2009"}}
    told = [
        telling.ground(packaged(), row, *one)
        for one in (
            ("breach", "2016-05-01"),
            ("term_expired", "2016-05-01"),
            ("term_expired", "2026-05-01"),
            ("breach", None),
        )
    ]
    breach = "salah satu pihak tidak melaksanakan atau melanggar perjanjian [belum diverifikasi]"
    assert told == [breach, "masa berlaku berakhir [belum diverifikasi]", "masa berlaku berakhir", breach]
