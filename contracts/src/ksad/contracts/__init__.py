"""The vocabulary that KSAD's services, subscribers and auditors share: events, the envelope, identifiers, the law.

The package does no I/O and reads no clock.
"""

# The models register themselves in the catalogue when their module is imported. Importing all of them here means that
# no program can see a catalogue that is only partly filled, and take a known event type for an unknown one.
from ksad.contracts import registry, reporting, superseded, supervision

__all__ = ["registry", "reporting", "superseded", "supervision"]
