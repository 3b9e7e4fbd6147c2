"""Access rules as data: one table of grants per service. Whatever no grant allows is refused."""

from ksad.contracts.access.table import ROLE_WORDS, AccessTable, Grant, Role

__all__ = ["ROLE_WORDS", "AccessTable", "Grant", "Role"]
