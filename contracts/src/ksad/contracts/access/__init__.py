"""Who may do what: one table of grants per service, as data. What stands in no row is refused."""

from ksad.contracts.access.table import AccessTable, Grant

__all__ = ["AccessTable", "Grant"]
