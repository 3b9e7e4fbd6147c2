"""Access rules as data: one table of grants per service. Whatever no grant allows is refused."""

from ksad.contracts.access.table import AccessTable, Grant

__all__ = ["AccessTable", "Grant"]
