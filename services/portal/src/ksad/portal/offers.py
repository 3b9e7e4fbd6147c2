"""Which forms an office is offered, by what the services say that it may do.

The service decides again when the form is sent; this keeps buttons away from whoever would be refused, and says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.access import registry, reporting, supervision
from ksad.contracts.supervision import HOME_GOVERNORS
from ksad.portal.forms.cards import GROUPS, acts
from ksad.portal.languages import noted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ksad.portal.forms.cards import ActCard

UNTOLD = {"office-may", "nothing-to-do", *registry.TABLE.conditions}
"""Rules that only say that an act is not this office's, or that there is nothing to do it with."""
NOT_OWN = {"office-may", "own-report", "addressee"}
"""Rules that say of a report's step that it is another office's."""
REMINDER = "d.4"
"""The duty of reminding, which its receiver acknowledges; guidance may be declined."""
CLOSED = {"completed", "cancelled"}
GROUP_TITLES = {
    "course": noted("Jalannya kerja sama"),
    "instruments": noted("Naskah"),
    "parties": noted("Para pihak dan badan"),
    "matters": noted("Masalah dan perselisihan"),
    "end": noted("Pengakhiran"),
    "checking": noted("Pemeriksaan catatan"),
}
ON_COOPERATIONS, ON_TASKS = "/cooperations/", "/tasks/"


def may_register(office: str) -> bool:
    """Whether an office registers cooperations."""
    return bool(registry.TABLE.grants_for(office, "register"))


class Refused(NamedTuple):
    """Acts that are not possible now for one reason: the rule, its sentence and clause, and their cards."""

    rule: str
    detail: str
    clause: str | None
    cards: list[ActCard]


class Offers(NamedTuple):
    """The acts on a cooperation that a form is offered for, by the name in its address; those that are not possible
    now; and the proposals that the office may confirm, refuse or withdraw.
    """

    allowed: dict[str, ActCard]
    refused: list[Refused]
    confirmable: frozenset[str]
    refusable: frozenset[str]
    withdrawable: frozenset[str]

    @property
    def grouped(self) -> list[tuple[str, dict[str, ActCard]]]:
        """The allowed acts by what they are about, each group with its title."""
        found = [(one, {name: card for name, card in self.allowed.items() if card.group == one}) for one in GROUPS]
        return [(GROUP_TITLES[one], cards) for one, cards in found if cards]


def on_cooperation(office: str, possible: Iterable[Mapping[str, Any]]) -> Offers:
    """What an office is offered on a cooperation.

    :param possible: the acts as the registry answers them, of each whether it is allowed, or the rule that forbids it.
    """
    told = {one["act"]: one for one in possible}
    shown = {
        name: card
        for name, card in acts().items()
        if card.path.startswith(ON_COOPERATIONS) and not any(one.kind == "fixed" for one in card.fields)
    }
    refused: dict[tuple[str, str, str | None], list[ActCard]] = {}
    for name, card in shown.items():
        if name in told and not told[name]["allowed"] and _worth_telling(office, name, told[name]):
            said = told[name]["refusal"]
            refused.setdefault((said["rule"], said["detail"], said["clause"]), []).append(card)
    return Offers(
        {name: card for name, card in shown.items() if name in told and told[name]["allowed"]},
        [Refused(*said, cards) for said, cards in refused.items()],
        _proposals(told.get("confirm-act")),
        _proposals(told.get("refuse-act")),
        _proposals(told.get("withdraw-act")),
    )


def _worth_telling(office: str, name: str, told: Mapping[str, Any]) -> bool:
    """Whether somebody would look for the act: the office does it on some cooperations, and there is a reason."""
    return bool(registry.TABLE.grants_for(office, name)) and told["refusal"]["rule"] not in UNTOLD


def _proposals(told: Mapping[str, Any] | None) -> frozenset[str]:
    return frozenset(one["proposal"] for one in told["about"]) if told is not None else frozenset()


def choices(possible: Iterable[Mapping[str, Any]], action: str) -> dict[str, list[str]]:
    """What an act can be done with, by the name of the field."""
    found: dict[str, list[str]] = {}
    for one in possible:
        if one["act"] != action:
            continue
        for fields in one["about"]:
            for name, said in fields.items():
                values = said if isinstance(said, list) else [said]
                found.setdefault(name, []).extend(str(value) for value in values)
    return {name: list(dict.fromkeys(values)) for name, values in found.items()}


def on_task(office: str, task: Mapping[str, Any]) -> dict[str, ActCard]:
    """The outcomes of a task that an office is offered: delivery to each party that is left, or the whole outcome; and
    a party's own word on what is addressed to it.
    """
    role, _, code = office.partition(":")
    own = task["body"] in bodies(office)
    if task["status"] in CLOSED:
        names = ["close-follow-up"] if own and _called_for(task) else []
    elif task["occasion"] == HOME_GOVERNORS and role == "governor" and code in task["remaining"]:
        return {RECEIPT: acts()[RECEIPT]} if code in task["delivered"] else {}
    elif role == "region" and code in task["remaining"] and task["occasion"] != HOME_GOVERNORS:
        return {name: acts()[name] for name in ("acknowledge" if task["duty"] == REMINDER else "decline",)}
    else:
        names = ["deliver" if task["remaining"] else "complete", "assign"] if own else []
    return {name: acts()[name] for name in names if supervision.TABLE.grants_for(office, name)}


def _called_for(task: Mapping[str, Any]) -> bool:
    return any(one.get("follow_up") for one in (task["completed"] or {}).get("findings") or ())


def corrects_all(office: str, body: str) -> bool:
    """Whether an office corrects what others recorded of a cooperation that a body supervises."""
    return body in bodies(office) and bool(registry.TABLE.grants_for(office, "correct"))


RECEIPT = "receive"
"""A Governor's acknowledgement that he was told: no reminder, and no party's."""

STEP_CARDS = {
    "submit": "submit-report",
    "discard": "discard-report",
    "accept": "accept-report",
    "return": "return-report",
}
"""The form of each step of a report, by the name that reporting gives it."""


class ReportOffers(NamedTuple):
    """The steps of a report that a form is offered for, by the name in its address; whether its sections may be
    written, and a version ordered; and the steps that are not possible now.
    """

    allowed: dict[str, ActCard]
    refused: list[Refused]
    writes: bool
    compiles: bool


def on_report(possible: Iterable[Mapping[str, Any]]) -> ReportOffers:
    """What an office is offered on a report.

    :param possible: the steps as reporting answers them, of each whether it is allowed, or the rule that forbids it.
    """
    told = {one["act"]: one for one in possible}
    cards = {act: acts()[name] for act, name in STEP_CARDS.items()}
    refused: dict[tuple[str, str, str | None], list[ActCard]] = {}
    for act, card in cards.items():
        said = told[act]["refusal"]
        if said is not None and said["rule"] not in NOT_OWN:
            refused.setdefault((said["rule"], said["detail"], said["clause"]), []).append(card)
    return ReportOffers(
        {STEP_CARDS[act]: card for act, card in cards.items() if told[act]["allowed"]},
        [Refused(*said, found) for said, found in refused.items()],
        told["write"]["allowed"],
        told["compile"]["allowed"],
    )


OUTBOX = "/surel"
"""The page of mails to an office."""


def menu(office: str) -> list[tuple[str, str]]:
    """The addresses of the main menu that concern an office, each with its label."""
    role = office.partition(":")[0]
    reads = bool(reporting.TABLE.grants_for(office, "read-report"))
    found = [("/meja-saya", noted("Meja saya")), ("/register", noted("Register"))]
    if reads:
        found += [("/laporan", noted("Laporan")), ("/dasbor", noted("Dasbor"))]
    if reporting.TABLE.grants_for(office, "read_log"):
        found += [("/catatan", noted("Catatan")), ("/titik-periksa", noted("Titik periksa"))]
    if office == "operator":
        found.append((OUTBOX, noted("Surel pengingat")))
    # Whoever decides begins with what needs a decision.
    return sorted(found, key=lambda one: one[0] != "/dasbor") if role == "minister" else found


def bodies(office: str) -> tuple[str, ...]:
    """The bodies whose tasks concern an office: its own, and for a head of government also its team's."""
    role, _, code = office.partition(":")
    if role == "governor":
        return (office, f"tkksd:{code}")
    if role == "minister":
        return (office, "joint_secretariat")
    return (office,) if role in {"tkksd", "joint_secretariat"} else ()
