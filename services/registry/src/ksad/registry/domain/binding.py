"""Which legal profile a cooperation, or an agreement of its own, is bound to.

Never one that a party chose by a date: what is recorded today is bound to the profile in force today, whatever day it
is said to have happened on. Only a date that somebody has examined counts: that of a legacy fact, which the supervising
side records, and that of a signing which it has verified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts import registry as facts

if TYPE_CHECKING:
    from ksad.contracts.dates import PartialDate
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def profile_of_the_day(context: Context) -> str:
    """The profile that a fact binds to: of today, or of its day if it is a legacy one."""
    return context.adopted.law.in_force(context.on if context.legacy else context.today).id


def at_signing(state: Cooperation, agreement: str, context: Context) -> list[facts.ProfileBound]:
    """The binding of an agreement that stands from now on, where it is not bound so already."""
    return _bound(state, agreement, profile_of_the_day(context), "signing", context)


def by_verified_signing(
    state: Cooperation, agreement: str, signed: PartialDate, context: Context
) -> list[facts.ProfileBound]:
    """What follows when the supervising body has verified the signing: the profile of that day binds.

    It is for whoever records the verification, and for signings that it recorded itself by the instrument. A date of
    which only the year or month is known binds only where it means one profile.
    """
    law = context.adopted.law
    profile = law.in_force(signed.first).id
    return _bound(state, agreement, profile, "verified", context) if law.in_force(signed.last).id == profile else []


def _bound(
    state: Cooperation, agreement: str, profile: str, occasion: str, context: Context
) -> list[facts.ProfileBound]:
    # What the Minister or the Joint Secretariat pinned stays.
    if state.pinned or profile == context.profile(state, agreement).id:
        return []
    known = state.agreement(agreement)
    own = agreement if known is not None and known.own_line else None
    values = {"profile": profile, "occasion": occasion, "reason": None, "agreement": own, "decision": None}
    return [facts.ProfileBound.model_validate(values)]
