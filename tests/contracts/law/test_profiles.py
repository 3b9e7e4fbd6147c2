"""Profiles: complete or refused with every gap, one catalogue for both, and the one in force on a day."""

from datetime import UTC, date, datetime
from itertools import pairwise
from uuid import UUID

import pytest

from ksad.contracts.envelope import SIZE_MAX, Origin, seal
from ksad.contracts.law import (
    PROFILES,
    Basis,
    Lawbook,
    Milestone,
    Profile,
    ProfileGapsError,
    UnknownProfileError,
    load_text,
    packaged,
    profile_in_force,
    read_profile,
)
from ksad.contracts.regions import load_text as regions_text
from ksad.contracts.regions import sha256
from ksad.contracts.registry import ReferenceKind, Stage, TextSupplied

OLD, NEW = (packaged().profile(name) for name in PROFILES)
TEXT = load_text("ksad-2009")


def without(fragment: str, instead: str = "") -> str:
    """The text of ksad-2009 with its first occurrence of a fragment replaced."""
    assert fragment in TEXT
    return TEXT.replace(fragment, instead, 1)


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        (without('text = "melakukan monitoring dan evaluasi."\n'), "duties d.1.text"),
        (without('trigger = "problem_reported"\n'), "duties d.2.trigger"),
        (without('closes = "opinion_given"\n'), "duties d.2.closes"),
        (without("[triggers.dispute_raised]", "[triggers.disputed]"), "duties d.3.trigger: dispute_raised"),
        (without("[closings.brief_submitted]", "[closings.brief_sent]"), "duties d.5.closes: brief_submitted"),
        (
            without('source = "P8; P12; P13"\nbasis = "policy"\n', 'source = "P8"\n'),
            "triggers.report_period_closed.basis",
        ),
        (without('source = "P8"\nbasis = "text"\n'), "silences R1.source"),
        (without('"P9(4)" = ', '"P9(5)" = '), "clause P9(4): tidak mempunyai bunyi"),
        (without('"P9(4)" = ', '"P9(5)" = '), "clause P9(5): tidak dikenal"),
        (
            without('minister = "P6.d.1", governor', 'minister = "P6.d.2", governor'),
            "clause P6.d.2: bunyinya ada di 2 tempat",
        ),
        (without('source = "P14;', 'source = "P15;'), "klausul P15 tidak dikenal"),
        (
            without('"ksad.cooperation.dispute_raised"', '"ksad.cooperation.quarrelled"'),
            "kejadian yang tidak ada: ksad.cooperation.quarrelled",
        ),
        (without('may_satisfy = ["d.5"]', 'may_satisfy = ["d.6"]'), "tugas d.6 tidak ada"),
        (without('needs = ["a", "b"]', 'needs = ["a", "f"]'), "checklist c.needs: f tidak mendahuluinya"),
        (without('row = "T5"', 'row = "T4"'), "jurisdiction T5: tidak ada"),
        (without('row = "T5"', 'row = "T4"'), "jurisdiction T4: disebut dua kali"),
        (without('stage = "signing"', 'stage = "negotiation"'), "stages signing: tidak ada"),
        (without('key = "breach"', 'key = "replaced"'), "endings replaced: disebut dua kali"),
        (
            without('{ clause = "P2", says = "KSAD', '{ since = 2009-05-22, clause = "P2", says = "KSAD'),
            "tidak ada dasar hukum sebelum tanggal pertama",
        ),
        (without("open_items = false", "open_items = true"), "alasannya diisi jika open_items true"),
        (without('key = "d.2"', 'key = "d.1"'), "duties d.1: disebut dua kali"),
        (
            without('entering = "exploration"', 'entering = "signing"'),
            "transitions negotiation to signing: disebut dua kali",
        ),
        (without('clause = "P4.a"\n', 'clause = "P6.a.2"\n'), "stages exploration: klausulnya tidak mempunyai bunyi"),
        (without('id = "ksad-2009"', 'id = "ksad-2009"\ncooperation = "KSAD"'), "tidak dikenal di sini"),
        ("id = ", "bukan TOML"),
    ],
)
def test_a_profile_with_a_gap_is_refused(text: str, gap: str) -> None:
    """What lacks words, trigger, closing rule, source or basis, or contradicts itself, does not load."""
    with pytest.raises(ProfileGapsError) as refused:
        read_profile(text)
    assert any(gap in one for one in refused.value.gaps), refused.value.gaps


def test_all_gaps_are_named_at_once() -> None:
    """Whoever mends a profile sees every gap, of values and of what stands between them."""
    text = without('trigger = "problem_reported"\n').replace('closes = "evaluation_filed"\n', "")
    with pytest.raises(ProfileGapsError) as refused:
        read_profile(text.replace('"P9(4)" = ', '"P9(5)" = '))
    wanted = ("duties d.2.trigger", "duties d.1.closes", "clause P9(4)", "clause P9(5)")
    assert all(any(one in gap for gap in refused.value.gaps) for one in wanted)
    assert refused.value.name == "ksad-2009"


def test_the_second_profile_needs_the_first() -> None:
    """A profile that extends another loads only after it, and is whole then."""
    with pytest.raises(ProfileGapsError, match="ksad-2009, yang belum ditetapkan"):
        Lawbook.from_texts([load_text("ksdd-2018")])
    assert Lawbook.from_texts(map(load_text, PROFILES)).profile("ksdd-2018") == NEW


def test_both_profiles_have_one_catalogue() -> None:
    """Supervision follows the catalogue of 23/2009 in both, and statutes hold in both; endings are overridden."""
    same = (
        "duties",
        "checklist",
        "triggers",
        "closings",
        "stages",
        "transitions",
        "bodies",
        "jurisdiction",
        "disputes",
        "statutes",
        "sentences",
    )
    other = ("endings", "instruments", "renamings")
    assert all(getattr(OLD, name) == getattr(NEW, name) for name in same)
    assert all(getattr(OLD, name) != getattr(NEW, name) for name in other)


@pytest.mark.clause("P14")
@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(1999, 1, 1), "ksad-2009"),
        (date(2009, 5, 21), "ksad-2009"),
        (date(2009, 5, 22), "ksad-2009"),
        (date(2018, 7, 12), "ksad-2009"),
        (date(2018, 7, 13), "ksdd-2018"),
        (date(2026, 11, 24), "ksdd-2018"),
    ],
)
def test_the_profile_of_the_day_is_in_force(on: date, name: str) -> None:
    """The latest profile that has begun is in force; on days before all of them, the first."""
    assert profile_in_force(on).id == name
    assert OLD.valid_from == date(2009, 5, 22)


def test_nothing_is_in_force_in_an_empty_book() -> None:
    """Without an adopted profile there is nothing to be bound to, and an unknown name is refused."""
    with pytest.raises(UnknownProfileError):
        Lawbook([]).in_force(date(2026, 1, 1))
    with pytest.raises(UnknownProfileError):
        packaged().profile("ksad-1999")


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        (ReferenceKind.REGIONS, "regions", regions_text()),
        *((ReferenceKind.PROFILE, name, load_text(name)) for name in PROFILES),
        (ReferenceKind.POLICY, "policy", load_text("policy")),
    ],
)
def test_each_text_fits_into_the_event_that_adopts_it(kind: ReferenceKind, name: str, content: str) -> None:
    """The log is self-contained: regions, profiles and policy are adopted whole, with room left to edit them."""
    fact = TextSupplied(kind=kind, name=name, content=content, sha256=sha256(content), source="salinan")
    origin = Origin(
        source="urn:ksad:local:registry",
        time=datetime(2026, 11, 24, tzinfo=UTC),
        occurred_on=date(2026, 11, 24),
        date_precision="day",
        actor_office="operator",
        actor_id="petugas-1",
        command_id=None,
        command_digest=None,
        correlation_id=UUID(int=1),
        causation_id=None,
    )
    event = seal(fact, f"reference/{kind}.{name}", 1, origin)
    assert len(event.to_bytes()) < SIZE_MAX * 0.85


@pytest.mark.clause("P4", "P4.a", "P4.b", "P4.c", "P4.d")
def test_the_four_stages_carry_the_names_of_pasal_4() -> None:
    """The last stage is one stage."""
    assert [OLD.stage_name(stage) for stage in Stage] == [
        "penjajakan",
        "negosiasi",
        "penandatanganan",
        "pelaksanaan dan pengakhiran",
    ]


def ways(profile: Profile, *, accord: bool, agreement: bool) -> set[tuple[str, str]]:
    """The transitions that are allowed once these instruments have been signed."""
    return {
        (str(a), str(b))
        for a in Stage
        for b in Stage
        if profile.allows(a, b, accord_signed=accord, agreement_signed=agreement)
    }


@pytest.mark.clause("P1.5", "P1.6", "P4")
def test_the_normal_path_goes_through_negotiation_and_signing_twice() -> None:
    """Negotiation, signing the accord, negotiation, signing the agreement is normal; no agreement, no carrying out."""
    path = [Stage.EXPLORATION, *2 * (Stage.NEGOTIATION, Stage.SIGNING), Stage.IMPLEMENTATION_AND_TERMINATION]
    for leaving, entering in pairwise(path):
        way = OLD.transition(leaving, entering)
        assert way is not None
        assert way.normal
    open_ways = {
        ("exploration", "negotiation"),
        ("negotiation", "exploration"),
        ("negotiation", "signing"),
        ("signing", "negotiation"),
    }
    last = ("signing", "implementation_and_termination")
    assert ways(OLD, accord=False, agreement=False) == ways(OLD, accord=True, agreement=False) == open_ways
    assert ways(OLD, accord=True, agreement=True) == open_ways | {last}
    assert [one.after for one in OLD.transitions if (one.leaving, one.entering) == last] == [Milestone.AGREEMENT_SIGNED]


def test_endings_are_those_of_the_profile() -> None:
    """2009 has its grounds from memory, 2018 the five of PP 28/2018, and these refuse what another law knows."""
    assert {ground.basis for ground in OLD.endings} == {Basis.MEMORY}
    assert [ground.key for ground in NEW.endings] == [
        "term_expired",
        "purpose_achieved",
        "mutual",
        "policy_change",
        "object_lost",
    ]
    assert {(ground.source, ground.basis) for ground in NEW.endings} == {("PP 28/2018 Pasal 9(1)", Basis.TEXT)}
    assert NEW.ending("agreed_procedure") is None
    assert packaged().ending("ksdd-2018", "agreed_procedure") is None
    assert packaged().ending("ksad-2009", "policy_change") == NEW.ending("policy_change")
    assert packaged().ending("ksad-2009", "object_lost") == OLD.ending("object_lost")


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("kesepakatan KSAD", "kesepakatan bersama KSDD"),
        ("Kesepakatan", "Kesepakatan bersama"),
        ("kesepakatan bersama", "kesepakatan bersama"),
        (
            "Departemen/Lembaga Pemerintah Non Departemen terkait",
            "Kementerian/Lembaga Pemerintah Nonkementerian terkait",
        ),
        ("Menteri/Pimpinan LPND", "Menteri/Pimpinan LPNK"),
        ("Direktorat Jenderal Pemerintahan Umum", "Direktorat Jenderal Bina Administrasi Kewilayahan"),
        ("SKPD teknis", "Perangkat daerah teknis"),
        ("monitoring dan evaluasi", "monitoring dan evaluasi"),
    ],
)
def test_what_is_shown_has_the_names_of_its_law(then: str, now: str) -> None:
    """Under the law of 2018 offices, instruments and the cooperation have its names, once; the older keeps its own."""
    assert NEW.in_present_names(then) == now
    assert NEW.in_present_names(now) == now
    assert OLD.in_present_names(then) == then


def test_open_items_are_allowed_by_few_grounds_with_a_reason() -> None:
    """Only what cannot wait for the checklist may end with open items, and each such ground says why."""
    allowed = {profile.id: {one.key for one in profile.endings if one.open_items} for profile in (OLD, NEW)}
    assert allowed["ksad-2009"] == {"replaced", "new_norm", "object_lost", "national_interest"}
    assert allowed["ksdd-2018"] == {"policy_change", "object_lost"}
    for profile in (OLD, NEW):
        assert all(one.open_items_because for one in profile.endings if one.open_items)
        term = profile.ending("term_expired")
        assert term is not None
        assert not term.early


def test_the_status_of_the_regulation_is_not_overstated() -> None:
    """The revocation of 23/2009 is reported and unverified, and says so in the clerk's language."""
    assert (OLD.status.state, OLD.status.certainty, OLD.status.basis) == (
        "reported_revoked",
        "unverified",
        Basis.MEMORY,
    )
    assert "perlu diverifikasi" in OLD.status.label
