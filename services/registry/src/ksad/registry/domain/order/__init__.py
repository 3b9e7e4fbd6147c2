"""The order of dates: what happened cannot precede what it presupposes. A rule each, in one table."""

from ksad.registry.domain.order.rules import AFTERWARDS, AT_ONCE, ELSEWHERE, OrderRule, check, check_day

__all__ = ["AFTERWARDS", "AT_ONCE", "ELSEWHERE", "OrderRule", "check", "check_day"]
