"""The printed form of a report is proved under the form and programs that it names, and under no others."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from ksad.audit.proving import prove
from ksad.chassis.documents import Documents
from ksad.ledger.printing import pdf, xlsx
from ksad.ledger.printing.form import FORM, renderer
from tests.support.forgers.reported import FIRST, SECOND, replaced, said


def _printed(data: Path, report: str) -> Any:
    return next(one for one in prove(data, report) if one.name == "version 1 printed")


@pytest.mark.fault("audit F3")
def test_what_is_printed_is_proved(honest: Path) -> None:
    """An untouched report is printed again by the form and programs that it names, to the same bytes."""
    check = _printed(honest, FIRST)

    assert (check.ok, check.noted) == (True, False)
    assert check.detail == f"printed again by form {FORM} with {renderer()}, PDF and XLSX are the same byte for byte"


@pytest.mark.fault("audit F3")
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"form": FORM + 1}, f"made by form {FORM + 1} with typst "),
        ({"renderer": "typst 9.9.9"}, f"made by form {FORM} with typst 9.9.9"),
        ({"form": None, "renderer": None}, "made by a form that the report does not name"),
    ],
)
def test_another_form_is_neither_proved_nor_forged(data: Path, changed: dict[str, object], named: str) -> None:
    """Under another form or another program nothing is compared: the line says which it was made by, and is noted."""
    replaced(data, FIRST, lambda fact: fact.update(changed))

    check = _printed(data, FIRST)

    assert (check.ok, check.noted) == (True, True)
    assert check.detail.startswith(f"printed form not checked: {named}")


@pytest.mark.fault("audit F3")
@pytest.mark.parametrize(("media_type", "other"), [(pdf.MEDIA_TYPE, b"%PDF-1.7 other"), (xlsx.MEDIA_TYPE, b"PK other")])
def test_another_paper_is_named(data: Path, media_type: str, other: bytes) -> None:
    """A PDF or XLSX that says something else is named, though its hash is the one in the report's event."""
    Documents(data / "documents" / "reporting").put(other, media_type)

    def change(fact: dict[str, Any]) -> None:
        for one in fact["documents"]:
            if one["media_type"] == media_type:
                one.update(sha256=hashlib.sha256(other).hexdigest(), size=len(other))

    at = replaced(data, SECOND, change)

    assert said(data, SECOND) == {
        "printed": (at, f"other bytes than form {FORM} with {renderer()} prints: {media_type}")
    }


@pytest.mark.fault("audit F3")
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"rules": 99}, "does not know rules 99"),
        ({"rules": 1}, "is no event of rules 1"),
        ({"draft": True}, "draft"),
    ],
)
def test_a_report_is_proved_by_the_rules_that_it_names(data: Path, changed: dict[str, object], named: str) -> None:
    """Rules that nobody knows, rules of another time, and a draft that was none: each fails with its reason."""
    at = replaced(data, FIRST, lambda fact: fact.update(changed))

    found = said(data, FIRST)

    assert found["content"][0] == at
    assert named in found["content"][1]
