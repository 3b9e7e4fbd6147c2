"""Access rules as data: one table of grants per service. Whatever no grant allows is refused."""

from ksad.contracts.access.table import EXAMINES, HEADS_WORD, ROLE_WORDS, AccessTable, Grant, Role

__all__ = ["EXAMINES", "HEADS_WORD", "ROLE_WORDS", "AccessTable", "Grant", "Role"]
