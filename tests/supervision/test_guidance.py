"""Stage guidance, Pasal 6 and 10 letters a and b: owed to every party on entry, in its tier's words."""

from datetime import date
from typing import Any

import orjson
import pytest

from ksad.contracts import registry
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import TaskDelivered, TaskScheduled, Tier
from ksad.contracts.umbrella import JointBody
from ksad.supervision.domain import deciding
from ksad.supervision.domain.register import RegisteredCooperation, SignedInstrument, resembling
from ksad.supervision.domain.task import Status
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, LAST, MINISTERS, MIXED, Listed, World, facts_of, reference

pytestmark = pytest.mark.clause("P4.a", "P4.b", "P1.7")
A = ("a.1.a", "a.1.b", "a.1.c", "a.1.d", "a.2", "a.3")
B = ("b.1", "b.2")
NEIGHBOUR = RegisteredCooperation(
    "kartamantul",
    "Pengelolaan sampah Kartamantul",
    "lingkungan_hidup",
    ("34.71", "34.04"),
    date(2001, 11, 27),
    (JointBody(name="Sekretariat Bersama", seat="Yogyakarta", instrument="1/2001", formed_on=date(2001, 1, 1)),),
)
OTHER = RegisteredCooperation("angkutan", "Angkutan", "perhubungan", ("34.71", "33.71"), None, ())


def world(parties: tuple[str, ...]) -> World:
    """A cooperation that has just been registered, beside two others."""
    made = World(parties=parties, register=Listed([NEIGHBOUR, OTHER]))
    made.register_it()
    return made


@pytest.mark.parametrize(
    ("parties", "duty", "clause"),
    [
        pytest.param(MINISTERS, "a.1.a", "P6.a.1.a", marks=pytest.mark.clause("P6.a.1.a")),
        pytest.param(MINISTERS, "a.1.b", "P6.a.1.b", marks=pytest.mark.clause("P6.a.1.b")),
        pytest.param(MINISTERS, "a.1.c", "P6.a.1.c", marks=pytest.mark.clause("P6.a.1.c")),
        pytest.param(MINISTERS, "a.1.d", "P6.a.1.d", marks=pytest.mark.clause("P6.a.1.d")),
        pytest.param(MINISTERS, "a.2", "P6.a.2", marks=pytest.mark.clause("P6.a.2")),
        pytest.param(MINISTERS, "a.3", "P6.a.3", marks=pytest.mark.clause("P6.a.3")),
        pytest.param(GOVERNORS, "a.1.a", "P10.a.1.a", marks=pytest.mark.clause("P10.a.1.a")),
        pytest.param(GOVERNORS, "a.1.b", "P10.a.1.b", marks=pytest.mark.clause("P10.a.1.b")),
        pytest.param(GOVERNORS, "a.1.c", "P10.a.1.c", marks=pytest.mark.clause("P10.a.1.c")),
        pytest.param(GOVERNORS, "a.1.d", "P10.a.1.d", marks=pytest.mark.clause("P10.a.1.d")),
        pytest.param(GOVERNORS, "a.2", "P10.a.2", marks=pytest.mark.clause("P10.a.2")),
        pytest.param(GOVERNORS, "a.3", "P10.a.3", marks=pytest.mark.clause("P10.a.3")),
    ],
)
def test_exploration_makes_its_guidance_owed_to_every_party(parties: tuple[str, ...], duty: str, clause: str) -> None:
    """Given nothing, when a cooperation enters exploration, then its duty is owed once, to all, by its clause."""
    task = world(parties).one(duty)
    assert (task.clause, task.for_parties, task.stage) == (clause, parties, Stage.EXPLORATION)
    assert task.body == ("joint_secretariat" if parties == MINISTERS else "tkksd:33")
    assert f"{registry.PROVISIONAL}; peraturan tidak menetapkan jangka waktu" in task.due_basis


@pytest.mark.parametrize(
    ("parties", "duty", "clause"),
    [
        pytest.param(MINISTERS, "b.1", "P6.b.1", marks=pytest.mark.clause("P6.b.1")),
        pytest.param(MINISTERS, "b.2", "P6.b.2", marks=pytest.mark.clause("P6.b.2")),
        pytest.param(GOVERNORS, "b.1", "P10.b.1", marks=pytest.mark.clause("P10.b.1")),
        pytest.param(GOVERNORS, "b.2", "P10.b.2", marks=pytest.mark.clause("P10.b.2")),
    ],
)
def test_negotiation_makes_its_guidance_owed_each_time_it_is_entered(
    parties: tuple[str, ...], duty: str, clause: str
) -> None:
    """Negotiating the accord and later the agreement are two entries, and each is guided."""
    made = world(parties)
    assert not made.tasks(duty)
    made.enter(Stage.NEGOTIATION)
    assert [(one.clause, one.occurrence) for one in made.tasks(duty)] == [(clause, "negotiation")]
    made.enter(Stage.SIGNING)
    made.sign_accord()
    made.enter(Stage.NEGOTIATION)
    assert [one.occurrence for one in made.tasks(duty)] == ["negotiation", "negotiation-2"]


def test_the_words_of_a_task_are_those_of_its_tier() -> None:
    """A task of the Minister's tier carries Pasal 6, one of the Governor's Pasal 10."""
    for parties, word, tier in ((MINISTERS, "daerah provinsi", "minister"), (GOVERNORS, "kabupaten/kota", "governor")):
        task = world(parties).one("a.3")
        assert task.tier.value == tier
        assert word in reference().law.profile("ksad-2009").duty("a.3").wording(Tier(tier))


@pytest.mark.clause("P6.a.3", "P6.b.1", "P6.b.2")
def test_in_the_ministers_tier_a_regency_is_offered_the_same_as_an_extension() -> None:
    """Where the words name provinces only, the city gets the offer too, and the basis says that it is an extension."""
    made = world(MIXED)
    made.enter(Stage.NEGOTIATION)
    for duty in ("a.3", "b.1", "b.2"):
        task = made.one(duty)
        assert task.for_parties == MIXED
        assert "perluasan bagi 32.75" in task.due_basis
    assert "perluasan" not in made.one("a.1.a").due_basis
    assert "perluasan" not in world(GOVERNORS).one("a.3").due_basis


def proposed(made: World, known: list[RegisteredCooperation]) -> list[dict[str, Any]]:
    """The rows of what is proposed as the answer to a.1.c."""
    task = made.one("a.1.c")
    duty = reference().law.profile(made.case.profile).duty("a.1.c")
    document = resembling(duty, task.clause, made.case, known, reference(), date(2026, 1, 5))
    content = orjson.loads(document.content)
    assert content["dasar"] == task.clause
    rows: list[dict[str, Any]] = content["daftar"]
    return rows


@pytest.mark.clause("P6.a.1.c", "P10.a.1.c")
def test_an_officer_delivers_which_regions_already_cooperate() -> None:
    """a.1.c stays open for the officer; the register proposes what resembles, and delivers nothing by itself."""
    for parties in (MINISTERS, GOVERNORS):
        made = world(parties)
        task = made.one("a.1.c")
        assert (task.status, task.delivered, task.remaining) == (Status.OPEN, {}, parties)
        [row] = proposed(made, [NEIGHBOUR, OTHER])
        assert (row["kunci"], {"kode": "34.71", "nama": "Kota Yogyakarta"} in row["daerah"]) == ("kartamantul", True)


@pytest.mark.clause("P6.a.1.c", "P10.a.1.c")
def test_what_resembles_is_found_by_stems_and_the_own_province_comes_first() -> None:
    """Object, scope and affair count, whatever the form of a word; what is known by the year only says the year."""

    def other(key: str, title: str, affair: str, party: str, **more: Any) -> RegisteredCooperation:
        return RegisteredCooperation(key, title, affair, (party, "34.04"), None, ())._replace(**more)

    signed = (SignedInstrument("kesepakatan", "2009"), SignedInstrument("perjanjian", "2012-03"))
    known = [
        other("bandung", "Cekungan Bandung", "pekerjaan_umum", "32.73", object="air, transportasi dan persampahan"),
        other("bantargebang", "TPST Bantargebang", "lingkungan_hidup", "32.75", signed=signed),
        other("kedungsepur", "Kedungsepur", "pariwisata", "33.74", texts=("tempat pemrosesan akhir",)),
        other("wisata", "Promosi pariwisata", "pariwisata", "33.74"),
        other("bersama", "Kerja sama pengelolaan kawasan", "pariwisata", "33.74"),
    ]
    rows = proposed(world(GOVERNORS), known)
    assert [(one["kunci"], one["satu_provinsi"]) for one in rows] == [
        ("kedungsepur", True),
        ("bantargebang", False),
        ("bandung", False),
    ]
    assert rows[1]["naskah"] == [
        {"jenis": "kesepakatan", "tanggal": "2009"},
        {"jenis": "perjanjian", "tanggal": "2012-03"},
    ]
    assert rows[2]["kata"] == ["sampah"]


@pytest.mark.clause("P6.a.1.d", "P10.a.1.d")
def test_the_register_itself_says_which_bodies_were_formed() -> None:
    """a.1.d lists the cooperation bodies of all affairs, and a cooperation is never told of itself."""
    made = world(GOVERNORS)
    made.register.known.append(NEIGHBOUR._replace(key=made.key))
    document = next(one for one in made.documents if one.ref == made.one("a.1.d").delivered["33.72"].documents[0])
    content = orjson.loads(document.content)
    assert [one["badan"][0]["name"] for one in content["daftar"]] == ["Sekretariat Bersama"]
    assert [one["kunci"] for one in content["daftar"]] == ["kartamantul"]


def test_a_party_that_joins_is_owed_the_guidance_of_the_present_stage() -> None:
    """The newcomer gets tasks of its own for the stage that lasts, none for a stage that has passed."""
    made = world(GOVERNORS)
    made.enter(Stage.NEGOTIATION)
    joined = fact_of(registry.PartyJoined, region="33.13", reason=None, parties=[*GOVERNORS, "33.13"])
    events = made.tell(joined)
    owed = [fact for fact in facts_of(events, TaskScheduled) if isinstance(fact, TaskScheduled)]
    assert sorted((fact.duty, fact.occurrence) for fact in owed) == [
        ("b.1", "negotiation/33.13"),
        ("b.2", "negotiation/33.13"),
    ]
    assert all(fact.for_parties == ["33.13"] for fact in owed)


def test_a_party_that_leaves_is_waited_for_no_more() -> None:
    """Guidance that the others have got is done when the last one that it waited for leaves."""
    made = World(parties=(*GOVERNORS, "33.13"))
    made.register_it()
    for code in GOVERNORS:
        made.record(deciding.deliver(made.context(made.one("a.2")), code, [], "rapat"))
    made.tell(fact_of(registry.PartyWithdrew, region="33.13", reason=None, parties=list(GOVERNORS)))
    assert made.one("a.2").status is Status.COMPLETED
    assert made.one("a.1.a").status is Status.IN_PROGRESS
    assert made.one("a.1.a").remaining == GOVERNORS


def test_the_same_event_seen_again_schedules_nothing_twice() -> None:
    """However often an event is seen, a duty is owed once."""
    made = world(GOVERNORS)
    first = made.log[0]
    assert made.see(first) == []
    assert len(made.tasks("a.2")) == 1


def test_guidance_is_due_in_working_days_of_jakarta() -> None:
    """Ten working days after Monday 5 January 2026, with Isra Mikraj on the 16th, is Tuesday 20 January."""
    assert world(GOVERNORS).one("a.2").due_on == date(2026, 1, 20)


def test_a_fact_that_became_known_late_gives_its_term_from_today() -> None:
    """Due dates count from the later of the fact's date and the current day."""
    made = World(current=date(2026, 3, 2))
    made.register_it(date(2026, 1, 5))
    assert made.one("a.2").due_on > date(2026, 3, 2)


def test_a_withdrawn_proposal_owes_nothing_more() -> None:
    """Giving up before signing cancels every open task with the reason, and what was done stays done."""
    made = world(GOVERNORS)
    made.tell(registry.ProposalWithdrawn(reason="para pihak tidak sepakat"))
    assert {one.status for one in made.tasks()} == {Status.CANCELLED, Status.COMPLETED}
    assert not made.open_duties()
    assert made.pass_days(date(2026, 8, 1)) == []


def test_stages_that_were_never_entered_owe_nothing() -> None:
    """Before the last stage is entered there is no monitoring and no reminder, whatever day it is."""
    made = world(GOVERNORS)
    made.pass_days(date(2026, 7, 10))
    stages = {fact.stage for event in made.log if isinstance(fact := event.fact(), TaskScheduled)}
    assert stages == {Stage.EXPLORATION}
    assert LAST not in stages
    assert facts_of(made.log, TaskDelivered)
