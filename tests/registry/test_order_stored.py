"""Every numbered rule of order, once kept and once broken, through the store of both databases.

The rules are pure, and tried as such in ``test_order.py``; here each is asked of a state that was read from tables.
"""

from pathlib import Path
from typing import Any

from ksad.chassis.database import Database
from ksad.registry.domain import order
from tests.registry.test_authority import OfficesAtWork
from tests.support.histories.cooperations import KARANGANYAR, SOLO

TEAM, CITY = "tkksd:33", f"region:{SOLO}"
THIRD = "33.11"
JOINT = {"name": "Sekretariat", "seat": "Surakarta", "instrument": "1/2026"}
DISPUTED = {"dispute": "d", "between": [SOLO, KARANGANYAR], "description": "tarif"}
NIHIL = {"nihil": "tidak ada"}
MAIN = {"agreement": "perjanjian-1"}
APPROVAL = {"region": SOLO, "number": "3/2026", "agreement": "kedua"}
NOTICE = {**MAIN, "ground": "mutual", "planned_end_on": "2050-01-01"}
END = {**MAIN, "ground": "mutual", "reason": "x"}
ASKED_ELSEWHERE = {"C20", "C21", "C22"}
"""Tasks, boundaries and days: ``tests/supervision/test_api.py``, ``test_reference.py``, both on both databases."""


def test_each_rule_is_asked_of_what_is_stored(database: Database, tmp_path: Path) -> None:
    """A year of one cooperation and of one from paper, step by step; what is refused leaves nothing behind."""
    work = OfficesAtWork(database, tmp_path)
    paper = work.keep(b"naskah").model_dump(mode="json")
    both = {SOLO: "1/2026", KARANGANYAR: "2/2026"}
    of = {"document": paper}
    signing: dict[str, Any] = {"numbers": both, **of}
    parties = [SOLO, KARANGANYAR]
    # Number and rule (None: taken), who, what, on which day, with what; "b" is the cooperation from paper.
    story: list[tuple[str, str | None, str, str, str, dict[str, Any]]] = [
        ("C1", "date-not-future", TEAM, "register", "2026-06-02", {"parties": parties}),
        ("C1", None, TEAM, "register", "2026-01-02", {"parties": parties}),
        ("C2", "legacy-before-opening", TEAM, "form-body", "2026-06-01", {**JOINT, "legacy": True}),
        ("C3", "recorded-in-time", CITY, "report-problem", "2026-01-05", {"problem": "p", "description": "x"}),
        ("C3", None, TEAM, "report-problem", "2026-01-05", {"problem": "q", "description": "x", **of}),
        ("C4", "after-registration", TEAM, "report-problem", "2026-01-01", {"problem": "p", "description": "x", **of}),
        ("C5", None, CITY, "enter-stage", "2026-04-10", {"stage": "negotiation"}),
        ("C5", "stage-in-order", CITY, "enter-stage", "2026-04-05", {"stage": "signing"}),
        ("C5", None, CITY, "enter-stage", "2026-04-12", {"stage": "signing"}),
        ("C6", "signed-after-stage", TEAM, "sign-accord", "2026-04-11", signing),
        ("C6", None, TEAM, "sign-accord", "2026-04-13", signing),
        ("C7", "agreement-after-accord", TEAM, "sign-agreement", "2009-01-01",
         {**signing, "accord": "kesepakatan-1", "legacy": True}),
        ("C5", None, CITY, "enter-stage", "2026-04-14", {"stage": "negotiation"}),
        ("C5", None, CITY, "enter-stage", "2026-04-15", {"stage": "signing"}),
        ("C8", "term-after-signing", TEAM, "sign-agreement", "2026-04-16", {**signing, "ends_on": "2026-04-16"}),
        ("C7 C8", None, TEAM, "sign-agreement", "2026-04-16", {**signing, "ends_on": "2030-01-01"}),
        ("C9", "while-in-force", TEAM, "amend", "2026-04-15", {**signing, "changes": "x"}),
        ("C9", None, TEAM, "amend", "2026-04-17", {**signing, "changes": "x"}),
        ("C10", "extension-is-longer", TEAM, "extend", "2026-04-18", {**signing, "ends_on": "2029-01-01"}),
        ("C10", None, TEAM, "extend", "2026-04-18", {**signing, "ends_on": "2031-01-01"}),
        ("C11", None, TEAM, "add-party", "2026-04-20", {"region": THIRD, **of}),
        ("C11", "joined-before-left", TEAM, "withdraw-party", "2026-04-19", {"region": THIRD, **of}),
        ("C11", None, TEAM, "withdraw-party", "2026-04-21", {"region": THIRD, **of}),
        ("C4", None, CITY, "report-problem", "2026-04-22", {"problem": "p", "description": "x"}),
        ("C12", "problem-in-order", CITY, "resolve-problem", "2026-04-21", {"problem": "p", "outcome": "x"}),
        ("C12", None, CITY, "resolve-problem", "2026-04-23", {"problem": "p", "outcome": "x"}),
        ("C13", None, CITY, "raise-dispute", "2026-04-24", DISPUTED),
        ("C13", "dispute-in-order", CITY, "request-decision", "2026-04-23", {"dispute": "d"}),
        ("C17", None, CITY, "open-agreement", "2026-04-25", {"agreement": "kedua", "title": "Air"}),
        ("C17", "approval-in-order", CITY, "record-council-approval", "2026-04-24", APPROVAL | of),
        ("C17", None, CITY, "record-council-approval", "2026-04-26", APPROVAL | of),
        ("C18", "workbook-in-time", CITY, "inventory-goods", "2026-04-27", MAIN | NIHIL),
        ("C14", "notice-within-term", TEAM, "give-termination-notice", "2026-04-28", NOTICE | of),
        ("C14", None, TEAM, "give-termination-notice", "2026-04-28", NOTICE | of | {"planned_end_on": "2026-12-31"}),
        ("C18", None, CITY, "inventory-goods", "2026-04-29", MAIN | NIHIL),
        ("C19", "workbook-in-order", CITY, "complete-termination-item", "2026-04-30", {**MAIN, "item": "f", **of}),
        ("C19", None, CITY, "list-obligations", "2026-04-30", MAIN | NIHIL),
        ("C15", "end-within-life", TEAM, "end", "2026-04-01", END | of),
        ("C16", "term-over", TEAM, "end", "2026-05-01", END | of | {"ground": "term_expired"}),
        ("C15", None, TEAM, "end", "2026-05-02", END | of),
        ("C23", None, CITY, "form-body", "2026-05-04", JOINT | of),
        ("C23", "body-in-order", CITY, "dissolve-body", "2026-05-03", {"instrument": "2/2026", **of}),
    ]  # fmt: skip
    for numbers, rule, office, name, on, fields in story:
        if rule is None:
            work.do(office, name, on=on, **fields)
        else:
            assert work.refused(office, name, on=on, **fields)[1] == rule, (numbers, name, on)
    stage = "implementation_and_termination"
    work.do(TEAM, "register", "b", on="2000-01-01", parties=parties, stage=stage, legacy=True)
    work.do(TEAM, "end", "b", on="2010-01-01", ground="term_expired", legacy=True)
    taken = {one for numbers, rule, *_ in story if rule is None for one in numbers.split()} | {"C2", "C16"}
    refused = {numbers for numbers, rule, *_ in story if rule is not None}
    numbered = {one.number for one in (*order.AT_ONCE, *order.AFTERWARDS, *order.ELSEWHERE)}
    assert taken == refused == numbered - ASKED_ELSEWHERE
