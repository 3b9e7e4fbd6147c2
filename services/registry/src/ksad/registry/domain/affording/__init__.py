"""What an office may do with a cooperation now, and if not, the rule that forbids it.

It is found by trying: for each act a few commands with valid fields are made from the state, and decided by the very
rules that decide what is sent. An act is possible where one of them is taken; nothing is recorded.
"""

from __future__ import annotations

from ksad.registry.domain.affording.affordances import may

__all__ = ["may"]
