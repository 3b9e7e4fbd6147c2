"""The quotations are verbatim, complete, and differ between Pasal 6 and Pasal 10 in exactly twelve places."""

import re
from difflib import SequenceMatcher

import pytest

from ksad.contracts.law import CLAUSES, Basis, packaged, regulation_text
from ksad.contracts.supervision import Tier

PROFILE = packaged().profile("ksad-2009")
REGULATION = re.sub(r"\s+", " ", regulation_text())

# The regulation's words in the order of its text: where each clause begins, for the completeness of the table.
HEADS = re.compile(r"^(?:Pasal (\d+)$|(?:([a-f])\.|([1-8])\.|([a-f])\)|\(([1-4])\)) )")


@pytest.mark.parametrize("clause", sorted(CLAUSES))
def test_every_clause_is_quoted_verbatim(clause: str) -> None:
    """Each article, paragraph, letter and number has words, and they stand in the regulation."""
    assert PROFILE.clauses[clause].text in REGULATION


def test_the_table_has_every_clause_of_the_text() -> None:
    """Reading the regulation's own numbering from Pasal 1 to 14 finds the clauses of the table and no other."""
    found = set()
    article, letter, number = "", "", ""
    body = regulation_text().partition("KETENTUAN UMUM")[2].partition("Ditetapkan di Jakarta")[0]
    for line in body.splitlines():
        head = HEADS.match(line.strip())
        if not head:
            continue
        pasal, one, two, part, paragraph = head.groups(default="")
        if pasal:
            article, letter, number = f"P{pasal}", "", ""
        elif one:
            letter, number = f".{one}", ""
        elif two:
            number = f".{two}"
        found.add(f"{article}({paragraph})" if paragraph else f"{article}{letter}{number}{part and '.' + part}")
    assert found - {"P5", "P9"} == CLAUSES


@pytest.mark.clause("P4", "P5(1)", "P9(2)", "P14")
def test_the_clauses_are_in_the_order_of_the_regulation() -> None:
    """Pasal 2 comes before Pasal 10, and each part after the clause that it is part of."""
    order = list(PROFILE.clauses)
    assert order.index("P2") < order.index("P10") < order.index("P14")
    for clause in PROFILE.clauses.values():
        if clause.parent is not None and clause.parent in PROFILE.clauses:
            assert order.index(clause.parent) < order.index(clause.id)
    assert PROFILE.clauses["P6.d.4.a"].parent == "P6.d.4"
    assert PROFILE.clauses["P9(2)"].parent == "P9"
    assert PROFILE.clauses["P14"].parent is None


def article(number: int) -> list[tuple[str, list[str]]]:
    """The words of Pasal 6 or 10, clause by clause, by their tier-neutral places."""
    parts = [clause for clause in PROFILE.clauses.values() if re.match(rf"P{number}(\.|$)", clause.id)]
    return [(clause.id.partition(".")[2] or "head", clause.text.split()) for clause in parts]


def differences() -> list[tuple[str, str, str]]:
    """Place, words of Pasal 6 and words of Pasal 10, wherever they differ, word by word."""
    found = []
    for (place, six), (_, ten) in zip(article(6), article(10), strict=True):
        for change, a, b, c, d in SequenceMatcher(None, six, ten, autojunk=False).get_opcodes():
            if change != "equal":
                found.append((place, " ".join(six[a:b]), " ".join(ten[c:d])))
    return found


@pytest.mark.clause("P6", "P10", "P6.a.3", "P10.a.3", "P6.b.1", "P10.b.1", "P6.b.2", "P10.b.2")
@pytest.mark.clause("P6.c.1", "P10.c.1", "P6.c.2", "P10.c.2", "P6.d.3", "P10.d.3", "P6.d.5", "P10.d.5")
def test_pasal_6_and_pasal_10_differ_in_twelve_places() -> None:
    """Actor, cross-reference, recipients, the named signings, the Governor to coordinate with, the forum."""
    assert differences() == [
        ("head", "Sekretariat Bersama", "Tim Koordinasi Kerja Sama Daerah"),
        ("head", "5", "9"),
        ("a.3", "provinsi", "kabupaten/kota"),
        ("b.1", "provinsi", "kabupaten/kota"),
        ("b.2", "provinsi", "kabupaten/kota"),
        ("c.1", "", "dalam penandatanganan kesepakatan,"),
        ("c.1", "", "kabupaten/kota"),
        ("c.1", "", "Gubernur dan"),
        ("c.2", "", "dalam penandatanganan perjanjian kerja sama,"),
        ("c.2", "", "Gubernur,"),
        ("d.3", "Menteri Dalam Negeri", "Gubernur"),
        ("d.5", "Menteri Dalam Negeri", "Gubernur"),
    ]


def test_other_words_stand_only_where_the_articles_differ() -> None:
    """A duty has words of its own per tier exactly where Pasal 6 and Pasal 10 differ: one catalogue, no second one."""
    differing = {place for place, _, _ in differences()} - {"head"}
    tiered = {duty.key for duty in PROFILE.duties if not isinstance(duty.text, str)}
    assert tiered == differing | {"oversight"}


def test_each_tier_has_twenty_leaf_duties() -> None:
    """Fourteen duties and six checklist items per tier, and the head of the reminder."""
    for tier, pasal in ((Tier.MINISTER, "P6."), (Tier.GOVERNOR, "P10.")):
        duties = [one for duty in PROFILE.duties_of(tier) if (one := duty.id(tier)) and one.startswith(pasal)]
        items = [one for item in PROFILE.checklist.items if (one := item.id(tier)) and one.startswith(pasal)]
        assert len(duties) - 1 + len(items) == 20
        assert f"{pasal}d.4" in duties


@pytest.mark.clause("P7", "P8", "P11", "P12", "P13")
def test_oversight_and_reports_belong_to_their_tier() -> None:
    """P7 and P8 are the Minister's tier, P11 to P13 the Governor's; only P13 is done by the Governor himself."""
    minister = {duty.key: duty.id(Tier.MINISTER) for duty in PROFILE.duties_of(Tier.MINISTER) if duty.stage is None}
    governor = {duty.key: duty.id(Tier.GOVERNOR) for duty in PROFILE.duties_of(Tier.GOVERNOR) if duty.stage is None}
    assert minister == {"oversight": "P7", "R1": "P8"}
    assert governor == {"oversight": "P11", "R2": "P12", "R3": "P13"}
    assert [duty.key for duty in PROFILE.duties if duty.doer == "governor"] == ["R3"]


@pytest.mark.clause("P5(1)", "P5(2)", "P5(3)", "P5(4)", "P9(1)", "P9(2)", "P9(3)", "P9(4)")
def test_the_supervising_bodies_are_quoted() -> None:
    """Name, founder, decision, seat and every member by office are words of Pasal 5 and Pasal 9."""
    for tier, pasal in ((Tier.MINISTER, 5), (Tier.GOVERNOR, 9)):
        body = PROFILE.body(tier)
        words = " ".join(PROFILE.clauses[f"P{pasal}({number})"].text for number in range(1, 5))
        for quoted in (body.name, body.established_by, body.decision, body.seat, *body.members):
            assert quoted in words
        assert body.basis == Basis.TEXT
    assert len(PROFILE.body(Tier.GOVERNOR).members) == 8
