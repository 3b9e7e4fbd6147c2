"""For what an act is recorded: a cooperation or a task, with the choices that there are, as people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.chassis.problems import Problem
from ksad.contracts.rules import RefusalKind
from ksad.portal.forms.cards import ActCard, acts
from ksad.portal.naming import STAGES, instrument_titles, upper_first
from ksad.portal.offers import choices
from ksad.portal.pages.acts import RECEIVERS, FormSubject

if TYPE_CHECKING:
    from uuid import UUID

    from ksad.portal.forms.questions import Options
    from ksad.portal.visits import Visit

REGISTER = "register"
ENTRIES = 100
OVER = {"ended", "settling", "closed"}
"""How agreements stand that another can continue."""
SOLD, CARRIED = "sold", "carried"


def card_of(name: str, service: str) -> ActCard:
    """The card of a service's act.

    :raises Problem: 404, there is none.
    """
    found = acts().get(name)
    entry = found is not None and any(one.kind == "entry" for one in found.fields)
    if found is None or found.service != service or name == REGISTER or entry:
        raise Problem(RefusalKind.UNKNOWN, "act-known", "Tindakan ini belum ada di portal.")
    return found


def on_cooperation(visit: Visit, key: str, action: str, proposal: object) -> FormSubject:
    """An act on a cooperation, or on a proposal that waits there.

    :raises Problem: the act, the cooperation or the proposal is not known.
    """
    card = card_of(action, "registry")
    now = visit.read("registry", "/cooperations", key=key)
    pending: list[dict[str, Any]] = [one for one in now["pending"] if one["proposal"] == str(proposal)]
    if proposal is not None and not pending:
        detail = "Usulan ini sudah berlaku, sudah ditutup, atau tidak meminta konfirmasi Anda."
        raise Problem(RefusalKind.UNKNOWN, "act-pending", detail)
    role, _, code = visit.office.partition(":")
    asked = pending[0]["awaiting"] if pending else now["parties"]
    own = [one for one in asked if role != "region" or one == code or not pending]
    path = card.path.format(cooperation_id=now["cooperation_id"])
    possible = choices(visit.read("registry", f"/cooperations/{now['cooperation_id']}/may")["acts"], card.action)
    options = _of_parties(visit, now, own) | _chosen(visit, now, card, possible)
    if action == "divide":
        options |= _divisible(visit, now)
    about = f"{upper_first(pending[0]['act'])} · {now['title']}" if pending else now["title"]
    given = {"proposal": str(proposal)} if pending else {}
    if len(options.get("accord", ())) == 1:
        given["accord"] = options["accord"][0][0]
    return FormSubject(card, path, options, (f"/kerja-sama/{key}", now["title"]), given, about=about)


def _of_parties(visit: Visit, now: dict[str, Any], own: list[str]) -> dict[str, Options]:
    """The choices that the parties are, and the regions that could become one."""
    names = visit.names
    titles = instrument_titles(names, now)["agreement"]
    parties = tuple((one, names.region(one)) for one in now["parties"])
    existing = [one.code for one in names.regions.existing(names.today) if one.autonomous]
    return {
        "numbers": tuple((one, names.region(one)) for one in own),
        "budget": tuple((one, names.region(one)) for one in own),
        "signatories.region": tuple((one, names.region(one)) for one in own),
        "between": parties,
        "region": tuple((code, names.region(code)) for code in existing if code not in now["parties"]),
        "affair": tuple((one.key, one.name) for one in names.affairs.affairs),
        "continues": tuple((key, titles[key]) for key, one in now["agreements"].items() if one["state"] in OVER),
    }


def _chosen(visit: Visit, now: dict[str, Any], card: ActCard, found: dict[str, list[str]]) -> dict[str, Options]:
    """What an act can be done with, as people call it: problems and disputes by their words, facts by what they are."""
    path, names = f"/cooperations/{now['cooperation_id']}", visit.names
    words: dict[str, str] = {stage.value: names.stage(stage.value) for stage in STAGES}
    if found.keys() & {"problem", "dispute"}:
        told = visit.read("reporting", path)
        for matter in ("problems", "disputes"):
            words |= {key: one["description"] for key, one in (told.get(matter) or {}).items()}
    if found.keys() & {"entry", "entries"}:
        listed = visit.read("reporting", "/verification", cooperation_id=now["cooperation_id"], limit=ENTRIES)["items"]
        words |= {one["event_id"]: f"{one['label']}, {names.day(one['on'])}" for one in listed}
    words |= {code: names.region(code) for code in found.get("region", ())}
    chosen = {}
    for field in card.fields:
        if field.name not in found:
            continue
        called = words | field.options | _called(visit, now, field.name)
        chosen[field.name] = tuple((one, called[one]) for one in found[field.name] if one in called)
    return chosen


def _called(visit: Visit, now: dict[str, Any], field: str) -> dict[str, str]:
    """What the keys of a field are called: instruments by their titles, grounds and items in the words of the law."""
    match field:
        case "accord" | "agreement" | "agreements" | "replaces" | "continues":
            titles = instrument_titles(visit.names, now)
            return titles["accord"] | titles["agreement"]
        case "body":
            return {key: one["name"] for key, one in now["bodies"].items()}
        case "ground":
            book = visit.parts.lookups.law(visit.credential)
            return {one.key: one.label for profile in book.profiles.values() for one in profile.endings}
        case "item":
            items = visit.parts.lookups.law(visit.credential).profile(now["profile"]).checklist.items
            added = [one for book in (now.get("settlements") or {}).values() for one in book["added"]]
            return {one.key: one.label for one in items} | {one["item"]: one["description"] for one in added}
    return {}


def _divisible(visit: Visit, now: dict[str, Any]) -> dict[str, Options]:
    """What a division divides: the goods and obligations filed last, and who can get them."""
    names, gettext = visit.names, visit.language.gettext
    goods: dict[str, str] = {}
    owed: dict[str, str] = {}
    takers: dict[str, str] = {}
    for book in (now.get("settlements") or {}).values():
        goods |= {one["good"]: one["what"] for one in (book["goods"] or {}).get("goods", ())}
        owed |= {one["obligation"]: one["creditor"] for one in (book["obligations"] or {}).get("obligations", ())}
        takers |= {code: names.region(code) for code in book["participants"]}
    elsewhere = ((SOLD, gettext("Dijual")), (CARRIED, gettext("Diteruskan ke perjanjian penggantinya")))
    return {
        "allotted": tuple(goods.items()),
        "sold_for": tuple(goods.items()),
        "carried": tuple(owed.items()),
        "money": tuple(takers.items()),
        RECEIVERS: (*takers.items(), *elsewhere),
    }


def on_task(visit: Visit, identity: UUID, action: str) -> FormSubject:
    """What was done for a task.

    :raises Problem: the act or the task is not known.
    """
    card = card_of(action, "supervision")
    task = visit.read("supervision", f"/tasks/{identity}")
    names = visit.names
    about = task["cooperation_id"]
    parties = visit.read("registry", f"/cooperations/{about}")["parties"] if about else []
    who = tuple((f"region:{code}", names.region(code)) for code in parties)
    role, _, own = visit.office.partition(":")
    left = [code for code in task["remaining"] if role != "region" or code == own]
    options: dict[str, Options] = {
        "region": tuple((code, names.region(code)) for code in left),
        "findings.follow_up.who": (*who, (task["body"], names.office(task["body"]))),
        "finding": _open_findings(task),
    }
    path = card.path.format(task_id=identity)
    given = {"region": own} if own in left else {}
    return FormSubject(card, path, options, (f"/tugas/{identity}", task["label"]), given, duty=task["duty"])


def _open_findings(task: dict[str, Any]) -> Options:
    """The findings that call for something, by their numbers."""
    found = (task["completed"] or {}).get("findings") or ()
    return tuple((str(number), one["description"]) for number, one in enumerate(found, 1) if one.get("follow_up"))
