"""The order of any fact: C1, C2 and C4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts import registry as facts
from ksad.contracts.dates import in_words
from ksad.registry.domain.chronology import Point, mark
from ksad.registry.domain.order.reading import Breach, breach

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.catalogue import Fact
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def not_future(_: Cooperation, __: Fact, context: Context) -> Breach | None:
    """Nothing is recorded before it has happened."""
    if context.on <= context.today:
        return None
    detail = f"Tanggal {in_words(context.when)} belum tiba. Catat setelah peristiwanya terjadi."
    return breach(detail, on=context.on)


def before_opening(state: Cooperation, fact: Fact, context: Context) -> Breach | None:
    """A legacy fact is of before the day on which the platform was opened for the parties."""
    if not context.legacy:
        return None
    parties: Iterable[str] = fact.parties if isinstance(fact, facts.Registered) else state.parties
    opened_on = context.adopted.opening_day(parties)
    if context.on < opened_on:
        return None
    detail = (
        f"Peristiwa {in_words(context.when)} terjadi setelah platform dibuka ({in_words(opened_on)}); "
        "catat sebagai peristiwa baru."
    )
    return breach(detail, opened_on=opened_on)


def after_registration(state: Cooperation, fact: Fact, context: Context) -> Breach | None:
    """What happens in a cooperation happens after its registration."""
    # What rests on an instrument, a letter or a decision has that one's date, and the rules on it.
    if "standing" in type(fact).model_fields or isinstance(fact, facts.ProfileBound):
        return None
    registered = state.when(mark(Point.REGISTERED))
    if registered is None or not context.when.before(registered):
        return None
    detail = f"Kerja sama ini baru diusulkan pada {in_words(registered)}; periksa tanggal peristiwanya."
    return breach(detail, registered_on=str(registered))
