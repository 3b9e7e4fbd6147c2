"""How often a caller may ask: in this process's memory, per minute."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Never

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from ksad.chassis.problems import Problem
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from limits import RateLimitItem

    from ksad.chassis.offices import Caller
    from ksad.chassis.settings import ServerSettings


class Limits:
    """Limits of requests per minute: per caller; per address without token, and with tokens that are refused.

    Many officers share an address, that of the portal. Their tokens are therefore verified however much is asked there
    without one, and a good one costs the address nothing.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._known = RateLimitItemPerMinute(settings.requests_per_minute, namespace="known")
        self._unknown = RateLimitItemPerMinute(settings.anonymous_requests_per_minute, namespace="unknown")
        self._refused = RateLimitItemPerMinute(settings.anonymous_requests_per_minute, namespace="refused")
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def check(self, who: Caller | str) -> None:
        """Counts a request of a caller, or one without token of an address.

        :raises Problem: 429, there were too many.
        """
        names: tuple[str, ...]
        if isinstance(who, str):
            item, names = self._unknown, (who,)
        else:
            item, names = self._known, (who.office, who.actor_id, who.session)
        if not self._limiter.hit(item, *names):
            self._refuse(item, names)

    def check_tokens(self, address: str) -> None:
        """Checks that a further token from an address may be verified.

        :raises Problem: 429, there were too many that were refused.
        """
        if not self._limiter.test(self._refused, address):
            self._refuse(self._refused, (address,))

    def count_refused(self, address: str) -> None:
        """Counts a token that was refused."""
        self._limiter.hit(self._refused, address)

    def _refuse(self, item: RateLimitItem, names: tuple[str, ...]) -> Never:
        left = self._limiter.get_window_stats(item, *names).reset_time - time.time()
        headers = {"Retry-After": str(max(1, math.ceil(left)))}
        raise Problem(
            RefusalKind.TOO_MANY, "rate-limited", "Terlalu banyak permintaan. Coba lagi nanti.", headers=headers
        )
