"""The acts that bind several parties, as data: one more act is one more row (law: section 2 of the consent rules).

Every row says what an act is about and who has to confirm it. Whatever is not here is an act of its office alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts import registry as facts
from ksad.contracts.registry import Manner, Scope
from ksad.contracts.umbrella import ACT_NAMES
from ksad.registry.domain.naming import parties_of
from ksad.registry.domain.workbook import worked_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.catalogue import Fact
    from ksad.registry.domain.cooperation import Cooperation


class ConsentedAct(NamedTuple):
    """One kind of act: its scope, the regions that it needs, its name for people, its clause.

    ``when`` tells which of the facts of this type bind several; None: all of them.
    """

    scope: Callable[[Any], str]
    asked: Callable[[Cooperation, Any], tuple[str, ...]]
    name: str
    clause: str
    when: Callable[[Any], bool] | None = None


def _joined(state: Cooperation, fact: facts.PartyJoined) -> tuple[str, ...]:
    """The parties of what is entered, and who enters."""
    if fact.umbrella:
        parties = list(state.parties)
    else:
        known = (state.agreement(key) for key in fact.agreements)
        parties = [code for one in known if one is not None for code in one.between]
    return tuple(dict.fromkeys((*parties, fact.region)))


def _ending(state: Cooperation, fact: facts.Ended) -> tuple[str, ...]:
    """The parties of what ends; who left the cooperation is not asked for an accord that it once signed."""
    if fact.of is Scope.AGREEMENT:
        return parties_of(state, fact.key)
    accord = state.umbrella.accords.get(fact.key or "")
    between = state.parties if accord is None else accord.between
    return tuple(code for code in between if code in state.parties)


def _sides(state: Cooperation, fact: facts.DisputeSettled) -> tuple[str, ...]:
    dispute = state.dispute(fact.dispute)
    return state.parties if dispute is None else dispute.between


def _agreement(
    fact: facts.AgreementSigned | facts.AgreementAmended | facts.AgreementExtended | facts.DivisionAgreed,
) -> str:
    return f"agreement:{fact.agreement}"


ACTS: dict[type[Fact], ConsentedAct] = {
    facts.AccordSigned: ConsentedAct(
        lambda fact: f"accord:{fact.accord}",
        lambda _, fact: tuple(fact.between),
        ACT_NAMES["accord_signed"],
        "P1.5",
    ),
    facts.AgreementSigned: ConsentedAct(
        _agreement, lambda _, fact: tuple(fact.between), ACT_NAMES["agreement_signed"], "P1.6"
    ),
    facts.AgreementAmended: ConsentedAct(
        _agreement, lambda state, fact: parties_of(state, fact.agreement), ACT_NAMES["agreement_amended"], "P1.4"
    ),
    facts.AgreementExtended: ConsentedAct(
        _agreement, lambda state, fact: parties_of(state, fact.agreement), ACT_NAMES["agreement_extended"], "P1.4"
    ),
    facts.PartyJoined: ConsentedAct(lambda fact: f"join:{fact.region}", _joined, ACT_NAMES["party_joined"], "P1.4"),
    facts.Ended: ConsentedAct(
        lambda fact: fact.of if fact.key is None else f"{fact.of}:{fact.key}",
        _ending,
        ACT_NAMES["ended"],
        "PP 28/2018 Pasal 9(1)",
    ),
    facts.DisputeSettled: ConsentedAct(
        lambda fact: f"dispute:{fact.dispute}",
        _sides,
        ACT_NAMES["dispute_settled"],
        "UU 23/2014 Pasal 370",
        when=lambda fact: fact.manner is Manner.DELIBERATION,
    ),
    facts.DivisionAgreed: ConsentedAct(
        _agreement,
        lambda state, fact: worked_on(state, fact.agreement).participants,
        ACT_NAMES["division_agreed"],
        "P6.d.4.c/P10.d.4.c",
    ),
}
"""By the type of the effect."""


def act_of(fact: Fact) -> ConsentedAct | None:
    """What kind of act a fact is; None where nobody else has to be asked."""
    act = ACTS.get(type(fact))
    return act if act is not None and (act.when is None or act.when(fact)) else None


def scope_agreement(state: Cooperation, scope: str) -> str | None:
    """The agreement whose parties and supervisor a scope has; None: the cooperation's."""
    kind, _, key = scope.partition(":")
    if kind == "agreement":
        return key if key in state.umbrella.agreements else None
    dispute = state.dispute(key) if kind == "dispute" else None
    return None if dispute is None else dispute.agreement
