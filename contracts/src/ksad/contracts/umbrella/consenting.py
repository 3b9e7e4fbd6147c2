"""Folds what becomes of an act that waits for the confirmation of parties. Until it stands it changes nothing else."""

from __future__ import annotations

from uuid import UUID

from ksad.contracts.umbrella.ends import Changes, Data, Occurred
from ksad.contracts.umbrella.pending import PendingAct, RefusedAct
from ksad.contracts.umbrella.state import Umbrella


def proposed(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    """A further act waits; the event that proposed it is its name."""
    names = ("scope", "asked", "proposer", "claimed", "expires_on")
    said = {name: data[name] for name in names} | {"since": occurred.on}
    act = PendingAct.model_validate(dict(data["effect"]) | said)
    return {"pending": {**umbrella.pending, str(occurred.event): act}}


def confirmed(umbrella: Umbrella, data: Data, _: Occurred) -> Changes:
    """Regions have confirmed, with what each adds."""
    name = str(data["proposal"])
    act = umbrella.pending.get(name)
    if act is None:
        return {}
    changed = dict(act) | {
        "confirmed": (*act.confirmed, *data["regions"]),
        "by": "instrument" if data["by"] == "instrument" else act.by,
        "numbers": {**act.numbers, **data["numbers"]},
        "signatories": (*act.signatories, *data["signatories"]),
        "budget": {**act.budget, **data["budget"]},
    }
    return {"pending": {**umbrella.pending, name: PendingAct.model_validate(changed)}}


def refused(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    """A party refuses, which closes the proposal and is remembered until such an act of that scope stands."""
    act = umbrella.pending.get(str(data["proposal"]))
    if act is None:
        return {}
    known = RefusedAct(kind=act.kind, region=data["region"], proposal=UUID(str(data["proposal"])))
    return closed(umbrella, data, occurred) | {"refused": {**umbrella.refused, refusal_of(act.scope, act.kind): known}}


def refusal_of(scope: str, kind: str) -> str:
    """By which name the refusal of a kind of act is remembered: another act of its scope does not make it forgotten."""
    return f"{scope}/{kind}"


def closed(umbrella: Umbrella, data: Data, _: Occurred) -> Changes:
    """A proposal is over without effect."""
    return {"pending": _without(umbrella, str(data["proposal"]))}


def stands(umbrella: Umbrella, data: Data) -> Changes:
    """What a fact ends of the waiting: an act that stands waits no more, and a refusal before it is over."""
    standing = data.get("standing")
    proposal = None if standing is None else dict(standing)["proposal"]
    act = umbrella.pending.get(str(proposal))
    if act is None:
        return {}
    mine = refusal_of(act.scope, act.kind)
    kept = {name: one for name, one in umbrella.refused.items() if name != mine}
    return {"pending": _without(umbrella, str(proposal)), "refused": kept}


def _without(umbrella: Umbrella, name: str) -> dict[str, PendingAct]:
    return {key: act for key, act in umbrella.pending.items() if key != name}
