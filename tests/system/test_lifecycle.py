"""The regulation's life-cycle on a running platform, in both tiers: from exploration to the Minister's desk."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pypdf
import pytest

from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law import packaged
from ksad.contracts.registry import PROVISIONAL
from ksad.contracts.supervision import Tier
from ksad.ledger.figures.content import model
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import running, wait_settled
from tests.support.histories.lifecycle import FIRST_DAY, Story, Theatre, play
from tests.support.platforms.command import ksad
from tests.support.servers.processes import wait_until
from tests.support.text.printed import printed_codes

pytestmark = pytest.mark.xdist_group("lifecycle")
PROFILE = packaged().profile("ksdd-2018")
EXPLORED = ("a.1.a", "a.1.b", "a.1.c", "a.1.d", "a.2", "a.3")
NEGOTIATED = ("b.1", "b.2")
MINISTERS = "UU 23/2014 Pasal 370(2)"
"""Why the other tier's decision is refused: what the Minister decides is between provinces, and what is so is his."""


class Played:
    """What the play left behind."""

    def __init__(self, theatre: Theatre, both: tuple[Story, Story], reports: dict[str, dict[str, Any]]) -> None:
        self.theatre = theatre
        self.stories = dict(zip(("governor", "minister"), both, strict=True))
        self.reports = reports


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The life-cycle, played once on a platform of its own."""
    folder = Folder(tmp_path_factory.mktemp("daur") / "data")
    with running(folder, starts_on=FIRST_DAY) as platform, platform.client() as client:
        both, reports = play(theatre := Theatre(folder, client))
        wait_settled(client)
        yield Played(theatre, both, reports)


@pytest.fixture(params=["governor", "minister"])
def story(request: pytest.FixtureRequest, played: Played) -> Story:
    """The cooperation of one tier, then of the other."""
    return played.stories[request.param]


def oversight(story: Story) -> str:
    """Pasal 7 or 11."""
    return "P7" if story.pasal == "P6" else "P11"


def of(story: Story, *keys: str, checks: int = 0) -> list[str]:
    """The clauses of duties in this tier, with so many checks of stages."""
    return sorted([f"{story.pasal}.{key}" for key in keys] + [oversight(story)] * checks)


@pytest.mark.clause("P2", "P3")
def test_each_tier_has_its_supervisor(played: Played) -> None:
    """Regencies of one province are the Governor's, a province with a city the Minister's; body and forum follow."""
    for tier, story in played.stories.items():
        found = played.theatre.client.get("supervision", story.path)
        assert (found["tier"], found["supervising_body"], found["dispute_forum"]) == (tier, story.body, story.head)
        assert found["basis"] == "text"


@pytest.mark.clause("P4", "P4.a", "P4.b", "P6.a", "P6.b", "P10.a", "P10.b", "P7", "P11")
def test_stages_make_their_guidance_owed(story: Story) -> None:
    """Exploration owes six informations and assistances, each negotiation two; each stage is checked both ways."""
    assert story.clauses("exploration") == of(story, *EXPLORED, checks=1)
    assert story.clauses("negotiation") == of(story, *NEGOTIATED, checks=2)
    assert story.clauses("negotiation-2") == of(story, *NEGOTIATED, checks=2)
    assert story.clauses("accord-signing") == story.clauses("agreement-signing") == of(story, checks=2)
    assert story.clauses("accord") == story.clauses("agreement") == story.clauses("body") == []


@pytest.mark.clause("P4.c", "P6.c.1", "P6.c.2", "P10.c.1", "P10.c.2")
def test_signings_make_their_milestones_owed(story: Story) -> None:
    """c.1 before the accord and c.2 before the agreement; in his own tier the Governor is to coordinate with, too."""
    for step, key in (("accord-scheduled", "c.1"), ("agreement-scheduled", "c.2")):
        assert story.clauses(step) == of(story, key)
        asked = ["governor:33"] if story.pasal == "P10" else []
        assert story.owed[step][0]["coordinate_with"] == [*asked, "Kementerian Lingkungan Hidup"]
        assert story.owed[step][0]["due_on"] == "2025-11-20"


@pytest.mark.clause("P4.d", "P6.d.1", "P6.d.2", "P6.d.3", "P6.d.5", "P10.d.1", "P10.d.2", "P10.d.3", "P10.d.5")
def test_the_last_stage_makes_owed_what_arises(story: Story) -> None:
    """Monitoring with the stage, an opinion on the problem, advice on the dispute, a brief for its decision."""
    assert story.clauses("implementation") == of(story, "d.1", checks=2)
    assert story.clauses("problem") == of(story, "d.2")
    assert story.clauses("dispute") == of(story, "d.3")
    assert story.clauses("decision") == of(story, "d.5")
    assert story.clauses("resolved") == story.clauses("settled") == []


@pytest.mark.clause("P6.d.5", "P10.d.5")
def test_only_the_forum_of_the_tier_settles(story: Story) -> None:
    """Every other head is refused as an office, the other tier's kind of decision by a rule, with the clause."""
    heads = {"governor:33", "governor:34", "minister"} - {story.head}
    assert heads <= set(story.refused)
    assert {story.refused[head].status for head in heads} <= {403, 409}
    assert all(story.refused[head].clause for head in heads)
    wrong = story.refused["wrong-forum"]
    assert wrong.clause == MINISTERS


@pytest.mark.clause("P6.d.4", "P10.d.4")
@pytest.mark.clause("P6.d.4.a", "P6.d.4.b", "P6.d.4.c", "P6.d.4.d", "P6.d.4.e", "P6.d.4.f")
@pytest.mark.clause("P10.d.4.a", "P10.d.4.b", "P10.d.4.c", "P10.d.4.d", "P10.d.4.e", "P10.d.4.f")
def test_the_end_is_reminded_of_and_prepared(played: Played, story: Story) -> None:
    """Notice makes the reminder owed at once, with items a to f; no term is over before its day."""
    (reminder,) = story.owed["notice"]
    assert reminder["clause"] == f"{story.pasal}.d.4"
    assert [one["clause"] for one in reminder["checklist"]] == [f"{story.pasal}.d.4.{item}" for item in "abcdef"]
    assert story.refused["end"].rule == "term-over"
    assert story.refused["rupiah"].rule == "division-closes"
    assert story.clauses("items") == []
    assert story.clauses("end") == of(story, checks=1)
    shown = played.theatre.client.get("registry", story.path)
    # Items a, b and c are statements of their own; d, e and f are proved by seven documents.
    assert (shown["ended"], len(shown["proofs"])) == (True, 7)
    assert shown["settlement"] == "closed"


@pytest.mark.clause("P6", "P10")
def test_each_occasion_reminds_whom_it_concerns(played: Played, story: Story) -> None:
    """Of an end each party, of a task its body, of what has to be confirmed the regions asked, once for each entry."""
    client, after, found = played.theatre.client, 0, list[dict[str, Any]]()
    while (page := client.get("reporting", "/reminders", "mailer", after=after))["next"] != after:
        found, after = found + page["items"], page["next"]
    assert len({(one["id"], one["office"]) for one in found}) == len(found)
    assert {one["occasion"] for one in found} >= {"end", "late", "confirmation", "returned"}
    of_it = [one for one in found if one["occasion"] == "end" and one["cooperation"]["key"] == story.key]
    assert {one["office"] for one in of_it} == {f"region:{code}" for code in story.parties}
    assert all(one["office"] == one["task"]["body"] for one in found if one["occasion"] in {"assigned", "late"})


def test_every_duty_of_the_tier_was_owed_and_carries_its_words(played: Played, story: Story) -> None:
    """All fifteen duties and the check of stages arose, each with clause, verbatim words, due date and its basis."""
    tier = Tier.MINISTER if story.pasal == "P6" else Tier.GOVERNOR
    wanted = {duty.id(tier): duty.wording(tier) for duty in PROFILE.duties_of(tier) if duty.kind != "report"}
    tasks = played.theatre.tasks(story)
    assert {one["clause"]: one["wording"] for one in tasks} == wanted
    assert {one["body"] for one in tasks} == {story.body}
    assert all(f"{PROVISIONAL}; peraturan tidak menetapkan jangka waktu" in one["due_basis"] for one in tasks)
    assert all(one["causation_event_id"] for one in tasks)


@pytest.mark.clause("P1.7", "P6.a.1.c", "P6.a.1.d", "P10.a.1.c", "P10.a.1.d")
def test_what_was_done_is_done(played: Played, story: Story) -> None:
    """Every duty was done but monitoring, which the end cancelled; one party declined what others were given."""
    tasks = played.theatre.tasks(story)
    assert {one["duty"] for one in tasks if one["status"] == "cancelled"} <= {"d.1"}
    assert {one["status"] for one in tasks if one["duty"] != "d.1"} == {"completed"}
    (assistance,) = [one for one in tasks if one["duty"] == "a.2"]
    assert (list(assistance["delivered"]), list(assistance["declined"])) == ([story.parties[0]], [story.parties[1]])
    # Who cooperates already is proposed by the register, and an officer delivers it; bodies it fills in by itself.
    (proposed,) = [one for one in tasks if one["duty"] == "a.1.c"]
    assert proposed["delivered"][story.parties[0]]["documents"]
    (filled,) = [one for one in tasks if one["duty"] == "a.1.d"]
    assert filled["completed"]["outcome"].startswith("diisi dari register")


@pytest.mark.clause("P6.a.3", "P6.b.1", "P6.b.2")
def test_the_city_beside_a_province_is_offered_the_same(played: Played) -> None:
    """Where Pasal 6 names provinces only, the offer to the city says that it is an extension."""
    tasks = played.theatre.tasks(played.stories["minister"])
    extended = {one["clause"] for one in tasks if "perluasan bagi 33.71" in one["due_basis"]}
    assert extended == {"P6.a.3", "P6.b.1", "P6.b.2"}


@pytest.mark.clause("P8", "P12", "P13")
def test_the_reports_went_their_way(played: Played) -> None:
    """R2 was returned, compiled anew and accepted; R3 cites that version; R1 goes to the Minister; all is done."""
    made = played.reports
    assert {kind: (one["state"], one["to_office"]) for kind, one in made.items()} == {
        "R1": ("accepted", "minister"),
        "R2": ("accepted", "governor:33"),
        "R3": ("accepted", "minister"),
        "overview": ("accepted", "minister"),
    }
    assert [one["state"] for one in made["R2"]["versions"]] == ["returned", "accepted"]
    second = made["R2"]["versions"][1]
    assert made["R3"]["versions"][0]["cites"] == [
        {"report_id": made["R2"]["report_id"], "version": 2, "content_sha256": second["content_sha256"]}
    ]
    client = played.theatre.client
    for clause in ("P8", "P12", "P13"):
        items = client.get("supervision", "/tasks", duty=clause, limit=200)["items"]
        assert [one["status"] for one in items] == ["completed"], clause


@pytest.mark.clause("P8", "P12", "P13")
def test_every_report_is_on_paper(played: Played) -> None:
    """Each version is a PDF, a table and JSON; the Minister's overview has both cooperations, each with its tier."""
    client = played.theatre.client
    for kind, one in played.reports.items():
        for version in one["versions"]:
            path = f"/reports/{one['report_id']}/versions/{version['version']}"
            text = " ".join(
                page.extract_text()
                for page in pypdf.PdfReader(io.BytesIO(client.raw("reporting", f"{path}.pdf"))).pages
            )
            assert version["content_sha256"] in text.replace("\n", ""), kind
            sheets = openpyxl.load_workbook(io.BytesIO(client.raw("reporting", f"{path}.xlsx"))).sheetnames
            assert any("Matrik" in name for name in sheets)
    path = f"/reports/{played.reports['overview']['report_id']}"
    content = client.get("reporting", f"{path}/versions/1.json")
    assert [row["registration"] for row in content["matrix"]] == ["daur-gubernur", "daur-menteri"]
    # A province without any cooperation has a row of zeros, of no tier.
    assert {(row["region"]["code"], row["tier"]) for row in content["recapitulation"]["rows"] if row["tier"]} == {
        ("33", "governor"),
        ("33", "minister"),
        ("34", "minister"),
    }
    assert content["recapitulation"]["total"]["ended"] == 2


def test_no_code_is_printed(played: Played) -> None:
    """All four kinds, from a life with everything in it, say what they say in words."""
    keys = frozenset(story.key for story in played.stories.values())
    for kind, one in played.reports.items():
        path = f"/reports/{one['report_id']}/versions/{one['versions'][-1]['version']}.json"
        content = model.decode(played.theatre.client.raw("reporting", path))
        assert not printed_codes(content, keys), kind


def test_who_pays_is_not_said_to_deposit(played: Played) -> None:
    """Of the money of a division one party deposits what the other pays; both sums are printed as they were moved."""
    story, report = played.stories["governor"], played.reports["R2"]
    raw = played.theatre.client.raw("reporting", f"/reports/{report['report_id']}/versions/2.json")
    ((ended, *_),) = [model.decode(raw).terminations]
    money = {one.party.code: one for one in ended.checklist if one.party and one.clause.id == "P10.d.4.d"}
    told = {code: (one.label.rpartition(" ")[2], one.amount) for code, one in money.items()}
    first, second = story.parties
    assert told == {first: ("(penyetoran)", 1_000_000_000), second: ("(pembayaran)", 1_000_000_000)}


def test_a_signed_copy_is_kept_and_removed_by_who_sent_it(played: Played) -> None:
    """The addressee reads the copy and may not remove it; once removed it is gone, and the log knows nothing of it."""
    client, path = played.theatre.client, f"/reports/{played.reports['R2']['report_id']}/versions/2/signed-copy"
    url, head = client.endpoints["reporting"] + path, client.get("reporting", "/status", "operator")["journal"]["size"]

    def ask(method: str, office: str, content: bytes = b"") -> httpx.Response:
        token = client.endpoints["tokens"][office]
        return httpx.request(method, url, headers={"Authorization": f"Bearer {token}"}, content=content)

    assert ask("GET", "tkksd:33").status_code == 404
    assert ask("PUT", "governor:33", b"%PDF-1.7").status_code == 403
    assert ask("PUT", "tkksd:33", b"%PDF-1.7").status_code == 204
    assert ask("GET", "governor:33").content == b"%PDF-1.7"
    assert ask("GET", "governor:32").status_code == 403
    assert [ask("DELETE", office).status_code for office in ("governor:33", "tkksd:33")] == [403, 204]
    assert (ask("GET", "tkksd:33").status_code, ask("DELETE", "tkksd:33").status_code) == (404, 404)
    assert client.get("reporting", "/status", "operator")["journal"]["size"] == head


def test_the_register_tells_the_whole_life(played: Played, story: Story) -> None:
    """The timeline of the cooperation goes from its registration to its end, with what supervision did between."""
    path = f"/cooperations/{cooperation_id(story.key)}"
    items = played.theatre.client.get("reporting", f"{path}/timeline", limit=500)["items"]
    names = [one["event"]["type"] for one in items]
    assert "registered" in names[0]
    for event in (
        "accord_signed",
        "agreement_signed",
        "problem_resolved",
        "dispute_settled",
        "task.completed",
        "ended",
    ):
        assert any(event in name for name in names), event


@pytest.mark.clause("P8", "P12", "P13")
def test_an_auditor_compiles_every_report_again(played: Played, tmp_path: Path) -> None:
    """From the archive alone the log verifies, and each newest version comes out again: prefix, figures and content."""
    root, file = played.theatre.folder.root, tmp_path / "arsip.tar"

    def signed() -> bool:
        found = played.theatre.client.get("reporting", "/status", "operator")
        return bool(found["signed"]["size"] == found["journal"]["size"])

    wait_until(signed, seconds=60, what="a signed head over the whole journal")
    assert ksad("audit", "export", "--data-dir", root, "--out", file).code == 0
    assert ksad("audit", "verify", file, "--key", root / "keys" / "public.vkeys").code == 0
    for report in played.reports.values():
        told = ksad("audit", "prove-report", file, report["report_id"])
        assert told.code == 0, told.out
