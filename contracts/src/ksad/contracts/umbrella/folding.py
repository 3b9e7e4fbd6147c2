"""Folds facts into an umbrella. :func:`evolve` is pure and total.

It takes the newest version of a fact, typed or decoded from JSON: registry, supervision and the ledger fold alike.
"""

from __future__ import annotations

from collections.abc import Callable

from ksad.contracts.dates import Precision
from ksad.contracts.registry import AGREEMENT_1, Stage, TermKind
from ksad.contracts.umbrella import consenting, workbook
from ksad.contracts.umbrella.ends import Changes, Data, Occurred, day_of, ended
from ksad.contracts.umbrella.parts import LAST_STAGE, Accord, Agreement, LiveNotice, Settled
from ksad.contracts.umbrella.state import JointBody, Matter, Umbrella
from ksad.contracts.umbrella.workbook import Workbook

PREFIX = "ksad.cooperation."


def evolve(umbrella: Umbrella, name: str, data: Data, occurred: Occurred) -> Umbrella:
    """The umbrella after a fact.

    :param name: the event's name without version, such as ``ksad.cooperation.ended``.
    :param data: the event's data, in its newest version.
    """
    fold = FOLDS.get(name.removeprefix(PREFIX))
    changes = {} if fold is None else fold(umbrella, data, occurred) | consenting.stands(umbrella, data)
    if occurred.legacy and not umbrella.legacy_facts:
        changes["legacy_facts"] = True
    return umbrella.model_copy(update=changes) if changes else umbrella


def _agreed(umbrella: Umbrella, key: str, **changes: object) -> Changes:
    """One agreement changed; one that nobody has opened is not known."""
    known = umbrella.agreements.get(key)
    if known is None:
        return {}
    return {"agreements": {**umbrella.agreements, key: known.model_copy(update=changes)}}


def _registered(_: Umbrella, data: Data, occurred: Occurred) -> Changes:
    fresh = Umbrella(parties=tuple(data["parties"]), stage=Stage(data["stage"]))
    return {"parties": fresh.parties, "stage": fresh.stage, **_on_paper(fresh, occurred)}


def _on_paper(umbrella: Umbrella, occurred: Occurred) -> Changes:
    """In the last stage there is an agreement: where none was recorded, it is on paper only."""
    known = umbrella.agreements
    if umbrella.stage is not LAST_STAGE or AGREEMENT_1 in known or any(not one.own_line for one in known.values()):
        return {}
    paper = Agreement(between=umbrella.parties, paper=True, stage=LAST_STAGE, legacy=occurred.legacy)
    return {"agreements": {**umbrella.agreements, AGREEMENT_1: paper}}


def _stage(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    stage = Stage(data["stage"])
    if data["agreement"] is not None:
        return _agreed(umbrella, data["agreement"], stage=stage)
    moved = {
        key: one if one.own_line or one.ended else one.model_copy(update={"stage": stage})
        for key, one in umbrella.agreements.items()
    }
    after = umbrella.model_copy(update={"stage": stage, "agreements": moved})
    return {"stage": stage, "agreements": moved, **_on_paper(after, occurred)}


def _term(data: Data) -> Changes:
    """The term that a fact sets; a date says more than the word beside it, which a correction may have left."""
    ends_on = day_of(data["ends_on"])
    precision = data["ends_precision"]
    kind = TermKind.DATED if ends_on else TermKind(data["term"] or TermKind.UNKNOWN)
    return {
        "ends_on": ends_on,
        "ends_precision": Precision(precision) if precision else None,
        "term": TermKind.UNKNOWN if kind is TermKind.DATED and not ends_on else kind,
    }


def _accord(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    made = Accord(
        between=tuple(data["between"]),
        signed_on=occurred.on,
        effective_on=day_of(data["effective_on"]),
        legacy=occurred.legacy,
        standing=dict(data["standing"])["by"],
        **_term(data),
    )
    key, replaced = data["accord"], data["replaces"]
    accords = {**umbrella.accords, key: made}
    if replaced in umbrella.accords and replaced != key:
        accords[replaced] = umbrella.accords[replaced].model_copy(update={"replaced_by": key})
    return {"accords": accords}


def _opened(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    names = ("accord", "title", "object", "affair", "scope", "continues")
    made = Agreement(
        between=tuple(data["between"]),
        own_line=True,
        stage=Stage(data["stage"]),
        opened_on=occurred.on,
        legacy=occurred.legacy,
        **{name: data[name] for name in names},
    )
    return {"agreements": {**umbrella.agreements, data["agreement"]: made}}


def _signed(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    key = data["agreement"]
    known = umbrella.agreements.get(key) or Agreement(stage=umbrella.stage)
    names = ("accord", "title", "object", "affair", "scope", "continues")
    said = {name: data[name] for name in names if data[name] is not None}
    changes = {
        "between": tuple(data["between"]),
        "signed_on": occurred.on,
        "effective_on": day_of(data["effective_on"]),
        "legacy": occurred.legacy,
        "paper": False,
        "standing": dict(data["standing"])["by"],
    }
    signed = known.model_copy(update={**changes, **said, **_term(data)})
    return {"agreements": {**umbrella.agreements, key: signed}}


def _amended(umbrella: Umbrella, data: Data, _: Occurred) -> Changes:
    stays = data["ends_on"] is None and data["term"] is None
    return _agreed(umbrella, data["agreement"], amended=True, **({} if stays else _term(data)))


def _joined(umbrella: Umbrella, data: Data, _: Occurred) -> Changes:
    region = data["region"]

    def joined(one: Agreement) -> Changes:
        between = (*_without(one.between, region), region)
        return {"between": between, "left": _without(one.left, region)}

    former = tuple(one for one in umbrella.former if one[0] != region)
    return {"parties": tuple(data["parties"]), "agreements": _moved(umbrella, data, joined), "former": former}


def _withdrew(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    region, stays = data["region"], data["settlement"] == "with_the_end"

    def left(one: Agreement) -> Changes:
        if region not in one.between:
            return {}
        left = (*one.left, region) if stays and one.stands else one.left
        return {"between": _without(one.between, region), "left": left}

    parties = tuple(data["parties"])
    former = umbrella.former if region in parties else (*umbrella.former, (region, occurred.on))
    return {"parties": parties, "agreements": _moved(umbrella, data, left), "former": former}


def _moved(umbrella: Umbrella, data: Data, change: Callable[[Agreement], Changes]) -> dict[str, Agreement]:
    """The agreements with those changed that a fact names and that have not ended."""
    return {
        key: one.model_copy(update=change(one)) if key in data["agreements"] and one.ended is None else one
        for key, one in umbrella.agreements.items()
    }


def _without(codes: tuple[str, ...], region: str) -> tuple[str, ...]:
    return tuple(code for code in codes if code != region)


def _arose(field: str, noun: str) -> Callable[[Umbrella, Data, Occurred], Changes]:
    """A problem or dispute arose: what was settled is open again."""

    def fold(umbrella: Umbrella, data: Data, _: Occurred) -> Changes:
        return _opened_matter(umbrella, field, data[noun], Matter(agreement=data["agreement"]))

    return fold


def _escalated(umbrella: Umbrella, data: Data, _: Occurred) -> Changes:
    """A dispute that the Governor had decided lies before the Minister: it is open again."""
    known = umbrella.disputes.get(data["dispute"])
    if known is None or known.open:
        return {}
    return _opened_matter(umbrella, "disputes", data["dispute"], known.model_copy(update={"open": True}))


def _opened_matter(umbrella: Umbrella, field: str, key: str, matter: Matter) -> Changes:
    agreements = {
        name: one.model_copy(update={"settled": None}) if one.settled and matter.agreement in (None, name) else one
        for name, one in umbrella.agreements.items()
    }
    return {field: {**getattr(umbrella, field), key: matter}, "agreements": agreements}


def _over(field: str, noun: str) -> Callable[[Umbrella, Data, Occurred], Changes]:
    def fold(umbrella: Umbrella, data: Data, _: Occurred) -> Changes:
        matters: dict[str, Matter] = getattr(umbrella, field)
        known = matters.get(data[noun]) or Matter()
        return {field: {**matters, data[noun]: known.model_copy(update={"open": False})}}

    return fold


def _notice(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    planned = day_of(data["planned_end_on"])
    assert planned is not None  # noqa: S101 - a notice has its day
    notice = LiveNotice(
        event=occurred.event,
        ground=data["ground"],
        planned_end_on=planned,
        given_by=data["given_by"],
        live=not occurred.legacy,
    )
    return _agreed(umbrella, data["agreement"], notice=notice)


def _revoked(umbrella: Umbrella, data: Data, _: Occurred) -> Changes:
    return _agreed(umbrella, data["agreement"], notice=None)


def _booked(change: Callable[[Workbook, Data, Occurred], Workbook]) -> Callable[[Umbrella, Data, Occurred], Changes]:
    """An entry of the workbook; whoever works on a settlement that was not examined has it examined."""

    def fold(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
        key = data["agreement"]
        known = _prepared(umbrella, key)
        changes: Changes = {"workbook": change(known.workbook, data, occurred)}
        if known.settled is Settled.NOT_EXAMINED:
            changes["settled"] = None
        return {"agreements": {**umbrella.agreements, key: known.model_copy(update=changes)}}

    return fold


def _prepared(umbrella: Umbrella, key: str) -> Agreement:
    """The agreement whose end is prepared; of paper, its proofs may come in before its signing."""
    return umbrella.agreements.get(key) or Agreement(between=umbrella.parties, stage=umbrella.stage)


def _body_formed(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    made = JointBody(name=data["name"], seat=data["seat"], instrument=data["instrument"], formed_on=occurred.on)
    return {"bodies": {**umbrella.bodies, str(occurred.event): made}}


def _body_dissolved(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    key = str(data["body"])
    known = umbrella.bodies.get(key)
    if known is None:
        return {}
    return {"bodies": {**umbrella.bodies, key: known.model_copy(update={"dissolved_on": occurred.on})}}


FOLDS: dict[str, Callable[[Umbrella, Data, Occurred], Changes]] = {
    "registered": _registered,
    "stage_entered": _stage,
    "body_formed": _body_formed,
    "body_dissolved": _body_dissolved,
    "accord_signed": _accord,
    "agreement_opened": _opened,
    "agreement_dropped": lambda umbrella, data, _: _agreed(umbrella, data["agreement"], dropped=True),
    "agreement_signed": _signed,
    "agreement_amended": _amended,
    "agreement_extended": _amended,
    "profile_bound": lambda umbrella, data, _: (
        _agreed(umbrella, data["agreement"], profile=data["profile"]) if data["agreement"] else {}
    ),
    "party_joined": _joined,
    "party_withdrew": _withdrew,
    "problem_reported": _arose("problems", "problem"),
    "problem_resolved": _over("problems", "problem"),
    "dispute_raised": _arose("disputes", "dispute"),
    "dispute_escalated": _escalated,
    "dispute_settled": _over("disputes", "dispute"),
    "termination_notice_given": _notice,
    "termination_notice_revoked": _revoked,
    "goods_inventoried": _booked(lambda book, data, told: workbook.inventoried(book, data, told.event, told.on)),
    "obligations_listed": _booked(lambda book, data, told: workbook.listed(book, data, told.event, told.on)),
    "division_agreed": _booked(lambda book, data, told: workbook.divided(book, data, told.event, told.on)),
    "termination_item_added": _booked(lambda book, data, _: workbook.added(book, data)),
    "termination_item_completed": _booked(lambda book, data, told: workbook.proved(book, data, told.event, told.on)),
    "ended": ended,
    "settlement_closed": lambda umbrella, data, _: _agreed(umbrella, data["agreement"], settled=Settled.CLOSED),
    "proposal_withdrawn": lambda _, __, ___: {"withdrawn": True},
    "backfill_closed": lambda _, __, ___: {"backfill_closed": True},
    "act_proposed": consenting.proposed,
    "act_confirmed": consenting.confirmed,
    "act_refused": consenting.refused,
    "act_closed": consenting.closed,
}
