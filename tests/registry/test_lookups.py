"""Look-ups with names as of a day, and who the caller is: what forms and pages take from the registry."""

from tests.support.platforms.speaking import Speak
from tests.support.servers.schemas import ON_SQLITE


@ON_SQLITE
def test_everybody_learns_who_they_are(speak: Speak) -> None:
    """Office, role, name, region with its codes, whose tasks it has, and what it supervises by which clause."""
    governor = speak("governor:33").get("/me").json()
    assert (governor["name"], governor["role"]) == ("Gubernur Jawa Tengah", "governor")
    assert governor["tasks_of"] == ["governor:33", "tkksd:33"]
    assert governor["supervises"] == {
        "tier": "governor",
        "clause": "P3",
        "body": "tkksd:33",
        "body_name": "TKKSD Provinsi Jawa Tengah",
        "province": "33",
    }
    solo = speak("region:33.72").get("/me").json()
    assert (solo["name"], solo["region"]["province_label"]) == ("Kota Surakarta", "Provinsi Jawa Tengah")
    assert (solo["supervises"], solo["tasks_of"], solo["actor_id"]) == (None, [], "dev-region-33.72")
    minister = speak("minister").get("/me").json()
    assert (minister["supervises"]["clause"], minister["supervises"]["province"]) == ("P2", None)
    assert speak("feed:33").get("/me").json()["name"] == "Umpan Provinsi Jawa Tengah"
    assert speak("auditor").get("/me").json()["name"] == "Auditor"


@ON_SQLITE
def test_regions_and_offices_are_those_of_the_day(speak: Speak) -> None:
    """A day before Papua was divided knows no Papua Selatan; a region keeps its lineage under all its codes."""
    auditor = speak("auditor")
    then = auditor.get("/regions", on="2022-01-01", kind="province").json()["items"]
    now = auditor.get("/regions", on="2026-01-01", kind="province").json()["items"]
    assert len(now) - len(then) == 4
    merauke = next(one for one in auditor.get("/regions", province="93").json()["items"] if one["code"] == "93.01")
    assert [one["code"] for one in merauke["codes"]] == ["91.01", "93.01"]
    assert merauke["province_label"] == "Provinsi Papua Selatan"
    names = {
        one["office"]: one["name"] for one in auditor.get("/offices", on="2022-01-01", role="tkksd").json()["items"]
    }
    assert names["tkksd:33"] == "TKKSD Provinsi Jawa Tengah"
    assert "tkksd:93" not in names
    assert auditor.get("/offices", role="operator").status_code == 422


@ON_SQLITE
def test_the_law_is_read_as_adopted(speak: Speak) -> None:
    """Duties with the words of each tier, the profile of the day, grounds and clauses; an unknown profile is 404."""
    auditor = speak("auditor")
    listed = auditor.get("/duties", profile="ksad-2009", tier="governor").json()
    assert listed["profile"] == "ksad-2009"
    duties = listed["items"]
    reminder = next(one for one in duties if one["duty"] == "d.4")
    assert {one["tier"]: one["clause"] for one in reminder["wording"]} == {"minister": "P6.d.4", "governor": "P10.d.4"}
    assert "mengingatkan" in reminder["wording"][0]["text"]
    assert reminder["due"] is None  # these tests adopt no policy, and the law sets no period
    clauses = {one["clause"]: one for one in auditor.get("/clauses", profile="ksad-2009").json()["items"]}
    assert clauses["P6.d.4.a"]["parent"] == "P6.d.4"
    in_force = [one["profile"] for one in auditor.get("/profiles", on="2012-01-01").json()["items"] if one["in_force"]]
    assert in_force == ["ksad-2009"]
    assert auditor.get("/grounds", on="2012-01-01").json()["profile"] == "ksad-2009"
    assert auditor.get("/duties", profile="uu-1").status_code == 404
    assert auditor.get("/affairs").json()["items"] == []
    assert auditor.get("/holidays").json() == {"years": [], "items": []}


@ON_SQLITE
def test_what_has_not_changed_is_not_sent_again(speak: Speak) -> None:
    """A look-up that still holds is answered 304; another day's is another."""
    auditor = speak("auditor")
    first = auditor.get("/regions", on="2022-01-01")
    known = {"If-None-Match": first.headers["etag"]}
    again = auditor.get("/regions", known, on="2022-01-01")
    assert (again.status_code, again.content) == (304, b"")
    assert auditor.get("/regions", known, on="2026-01-01").status_code == 200
