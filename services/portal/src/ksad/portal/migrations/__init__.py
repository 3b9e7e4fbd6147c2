"""The steps of the portal's schema."""

from ksad.chassis.migrations import Script, Step

STEPS = (
    Step(1, "sessions", (Script("ksad.portal", "0001_sessions"),)),
    Step(2, "drafts", (Script("ksad.portal", "0002_drafts"),)),
    Step(3, "views", (Script("ksad.portal", "0003_views"),)),
    Step(4, "identity", (Script("ksad.portal", "0004_identity"),)),
    Step(5, "outbox", (Script("ksad.portal", "0005_outbox"),)),
    Step(6, "notes", (Script("ksad.portal", "0006_notes"),)),
)
