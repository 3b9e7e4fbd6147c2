"""The vocabulary that KSAD's services, its subscribers and its auditors share. Pure data: no I/O, no clock.

Importing any part of it fills the catalogue of events.
"""

from ksad.contracts import registry, reporting, supervision

__all__ = ["registry", "reporting", "supervision"]
